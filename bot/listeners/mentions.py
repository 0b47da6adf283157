"""The bot is spoken to by its name or in a direct message, in natural words."""

from __future__ import annotations

from slack_bolt import Args

from bot.desk import Desk
from bot.listeners import answering, recognising
from bot.listeners.outsiders import for_colleagues
from bot.listeners.places import place_of
from bot.listeners.replies import user_of
from bot.messenger import Outgoing
from bot.natural import meaning_of
from storage import areas


@for_colleagues
def mention(desk: Desk, args: Args) -> None:
    """Understand, answer in the thread; alone to the asker where customers read along."""
    event, user = dict(args.event or {}), user_of(args)
    place = place_of(desk, event)
    with desk.deps.db.read() as session:
        names = [area.name for area in areas.load(session, desk.workspace)]
    meaning = meaning_of(str(event.get("text", "")), in_thread=place.in_thread, areas=names)
    if meaning.about_thread:
        recognising.answer_in_thread(desk, user, place)
    elif place.private:
        answer = answering.private(desk, user, place.channel, meaning.line)
        desk.messenger.post(Outgoing(place.channel, answer.text, answer.blocks, place.answer_ts))
    elif place.customers_read:
        answer = answering.private(desk, user, place.channel, meaning.line)
        desk.tell(user, answer.text, answer.blocks, channel=place.channel, thread_ts=place.answer_ts)
    else:
        answer = answering.public(desk, user, place.channel, meaning.line)
        desk.messenger.post(Outgoing(place.channel, answer.text, answer.blocks, place.answer_ts))
