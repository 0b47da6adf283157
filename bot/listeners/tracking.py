"""Create issue, and the review list of the loop."""

from __future__ import annotations

from slack_bolt import Args

from bot.blocks import done, ids, loop, modals, tracker
from bot.desk import Desk
from bot.flows import issue_rules, tracking
from bot.flows import loop as flow
from bot.flows.loop import Word
from bot.listeners.replies import reply, user_of, value_of
from bot.slack_client import slack_errors


def ask(desk: Desk, args: Args) -> None:
    """A window at once, because Slack waits three seconds only; then what the tracker has already."""
    chosen = ids.subject(value_of(args))
    key = chosen["theme"]
    tracking.check_free(desk.deps, desk.scope(user_of(args)), key, chosen.get("target"))
    with slack_errors("views.open"):
        opened = args.client.views_open(trigger_id=args.body["trigger_id"], view=tracker.searching(key))
    form = tracking.form(desk.deps, desk.scope(user_of(args)), key, chosen.get("target"))
    with slack_errors("views.update"):
        args.client.views_update(view_id=opened.get("view", {})["id"], view=tracker.window(form))


def tie(desk: Desk, args: Args) -> None:
    """It is one that exists: tie the theme to it, and say so in the window."""
    chosen = ids.subject(value_of(args))
    place = (chosen["theme"], chosen["issue"], chosen.get("target", "main"))
    made = tracking.tie(desk.deps, desk.scope(user_of(args)), *place, by=user_of(args))
    desk.wake()
    with slack_errors("views.update"):
        args.client.views_update(
            view_id=args.body["view"]["id"], view=modals.message("Create issue", done.done(made).text)
        )


def submitted(desk: Desk, args: Args) -> None:
    """Open it."""
    view = dict(args.view or {})
    chosen = ids.subject(view["private_metadata"])
    title = str(view["state"]["values"][ids.ISSUE_TITLE][ids.ISSUE_TITLE].get("value") or "")
    user, target = user_of(args), chosen.get("target", "main")
    made = tracking.request(desk.deps, desk.scope(user), chosen["theme"], title, by=user, target=target)
    shown = done.done(made)
    desk.wake()
    desk.tell(user_of(args), shown.text, shown.blocks)


def not_now(desk: Desk, args: Args) -> None:
    """No issue for what the rule proposed."""
    key = ids.subject(value_of(args))["theme"]
    reply(desk, args, done.done(issue_rules.decline(desk.deps, desk.scope(user_of(args)), key, by=user_of(args))))


def send(desk: Desk, args: Args) -> None:
    _decide(desk, args, Word.SEND)


def told(desk: Desk, args: Args) -> None:
    _decide(desk, args, Word.TOLD)


def skip(desk: Desk, args: Args) -> None:
    _decide(desk, args, Word.SKIP)


def _decide(desk: Desk, args: Args, word: Word) -> None:
    """What a person says of one draft, and show the rest of the list."""
    scope, user = desk.scope(user_of(args)), user_of(args)
    flow.decide(desk.deps, scope, int(ids.subject(value_of(args))["draft"]), word, by=user)
    desk.wake()
    reply(desk, args, loop.drafts(flow.review(desk.deps, scope)), replace=True)
