"""Which themes matter most, and how few of them make most of the tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a Pareto chart: `cumulative` is the share of all tickets in this bar and those before it."""

    label: str
    tickets: int
    cumulative: float


def pareto(counts: Mapping[str, int], total: int, *, most: int = 10) -> tuple[Bar, ...]:
    """The largest counts first, with cumulative shares of `total` (which also holds what has no theme)."""
    ranked = sorted(((n, label) for label, n in counts.items() if n > 0), key=lambda one: (-one[0], one[1]))
    bars: list[Bar] = []
    reached = 0
    for tickets, label in ranked[:most]:
        reached += tickets
        bars.append(Bar(label, tickets, min(1.0, reached / total) if total else 0.0))
    return tuple(bars)


def vital_few(bars: Sequence[Bar], share: float = 0.5) -> int | None:
    """How many of the bars make this share of all tickets; None if all of them do not."""
    return next((place for place, bar in enumerate(bars, 1) if bar.cumulative >= share), None)
