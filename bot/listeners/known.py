"""Buttons under a known answer: a person's word has effect at once, and we say which."""

from __future__ import annotations

from slack_bolt import Args

from bot.blocks import done, ids
from bot.blocks import known as blocks
from bot.desk import Desk
from bot.errors import BadInput
from bot.flows import areas, candidate, cards, correct, missed, recognize, tell, undo
from bot.listeners.replies import channel_of, reply, thread_of, user_of, value_of
from bot.messenger import Outgoing
from bot.slack_client import slack_errors

NOT_STORED = BadInput(
    problem="This message is not stored as a ticket.", fix="I can only learn from channels that I read."
)


def _subject(args: Args) -> tuple[int, str]:
    named = ids.subject(value_of(args))
    if "ticket" not in named:
        raise NOT_STORED
    return int(named["ticket"]), named["theme"]


def same(desk: Desk, args: Args) -> None:
    """This ticket belongs to that theme."""
    ticket, theme = _subject(args)
    reply(desk, args, done.done(recognize.same(desk.deps, desk.scope(user_of(args)), ticket, theme, by=user_of(args))))


def pick(desk: Desk, args: Args) -> None:
    """This ticket belongs to the theme that was chosen from all of them."""
    ticket, user = int(str((args.action or {})["block_id"]).removeprefix("pick:")), user_of(args)
    told = recognize.same(desk.deps, desk.scope(user), ticket, value_of(args), by=user)
    reply(desk, args, done.done(told))


def feedback(desk: Desk, args: Args) -> None:
    """Whether the answer was of help."""
    named, user = ids.subject(value_of(args)), user_of(args)
    told = recognize.helped(desk.deps, desk.workspace, named.get("theme"), good=named["said"] == "good", by=user)
    reply(desk, args, done.done(told))


def safe(desk: Desk, args: Args) -> None:
    """The window of what customers may read."""
    card = cards.card(desk.deps, desk.scope(user_of(args)), ids.subject(value_of(args))["theme"])
    words = recognize.draft(card)
    thread = thread_of(args)
    if words is None or thread is None:
        raise BadInput(
            problem="There is nothing that customers may read yet.",
            fix="With a workaround, a help page, a plan or a fix on its way there is.",
        )
    metadata = f"channel:{channel_of(args)} thread:{thread} theme:{card.theme.key}"
    with slack_errors("views.open"):
        args.client.views_open(trigger_id=args.body["trigger_id"], view=blocks.safe_window(words, metadata))


def post_safe(desk: Desk, args: Args) -> None:
    """Post what the person made of it, in the thread."""
    view = dict(args.view or {})
    named, user = ids.subject(str(view["private_metadata"])), user_of(args)
    words = str(view["state"]["values"][ids.SAFE_TEXT][ids.SAFE_TEXT].get("value") or "")
    shown = blocks.safe_reply(words)
    desk.messenger.post(Outgoing(named["channel"], shown.text, shown.blocks, named["thread"]))
    recognize.said_to_customers(desk.deps, desk.workspace, named["theme"], by=user)
    desk.tell(user, "Posted in the thread, for customers too.", channel=named["channel"], thread_ts=named["thread"])


def not_this(desk: Desk, args: Args) -> None:
    """This ticket does not belong to that theme."""
    ticket, theme = _subject(args)
    scope = desk.scope(user_of(args))
    reply(desk, args, done.done(recognize.not_this(desk.deps, scope, ticket, theme, by=user_of(args))))


def notify(desk: Desk, args: Args) -> None:
    """Tell this person when the theme is fixed."""
    theme = ids.subject(value_of(args))["theme"]
    scope = desk.scope(user_of(args))
    reply(desk, args, done.done(tell.when_fixed(desk.deps, scope, theme, user=user_of(args))))


def undo_change(desk: Desk, args: Args) -> None:
    """Take back what was done: whoever did it, or who may resolve."""
    named, user = ids.subject(value_of(args)), user_of(args)
    if "area" in named:
        _take_area_back(desk, args, int(named["area"]), user)
        return
    if "edition" in named:
        _switch_back(desk, args, int(named["edition"]), user)
        return
    if "event" not in named:
        _take_word_back(desk, args, named, user)
        return
    event = int(named["event"])
    if undo.done_by(desk.deps, desk.workspace, event) != user:
        desk.check(user, "resolve")
    told = undo.undo(desk.deps, desk.scope(user), event, by=user)
    desk.wake()
    reply(desk, args, done.done(told), replace=True)


def _take_area_back(desk: Desk, args: Args, number: int, user: str) -> None:
    """The same for a change of a product area."""
    if areas.done_by(desk.deps, desk.workspace, number) != user:
        desk.check(user, "areas")
    told = areas.undo(desk.deps, desk.scope(user), number, by=user)
    desk.wake()
    reply(desk, args, done.done(told), replace=True)


def _switch_back(desk: Desk, args: Args, number: int, user: str) -> None:
    """What read before a candidate reads again: for admins alone."""
    desk.check(user, "candidate", action="switch candidates")
    reply(desk, args, done.done(candidate.undo(desk.deps, desk.scope(user), number, by=user)), replace=True)


def _take_word_back(desk: Desk, args: Args, named: dict[str, str], user: str) -> None:
    """The same for a word on a reading ("review:17") and for a missed pattern ("missed:17")."""
    flow, number = (correct, int(named["review"])) if "review" in named else (missed, int(named["missed"]))
    if flow.said_by(desk.deps, desk.workspace, number) != user:
        desk.check(user, "review")
    told = flow.undo(desk.deps, desk.scope(user), number, by=user)
    desk.wake()
    reply(desk, args, done.done(told), replace=True)
