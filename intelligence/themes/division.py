"""Dividing groups that hold several subjects: communities within a community, kept where they are really apart.

Modularity joins small subjects as long as the whole is small (its resolution limit); looked at alone, a mixed group
falls into parts again. Most parts of a group are shades of one subject, so a part stays only if its tickets are closer
to each other than to those of any other part by a margin (average linkage).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from intelligence.graphs import communities, neighbour_graph
from intelligence.similarity import Floats, Ints, unit

_NEIGHBOURS: Final = 10
_SEED: Final = 7
_SMALLEST: Final = 5  # tickets that can be a part


def divided(labels: Ints, vectors: Floats, features: Floats, *, apart: float) -> Ints:
    """Groups with the mixed ones divided, labels from 0. `vectors` (n, dim) of unit length judge what is apart,
    `features` (n, any) find the parts. `apart` is the cosine by which the looser of two parts must hold together better
    than the two with each other."""
    return _each(labels, lambda rows: joined(_parts(features[rows]), vectors[rows], apart))


def joined(parts: Ints, vectors: Floats, apart: float) -> Ints:
    """Join the nearest parts until all are apart and none is too small."""
    parts = np.unique(parts, return_inverse=True)[1].astype(np.int64)
    while (count := int(parts.max()) + 1) > 1:
        gaps = _gaps(parts, vectors, count)
        one, other = divmod(int(gaps.argmin()), count)
        if gaps[one, other] >= apart:
            break
        parts = np.where(parts == max(one, other), min(one, other), parts)
        parts = np.unique(parts, return_inverse=True)[1].astype(np.int64)
    return parts


def _parts(features: Floats) -> Ints:
    centred = unit(features - features.mean(axis=0))
    return communities(neighbour_graph(centred, min(_NEIGHBOURS, len(centred) - 1)), resolution=1.0, seed=_SEED)


def _gaps(parts: Ints, vectors: Floats, count: int) -> Floats:
    """For each pair of parts: the looser part's mean cosine within, less the mean cosine between the two."""
    sums = np.zeros((count, vectors.shape[1]), np.float32)
    np.add.at(sums, parts, vectors)
    sizes = np.bincount(parts, minlength=count).astype(np.float32)
    products = sums @ sums.T
    within = (np.diag(products) - sizes) / np.maximum(sizes * (sizes - 1), 1)
    gaps = np.minimum(within[:, np.newaxis], within) - products / np.outer(sizes, sizes)
    small = sizes < _SMALLEST
    gaps -= 10.0 * (small[:, np.newaxis] | small)  # whatever is too small joins first, its nearest before others
    np.fill_diagonal(gaps, np.inf)
    return gaps.astype(np.float32)


def _each(labels: Ints, divide: Callable[[Ints], Ints]) -> Ints:
    found = labels.copy()
    following = int(labels.max(initial=-1)) + 1
    for group in range(following):
        rows = np.flatnonzero(labels == group)
        if len(rows) >= 2 * _SMALLEST:
            parts = divide(rows)
            found[rows[parts > 0]] = following + parts[parts > 0] - 1
            following += int(parts.max())
    return np.unique(found, return_inverse=True)[1].astype(np.int64)
