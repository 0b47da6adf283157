"""Neighbour graphs and their communities: the one place that talks to the Leiden implementation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from intelligence.similarity import Floats, Ints, neighbours

_ROUNDING: Final = float(np.finfo(np.float32).eps)  # of a cosine of float32 vectors
_DIVISIONS: Final = 10
_AROUND: Final = (0.7, 1.3)  # resolutions of the divisions, by the wanted one
_AGREED: Final = 0.8  # share of the divisions that must keep an edge
_SEAM: Final = 0.1  # what is left of the weight of an edge that they cut


@dataclass(frozen=True, slots=True)
class Graph:
    """An undirected weighted graph in compressed rows: node i's neighbours are indices[starts[i]:starts[i + 1]]."""

    starts: NDArray[np.int64]
    indices: NDArray[np.int32]
    weights: NDArray[np.float64]

    @property
    def nodes(self) -> int:
        return len(self.starts) - 1

    @property
    def sources(self) -> NDArray[np.int64]:
        """The row of each entry, so that (sources, indices, weights) are the edges, each in both directions."""
        return np.repeat(np.arange(self.nodes, dtype=np.int64), np.diff(self.starts))


def neighbour_graph(vectors: Floats, k: int) -> Graph:
    """The cosine graph of each row's `k` nearest rows; an edge weighs the sum of its two directions, at least zero."""
    positions, cosines = neighbours(vectors, k)
    return symmetric(positions, np.maximum(cosines, 0.0))


def symmetric(positions: Ints, weights: Floats) -> Graph:
    """Make directed neighbour lists (n, k) undirected."""
    n, k = positions.shape
    sources = np.repeat(np.arange(n, dtype=np.int64), k)
    targets = positions.ravel()
    keys = np.concatenate([sources * n + targets, targets * n + sources])
    doubled = np.tile(weights.ravel().astype(np.float64), 2)
    edges, place = np.unique(keys, return_inverse=True)
    sums = weighted_counts(place, doubled, len(edges))
    starts = np.zeros(n + 1, np.int64)
    np.add.at(starts, edges // max(n, 1) + 1, 1)
    return Graph(np.cumsum(starts, dtype=np.int64), (edges % max(n, 1)).astype(np.int32), sums)


def communities(graph: Graph, *, resolution: float, seed: int) -> NDArray[np.int64]:
    """Leiden communities by modularity (Traag, Waltman and van Eck 2019), labels from 0, the same for the same seed.

    Edges that weigh no more than rounding count for nothing. Without any that counts modularity is 0/0, where the
    extension panics: every node is a community of its own then. Raises ArithmeticError for weights that overflow.
    """
    weights = np.where(graph.weights < _ROUNDING, 0.0, graph.weights)
    if not weights.any():
        return np.arange(graph.nodes, dtype=np.int64)
    found = _leiden(graph, weights, resolution, seed)
    return np.fromiter((found[node] for node in range(graph.nodes)), np.int64, graph.nodes)


def agreed(graph: Graph, *, resolution: float, seed: int) -> Graph:
    """The graph with those edges made light that most divisions of it cut: the seams between subjects.

    One division depends on the order in which nodes are looked at and on the resolution; what ten of them, at resolutions
    around the wanted one, agree on depends on the texts (consensus clustering, Lancichinetti and Fortunato 2012, with
    the edges of the graph as the pairs that are asked about).
    """
    sources = graph.sources
    kept = np.zeros(len(graph.weights))
    for number, factor in enumerate(np.linspace(*_AROUND, _DIVISIONS)):
        labels = communities(graph, resolution=resolution * float(factor), seed=seed + number)
        kept += labels[sources] == labels[graph.indices]
    return Graph(graph.starts, graph.indices, graph.weights * np.where(kept < _AGREED * _DIVISIONS, _SEAM, 1.0))


def _leiden(graph: Graph, weights: NDArray[np.float64], resolution: float, seed: int) -> dict[int, int]:
    from graspologic_native import leiden_csr  # pyright: ignore[reportMissingTypeStubs, reportAttributeAccessIssue, reportUnknownVariableType]  # an extension module without stubs

    try:
        _, found = cast(
            "tuple[float, dict[int, int]]",
            leiden_csr(
                graph.starts, graph.indices, weights, graph.nodes, resolution=resolution, seed=seed, iterations=2
            ),
        )
    except BaseException as error:  # a panic is no Exception, so that it would end the thread of whoever calls this
        if type(error).__name__ != "PanicException":  # nobody can import that class
            raise
        raise ArithmeticError(f"no communities of {graph.nodes} nodes: {error}") from error
    return found


def modularity(graph: Graph, labels: NDArray[np.int64], resolution: float) -> float:
    """How much heavier the edges within groups are than by chance (Newman 2006, with a resolution); 0 if empty."""
    total = graph.weights.sum()
    if total == 0:
        return 0.0
    _, groups = np.unique(labels, return_inverse=True)
    inside = graph.weights[groups[graph.sources] == groups[graph.indices]].sum()
    degrees = weighted_counts(groups[graph.sources], graph.weights, int(groups.max()) + 1)
    return float(inside / total - resolution * ((degrees / total) ** 2).sum())


def weighted_counts(places: Ints, weights: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Sum the weights that fall on each place 0..length - 1."""
    sums = np.zeros(length)
    np.add.at(sums, places, weights)
    return sums
