"""What the tracker and the loop answer."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.trackers.port import Issue
from intelligence.model import Theme


@dataclass(frozen=True, slots=True)
class IssueForm:
    """Before an issue is opened: the theme, and issues that may be the same (None: the tracker did not answer)."""

    theme: Theme
    duplicates: tuple[Issue, ...] | None


@dataclass(frozen=True, slots=True)
class Held:
    """A fix that was watched: tickets in so many days before and after it."""

    theme: Theme
    days: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Draft:
    """What one person would be told. `problem` is why it cannot be sent; `copy_only` for threads that are not here."""

    id: int
    theme: Theme
    text: str
    url: str | None
    problem: str | None
    copy_only: bool


@dataclass(frozen=True, slots=True)
class Drafts:
    """The review list: the oldest drafts, and how many wait in all."""

    shown: tuple[Draft, ...]
    waiting: int
