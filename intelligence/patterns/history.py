"""Recent arrivals as detectors see them: who came on which day, counted back from now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from intelligence.patterns.policy import HISTORY_DAYS, WINDOWS
from intelligence.similarity import Floats, Ints

DAY: Final = 86_400.0
SPAN: Final = HISTORY_DAYS + max(WINDOWS) + 1  # days that any test looks at
_SILENT: Final = 0.1  # a day with less than this share of the usual volume of its weekday: the source was silent
_ENOUGH: Final = 8.0  # tickets a day from which silence can be told from chance
_USUAL: Final = 0.8  # quantile of a weekday's volumes that counts as its usual: silence of weeks does not become usual


@dataclass(frozen=True, slots=True)
class History:
    """Arrivals of the last days in time order, and since when there are data at all.

    `days` is how many whole days before now each arrival lies: 0 = the last 24 hours. Day d and day d + 7 are the same
    weekday at the same hours, so a week's profile is compared like with like in every time zone.
    """

    tickets: Ints
    themes: Ints
    times: NDArray[np.float64]
    days: Ints
    vectors: Floats | None
    age_days: float

    @classmethod
    def build(
        cls,
        times: NDArray[np.float64],
        theme_ids: Ints,
        ticket_ids: Ints,
        *,
        start: float,
        now: float,
        vectors: Floats | None = None,
    ) -> Self:
        """Arrange rows (any order; later than `now` or too old are left out). `start`: the first ticket ever."""
        rows = _recent(times, now)
        return cls(
            tickets=ticket_ids[rows],
            themes=theme_ids[rows],
            times=times[rows],
            days=((now - times[rows]) // DAY).astype(np.int64),
            vectors=vectors[rows] if vectors is not None else None,
            age_days=float(now - start) / DAY,
        )

    @property
    def volume(self) -> NDArray[np.float64]:
        """All arrivals by day back, shape (SPAN,)."""
        return np.bincount(self.days, minlength=SPAN).astype(np.float64)

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Which days back count as observed: after the start, and not silent although their weekday usually is not.

        An outage or a holiday may be longer than half of the days looked at, so the usual of a weekday is what its busier
        days have.
        """
        volume = self.volume
        seen = np.arange(SPAN) < self.age_days
        usual = np.array([_quantile(volume[day::7][seen[day::7]]) for day in range(7)])
        typical = usual[np.arange(SPAN) % 7]
        return seen & ((typical < _ENOUGH) | (volume >= _SILENT * typical))

    @property
    def observed_days(self) -> float:
        """How many days there are data of, silent ones left out: what a usual range can rest on."""
        return min(self.age_days, float(self.observed.sum()))

    def counts(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Arrivals by day back of each group of rows: `chosen` (groups, n) to (groups, SPAN)."""
        table = np.zeros((len(chosen), SPAN))
        groups, rows = np.nonzero(chosen)
        np.add.at(table, (groups, self.days[rows]), 1.0)
        return table

    def counts_by_theme(self) -> tuple[Ints, NDArray[np.float64]]:
        """The themes with recent arrivals (0 left out), and their arrivals by day back (themes, SPAN)."""
        themes, places = np.unique(self.themes, return_inverse=True)
        table = np.zeros((len(themes), SPAN))
        np.add.at(table, (places, self.days), 1.0)
        return themes[themes != 0], table[themes != 0]


def _quantile(volumes: NDArray[np.float64]) -> float:
    """The usual of a few volumes; numpy's own quantile takes longer than all the rest of a look."""
    if not len(volumes):
        return 0.0
    ordered = np.sort(volumes)
    place = _USUAL * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (place - low) * (ordered[high] - ordered[low]))


def _recent(times: NDArray[np.float64], now: float) -> slice | NDArray[np.intp]:
    """The rows to look at, in time order: a slice where they are stored so (no copy of the vectors), else positions."""
    first = now - SPAN * DAY
    if (np.diff(times) >= 0).all():
        return slice(*np.searchsorted(times, [first, now], side="right"))
    recent = np.flatnonzero((times <= now) & (times > first))
    return recent[np.argsort(times[recent], kind="stable")]
