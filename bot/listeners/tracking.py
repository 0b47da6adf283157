"""Create issue, and the review list of the loop."""

from __future__ import annotations

from slack_bolt import Args

from bot.blocks import done, ids, loop, modals, tracker
from bot.desk import Desk
from bot.flows import loop as flow
from bot.flows import tracking
from bot.listeners.replies import reply, user_of, value_of
from bot.slack_client import slack_errors


def ask(desk: Desk, args: Args) -> None:
    """A window at once, because Slack waits three seconds only; then what the tracker has already."""
    key = ids.subject(value_of(args))["theme"]
    with slack_errors("views.open"):
        opened = args.client.views_open(trigger_id=args.body["trigger_id"], view=tracker.searching(key))
    form = tracking.form(desk.deps, desk.scope(user_of(args)), key)
    with slack_errors("views.update"):
        args.client.views_update(view_id=opened.get("view", {})["id"], view=tracker.window(form))


def tie(desk: Desk, args: Args) -> None:
    """It is one that exists: tie the theme to it, and say so in the window."""
    chosen = ids.subject(value_of(args))
    made = tracking.link(desk.deps, desk.scope(user_of(args)), chosen["theme"], chosen["issue"], by=user_of(args))
    desk.wake()
    with slack_errors("views.update"):
        args.client.views_update(
            view_id=args.body["view"]["id"], view=modals.message("Create issue", done.done(made).text)
        )


def submitted(desk: Desk, args: Args) -> None:
    """Open it."""
    view = dict(args.view or {})
    key = ids.subject(view["private_metadata"])["theme"]
    title = str(view["state"]["values"][ids.ISSUE_TITLE][ids.ISSUE_TITLE].get("value") or "")
    told = done.done(tracking.request(desk.deps, desk.scope(user_of(args)), key, title, by=user_of(args)))
    desk.wake()
    desk.tell(user_of(args), told.text, told.blocks)


def send(desk: Desk, args: Args) -> None:
    _decide(desk, args, send=True)


def skip(desk: Desk, args: Args) -> None:
    _decide(desk, args, send=False)


def _decide(desk: Desk, args: Args, *, send: bool) -> None:
    """Tell one reporter or nobody, and show the rest of the list."""
    scope, user = desk.scope(user_of(args)), user_of(args)
    flow.decide(desk.deps, scope, int(ids.subject(value_of(args))["draft"]), send=send, by=user)
    desk.wake()
    reply(desk, args, loop.drafts(flow.review(desk.deps, scope)), replace=True)
