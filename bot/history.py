"""Reading what was said while nobody listened: pages of a channel and of its threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from intelligence.model import Visibility


@dataclass(frozen=True, slots=True)
class Page:
    """Messages as Slack stores them, newest first for a channel, oldest first for a thread; `more` leads on."""

    messages: tuple[Mapping[str, Any], ...]
    more: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What Slack says of a channel."""

    id: str
    name: str
    visibility: Visibility
    member: bool
    archived: bool


class SlackHistory(Protocol):
    """Reads the past. Raises TryLater or Refused (not_in_channel, missing_scope ...)."""

    def channel(self, channel: str, *, oldest: str, latest: str, cursor: str | None = None) -> Page:
        """Root messages with oldest < ts <= latest."""
        ...

    def thread(self, channel: str, ts: str, *, cursor: str | None = None) -> Page:
        """A root and its replies. A thread that is gone is an empty page."""
        ...

    def facts(self, channel: str) -> ChannelFacts: ...

    def members(self, channel: str) -> frozenset[str]: ...

    def group(self, group: str) -> frozenset[str]: ...
