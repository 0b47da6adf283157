"""What flows answer about tickets: those that mean the same, and why something was counted or read so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from intelligence.model import Analysis, Receipt


@dataclass(frozen=True, slots=True)
class SearchHit:
    ticket_id: int
    at: datetime
    excerpt: str
    score: float
    theme_key: str | None
    link: str | None
    who: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    query: str
    hits: tuple[SearchHit, ...]
    total: int


@dataclass(frozen=True, slots=True)
class TicketReading:
    """The answer to `why` for a ticket: its labels and the words that drove them."""

    ticket_id: int
    at: datetime
    excerpt: str
    analysis: Analysis | None
    theme_key: str | None
    similarity: float | None
    link: str | None


@dataclass(frozen=True, slots=True)
class Why:
    """The receipt of a theme or ticket: what was counted, compared and decided."""

    subject: str
    lines: tuple[str, ...]
    receipts: tuple[Receipt, ...] = ()
    reading: TicketReading | None = None
