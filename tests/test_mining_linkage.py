"""The groups of a backlog are those of average linkage, by whatever way they are found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from intelligence.mining.grouping import Ask, Closeness, group
from intelligence.mining.linkage import average_linkage
from intelligence.scoring import ari
from intelligence.similarity import unit


def by_scipy(similarities: np.ndarray, least: float) -> np.ndarray:
    distances = 1.0 - similarities.astype(np.float64)
    np.fill_diagonal(distances, 0.0)
    tree = linkage(squareform(distances, checks=False), "average")
    return fcluster(tree, 1.0 - least, "distance").astype(np.int64)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 60), least=st.floats(-0.3, 0.9))
def test_it_is_average_linkage(seed: int, n: int, least: float):
    rows = unit(np.random.default_rng(seed).standard_normal((n, 6)).astype(np.float32))
    similarities = rows @ rows.T
    assert ari(by_scipy(similarities, least), average_linkage(similarities.copy(), least)) == pytest.approx(1.0)


def test_tickets_in_the_same_words_are_one_group():
    assert average_linkage(np.ones((40, 40), np.float32), 0.29).tolist() == [0] * 40


def test_nothing_alike_stays_apart():
    assert len(set(average_linkage(np.zeros((5, 5), np.float32), 0.1).tolist())) == 5
    assert average_linkage(np.ones((1, 1), np.float32), 0.1).tolist() == [0]


def test_a_word_of_many_tickets_counts_as_one_of_a_few_does():
    """Words are compared in two ways, by how many tickets hold them: the order of size must not show."""
    words = Closeness(words=1.0, theme=0.0, key=0.0, cut=0.71)
    nothing = np.zeros(8, np.float32)
    for tickets in (20, 65, 66, 90):
        texts = ["invoice", "invoice"] * (tickets // 2) + [f"alone{n}" for n in range(4 * tickets)]
        asks = [Ask(place, nothing, text) for place, text in enumerate(texts)]
        assert len(group(asks, words)[0]) == 2 * (tickets // 2)
