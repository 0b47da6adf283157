"""Rises on the second axis: what a product area suffers from, whatever themes its tickets are in.

A release that breaks one area in many small ways raises no theme of its own: each gets two tickets more. Counted by
(product area, kind of cause) they are one rise. Where most of it lies in one theme it is that theme's news; where it is
spread it has no home, and is told as such.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from intelligence.model import CauseKind, Pattern
from intelligence.patterns.detect import detect
from intelligence.patterns.history import History
from intelligence.patterns.policy import Policy
from intelligence.similarity import listed

_HALF: Final = 0.5  # the share of a rise's tickets in one theme from which the rise is that theme's


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """Where and why: an area of the product and a kind of cause."""

    area: str
    cause: CauseKind

    def __str__(self) -> str:
        return f"{self.area}, {self.cause.replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class PairRise:
    """A pair above its usual. `pattern.theme_id` is the theme that holds at least half of its tickets, else 0;
    `themes` counts those it lies in."""

    pair: Pair
    pattern: Pattern
    themes: int


def rising_pairs(history: History, pairs: Mapping[int, Pair], *, now: float, policy: Policy) -> list[PairRise]:
    """Each pair that rises, by the rule for themes. `pairs`: of those tickets whose area and cause are known."""
    kinds = sorted(set(pairs.values()))
    numbers = {pair: number for number, pair in enumerate(kinds, start=1)}
    groups = np.array([numbers[pairs[t]] if t in pairs else 0 for t in listed(history.tickets)], np.int64)
    by_pair = replace(history, themes=groups, vectors=None)
    names = {number: str(pair) for pair, number in numbers.items()}
    homes = dict(zip(listed(history.tickets), listed(history.themes), strict=True))
    found = detect(by_pair, now=now, policy=policy, themes={}, names=names)
    return [_homed(kinds[pattern.theme_id - 1], pattern, homes) for pattern in found]


def _homed(pair: Pair, pattern: Pattern, homes: Mapping[int, int]) -> PairRise:
    spread = Counter(homes[ticket] for ticket in pattern.ticket_ids if homes[ticket])
    theme, most = spread.most_common(1)[0] if spread else (0, 0)
    home = theme if most >= _HALF * len(pattern.ticket_ids) else 0
    return PairRise(pair, replace(pattern, theme_id=home), len(spread))
