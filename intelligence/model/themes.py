"""Lasting groups of tickets, and how a ticket belongs to one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ThemeState(StrEnum):
    NEW = "new"
    GROWING = "growing"
    STEADY = "steady"
    FIXING = "fixing"
    VERIFYING = "verifying"
    QUIET = "quiet"
    REGRESSED = "regressed"


class Severity(StrEnum):
    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class Verdict(StrEnum):
    """The answer to "is this a known pattern?"."""

    KNOWN = "known"
    PROBABLY = "probably"
    NEW = "new"
    NOT_ENOUGH_TEXT = "not_enough_text"


class MembershipKind(StrEnum):
    HOME = "home"
    MENTION = "mention"


class DecidedBy(StrEnum):
    MACHINE = "machine"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Theme:
    """A lasting group of tickets about one thing. `number` is the n of TI-n: per workspace, never reused."""

    id: int
    workspace: str
    number: int
    title: str
    description: str
    state: ThemeState
    provisional: bool
    created_at: datetime
    first_at: datetime
    severity: Severity | None = None
    area: str | None = None
    owner: str | None = None
    issue_key: str | None = None
    issue_url: str | None = None
    roadmap: str | None = None
    resolved_at: datetime | None = None
    resolved_release: str | None = None
    merged_into: int | None = None

    @property
    def key(self) -> str:
        """The name people use for ever, e.g. "TI-42"."""
        return f"TI-{self.number}"
