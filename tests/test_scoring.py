"""Scores against values known from the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, roc_auc_score

from intelligence import scoring

LABELS = st.lists(st.integers(0, 4), min_size=2, max_size=40)


def test_a_perfect_division_scores_one_and_names_do_not_matter():
    truth = scoring.encoded(["a", "a", "b", "c", "c"])
    found = scoring.encoded([9, 9, 4, 7, 7])
    for score in (scoring.nmi, scoring.ari, scoring.hungarian_accuracy):
        assert score(truth, found) == pytest.approx(1.0)


def test_one_group_for_all_scores_nothing():
    truth, found = scoring.encoded("aabbcc"), np.zeros(6, np.int64)
    assert scoring.nmi(truth, found) == 0.0
    assert scoring.ari(truth, found) == 0.0
    assert scoring.hungarian_accuracy(truth, found) == pytest.approx(1 / 3)


@given(LABELS, st.randoms(use_true_random=False))
def test_clustering_scores_agree_with_scikit_learn(labels: list[int], random):
    other = [random.randint(0, 4) for _ in labels]
    truth, found = scoring.encoded(labels), scoring.encoded(other)
    assert scoring.nmi(truth, found) == pytest.approx(normalized_mutual_info_score(labels, other), abs=1e-9)
    assert scoring.ari(truth, found) == pytest.approx(adjusted_rand_score(labels, other), abs=1e-9)


def test_unassigned_tickets_are_groups_of_their_own():
    assert scoring.alone(np.array([3, 0, 3, 0])).tolist() == [3, -2, 3, -4]


def test_stability_compares_ids():
    assert scoring.stability(np.array([1, 1, 2, 0]), np.array([1, 3, 2, 5])) == pytest.approx(2 / 3)
    assert scoring.stability(np.zeros(3, np.int64), np.ones(3, np.int64)) == 1.0


def test_empty_and_one_sided_input_is_no_accident():
    empty = np.empty(0, np.int64)
    assert scoring.nmi(empty, empty) == scoring.ari(empty, empty) == scoring.hungarian_accuracy(empty, empty) == 0.0
    assert scoring.auc(np.array([0.1, 0.2]), np.array([True, True])) == 0.5
    assert scoring.recall_at_precision(np.empty(0), np.empty(0, bool), 0, 0.95) == 0.0
    assert scoring.calibration_error(np.empty(0), np.empty(0, bool)) == 0.0
    with pytest.raises(ValueError, match="true labels"):
        scoring.nmi(np.zeros(2, np.int64), np.zeros(3, np.int64))


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=40))
def test_auc_agrees_with_scikit_learn(rows: list[tuple[int, bool]]):
    scores, positive = np.array([s / 10 for s, _ in rows]), np.array([p for _, p in rows])
    if positive.all() or not positive.any():
        return
    assert scoring.auc(scores, positive) == pytest.approx(roc_auc_score(positive, scores), abs=1e-9)


def test_recall_at_precision_takes_ties_whole():
    scores = np.array([0.9, 0.8, 0.8, 0.7])
    right = np.array([True, True, False, True])
    assert scoring.recall_at_precision(scores, right, 4, 0.95) == 0.25
    assert scoring.recall_at_precision(scores, right, 4, 0.6) == 0.75


def test_calibration_error():
    assert scoring.calibration_error(np.array([1.0, 1.0, 0.0]), np.array([True, True, False])) == 0.0
    assert scoring.calibration_error(np.full(10, 0.9), np.zeros(10, bool)) == pytest.approx(0.9)


def test_intervals():
    share = scoring.wilson(87, 100)
    assert (share.value, round(share.low, 3), round(share.high, 3)) == (0.87, 0.790, 0.922)
    assert scoring.wilson(0, 0) == scoring.Interval(0.0, 0.0, 1.0)
    values = np.arange(100.0)
    mean = scoring.bootstrap(lambda rows: float(values[rows].mean()), 100, np.random.default_rng(1))
    assert mean.low < 49.5 < mean.high
