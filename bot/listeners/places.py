"""Where something was said, and who reads along there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.desk import Desk
from bot.flows import channels, routing
from bot.messenger import Refused, TryLater
from intelligence.model import Visibility
from storage import workspaces


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, and the thread in it. `root` is the thread's first message, `said` the message that asks."""

    channel: str
    root: str
    said: str
    in_thread: bool
    private: bool
    customers_read: bool

    @property
    def answer_ts(self) -> str | None:
        """The thread to answer in: a direct message is answered in line, a channel in the asker's thread."""
        return None if self.private and not self.in_thread else self.root


def place_of(desk: Desk, event: Mapping[str, Any]) -> Place:
    """The place of a message event, or of a message with its channel."""
    channel, said = str(event["channel"]), str(event["ts"])
    root = str(event.get("thread_ts") or said)
    private = event.get("channel_type") == "im" or channel.startswith("D")
    shared = not private and customers_read(desk, channel)
    return Place(channel, root, said, root != said or bool(event.get("reply_count")), private, shared)


def stored_as_shared(desk: Desk, channel: str) -> bool:
    """Whether we know that customers read the channel, without asking Slack."""
    with desk.deps.db.read() as session:
        return routing.customers_read(session, desk.workspace, channel)


def customers_read(desk: Desk, channel: str) -> bool:
    """Whether the channel is shared with another company; asked of Slack once for a channel we do not know.

    Where Slack does not tell, the answer is yes: what is meant for colleagues must not reach a customer.
    """
    with desk.deps.db.read() as session:
        known = workspaces.channel(session, desk.workspace, channel)
    if known is not None:
        return known.visibility is Visibility.SHARED
    try:
        facts = desk.history.facts(channel)
    except (Refused, TryLater):
        return True
    channels.noted(desk.deps, desk.workspace, facts)
    return facts.visibility is Visibility.SHARED
