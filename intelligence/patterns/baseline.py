"""What would be usual: expected counts from the 28 days before a window.

A theme's own rate, times its own weekday profile (shrunk to everybody's while it has few tickets), times how busy
everything else is in the window compared with its usual (leave-one-out): growth of the whole is not a spike of a part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intelligence.patterns.policy import HISTORY_DAYS

Floats = NDArray[np.float64]

_WEEKDAY_PRIOR: Final = 14.0  # tickets that a theme's own weekday profile must have to weigh as much as everybody's
_HALF_A_TICKET: Final = 0.5  # nothing seen is not a rate of zero
_VOLUME_PRIOR: Final = 5.0
_VOLUME_BOUNDS: Final = (0.5, 10.0)  # a source that comes back brings a week's backlog on one day
_SHORTEST_YOUTH: Final = 7.0  # days
_USUAL_CV2: Final = 0.09  # squared coefficient of variation of a theme's daily rate, before anything is known
_CV2_WEIGHT: Final = 40.0


@dataclass(frozen=True, slots=True)
class Expectation:
    """Of each group in one window: what came, what was expected, and how many tickets and days the baseline had."""

    counts: Floats
    expected: Floats
    baseline: Floats
    baseline_days: float

    @property
    def uncertainty(self) -> Floats:
        """What a short baseline adds to the dispersion: a rate from k tickets is itself uncertain by a gamma of shape
        k + 1/2 (Jeffreys), and the next count follows a negative binomial."""
        return 1.0 / (self.baseline + _HALF_A_TICKET)


def expect(
    own: Floats, volume: Floats, observed: NDArray[np.bool_], *, days: int, skip: int = 0, youth: Floats | None = None
) -> Expectation:
    """Expected arrivals of groups in the window of `days` days that ended `skip` days ago.

    own: (groups, SPAN) arrivals by day back; volume: (SPAN,) of all tickets; observed: (SPAN,) days that count.
    youth: (groups,) days back at which each group began, where it is younger than the baseline.
    """
    window = slice(skip, skip + days)
    before = slice(skip + days, min(skip + days + HISTORY_DAYS, own.shape[1]))
    fine = observed[before]
    weekday: NDArray[np.int64] = np.arange(own.shape[1], dtype=np.int64) % 7
    is_weekday = _is_weekday(weekday[before], fine)
    per_weekday = np.maximum(is_weekday.sum(axis=0), 1.0)
    length = max(float(fine.sum()), 1.0)

    everybody = volume[before] @ is_weekday + 1.0
    share = everybody / everybody.sum()
    baseline = own[:, before] @ fine
    profile = (own[:, before] @ is_weekday + _WEEKDAY_PRIOR * share) / (baseline + _WEEKDAY_PRIOR)[:, np.newaxis]
    rate = (baseline + _HALF_A_TICKET)[:, np.newaxis] * profile / per_weekday
    expected = rate[:, weekday[window]].sum(axis=1)
    if youth is not None:
        lived = np.clip(youth - skip - days, min(_SHORTEST_YOUTH, length), length)
        expected = expected * length / lived

    counts = own[:, window].sum(axis=1)
    usual_volume = float((everybody / per_weekday)[weekday[window]].sum())
    others = float(volume[window].sum()) - counts + _VOLUME_PRIOR
    usual_others = np.maximum(usual_volume - expected, 0.0) + _VOLUME_PRIOR
    return Expectation(counts, expected * np.clip(others / usual_others, *_VOLUME_BOUNDS), baseline, length)


def _is_weekday(weekdays: NDArray[np.int64], fine: NDArray[np.bool_]) -> Floats:
    """Day by weekday, 1.0 where an observed day is that weekday."""
    table = np.zeros((len(weekdays), 7))
    table[np.arange(len(weekdays)), weekdays] = fine
    return table


def dispersion(own: Floats, volume: Floats, observed: NDArray[np.bool_]) -> float:
    """How unsteady daily counts are beyond chance: the squared coefficient of variation of the daily rate.

    Method of moments over all groups and baseline days, ((x - mu)^2 - mu) / mu^2, where mu follows the weekday and the
    volume of the day; pulled to the usual value while there are few data.
    """
    days = slice(1, 1 + HISTORY_DAYS)
    fine = observed[days]
    busy = volume[days] / max(float(volume[days][fine].mean()) if fine.any() else 1.0, 1e-9)
    seen = own[:, days][:, fine]
    mean = seen.mean(axis=1, keepdims=True) * busy[fine] if fine.any() else seen
    steady = mean.mean(axis=1) > 0.3 if fine.any() else np.zeros(len(own), np.bool_)
    excess = float((((seen - mean) ** 2 - mean)[steady]).sum())
    scale = float((mean[steady] ** 2).sum())
    return max(0.0, (excess + _CV2_WEIGHT * _USUAL_CV2) / (scale + _CV2_WEIGHT))
