"""`/ticket-intel ...`"""

from __future__ import annotations

from slack_bolt import Args

from bot.desk import Desk
from bot.listeners import editing


def ticket_intel(desk: Desk, args: Args) -> None:
    """Answer a command to the person alone."""
    line = str((args.command or {}).get("text") or "")
    editing.respond(desk, args, line)
