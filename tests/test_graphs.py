"""Communities of graphs at the edges of what can be grouped."""

from __future__ import annotations

import numpy as np
import pytest

from intelligence.graphs import Graph, communities, neighbour_graph
from intelligence.similarity import unit


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_rows_that_have_nothing_in_common_stay_alone(rows: int) -> None:
    graph = neighbour_graph(np.eye(8, dtype=np.float32)[:rows], 4)
    assert communities(graph, resolution=1.0, seed=1).tolist() == list(range(rows))


def test_strangers_beside_a_group_do_not_disturb_it() -> None:
    group = unit(np.eye(8, dtype=np.float32)[0] + 0.1 * np.random.default_rng(0).random((6, 8), np.float32))
    strangers = -np.eye(8, dtype=np.float32)[:3]
    found = communities(neighbour_graph(np.vstack([group, strangers]), 5), resolution=1.0, seed=1)
    assert len(set(found[:6].tolist())) == 1
    assert not set(found[:6].tolist()) & set(found[6:].tolist())


def pair(weight: float) -> Graph:
    return Graph(np.array([0, 1, 2]), np.array([1, 0], np.int32), np.array([weight, weight]))


@pytest.mark.parametrize("weight", [5e-324, 1e-310, 1e-12])
def test_a_likeness_within_rounding_is_none(weight: float) -> None:
    """The extension panics for the smallest of these: its modularity is not a number."""
    assert communities(pair(weight), resolution=1.0, seed=1).tolist() == [0, 1]


def test_a_pair_is_a_community() -> None:
    assert communities(pair(0.5), resolution=1.0, seed=1).tolist() == [0, 0]


def test_a_panic_of_the_extension_is_an_ordinary_error() -> None:
    with pytest.raises(ArithmeticError, match="2 nodes"):
        communities(pair(1e200), resolution=1.0, seed=1)
