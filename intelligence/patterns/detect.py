"""The detectors: what is new, rising or back, in a theme or around a ticket that has just arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intelligence.model import Pattern, PatternKind, Receipt
from intelligence.patterns.baseline import Expectation, dispersion, expect
from intelligence.patterns.history import DAY, History
from intelligence.patterns.policy import WINDOWS, Policy
from intelligence.patterns.receipts import new_receipt, regression_receipt, rise_receipt
from intelligence.patterns.significance import discoveries, negative_binomial_tail
from intelligence.similarity import listed, unit

_RADII: Final = (0.6, 0.7, 0.8)  # cosines that bound a ticket's neighbourhoods
_NEW_SHARE: Final = 0.1  # a rise whose baseline holds less than this share of its tickets is something new
_INNER: Final = 0.25  # the quantile of a theme's own closeness to its middle that an older ticket must reach
_HEARD: Final = 0.5  # so many older ones, as a share of the theme's tickets, make its subject an old one
_SLOW: Final = 7  # days: what only the longest window shows is a ramp


@dataclass(frozen=True, slots=True)
class ThemeFacts:
    """What a detector must know of a theme: its first ticket, whether history made it known, when it was resolved
    (POSIX seconds)."""

    born: float
    known: bool = False
    resolved: float | None = None


def detect(
    history: History,
    *,
    now: float,
    policy: Policy,
    themes: Mapping[int, ThemeFacts],
    only: Collection[int] | None = None,
    arrived: Sequence[int] = (),
) -> list[Pattern]:
    """Find patterns at `now`: in all themes, or in `only` these and around the `arrived` tickets.

    At most one pattern a theme: back after a fix, else new, else the rise with the smallest tail probability. Over many
    themes false discoveries are held down by Benjamini and Hochberg; a single look uses the policy's level.
    """
    run = _Run(history, now, policy, themes)
    found = run.themes(only)
    covered = {pattern.theme_id for pattern in found}
    for pattern in run.neighbourhoods(arrived):
        if pattern.theme_id == 0 or pattern.theme_id not in covered:
            found.append(pattern)
            covered.add(pattern.theme_id)
    return found


@dataclass(frozen=True, slots=True)
class _Rise:
    """A count above its usual: of group `place` in a window of `days`."""

    place: int
    days: int
    count: int
    expected: float
    baseline: float
    uncertainty: float
    p_value: float


class _Run:
    """One look at a history."""

    def __init__(self, history: History, now: float, policy: Policy, facts: Mapping[int, ThemeFacts]) -> None:
        self._history = history
        self._now = now
        self._policy = policy
        self._facts = facts
        self._ids, self._own = history.counts_by_theme()
        self._volume = history.volume
        self._observed = history.observed
        self._cv2 = dispersion(self._own, self._volume, self._observed) if len(self._ids) else 0.0
        self._warm = history.age_days >= policy.cold_days

    def themes(self, only: Collection[int] | None) -> list[Pattern]:
        wanted = [place for place, theme in enumerate(listed(self._ids)) if only is None or theme in only]
        found: dict[int, Pattern] = {}
        for place in wanted:
            pattern = self._back(place) or self._new(place)
            if pattern is not None:
                found[place] = pattern
        rising = [place for place in wanted if place not in found]
        for rise in self._rises(rising, batch=only is None):
            found[rising[rise.place]] = self._risen(
                rise, self._history.themes == self._ids[rising[rise.place]], "theme"
            )
        return [found[place] for place in sorted(found)]

    def neighbourhoods(self, arrived: Sequence[int]) -> list[Pattern]:
        """Rises around tickets that have just come: neighbours within three radii, whatever theme they are in."""
        vectors = self._history.vectors
        if vectors is None or not self._warm:
            return []
        found: list[Pattern] = []
        for row in np.flatnonzero(np.isin(self._history.tickets, np.array(arrived, np.int64))):
            cosines = vectors @ vectors[row]
            chosen = cosines[np.newaxis] >= np.array(_RADII)[:, np.newaxis]
            best = self._strongest(self._history.counts(chosen))
            if best is not None:
                found.append(self._risen(best, chosen[best.place], "tickets like these"))
        return found

    # ---- rules

    def _back(self, place: int) -> Pattern | None:
        """A resolved theme that gets tickets again."""
        theme = int(self._ids[place])
        facts = self._facts.get(theme)
        if facts is None or facts.resolved is None:
            return None
        rows = np.flatnonzero((self._history.themes == theme) & (self._history.times > facts.resolved))
        if len(rows) < self._policy.regression_tickets:
            return None
        days = (self._now - facts.resolved) / DAY
        receipt = regression_receipt(count=len(rows), days=days, baseline_days=self._age, policy=self._policy)
        return self._pattern(PatternKind.REGRESSION, theme, rows, receipt)

    def _new(self, place: int) -> Pattern | None:
        """A theme whose first ticket ever is recent, and that history did not make known."""
        theme = int(self._ids[place])
        facts = self._facts.get(theme)
        if facts is None or facts.known or facts.resolved is not None:
            return None
        age = (self._now - facts.born) / DAY
        rows = np.flatnonzero(self._history.themes == theme)
        if age > self._policy.new_days or len(rows) < self._policy.new_tickets or self._heard_before(rows, facts.born):
            return None
        receipt = new_receipt(count=len(rows), days=age, baseline_days=self._age, policy=self._policy)
        return self._pattern(PatternKind.NEW, theme, rows, receipt)

    def _heard_before(self, rows: NDArray[np.intp], born: float) -> bool:
        """Whether older tickets lie as near to a young theme's middle as its own do: then only the theme is new."""
        vectors = self._history.vectors
        if vectors is None:
            return False
        centre = unit(vectors[rows].mean(axis=0))
        own = vectors[rows] @ centre
        older = vectors[self._history.times < born] @ centre
        return int((older >= np.quantile(own, _INNER)).sum()) > _HEARD * len(rows)

    def _rises(self, places: list[int], *, batch: bool) -> list[_Rise]:
        """Themes above their usual. A nightly look at all of them controls false discoveries over all tests."""
        if not places or not self._warm:
            return []
        own = self._own[places]
        youth = np.array([self._youth(place) for place in places])
        tests = [self._tests(own, days, youth) for days in WINDOWS]
        p_values = np.stack([p for _, p in tests])
        if batch:
            significant = discoveries(p_values.ravel(), self._policy.level * len(WINDOWS) * 10).reshape(p_values.shape)
        else:
            significant = p_values < self._policy.level / len(WINDOWS)
        large = np.stack([self._large(expectation) for expectation, _ in tests])
        rises: list[_Rise] = []
        for place in np.flatnonzero((significant & large).any(axis=0)):
            window = int(np.argmin(np.where((significant & large)[:, place], p_values[:, place], np.inf)))
            rises.append(_rise(int(place), WINDOWS[window], tests[window][0], p_values[window, place]))
        return rises

    def _strongest(self, own: NDArray[np.float64]) -> _Rise | None:
        """The most surprising rise among neighbourhoods of one ticket, if any is surprising enough."""
        best: _Rise | None = None
        level = self._policy.level / (len(WINDOWS) * len(own))
        for days in WINDOWS:
            expectation, p_values = self._tests(own, days, None)
            for place in np.flatnonzero((p_values < level) & self._large(expectation)):
                if best is None or p_values[place] < best.p_value:
                    best = _rise(int(place), days, expectation, p_values[place])
        return best

    # ---- parts

    @property
    def _age(self) -> float:
        return round(self._history.age_days, 1)

    def _youth(self, place: int) -> float:
        facts = self._facts.get(int(self._ids[place]))
        return (self._now - facts.born) / DAY if facts is not None else np.inf

    def _tests(
        self, own: NDArray[np.float64], days: int, youth: NDArray[np.float64] | None
    ) -> tuple[Expectation, NDArray[np.float64]]:
        expectation = expect(own, self._volume, self._observed, days=days, youth=youth)
        spread = self._cv2 / days + expectation.uncertainty
        return expectation, negative_binomial_tail(expectation.counts, expectation.expected, spread)

    def _large(self, expectation: Expectation) -> NDArray[np.bool_]:
        """The effect size that people can feel, whatever the statistics say."""
        counts = expectation.counts
        return (counts >= self._policy.least) & (counts >= self._policy.ratio * expectation.expected)

    def _risen(self, rise: _Rise, chosen: NDArray[np.bool_], what: str) -> Pattern:
        rows = np.flatnonzero(chosen & (self._history.days < rise.days))
        is_new = rise.baseline < _NEW_SHARE * rise.count
        kind = PatternKind.NEW if is_new else PatternKind.RAMP if rise.days >= _SLOW else PatternKind.SPIKE
        receipt = rise_receipt(
            count=rise.count,
            expected=rise.expected,
            spread=self._cv2 / rise.days + rise.uncertainty,
            days=rise.days,
            baseline_days=min(28.0, self._age),
            p_value=rise.p_value,
            policy=self._policy,
            rule=f"{'new pattern' if is_new else 'above the usual'} ({what})",
        )
        return self._pattern(kind, self._home(rows), rows, receipt)

    def _home(self, rows: NDArray[np.intp]) -> int:
        """The theme of most of these tickets; 0 where most wait."""
        return Counter(listed(self._history.themes[rows])).most_common(1)[0][0]

    def _pattern(self, kind: PatternKind, theme: int, rows: NDArray[np.intp], receipt: Receipt) -> Pattern:
        tickets = tuple(listed(self._history.tickets[rows]))
        first, last = (float(self._history.times[rows[end]]) for end in (0, -1))
        return Pattern(kind, theme, _when(self._now), tickets, receipt, _when(first), _when(last))


def _rise(place: int, days: int, expectation: Expectation, p_value: float) -> _Rise:
    return _Rise(
        place,
        days,
        int(expectation.counts[place]),
        float(expectation.expected[place]),
        float(expectation.baseline[place]),
        float(expectation.uncertainty[place]),
        float(p_value),
    )


def _when(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
