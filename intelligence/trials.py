"""A candidate beside the live reader on the same tickets: which reads more as people said, and is that more than luck?

Each ticket is read twice, so that the two are compared ticket by ticket: only those count that one of them reads rightly
and the other not (McNemar 1947). Words that corrected the live reader are what it got wrong: on those alone any other
reader looks better. Words on randomly drawn cards are therefore counted once more by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from intelligence.intervals import Interval
from intelligence.model import LabelSet
from intelligence.quality import Share
from intelligence.taxonomy import primary_of

ENOUGH: Final = 20  # judged tickets before a comparison says anything
ALPHA: Final = 0.05
_Z: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Judged:
    """One ticket: what people say, and what the two readers read. `drawn` says that its card was drawn at random."""

    ticket_id: int
    said: LabelSet
    live: LabelSet
    candidate: LabelSet
    drawn: bool = False
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """How often each was right about one label; `gained` and `lost` are the tickets on which they differ in that.

    `difference` is candidate minus live with its 95% interval (Agresti and Min 2005), `chance` the two-sided exact
    probability of so uneven a split if both were equally good.
    """

    name: str
    live: Share
    candidate: Share
    gained: int
    lost: int
    difference: Interval | None
    chance: float

    @property
    def worse(self) -> bool:
        return self.lost > self.gained and self.chance < ALPHA

    @property
    def better(self) -> bool:
        return self.gained > self.lost and self.chance < ALPHA


class Outcome(StrEnum):
    """What a comparison says as a whole."""

    BETTER = "better"
    SAME = "same"  # no difference beyond noise
    WORSE = "worse"
    FEW = "few"  # too few tickets to say anything


@dataclass(frozen=True, slots=True)
class Comparison:
    """All figures, and the tickets that the two read differently, those first where the candidate is the wrong one."""

    figures: tuple[Figure, ...]
    changed: tuple[Judged, ...]
    n: int
    fixed: int

    @property
    def outcome(self) -> Outcome:
        """Worse in anything is worse; better needs the category or sub-category."""
        if self.n < ENOUGH:
            return Outcome.FEW
        if self.worse:
            return Outcome.WORSE
        return Outcome.BETTER if any(f.better for f in self.figures if f.name in _DECIDING) else Outcome.SAME

    @property
    def worse(self) -> tuple[Figure, ...]:
        """The figures in which the candidate is worse beyond noise."""
        return tuple(figure for figure in self.figures if figure.worse)


_Right = Callable[[LabelSet, LabelSet], bool]


def _same_primary(said: LabelSet, read: LabelSet) -> bool:
    return primary_of(said.subcategory) is primary_of(read.subcategory)


def _same_sub(said: LabelSet, read: LabelSet) -> bool:
    return said.subcategory is read.subcategory


CATEGORY, SUBCATEGORY = "category", "sub-category"
ON_CARDS: Final = "category, random cards alone"
_DECIDING: Final = frozenset({CATEGORY, SUBCATEGORY})
_LABELS: Final[tuple[tuple[str, _Right], ...]] = (
    (CATEGORY, _same_primary),
    (SUBCATEGORY, _same_sub),
    ("frustration", lambda said, read: said.frustration is read.frustration),
    ("urgency", lambda said, read: said.urgency is read.urgency),
)


def compare(judged: Sequence[Judged]) -> Comparison:
    """Compare two readers on tickets that people judged."""
    figures = [_figure(name, judged, right) for name, right in _LABELS]
    drawn = [one for one in judged if one.drawn]
    if drawn and len(drawn) < len(judged):
        figures.append(_figure(ON_CARDS, drawn, _same_primary))
    changed = [one for one in judged if one.live.subcategory is not one.candidate.subcategory]
    changed.sort(key=lambda one: (_standing(one), one.ticket_id))
    return Comparison(tuple(figures), tuple(changed), len(judged), sum(one.fixed for one in judged))


def _standing(one: Judged) -> int:
    """Lost first, then won, then both wrong."""
    if _same_sub(one.said, one.live):
        return 0
    return 1 if _same_sub(one.said, one.candidate) else 2


def _figure(name: str, judged: Sequence[Judged], right: _Right) -> Figure:
    pairs = [(right(one.said, one.live), right(one.said, one.candidate)) for one in judged]
    n = len(pairs)
    gained, lost = sum(after and not before for before, after in pairs), sum(b and not a for b, a in pairs)
    live, candidate = Share(sum(b for b, _ in pairs), n), Share(sum(a for _, a in pairs), n)
    return Figure(name, live, candidate, gained, lost, paired_interval(gained, lost, n), chance_of(gained, lost))


def chance_of(gained: int, lost: int) -> float:
    """McNemar's exact test: how often a fair coin splits `gained + lost` at least so unevenly, on either side."""
    n = gained + lost
    if n == 0:
        return 1.0
    tail = sum(math.comb(n, k) for k in range(min(gained, lost) + 1)) / 2**n
    return min(1.0, 2 * tail)


def paired_interval(gained: int, lost: int, n: int) -> Interval | None:
    """95% interval of the difference of two paired shares: Wald's with half a ticket added to each cell."""
    if n == 0:
        return None
    size, b, c = n + 2, gained + 0.5, lost + 0.5
    middle = (b - c) / size
    half = _Z * math.sqrt(max(0.0, b + c - (b - c) ** 2 / size)) / size
    return max(-1.0, middle - half), min(1.0, middle + half)
