"""Is a count now really different from a count before? The one test behind every "up 45%" and every grey figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, lgamma, log, sqrt
from typing import Final

NOISE: Final = 0.05
_EXACT_UP_TO: Final = 2_000
_CLIMB: Final = 3.09  # standard errors: 0.1%, one-sided
_LEAST_STRETCHES: Final = 5
_LEAST_CLIMB: Final = 20
_LEAST_BEGINNING: Final = 5  # in the first half: what was not there before did not climb, it began


@dataclass(frozen=True, slots=True)
class Change:
    """Tickets now against the period before; `within_noise` when the difference means nothing. `percent` is of the rate
    and None where there was nothing before.
    """

    before: int
    now: int
    percent: float | None
    within_noise: bool


def change_of(before: int, now: int, *, exposure_before: float = 1.0, exposure_now: float = 1.0) -> Change:
    """The change between two Poisson counts, each over its own exposure (days that were really listened to).

    Within noise unless the conditional test (Przyborowski and Wilenski 1940) rejects equal rates at 5%, two-sided: given
    their sum, `now` is binomial with the share of its exposure. Raises ValueError for a negative count or no exposure.
    """
    if before < 0 or now < 0 or exposure_before <= 0 or exposure_now <= 0:
        raise ValueError("counts start at 0, and an exposure is above 0")
    percent = None if before == 0 else 100.0 * (now / exposure_now / (before / exposure_before) - 1.0)
    share = exposure_now / (exposure_now + exposure_before)
    return Change(before, now, percent, equal_rates_p(now, before + now, share) >= NOISE)


def climbs(counts: Sequence[int]) -> bool:
    """Whether counts of equal stretches of time rise steadily beyond chance, the oldest first.

    The score test of a Poisson trend (Cochran 1954, Armitage 1955), one-sided at 0.1%: a report tests every theme every
    week. Its variance grows with the scatter around the line, so that a burst is no trend. At least 20 in all.
    """
    total, size = sum(counts), len(counts)
    if size < _LEAST_STRETCHES or total < _LEAST_CLIMB or sum(counts[: size // 2]) < _LEAST_BEGINNING:
        return False
    middle, spread = (size - 1) / 2, (size * size - 1) / 12
    lean = sum((place - middle) * count for place, count in enumerate(counts))
    slope = lean / (size * spread)
    fitted = [max(0.5, total / size + slope * (place - middle)) for place in range(size)]
    scatter = sum((count - usual) ** 2 / usual for count, usual in zip(counts, fitted, strict=True)) / (size - 2)
    return lean / sqrt(total * spread * max(1.0, scatter)) >= _CLIMB


def equal_rates_p(hits: int, n: int, share: float) -> float:
    """Two-sided p-value (twice the smaller tail) of `hits` among `n` when each lands here with probability `share`.

    Exact up to a sum of 2,000; a normal tail with continuity correction above, where the two agree to three digits.
    """
    if n == 0:
        return 1.0
    if n <= _EXACT_UP_TO:
        at_most = sum(_binomial(k, n, share) for k in range(hits + 1))
        at_least = sum(_binomial(k, n, share) for k in range(hits, n + 1))
        return min(1.0, 2.0 * min(at_most, at_least))
    off = max(0.0, abs(hits - n * share) - 0.5)
    return erfc(off / sqrt(n * share * (1.0 - share)) / sqrt(2.0))


def _binomial(k: int, n: int, share: float) -> float:
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return exp(ways + k * log(share) + (n - k) * log(1.0 - share))
