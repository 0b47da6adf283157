"""Where messages come from, and who may see them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Visibility(StrEnum):
    """Who may read the place a message came from."""

    PUBLIC = "public"
    PRIVATE = "private"
    SHARED = "shared"


class ChannelRole(StrEnum):
    """What a person chose a Slack channel to be for. Nothing is read before the choice."""

    SUPPORT = "support"
    NOTIFICATIONS = "notifications"
    PRODUCT = "product"
    ENGINEERING = "engineering"
    DOCS = "docs"
    RELEASES = "releases"
    NOTHING = "nothing"


TICKET_ROLES = frozenset({ChannelRole.SUPPORT, ChannelRole.NOTIFICATIONS})
READ_ROLES = TICKET_ROLES | {ChannelRole.RELEASES}
"""What is read of Slack at all: two kinds of channel for tickets, one for when versions went out."""


class QuotePolicy(StrEnum):
    """What may leave a source: only numbers, masked quotes, or all of it."""

    COUNTS = "counts"
    MASKED = "masked"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose data a query may touch: one workspace, and what the asker may see of it.

    `channels` are the private or shared channels the asker is a member of; None means the system itself, which sees
    all. `public` is False for readers from outside, who may see nothing but these channels.
    """

    workspace: str
    asker: str | None = None
    channels: frozenset[str] | None = None
    public: bool = True

    @property
    def sees_all(self) -> bool:
        return self.channels is None
