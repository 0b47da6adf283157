"""Average linkage within groups: what is alike stays together, whatever the size of the pool."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist

from intelligence.scoring import ari
from intelligence.similarity import unit
from intelligence.themes.linkage import linked, loosened

DIM = 32


def subjects(sizes: list[int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    rows = np.eye(DIM, dtype=np.float32)[labels] + 0.1 * rng.standard_normal((len(labels), DIM)).astype(np.float32)
    return unit(rows), labels


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 40), alike=st.floats(-0.2, 0.6))
def test_it_is_average_linkage(seed: int, n: int, alike: float):
    rows = unit(np.random.default_rng(seed).standard_normal((n, 6)).astype(np.float32))
    reference = fcluster(linkage(pdist(rows, "cosine"), "average"), 1.0 - alike, "distance")
    assert ari(reference.astype(np.int64), linked(np.arange(n), rows, alike)) == pytest.approx(1.0)


def test_a_group_of_two_subjects_is_divided_and_one_subject_is_not():
    features, truth = subjects([40, 6], np.random.default_rng(1))
    found = loosened(np.zeros(46, np.int64), features, alike=0.3, smallest=5)
    assert ari(truth, found) == 1.0
    assert loosened(np.zeros(40, np.int64), features[:40], alike=0.3, smallest=5).max() == 0


def test_too_few_tickets_go_with_the_nearest_part():
    features, truth = subjects([12, 8, 3], np.random.default_rng(2))
    found = loosened(np.zeros(23, np.int64), features, alike=0.3, smallest=5)
    assert np.bincount(found).min() >= 5
    assert ari(truth[:20], found[:20]) == 1.0


def test_a_large_group_starts_from_its_finest_communities():
    features, truth = subjects([400, 300, 20], np.random.default_rng(3))
    found = loosened(np.zeros(720, np.int64), features, alike=0.3, smallest=5)
    assert ari(truth, found) > 0.95


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(0, 60))
def test_it_only_divides(seed: int, n: int):
    rng = np.random.default_rng(seed)
    features = unit(rng.standard_normal((n, 8)).astype(np.float32))
    before = np.unique(rng.integers(0, 3, n), return_inverse=True)[1].astype(np.int64)
    after = loosened(before, features, alike=0.1, smallest=5)
    assert all(len(set(before[after == group].tolist())) == 1 for group in set(after.tolist()))
    assert sorted(set(after.tolist())) == list(range(len(set(after.tolist()))))
