"""Which group of tonight is which theme of yesterday: matched by the tickets they share, so that ids are permanent."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from intelligence.similarity import Ints

_MAINLY: Final = 0.5  # a theme lives on in a group that holds at least this share of its tickets
_NOTABLE: Final = 0.2  # ... and only where it makes up this share of the group may it win by age alone


def heirs(groups: Ints, themes: Ints, seen: Collection[int] = ()) -> dict[int, int]:
    """Match groups to themes: {group: theme}, each theme at most once. `themes` holds 0 for tickets without one.

    Of the themes that live mainly in a group the oldest wins, those that people have seen before the others; a group
    where none does goes to the theme with which it shares most tickets, if that theme is still free.
    """
    overlap = _overlap(groups, themes)
    sizes = np.bincount(groups)
    totals = {int(theme): int(count) for theme, count in zip(*np.unique(themes, return_counts=True), strict=True)}
    taken: dict[int, int] = {}
    free = set(totals) - {0}
    for _, theme, group in sorted(_claims_by_age(overlap, sizes, totals, seen)):
        if group not in taken and theme in free:
            taken[group] = theme
            free.discard(theme)
    for shared, theme, group in sorted(
        ((-count, theme, group) for (group, theme), count in overlap.items()), key=lambda claim: claim
    ):
        if group not in taken and theme in free and -shared * 4 >= totals[theme]:
            taken[group] = theme
            free.discard(theme)
    return taken


def _claims_by_age(
    overlap: dict[tuple[int, int], int], sizes: Ints, totals: dict[int, int], seen: Collection[int]
) -> list[tuple[bool, int, int]]:
    return [
        (theme not in seen, theme, group)
        for (group, theme), count in overlap.items()
        if count >= _MAINLY * totals[theme] and count >= _NOTABLE * sizes[group]
    ]


def _overlap(groups: Ints, themes: Ints) -> dict[tuple[int, int], int]:
    """How many tickets each group shares with each theme: {(group, theme): tickets}."""
    pairs = np.stack([groups, themes], axis=1)[themes != 0]
    if not len(pairs):
        return {}
    found, counts = np.unique(pairs, axis=0, return_counts=True)
    return {(int(group), int(theme)): int(count) for (group, theme), count in zip(found, counts, strict=True)}
