"""`/ticket-intel ...`"""

from __future__ import annotations

from slack_bolt import Args

from bot.desk import Desk
from bot.listeners import answering
from bot.listeners.replies import channel_of, reply, user_of


def ticket_intel(desk: Desk, args: Args) -> None:
    """Answer a command to the person alone."""
    line = str((args.command or {}).get("text") or "")
    reply(desk, args, answering.private(desk, user_of(args), channel_of(args), line))
