"""What a report says of how much came in: days, silences, and where a change of the total comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from intelligence.changes import Change


@dataclass(frozen=True, slots=True)
class Day:
    """Tickets of one day with the range that its weekday usually has; None while there is too little to compare."""

    day: date
    tickets: int
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A day on which a source that always has tickets had none: a silent source is not a falling theme."""

    source: str
    day: date
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Noisy:
    """One customer who moved the total by much."""

    name: str
    before: int
    now: int

    @property
    def tickets(self) -> int:
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Where a change of the total comes from, in tickets; the parts add up to it.

    `customers`: more or fewer of them asked. `mix`: plans that ask more often grew or shrank among them. `rate`: the
    same customers asked more or less often. `noisy`: one customer alone. `unknown`: tickets of unknown customers.
    """

    customers: float
    mix: float
    rate: float
    unknown: int
    noisy: Noisy | None = None

    @property
    def total(self) -> float:
        return self.customers + self.mix + self.rate + self.unknown + (self.noisy.tickets if self.noisy else 0)


@dataclass(frozen=True, slots=True)
class Share:
    """A category with its tickets now and before; `unsure` readings are a category of their own."""

    name: str
    tickets: int
    before: int


@dataclass(frozen=True, slots=True)
class Volume:
    """How much came in. `comparable` is the change over the days that both periods were listened to, where a source was
    silent; `covered`, `unsure` and `not_read` count tickets.
    """

    change: Change
    comparable: Change | None
    decomposition: Decomposition | None
    days: tuple[Day, ...]
    categories: tuple[Share, ...]
    gaps: tuple[Gap, ...]
    customers: int
    unknown: int
    covered: int
    unsure: int
    not_read: int

    @property
    def tickets(self) -> int:
        return self.change.now
