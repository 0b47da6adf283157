"""One decision about rises: a scan of three windows for bursts, a weighted mean of daily deviations for what lasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intelligence.patterns.baseline import Expectation, Floats, expect
from intelligence.patterns.policy import WINDOWS, Policy
from intelligence.patterns.significance import discoveries, negative_binomial_tail

_FORGETTING: Final = 0.3  # weight of the last 24 hours in the weighted mean, of what is left each day before
_MEMORY: Final = 8  # days after which nothing of weight is left
_LASTING: Final = 3  # days whose tickets are the evidence of a lasting rise
_QUARTER: Final = 0.25  # added to the variance, so that one ticket on nothing is no deviation of many


@dataclass(frozen=True, slots=True)
class Rise:
    """A count above its usual: of group `place` in a window of `days`.

    `deviation`: the weighted mean of daily deviations where that was the rule that fired, else None.
    """

    place: int
    days: int
    count: int
    expected: float
    baseline: float
    uncertainty: float
    p_value: float
    deviation: float | None = None


@dataclass(frozen=True, slots=True)
class Rises:
    """Looks for rises of groups against the usual. `volume` and `observed` (SPAN,): of the history; `dispersion`: the
    squared coefficient of variation of daily rates."""

    volume: Floats
    observed: NDArray[np.bool_]
    dispersion: float
    policy: Policy

    def among(self, own: Floats, youth: Floats, *, batch: bool) -> list[Rise]:
        """Of many groups (groups, SPAN), each that rises. `batch`: false discoveries are held down over all tests."""
        tests = [self._test(own, days, youth) for days in WINDOWS]
        p_values = np.stack([p for _, p in tests])
        if batch:
            flat = discoveries(p_values.ravel(), self.policy.level * len(WINDOWS) * 10)
            significant = flat.reshape(p_values.shape)
        else:
            significant = p_values < self.policy.level / len(WINDOWS)
        significant &= np.stack([self._large(expectation) for expectation, _ in tests])
        found: list[Rise] = []
        for place in np.flatnonzero(significant.any(axis=0)):
            window = int(np.argmin(np.where(significant[:, place], p_values[:, place], np.inf)))
            found.append(_rise(int(place), WINDOWS[window], tests[window][0], p_values[window, place]))
        return found

    def closest(self, own: Floats) -> Rise | None:
        """Of neighbourhoods of one ticket, ever closer ones in the order of rows, the closest that rises.

        Burst or lasting rise: the policy's two levels share one budget. The closest is the purest evidence.
        """
        level = self.policy.around / (len(WINDOWS) * len(own))
        tests = {days: self._test(own, days, None) for days in WINDOWS}
        bursts = {days: (p < level) & self._large(e) for days, (e, p) in tests.items()}
        expectation, p_values = tests[_LASTING]
        large = self._large(expectation)
        lasting = self.deviations(own) if large.any() else np.zeros(len(own))
        for place in range(len(own) - 1, -1, -1):
            burst = min((days for days in WINDOWS if bursts[days][place]), key=lambda d: tests[d][1][place], default=0)
            if burst:
                return _rise(place, burst, tests[burst][0], tests[burst][1][place])
            if large[place] and lasting[place] > self.policy.sustained:
                return _rise(place, _LASTING, expectation, p_values[place], float(lasting[place]))
        return None

    def deviations(self, own: Floats) -> Floats:
        """Exponentially weighted mean of each group's daily deviations, in standard deviations of a day.

        z = (count - expected) / sqrt(expected + dispersion * expected^2 + 1/4), weights 0.3 * 0.7^d: the control chart
        of Roberts (1959), "Control chart tests based on geometric moving averages". A silent day says nothing.
        """
        total = np.zeros(len(own))
        for day in range(_MEMORY):
            if not self.observed[day]:
                continue
            usual = expect(own, self.volume, self.observed, days=1, skip=day)
            spread = np.sqrt(usual.expected + self.dispersion * usual.expected**2 + _QUARTER)
            total += _FORGETTING * (1 - _FORGETTING) ** day * (usual.counts - usual.expected) / spread
        return total

    def _test(self, own: Floats, days: int, youth: Floats | None) -> tuple[Expectation, Floats]:
        expectation = expect(own, self.volume, self.observed, days=days, youth=youth)
        spread = self.dispersion / days + expectation.uncertainty
        return expectation, negative_binomial_tail(expectation.counts, expectation.expected, spread)

    def _large(self, expectation: Expectation) -> NDArray[np.bool_]:
        """The effect size that people can feel, whatever the statistics say."""
        counts = expectation.counts
        return (counts >= self.policy.least) & (counts >= self.policy.ratio * expectation.expected)


def _rise(place: int, days: int, usual: Expectation, p_value: float, deviation: float | None = None) -> Rise:
    return Rise(
        place,
        days,
        int(usual.counts[place]),
        float(usual.expected[place]),
        float(usual.baseline[place]),
        float(usual.uncertainty[place]),
        float(p_value),
        deviation,
    )
