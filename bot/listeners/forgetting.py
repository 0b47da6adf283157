"""Forget a customer, after the preview was looked at."""

from __future__ import annotations

from slack_bolt import Args

from bot.blocks import done, ids
from bot.desk import Desk
from bot.flows import forget
from bot.listeners.replies import reply, user_of, value_of


def do(desk: Desk, args: Args) -> None:
    """The button below a preview: for admins alone, whoever was shown it."""
    user = user_of(args)
    desk.check(user, "forget", action="forget customers")
    handle = ids.subject(value_of(args))["subject"].replace("-", ":")
    told = forget.start(desk.deps, desk.scope(user), handle, by=user)
    desk.wake()
    reply(desk, args, done.done(told), replace=True)
