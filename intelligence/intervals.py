"""95% intervals of measured figures: Wilson's for shares, the percentile bootstrap for everything else."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Interval = tuple[float, float]

_Z: Final = 1.959964
_RESAMPLES: Final = 1_000


def wilson(hits: int, n: int) -> Interval | None:
    """Wilson's score interval (Wilson 1927) for `hits` of `n`, or None where nothing was counted."""
    if n == 0:
        return None
    share, square = hits / n, _Z * _Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def bootstrap(n: int, figure: Callable[[NDArray[np.int64]], float | None], rng: np.random.Generator) -> Interval | None:
    """The 2.5% and 97.5% percentiles of `figure(rows)` over resamples of `n` rows with replacement.

    A resample without a figure (no positive in it) is left out; None where no resample has one.
    """
    found = [figure(rng.integers(0, n, n)) for _ in range(_RESAMPLES)] if n else []
    values = [value for value in found if value is not None]
    if not values:
        return None
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
