"""The app was taken out of a workspace, or a token of its was revoked."""

from __future__ import annotations

import structlog
from slack_bolt import Args

from bot.desk import Desk
from bot.flows import installing

log = structlog.get_logger(__name__)


def gone(desk: Desk, args: Args) -> None:
    """Have Slack asked whether it is so: such news may be old, or about the token of a person."""
    told = str(args.body.get("event_id") or args.context.get("delivery"))
    log.warning("told_of_an_uninstall", workspace=desk.workspace, what=(args.event or {}).get("type"))
    if installing.doubt(desk.deps, desk.workspace, because=told):
        desk.wake()
