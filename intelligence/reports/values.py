"""What a report says, as values: every figure was counted, every quote is an exact part of a stored message.

A published report is these values and nothing else, so that it re-prints the same for ever. Shares are of 0..1, times
are aware, days are the team's. Lists stand in the order in which they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from intelligence.changes import Change
from intelligence.reports.volume_values import Volume


class ReportKind(StrEnum):
    """Who reads it and how often."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    AGENDA = "agenda"


@dataclass(frozen=True, slots=True)
class Span:
    """The whole period that a report is about, and the one before it. `name` is what people and files call it:
    2026-W02, 2026-01, 2026-Q1, 2026-W02-W03.
    """

    kind: ReportKind
    name: str
    start: datetime
    end: datetime
    before: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A customer's own words, masked, with where they stand."""

    text: str
    who: str
    at: datetime
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Helped:
    """An agent's own answer that solved several threads."""

    text: str
    threads: int
    confirmed: int
    link: str | None = None


@dataclass(frozen=True, slots=True)
class ThemeEntry:
    """One theme in a report. `segment` is the group that stands out ("Okta (sso) 61% of this theme, 9% of all"),
    `began` the release shortly before it, `onset` between which times it began and `suspects` every release shortly
    before, the likeliest first; `revenue` is what its known accounts pay, where an account says so. `weeks` are the
    tickets of the last eight weeks, `climbs` says that they rise beyond chance.
    """

    key: str
    title: str
    state: str
    kind: str | None
    tickets: int
    customers: int
    unknown: int
    change: Change
    new: bool
    area: str | None = None
    severity: str | None = None
    owner: str | None = None
    issue: str | None = None
    issue_url: str | None = None
    roadmap: str | None = None
    segment: str | None = None
    began: str | None = None
    helped: Helped | None = None
    quotes: tuple[Said, ...] = ()
    held_back: int = 0
    revenue: float | None = None
    revenue_accounts: int = 0
    weeks: tuple[int, ...] = ()
    onset: str | None = None
    suspects: tuple[str, ...] = ()
    climbs: bool = False

    @property
    def rises(self) -> bool:
        """New, more than before beyond noise, or climbing week by week."""
        return self.new or self.climbs or (not self.change.within_noise and self.change.now > self.change.before)


@dataclass(frozen=True, slots=True)
class BacklogEntry:
    """One entry of a backlog; `theme` is its TI-n, if it has one."""

    title: str
    tickets: int
    customers: int
    change: Change | None = None
    theme: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class BacklogPart:
    """A backlog's head in a period: `tickets` with this signal at all, the entries that lead it of `items` in all."""

    name: str
    tickets: int
    entries: tuple[BacklogEntry, ...]
    items: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a theme in the period: fixed, back after a fix."""

    key: str
    title: str
    what: str
    after: int


@dataclass(frozen=True, slots=True)
class Article:
    """An article that is live for a theme; `said` is what it spared, or why that cannot be said yet."""

    key: str
    title: str
    url: str
    said: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """Patterns that were found and not sent, for one reason."""

    reason: str
    times: int
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alerts:
    """Alerts sent in the period, those acted on within 7 days, and those that people called noise; `aim` a week."""

    sent: int
    acted: int
    noise: int
    waiting: int
    aim: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How often the category was right, on the random sample that people reviewed; the interval is 95%."""

    reviewed: int
    right: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading cost: requests to a model and tokens, by model."""

    requests: int
    tokens: int
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mood:
    """Satisfaction and risk of leaving in one area or plan: of `tickets`, so many each."""

    axis: str
    name: str
    tickets: int
    dissatisfied: int
    at_risk: int
    dissatisfied_before: int
    at_risk_before: int
    tickets_before: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that is wanted from people; `theme` is what it is about."""

    what: str
    because: str
    theme: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a decision that the last agenda wanted: what was decided, and the tickets since."""

    theme: str
    title: str
    wanted: str
    decided: str | None
    before: int
    now: int


@dataclass(frozen=True, slots=True)
class SinceLast:
    """Against the last published report of the same kind, by theme key."""

    name: str
    new: tuple[str, ...]
    gone: tuple[str, ...]
    moved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. `summary` was written by `summary_by` ("computed", or a model's name) and checked; `dropped`
    sentences said something that no value bears out.
    """

    span: Span
    computed_at: datetime
    decisions: tuple[Decision, ...]
    outcomes: tuple[Outcome, ...]
    volume: Volume
    themes: tuple[ThemeEntry, ...]
    theme_count: int
    backlogs: tuple[BacklogPart, ...]
    fixed: tuple[Event, ...]
    regressed: tuple[Event, ...]
    withheld: tuple[Withheld, ...]
    alerts: Alerts
    accuracy: Accuracy | None
    cost: Cost
    moods: tuple[Mood, ...] = ()
    since: SinceLast | None = None
    summary: tuple[str, ...] = ()
    summary_by: str = "computed"
    dropped: int = 0
    edited: str | None = None
    articles: tuple[Article, ...] = ()
