"""Whether a Slack message is said to the bot or to support."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def said_to_us(event: Mapping[str, Any], bot_user: str) -> bool:
    """Whether a person talks to the bot: by its name, or in a direct message. Such a message makes no ticket."""
    if event.get("bot_id") or not event.get("user"):
        return False
    return event.get("channel_type") == "im" or f"<@{bot_user}>" in str(event.get("text", ""))


def said_by_us(event: Mapping[str, Any], bot_user: str) -> bool:
    """Whether the bot itself wrote it."""
    return event.get("user") == bot_user
