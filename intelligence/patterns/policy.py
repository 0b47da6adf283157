"""How strict the detectors are: one number that people choose, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Final, Self

HISTORY_DAYS: Final = 28
WINDOWS: Final = (
    1,
    3,
    7,
)  # days; a day is 24 hours back from now, so that no hour of the day needs a profile of its own

# Chosen on generated streams (benchmarks/streams.py) so that a budget of 2 a week, the default, gave 0.7 false alarms a
# week: real desks behave worse than generated ones. A tenth of the level halved the false alarms of the scan at least;
# 0.4 standard deviations more divided those of the weighted mean by three.
_LEVEL_AT_TWO: Final = 1e-4
_SUSTAINED_AT_TWO: Final = 1.9
_AGREED: Final = 3.0  # times the level where the tickets around one have to agree about a rise
_DEFAULT_BUDGET: Final = 2.0
_EXPONENT: Final = 2.0
_SUSTAINED_STEP: Final = 0.37  # standard deviations for e times the budget


@dataclass(frozen=True, slots=True)
class Policy:
    """The thresholds of detection.

    level: chance of an alarm by one test of a count that is only usual (shared among the windows looked at).
    ratio: times the usual number that a spike must reach; least: tickets it must have.
    new_tickets: tickets of a theme never seen before that make a new pattern, within `new_days`.
    sustained: exponentially weighted mean of daily deviations (in standard deviations) above which a rise lasts.
    regression_tickets: tickets after a fix that bring a resolved theme back.
    cold_days: fewer days with data than this (of the last five weeks) allow only new patterns.
    """

    level: float = _LEVEL_AT_TWO
    ratio: float = 2.0
    least: int = 5
    new_tickets: int = 5
    new_days: int = 7
    sustained: float = _SUSTAINED_AT_TWO
    regression_tickets: int = 3
    cold_days: float = 14.0

    @property
    def around(self) -> float:
        """The level for a rise around one ticket, where most of its companions have to see a rise too."""
        return self.level * _AGREED

    @classmethod
    def for_budget(cls, alarms_a_week: float, *, ratio: float = 2.0, new_tickets: int = 5) -> Self:
        """The policy that aims at no more than so many false alarms a week. Raises ValueError for 0 or less."""
        if alarms_a_week <= 0:
            raise ValueError(f"the budget of false alarms must be above 0 a week, not {alarms_a_week}")
        share = alarms_a_week / _DEFAULT_BUDGET
        level = min(1e-2, _LEVEL_AT_TWO * share**_EXPONENT)
        sustained = max(1.2, _SUSTAINED_AT_TWO - _SUSTAINED_STEP * log(share))
        return cls(level=level, sustained=sustained, ratio=ratio, new_tickets=new_tickets)
