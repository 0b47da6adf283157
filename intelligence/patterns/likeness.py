"""Whether two sets of evidence speak of one thing, although no ticket is in both.

A subject on which much is written is cut into several young themes, and each of them rises. People know one trouble,
so it is one episode.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from intelligence.similarity import Floats, Ints, middle_of, unit

# Chosen on four generated streams: of pairs of alerts within a week at least as close as this, 2 had different
# subjects; two of five pairs with one subject were as close.
ALIKE: Final = 0.85


@dataclass(frozen=True)
class Likeness:
    """Compares tickets by the direction of their mean away from everything's mean (cosine).

    tickets: (n,) ids; vectors: (n, dim) unit rows. Tickets that are not among them are left out.
    """

    tickets: Ints
    vectors: Floats
    _directions: dict[frozenset[int], Floats | None] = field(
        default_factory=dict[frozenset[int], Floats | None], repr=False, compare=False
    )  # of evidence asked before: one new rise is compared with every episode

    def alike(self, some: Collection[int], others: Collection[int]) -> bool:
        """Whether both are about the same; False where of one of them nothing is known."""
        first, second = self._direction(some), self._direction(others)
        return first is not None and second is not None and float(first @ second) >= ALIKE

    def _direction(self, tickets: Collection[int]) -> Floats | None:
        asked = frozenset(tickets)
        if asked not in self._directions:
            rows = np.isin(self.tickets, np.fromiter(asked, np.int64, len(asked)))
            mean = unit((self.vectors[rows].mean(axis=0) - self._middle)[np.newaxis])[0] if rows.any() else None
            self._directions[asked] = mean
        return self._directions[asked]

    @cached_property
    def _middle(self) -> Floats:
        return middle_of(self.vectors)
