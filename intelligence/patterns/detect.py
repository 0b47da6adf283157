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
from intelligence.patterns.baseline import dispersion
from intelligence.patterns.history import DAY, History
from intelligence.patterns.neighbourhood import neighbourhood
from intelligence.patterns.policy import Policy
from intelligence.patterns.receipts import new_receipt, regression_receipt, rise_receipt
from intelligence.patterns.rises import Rise, Rises
from intelligence.similarity import Floats, listed, unit

_RADII: Final = (0.6, 0.75, 0.85)  # closeness that bounds a ticket's neighbourhoods, ever closer
_NEW_SHARE: Final = 0.1  # a rise whose baseline holds less than this share of its tickets is something new
_INNER: Final = 0.25  # the quantile of a theme's own closeness to its middle that an older ticket must reach
_HEARD: Final = 0.5  # so many older ones, as a share of the theme's tickets, make its subject an old one
_COMPANIONS: Final = 8  # newest others around a ticket that are asked whether they see its rise
_AGREEING: Final = 0.5  # so many of them, as a share, must
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
    names: Mapping[int, str] | None = None,
) -> list[Pattern]:
    """Find patterns at `now`: in all themes, or in `only` these and around the `arrived` tickets.

    `names`: how receipts call the groups where these are not themes; what rises in one is then never called new.

    At most one pattern a theme: back after a fix, else new, else the rise with the smallest tail probability. Over many
    themes false discoveries are held down by Benjamini and Hochberg; a single look uses the policy's level.
    """
    run = _Run(history, now, policy, themes, names or {})
    found = run.themes(only)
    covered = {pattern.theme_id for pattern in found}
    for pattern in run.neighbourhoods(arrived):
        if pattern.theme_id == 0 or pattern.theme_id not in covered:
            found.append(pattern)
            covered.add(pattern.theme_id)
    return found


class _Run:
    """One look at a history."""

    def __init__(
        self, history: History, now: float, policy: Policy, facts: Mapping[int, ThemeFacts], names: Mapping[int, str]
    ) -> None:
        self._history = history
        self._names = names
        self._now = now
        self._policy = policy
        self._facts = facts
        self._ids, self._own = history.counts_by_theme()
        self._cv2 = dispersion(self._own, history.volume, history.observed)
        self._rises = Rises(history.volume, history.observed, self._cv2, policy)
        self._warm = history.observed_days >= policy.cold_days

    def themes(self, only: Collection[int] | None) -> list[Pattern]:
        wanted = [place for place, theme in enumerate(listed(self._ids)) if only is None or theme in only]
        found: dict[int, Pattern] = {}
        for place in wanted:
            pattern = self._back(place) or self._new(place)
            if pattern is not None:
                found[place] = pattern
        rising = [place for place in wanted if place not in found]
        for rise in self._rising(rising, batch=only is None):
            group = int(self._ids[rising[rise.place]])
            found[rising[rise.place]] = self._risen(
                rise, self._history.themes == group, self._names.get(group, "theme")
            )
        return [found[place] for place in sorted(found)]

    def neighbourhoods(self, arrived: Sequence[int]) -> list[Pattern]:
        """Rises around tickets that have just come: neighbours within three radii, whatever theme they are in."""
        vectors = self._history.vectors
        if vectors is None or not self._warm:
            return []
        found: list[Pattern] = []
        for row in listed(np.flatnonzero(np.isin(self._history.tickets, np.array(arrived, np.int64)))):
            seen = self._around(vectors, row)
            if seen is not None and self._agreed(vectors, row, *seen):
                found.append(self._risen(*seen, "tickets like these", agreed=True))
        return found

    def _around(self, vectors: Floats, row: int) -> tuple[Rise, NDArray[np.bool_]] | None:
        """The rise that one ticket sees around it, and the rows in that radius."""
        around = neighbourhood(vectors, self._history.days, row)
        if around is None:
            return None
        chosen = np.zeros((len(_RADII), len(vectors)), np.bool_)
        chosen[:, around.rows] = around.closeness >= np.array(_RADII)[:, np.newaxis]
        rise = self._rises.closest(self._history.counts(chosen))
        return (rise, chosen[rise.place]) if rise is not None else None

    def _agreed(self, vectors: Floats, row: int, rise: Rise, chosen: NDArray[np.bool_]) -> bool:
        """Whether at least half of the newest others in a rise see a rise around themselves. What one ticket happens to lie
        amidst is chance; what is really rising is seen from everywhere in it.
        """
        others = np.flatnonzero(chosen & (self._history.days < rise.days))
        newest = listed(others[others != row][-_COMPANIONS:])
        needed = _AGREEING * len(newest)
        for asked, companion in enumerate(newest):
            if needed <= 0 or needed > len(newest) - asked:
                break
            needed -= self._around(vectors, companion) is not None
        return needed <= 0

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

    def _rising(self, places: list[int], *, batch: bool) -> list[Rise]:
        """Themes above their usual. A nightly look at all of them controls false discoveries over all tests."""
        if not places or not self._warm:
            return []
        youth = np.array([self._youth(place) for place in places])
        return self._rises.among(self._own[places], youth, batch=batch)

    # ---- parts

    @property
    def _age(self) -> float:
        return round(self._history.age_days, 1)

    def _youth(self, place: int) -> float:
        facts = self._facts.get(int(self._ids[place]))
        return (self._now - facts.born) / DAY if facts is not None else np.inf

    def _risen(self, rise: Rise, chosen: NDArray[np.bool_], what: str, *, agreed: bool = False) -> Pattern:
        rows = np.flatnonzero(chosen & (self._history.days < rise.days))
        is_new = not self._names and rise.baseline < _NEW_SHARE * rise.count
        kind = PatternKind.NEW if is_new else PatternKind.RAMP if rise.days >= _SLOW else PatternKind.SPIKE
        receipt = rise_receipt(
            count=rise.count,
            expected=rise.expected,
            spread=self._cv2 / rise.days + rise.uncertainty,
            days=rise.days,
            baseline_days=min(28.0, self._age),
            p_value=rise.p_value,
            deviation=rise.deviation,
            policy=self._policy,
            rule=f"{'new pattern' if is_new else 'above the usual'} ({what})",
            agreed=agreed,
        )
        return self._pattern(kind, self._home(rows), rows, receipt)

    def _home(self, rows: NDArray[np.intp]) -> int:
        """The theme of most of these tickets; 0 where most wait."""
        return Counter(listed(self._history.themes[rows])).most_common(1)[0][0]

    def _pattern(self, kind: PatternKind, theme: int, rows: NDArray[np.intp], receipt: Receipt) -> Pattern:
        tickets = tuple(listed(self._history.tickets[rows]))
        first, last = (float(self._history.times[rows[end]]) for end in (0, -1))
        return Pattern(kind, theme, _when(self._now), tickets, receipt, _when(first), _when(last))


def _when(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
