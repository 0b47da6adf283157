"""What the mining techniques answer: backlogs, and the customers at risk. Every number was counted in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.answers import IssueLine, Period, Quote, Workaround
from intelligence.changes import Change
from intelligence.mining.bug_patterns import BugFacts
from intelligence.mining.documentation_gaps import DocFacts
from intelligence.mining.expectations import ExpectationFacts
from intelligence.mining.feature_gaps import GapFacts
from intelligence.mining.use_cases import UseFacts
from intelligence.mining.ux_friction import FrictionFacts
from intelligence.model import ChurnRisk, Lift, Theme

Facts = GapFacts | FrictionFacts | DocFacts | BugFacts | ExpectationFacts | UseFacts


class BacklogKind(StrEnum):
    """The backlogs, by the verb that asks for them."""

    GAPS = "gaps"
    FRICTION = "friction"
    DOCS = "docs"
    BUGS = "bugs"
    EXPECTATIONS = "expectations"
    USECASES = "usecases"


@dataclass(frozen=True, slots=True)
class BacklogItem:
    """One thing to decide on. `tickets` are those of the period, `said` how many of them carry the signal themselves
    (the others belong to a theme that is about it). `score` is what the backlog is ranked by: distinct customers, for
    friction frequency times severity. `themes` are the themes its tickets are at home in, the largest first; `trend`
    counts tickets a day, or a week in periods over 14 days. `onset` bounds when a bug began. `issue` is the one about it:
    of a documentation gap that of the docs writers.
    """

    rank: int
    name: str
    tickets: int
    said: int
    customers: int
    unknown: int
    score: float
    change: Change
    trend: tuple[tuple[date, int], ...]
    themes: tuple[Theme, ...]
    area: str | None
    plans: tuple[tuple[str, int], ...]
    lifts: tuple[Lift, ...]
    quotes: tuple[Quote, ...]
    held_back: int
    facts: Facts
    ticket_ids: tuple[int, ...]
    workaround: Workaround | None = None
    suspects: tuple[str, ...] = ()
    onset: tuple[datetime, datetime] | None = None
    issue: IssueLine | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """The answer to `gaps`, `friction`, `docs`, `bugs`, `expectations` and `usecases`.

    `tickets` and `customers` are of the whole backlog, not of the page; `of_tickets` are all tickets of the period.
    `alone` counts tickets that nothing else resembles: they stand in no item. `docs_pages` is how many help pages are
    known (docs only). `tracker`: whether issues can be opened. `few` says so where `tickets` are too few to tell.
    """

    kind: BacklogKind
    period: Period
    filters: Mapping[str, str]
    items: tuple[BacklogItem, ...]
    total_items: int
    tickets: int
    customers: int
    unknown: int
    of_tickets: int
    alone: int
    page: int
    pages: int
    note: str | None = None
    docs_pages: int = 0
    tracker: bool = False
    few: str | None = None


@dataclass(frozen=True, slots=True)
class RiskLine:
    """A customer who may leave: the worst reading, what it is about, and their words. `name` is the account's."""

    rank: int
    name: str
    plan: str | None
    risk: ChurnRisk
    tickets: int
    at_risk: int
    frustrated: int
    dissatisfied: int
    last_at: datetime
    themes: tuple[Theme, ...]
    loyalty: tuple[str, ...]
    quotes: tuple[Quote, ...]
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RiskList:
    """The answer to `risk`: known customers by how likely they are to leave. `unknown` tickets have no known customer."""

    period: Period
    filters: Mapping[str, str]
    lines: tuple[RiskLine, ...]
    total: int
    unknown: int
    of_customers: int
    page: int
    pages: int
    note: str | None = None
