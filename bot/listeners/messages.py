"""Messages of channels and direct messages. Tickets are taken by the `ingest` job; here only the bot is spoken to."""

from __future__ import annotations

import structlog
from slack_bolt import Args

from bot.addressing import said_to_us
from bot.desk import Desk
from bot.listeners import mentions

log = structlog.get_logger(__name__)


def message(desk: Desk, args: Args) -> None:
    """A new, changed or deleted message: answered if it is said to us."""
    event = args.event or {}
    if not event.get("subtype") and said_to_us(event, desk.here.bot_user):
        mentions.mention(desk, args)


def nothing_to_answer(_desk: Desk, _args: Args) -> None:
    """Acknowledged, stored where it matters, and nothing to say."""


def unexpected(_desk: Desk, args: Args) -> None:
    """Something we did not subscribe to or do not know any more: an old button, a new event."""
    body = args.body
    name = (body.get("event") or {}).get("type") or body.get("type") or body.get("command")
    log.info("unexpected_delivery", name=name)
