"""Dividing groups whose tickets are not alike enough to be one subject, by average linkage.

Communities of a neighbour graph know only who is next to whom. In a small pool a subject of eight tickets has fewer
tickets than a node has neighbours, so the graph ties it to strangers and no resolution sets it free. How alike two
tickets of one subject are is a property of the encoder, the same in every pool: whatever falls apart below that is
divided, however small the pool.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from intelligence.graphs import communities, neighbour_graph
from intelligence.similarity import Floats, Ints

_WHOLE: Final = 600  # tickets of a group that are linked one by one; a larger one starts from its finest communities
_NEIGHBOURS: Final = 8
_PART: Final = 25.0  # the resolution of a finest community is the group's size by this
_SEED: Final = 7


def loosened(labels: Ints, features: Floats, *, alike: float, smallest: int) -> Ints:
    """Groups with those divided whose parts are less alike than `alike`, labels from 0.

    `features` (n, any) are of unit length and centred on the pool, so that two unrelated tickets have cosine 0. `alike`
    is the mean cosine between two parts above which they are one subject; a part of fewer than `smallest` tickets goes
    with the part nearest to it.
    """
    found = labels.copy()
    following = int(labels.max(initial=-1)) + 1
    for group in range(following):
        rows = np.flatnonzero(labels == group)
        if len(rows) >= 2 * smallest:
            parts = _without_splinters(linked(_finest(features[rows]), features[rows], alike), features[rows], smallest)
            found[rows[parts > 0]] = following + parts[parts > 0] - 1
            following += int(parts.max())
    return np.unique(found, return_inverse=True)[1].astype(np.int64)


def linked(parts: Ints, features: Floats, alike: float) -> Ints:
    """Join the two parts with the highest mean cosine between them until none reaches `alike` (UPGMA, Sokal and
    Michener 1958, of parts instead of points)."""
    sums = np.zeros((int(parts.max(initial=-1)) + 1, features.shape[1]))
    np.add.at(sums, parts, features)
    merging = _Merging(sums @ sums.T, np.bincount(parts).astype(np.float64))
    while merging.nearest() >= alike:
        merging.join()
    return np.unique(merging.owners[parts], return_inverse=True)[1].astype(np.int64)


class _Merging:
    """Parts on their way to fewer parts: their mean cosines, and the best partner of each."""

    def __init__(self, products: NDArray[np.float64], sizes: NDArray[np.float64]) -> None:
        self._products = products
        self._sizes = sizes
        self.owners = np.arange(len(sizes))
        self._alive = np.ones(len(sizes), bool)
        self._cosines = products / np.outer(sizes, sizes)
        np.fill_diagonal(self._cosines, -np.inf)
        self._best = self._cosines.argmax(axis=1) if len(sizes) else np.empty(0, np.int64)
        self._height = self._cosines.max(axis=1, initial=-np.inf)

    def nearest(self) -> float:
        return float(self._height.max(initial=-np.inf))

    def join(self) -> None:
        """Join the two nearest parts; the row of the second is dead from then on."""
        kept = int(self._height.argmax())
        gone = int(self._best[kept])
        self._products[kept] += self._products[gone]
        self._products[:, kept] += self._products[:, gone]
        self._sizes[kept] += self._sizes[gone]
        self.owners[self.owners == gone] = kept
        self._alive[gone] = False
        row = self._products[kept] / (self._sizes[kept] * self._sizes)
        row[~self._alive] = -np.inf
        row[[kept, gone]] = -np.inf
        self._cosines[kept] = self._cosines[:, kept] = row
        self._cosines[gone] = self._cosines[:, gone] = -np.inf
        stale = (self._best == kept) | (self._best == gone)
        stale[[kept, gone]] = True
        self._best[stale] = self._cosines[stale].argmax(axis=1)
        self._height[stale] = self._cosines[stale].max(axis=1)
        nearer = row > self._height
        self._best[nearer], self._height[nearer] = kept, row[nearer]


def _finest(features: Floats) -> Ints:
    if len(features) <= _WHOLE:
        return np.arange(len(features), dtype=np.int64)
    resolution = max(1.0, len(features) / _PART)
    return communities(neighbour_graph(features, _NEIGHBOURS), resolution=resolution, seed=_SEED)


def _without_splinters(parts: Ints, features: Floats, smallest: int) -> Ints:
    sizes = np.bincount(parts)
    large = np.flatnonzero(sizes >= smallest)
    if len(large) == 0:
        return np.zeros(len(parts), np.int64)
    centres = np.stack([features[parts == part].mean(axis=0) for part in large.tolist()])
    whole = parts.copy()
    for part in np.flatnonzero(sizes < smallest).tolist():
        rows = parts == part
        whole[rows] = large[int((centres @ features[rows].mean(axis=0)).argmax())]
    return np.unique(whole, return_inverse=True)[1].astype(np.int64)
