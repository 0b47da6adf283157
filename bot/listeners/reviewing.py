"""Review cards, the window that corrects a label, and its shortcut."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt import Args
from slack_sdk.webhook import WebhookClient

from bot.answers_review import FixForm, ReviewCard
from bot.blocks import done, ids
from bot.blocks import review as drawn
from bot.blocks.message import Rendered
from bot.desk import Desk
from bot.errors import BadInput
from bot.flows import correct, recognize, review
from bot.listeners.known import NOT_STORED
from bot.listeners.places import stored_as_shared
from bot.listeners.replies import channel_of, reply, user_of, value_of
from bot.slack_client import slack_errors
from intelligence.model import PrimaryCategory
from storage import reviews


def right(desk: Desk, args: Args) -> None:
    """The label is right; the next card takes the place of this one."""
    _judged(desk, args, "right")


def unsure(desk: Desk, args: Args) -> None:
    """Nobody can tell; the next card."""
    _judged(desk, args, "unsure")


def _judged(desk: Desk, args: Args, verdict: str) -> None:
    user = _reviewer(desk, args)
    found = review.answer(desk.deps, desk.scope(user), _number(value_of(args), "card"), verdict, by=user)
    desk.wake()
    reply(desk, args, shown(found), replace=True)


def undo(desk: Desk, args: Args) -> None:
    """Take the last word back; its card is there again."""
    user = _reviewer(desk, args)
    word = _number(value_of(args), "review")
    card = correct.card_of(desk.deps, desk.workspace, word)
    correct.undo(desk.deps, desk.scope(user), word, by=user)
    desk.wake()
    reply(desk, args, shown(review.next_card(desk.deps, desk.scope(user), by=user, only=card)), replace=True)


def fix(desk: Desk, args: Args) -> None:
    """Open the window for a card."""
    form = _form(desk, _reviewer(desk, args), value_of(args))
    _open(args, drawn.window(form, metadata=_metadata(form.subject, channel_of(args), args.context.response_url)))


def shortcut(desk: Desk, args: Args) -> None:
    """ "Correct this label" on any message of a ticket's thread."""
    user, asked = _reviewer(desk, args), dict(args.shortcut or {})
    channel, message = str(asked["channel"]["id"]), asked["message"]
    root = str(message.get("thread_ts") or message.get("ts"))
    ticket = recognize.ticket_of_thread(desk.deps, desk.scope(user), channel, root)
    if ticket is None:
        raise NOT_STORED
    form = correct.form(desk.deps, desk.scope(user), ticket)
    _open(args, drawn.window(form, metadata=_metadata(form.subject, channel, None)))


def category_chosen(desk: Desk, args: Args) -> None:
    """The sub-categories of the chosen category; everything else in the window stays as it is."""
    view = args.body["view"]
    held = json.loads(view["private_metadata"])
    form = _form(desk, user_of(args), held["subject"])
    window = drawn.window(form, metadata=view["private_metadata"], chosen=PrimaryCategory(value_of(args)))
    with slack_errors("views.update"):
        args.client.views_update(view_id=view["id"], hash=view["hash"], view=window)


def saved(desk: Desk, args: Args) -> None:
    """The window was sent in: the word is stored, and the next card takes the place of the present one."""
    user, view = _reviewer(desk, args), dict(args.view or {})
    held = json.loads(view["private_metadata"])
    form = _form(desk, user, held["subject"])
    try:
        labels = drawn.chosen_labels(view["state"]["values"], form)
    except KeyError:
        raise BadInput(problem="No sub-category was chosen.", fix="Open the window again and choose one.") from None
    named = ids.subject(held["subject"])
    if "card" in named:
        found = shown(review.fix(desk.deps, desk.scope(user), int(named["card"]), labels, by=user))
    else:
        found = done.done(correct.correct(desk.deps, desk.scope(user), int(named["ticket"]), labels, by=user))
    desk.wake()
    if not _replaced(held.get("url"), found):
        channel = held.get("channel")
        place = channel if channel and not stored_as_shared(desk, channel) else None
        desk.tell(user, found.text, found.blocks, channel=place)


def shown(answer: review.Answer) -> Rendered:
    return drawn.card(answer) if isinstance(answer, ReviewCard) else drawn.over(answer)


def _reviewer(desk: Desk, args: Args) -> str:
    """The person, who may review. Raises NotAllowed."""
    user = user_of(args)
    desk.check(user, "review")
    return user


def _number(value: str, name: str) -> int:
    return int(ids.subject(value)[name])


def _form(desk: Desk, user: str, subject: str) -> FixForm:
    """The window's content for "card:3" or "ticket:17"."""
    named = ids.subject(subject)
    if "ticket" in named:
        return correct.form(desk.deps, desk.scope(user), int(named["ticket"]))
    with desk.deps.db.read() as session:
        card = reviews.card(session, desk.workspace, int(named["card"]))
    if card is None:
        raise BadInput(problem="This card is not here any more.", fix="Type `review` for the next one.")
    return correct.form(desk.deps, desk.scope(user), card.ticket_id, card=card)


def _metadata(subject: str, channel: str | None, url: str | None) -> str:
    """What the window carries: ids, and the address under which its card can be replaced."""
    return json.dumps({"subject": subject, "channel": channel, "url": url})


def _open(args: Args, view: dict[str, Any]) -> None:
    with slack_errors("views.open"):
        args.client.views_open(trigger_id=args.body["trigger_id"], view=view)


def _replaced(url: str | None, found: Rendered) -> bool:
    """Put an answer in the place of the card whose response_url this is; False where that is used up."""
    if not url:
        return False
    try:
        response = WebhookClient(url).send(
            text=found.text, blocks=[dict(block) for block in found.blocks], replace_original=True
        )
    except OSError:
        return False
    return response.status_code == 200
