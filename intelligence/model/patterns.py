"""What detectors find in themes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PatternKind(StrEnum):
    """What a detector found."""

    NEW = "new"
    SPIKE = "spike"
    RAMP = "ramp"
    REGRESSION = "regression"
    SEGMENT = "segment"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Why a pattern was reported: every number of the rule that fired, and what would have kept it silent.

    `count` tickets in the window against `expected`; `low` and `high` bound the usual range for a window of that
    length; `baseline_days` is the age of the baseline, `p_value` the tail probability where the rule has one.
    """

    rule: str
    count: int
    expected: float
    low: int
    high: int
    window_hours: float
    baseline_days: float
    ratio: float | None
    p_value: float | None
    threshold: str
    silent_if: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lift:
    """A segment that stands out: `share` of the theme against `base_share` of all tickets, with a 95% interval of the
    ratio.
    """

    attribute: str
    value: str
    share: float
    base_share: float
    lift: float
    low: float
    high: float
    p_value: float
    tickets: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A detector's finding about one theme: `ticket_ids` are those counted in the window of the rule that fired."""

    kind: PatternKind
    theme_id: int
    at: datetime
    ticket_ids: tuple[int, ...]
    receipt: Receipt
    onset_from: datetime | None = None
    onset_to: datetime | None = None
