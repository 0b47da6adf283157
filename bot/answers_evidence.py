"""What a roadmap item can show for itself, and what an article spared. Every number was counted in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.answers import Period, Quote
from intelligence.model import Theme
from intelligence.reports.articles import Avoided


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """A theme, or all themes that one issue of the tracker would solve. `subject` is TI-42 or the issue's key.

    `tickets` and `customers` are distinct over all its themes, mentions included; `revenue` is what the known accounts
    pay a year, None where no account says so; `weeks` are tickets a week, the oldest first; `accounts` are names.
    """

    subject: str
    title: str
    themes: tuple[Theme, ...]
    url: str | None
    roadmap: str | None
    tickets: int
    customers: int
    unknown: int
    revenue: float | None
    revenue_accounts: int
    weeks: tuple[int, ...]
    accounts: tuple[str, ...]
    quotes: tuple[Quote, ...]
    held_back: int


@dataclass(frozen=True, slots=True)
class EvidenceList:
    """The answer to `evidence`: what people decide on, most customers first."""

    period: Period
    lines: tuple[EvidenceLine, ...]
    total: int
    page: int
    pages: int
    note: str | None = None
    filters: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """An article that went live for a theme, and what it spared against a control theme (None: too early to say, and
    `note` says why).
    """

    theme: Theme
    url: str
    at: datetime
    control: Theme | None
    avoided: Avoided | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ArticleList:
    """The answer to `article`: every article that went live, the newest first."""

    lines: tuple[ArticleLine, ...]
    note: str | None = None
