"""How surprising is a count: tails, ranges and false discoveries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ALMOST_POISSON: Final = 1e-6


def negative_binomial_tail(counts: Floats, expected: Floats, dispersion: Floats | float) -> Floats:
    """P(X >= count) for a mean `expected` and variance `expected + dispersion * expected^2`, element by element.

    By the regularised incomplete beta function: P(X >= k) = I(1 - p; k, r) with r = 1 / dispersion and
    p = r / (r + expected). A dispersion of zero is a Poisson tail in the limit.
    """
    from scipy.special import betainc  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

    size = 1.0 / np.maximum(dispersion, _ALMOST_POISSON)
    mean = np.maximum(expected, 1e-12)
    tail = cast("Floats", betainc(np.maximum(counts, 1e-9), size, mean / (size + mean)))
    return np.where(counts <= 0, 1.0, tail)


def usual_range(expected: float, dispersion: float, share: float = 0.9) -> tuple[int, int]:
    """The counts between which a usual window lies with probability `share` (equal tails), both ends included."""
    outside = (1 - share) / 2
    limit = int(expected + 12 * np.sqrt(expected + dispersion * expected**2) + 12)
    counts = np.arange(limit + 1, dtype=np.float64)
    at_least = negative_binomial_tail(counts, np.full(len(counts), expected), dispersion)
    low = int(np.flatnonzero(at_least >= 1 - outside)[-1])
    rare = np.flatnonzero(at_least <= outside)
    high = int(rare[0]) - 1 if len(rare) else limit
    return low, max(low, high)


def discoveries(p_values: Sequence[float] | Floats, rate: float) -> NDArray[np.bool_]:
    """Which tests to believe so that at most `rate` of the believed are false (Benjamini and Hochberg 1995)."""
    values = np.asarray(p_values, np.float64)
    if not len(values):
        return np.zeros(0, np.bool_)
    order = np.argsort(values, kind="stable")
    fine = values[order] <= rate * np.arange(1, len(values) + 1) / len(values)
    keep = np.zeros(len(values), np.bool_)
    if fine.any():
        keep[order[: int(np.flatnonzero(fine)[-1]) + 1]] = True
    return keep
