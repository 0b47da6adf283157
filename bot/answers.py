"""What flows answer: plain values that blocks draw, the command line prints and `--json` dumps.

Every number in them was counted in the database; every quote is an exact part of a stored message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from intelligence.changes import Change
from intelligence.model import (
    AlertState,
    Audience,
    Lift,
    PatternKind,
    Receipt,
    Release,
    Severity,
    Theme,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A customer's own words, masked, with where they stand."""

    text: str
    who: str
    at: datetime
    link: str | None = None
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time with the name people use for it."""

    name: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """One row of `themes`. `customers` are distinct accounts (else persons); `unknown` tickets have no known
    customer.
    """

    rank: int
    theme: Theme
    tickets: int
    customers: int
    unknown: int
    change: Change
    rising: bool


@dataclass(frozen=True, slots=True)
class LineageEntry:
    """One thing that happened to a theme: by whom, when, and whether it was taken back."""

    at: datetime
    text: str
    actor: str
    undone: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the machine would do with a theme: merge `other` into it, or let tickets leave it. `event` names it."""

    event: int
    theme: Theme
    reason: str
    tickets: int
    other: Theme | None = None

    @property
    def merges(self) -> bool:
        return self.other is not None


@dataclass(frozen=True, slots=True)
class ThemeList:
    """The answer to `themes`: shares are of the period's requests; `note` is an honest next step or a limit. `asked` are
    the tickets that the filters leave; `few` says so where they are too few to tell.
    """

    period: Period
    filters: Mapping[str, str]
    lines: tuple[ThemeLine, ...]
    total_tickets: int
    covered: float
    unsure: float
    not_read: int
    last_ticket_at: datetime | None
    page: int
    pages: int
    note: str | None = None
    proposals: tuple[Proposal, ...] = ()
    asked: int = 0
    few: str | None = None


@dataclass(frozen=True, slots=True)
class Workaround:
    """An agent's own answer that helped: never composed."""

    text: str
    who: str
    link: str | None
    threads: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class PostedLink:
    """A page that agents answered with: `used` of `of` tickets."""

    url: str
    used: int
    of: int


@dataclass(frozen=True, slots=True)
class IssueLine:
    """An issue as people see it; `status` is the tracker's word of last time."""

    key: str
    url: str | None
    status: str


@dataclass(frozen=True, slots=True)
class ThemeCard:
    """The answer to `theme TI-n`. `issue_status` is the tracker's word of last time, "" where nothing is followed;
    `docs_issue` an issue for the documentation beside the one that decides. `planned` is when a fix is to come, by a
    person's word or else by the tracker's.
    """

    theme: Theme
    tickets: int
    customers: int
    unknown: int
    days: tuple[tuple[date, int], ...]
    usual: tuple[int, int] | None
    releases: tuple[Release, ...]
    lifts: tuple[Lift, ...]
    categories: tuple[tuple[str, int], ...]
    quotes: tuple[Quote, ...]
    held_back: int
    workaround: Workaround | None
    links: tuple[PostedLink, ...]
    lineage: tuple[LineageEntry, ...]
    frustrated: int
    phrases: tuple[str, ...]
    proposals: tuple[Proposal, ...] = ()
    tracker: bool = False
    issue_status: str = ""
    docs_issue: IssueLine | None = None
    planned: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A theme that may be the one, with P(same)."""

    theme: Theme
    probability: float
    tickets: int


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """The answer to "is this a known pattern?"."""

    verdict: Verdict
    probability: float
    best: ThemeCard | None
    candidates: tuple[Candidate, ...]
    matched: tuple[str, ...]
    differs: tuple[str, ...]
    ticket_id: int | None
    draft: str | None
    reads: bool = True


@dataclass(frozen=True, slots=True)
class AlertView:
    """Everything an alert message shows, computed at the moment it is drawn. `tickets` are those of its theme and those that
    its rule counted; `elsewhere` of them are not in the theme.
    """

    alert_id: int
    kind: PatternKind
    audience: Audience
    state: AlertState
    theme: Theme | None
    headline: str
    tickets: int
    customers: int
    unknown: int
    window: str
    receipt: Receipt
    severity: Severity | None
    severity_reason: str | None
    plans: tuple[tuple[str, int], ...]
    accounts: tuple[str, ...]
    frustrated: int
    lifts: tuple[Lift, ...]
    suspects: tuple[str, ...]
    quotes: tuple[Quote, ...]
    held_back: int
    workaround: Workaround | None
    days: tuple[tuple[date, int], ...]
    usual: tuple[int, int] | None
    owner: str | None
    snoozed: str | None
    shadow: bool
    opened_at: datetime
    grown: int = 0
    since: str | None = None
    tracker: bool = False
    area_owner: str | None = None
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """One page of what stands behind an alert or a theme: `subject` is "alert:12" or "theme:TI-42", `total` counts all
    tickets, `held_back` those whose source shares counts only.
    """

    subject: str
    title: str
    quotes: tuple[Quote, ...]
    total: int
    held_back: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Done:
    """A change that was made: what to say, and how to take it back."""

    text: str
    undo: str | None = None
    theme: Theme | None = None
    details: tuple[str, ...] = ()
