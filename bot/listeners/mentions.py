"""The bot is spoken to by its name or in a direct message, in natural words."""

from __future__ import annotations

from slack_bolt import Args

from bot.answers_asked import Asked
from bot.blocks.asked import unanswered
from bot.blocks.message import Rendered
from bot.desk import Desk
from bot.flows.asking import Unanswered
from bot.listeners import answering, drawing, recognising
from bot.listeners.outsiders import for_colleagues
from bot.listeners.places import Place, place_of
from bot.listeners.replies import user_of
from bot.messenger import Outgoing
from bot.natural import Meaning, meaning_of, words_of
from storage import areas


@for_colleagues
def mention(desk: Desk, args: Args) -> None:
    """Understand, answer in the thread; alone to the asker where customers read along.

    What the keywords do not explain goes to the model, where there is one; where it has no answer, the keywords' holds.
    """
    event, user = dict(args.event or {}), user_of(args)
    place, text = place_of(desk, event), str(event.get("text", ""))
    with desk.deps.db.read() as session:
        names = [area.name for area in areas.load(session, desk.workspace)]
    meaning = meaning_of(text, in_thread=place.in_thread, areas=names)
    shared = not (place.private or place.customers_read)
    found = None
    if not meaning.certain:
        found = answering.by_model(desk, user, place.channel, words_of(text), shared=shared)
    if isinstance(found, Asked):
        _say(desk, user, place, drawing.draw(found, shared=shared))
    elif meaning.about_thread:
        recognising.answer_in_thread(desk, user, place)
    else:
        _say(desk, user, place, _by_keywords(desk, user, place, meaning, found, shared=shared))


def _by_keywords(
    desk: Desk, user: str, place: Place, meaning: Meaning, found: Unanswered | None, *, shared: bool
) -> Rendered:
    answer = (answering.public if shared else answering.private)(desk, user, place.channel, meaning.line)
    return unanswered(answer, found.reason) if found is not None else answer


def _say(desk: Desk, user: str, place: Place, answer: Rendered) -> None:
    if place.customers_read and not place.private:
        desk.tell(user, answer.text, answer.blocks, channel=place.channel, thread_ts=place.answer_ts)
    else:
        desk.messenger.post(Outgoing(place.channel, answer.text, answer.blocks, place.answer_ts))
