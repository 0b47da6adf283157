"""Alerts of one rule beside those of another: which of them tell of the same trouble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from intelligence.model import PatternKind, Receipt

SAME_TROUBLE: Final = timedelta(days=7)  # the cool-down of an episode: later it is trouble of its own
_SHARED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that was opened, or would have been: when, of what kind, about which tickets, by which figures (None where
    those of that moment are not kept: an alert that lives shows the newest).
    """

    kind: PatternKind
    at: datetime
    tickets: frozenset[int]
    receipt: Receipt | None


def overlap(one: frozenset[int], other: frozenset[int]) -> float:
    """The share of the smaller set that both have."""
    return len(one & other) / max(1, min(len(one), len(other)))


def same(one: Told, other: Told) -> bool:
    """Whether two alerts tell of one trouble: half of the tickets in common, within a week."""
    return abs(one.at - other.at) <= SAME_TROUBLE and overlap(one.tickets, other.tickets) >= _SHARED


def pairs(ours: Sequence[Told], theirs: Sequence[Told]) -> dict[int, int]:
    """Places in `ours` with the place in `theirs` of the same trouble; each alert is in one pair at most, those that
    have most in common first.
    """
    close = [
        (-overlap(one.tickets, other.tickets), abs(one.at - other.at), here, there)
        for here, one in enumerate(ours)
        for there, other in enumerate(theirs)
        if same(one, other)
    ]
    found: dict[int, int] = {}
    for _, _, here, there in sorted(close):
        if here not in found and there not in found.values():
            found[here] = there
    return found


def nearest(tickets: frozenset[int], among: Sequence[tuple[int, frozenset[int]]]) -> int | None:
    """The number of the set with most of these tickets, if that is half of the smaller one or more."""
    best = max(among, key=lambda entry: (overlap(tickets, entry[1]), len(tickets & entry[1])), default=None)
    return best[0] if best is not None and overlap(tickets, best[1]) >= _SHARED else None
