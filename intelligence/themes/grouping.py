"""Groups of like tickets, found from scratch: communities of the neighbour graph of meaning and spelling together, as
several divisions of it agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from intelligence.graphs import Graph, agreed, communities, modularity, neighbour_graph
from intelligence.lexical import lexical_vectors
from intelligence.similarity import Floats, Ints, unit
from intelligence.themes.division import divided
from intelligence.themes.linkage import loosened

_NEIGHBOURS: Final = 10
_LEXICAL_SHARE: Final = 0.4  # squared weight of spelling beside meaning
_SEED: Final = 7

# Modularity has a resolution limit: with n nodes it cannot tell groups below about sqrt(edges) apart (Fortunato and
# Barthelemy 2007). Raising the resolution with sqrt(n) keeps the size of a group a matter of the texts.
_RESOLUTION_PER_ROOT: Final = 0.018
_LEAST_RESOLUTION: Final = 0.85

# Margin that makes a part of a group a group of its own, at the least resolution. Where the resolution has already been
# raised a group is rarely mixed, so it takes more: without that, 13,000 texts of 77 subjects fell into 291 groups.
_APART: Final = 0.20

# Mean cosine between two parts, features centred on the pool, from which they are one subject: chosen where small desks
# (400 to 2,000 tickets) fare best; a large pool's communities are all tighter than this.
_ALIKE: Final = 0.10
_SMALLEST: Final = 5  # tickets that can be a part


class Grouping:
    """The neighbour graph of a set of tickets, to find groups in and to judge a division by."""

    def __init__(self, vectors: Floats, texts: Sequence[str] | None = None) -> None:
        self.features = _features(vectors, texts)
        self._vectors = vectors
        self.resolution = max(_LEAST_RESOLUTION, _RESOLUTION_PER_ROOT * float(np.sqrt(len(vectors))))
        near = neighbour_graph(self.features, _NEIGHBOURS)
        self.graph: Graph = agreed(near, resolution=self.resolution, seed=_SEED)

    def find(self) -> Ints:
        """A group for every row, labels from 0; deterministic."""
        return communities(self.graph, resolution=self.resolution, seed=_SEED)

    def divide(self, labels: Ints) -> Ints:
        """The same groups with those divided that hold several subjects."""
        apart = _APART * self.resolution / _LEAST_RESOLUTION
        parts = divided(labels, self._vectors, self.features, apart=apart)
        return loosened(parts, self.features, alike=_ALIKE, smallest=_SMALLEST)

    def quality(self, labels: Ints) -> float:
        """Modularity of a division at this grouping's resolution: comparable between divisions of the same tickets."""
        return modularity(self.graph, labels, self.resolution)


def _features(vectors: Floats, texts: Sequence[str] | None) -> Floats:
    """Centred vectors (what all tickets share says nothing about their differences), beside the spelling."""
    meaning = unit(vectors - vectors.mean(axis=0))
    if texts is None:
        return meaning
    spelling = lexical_vectors(texts)
    return unit(np.hstack([meaning, np.float32(np.sqrt(_LEXICAL_SHARE)) * spelling]))
