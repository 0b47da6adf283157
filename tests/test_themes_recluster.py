"""The nightly pass: what it moves, what it only proposes, and that ids are permanent."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from intelligence.similarity import unit
from intelligence.themes.decisions import Links
from intelligence.themes.lineage import heirs
from intelligence.themes.plans import Plan, Snapshot
from intelligence.themes.recluster import recluster

DIM = 32


def numbers(start: int = 100) -> Callable[[], int]:
    counter = count(start)
    return lambda: next(counter)


def subjects(sizes: list[int], rng: np.random.Generator, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors around one axis per subject, and the subject of each row."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    vectors = np.eye(DIM, dtype=np.float32)[labels] + noise * rng.standard_normal((len(labels), DIM)).astype(np.float32)
    return unit(vectors), labels


def night(vectors: np.ndarray, homes: np.ndarray, **kwargs) -> Plan:
    ids = np.arange(1, len(vectors) + 1)
    snapshot = Snapshot(ids, vectors, homes.astype(np.int64), ids.astype(float), **kwargs)
    return recluster(snapshot, next_theme=numbers())


def test_waiting_tickets_that_belong_together_become_themes():
    vectors, labels = subjects([12, 15, 9], np.random.default_rng(1))
    plan = night(vectors, np.zeros(len(vectors)))
    assert len(plan.births) == 3
    assert all(len(set(plan.theme_ids[labels == subject].tolist())) == 1 for subject in range(3))
    assert sorted(len(birth.members) for birth in plan.births) == [9, 12, 15]
    assert plan.moves == ()


def test_too_few_tickets_make_no_theme():
    vectors, _ = subjects([4], np.random.default_rng(2))
    plan = night(vectors, np.zeros(4))
    assert plan.births == ()
    assert not plan.theme_ids.any()


def test_an_empty_night():
    plan = night(np.empty((0, DIM), np.float32), np.empty(0))
    assert plan == Plan((), (), (), (), plan.theme_ids)
    assert len(plan.theme_ids) == 0


def test_empty_texts_stay_where_they_are():
    vectors, _ = subjects([10, 10], np.random.default_rng(3))
    vectors[3] = 0
    plan = night(vectors, np.zeros(20))
    assert plan.theme_ids[3] == 0


def test_waiting_tickets_join_the_theme_they_lie_in():
    vectors, labels = subjects([20, 20, 20], np.random.default_rng(4))
    homes = labels + 1
    homes[[5, 25, 45]] = 0
    plan = night(vectors, homes)
    assert plan.theme_ids.tolist() == (labels + 1).tolist()
    assert {(m.ticket, m.source, m.target) for m in plan.moves} == {(6, 0, 1), (26, 0, 2), (46, 0, 3)}
    assert all(m.similarity > 0.5 for m in plan.moves)


def test_two_halves_of_one_subject_merge_into_the_older():
    vectors, labels = subjects([30, 20, 20], np.random.default_rng(5))
    homes = labels + 10
    homes[:12] = 3
    plan = night(vectors, homes)
    merge = next(m for m in plan.merges if m.absorbed == 10)
    assert (merge.kept, merge.proposal, merge.tickets) == (3, False, 18)
    assert set(plan.theme_ids[:30].tolist()) == {3}


def test_a_mixed_theme_is_split_and_the_larger_part_keeps_the_id():
    vectors, labels = subjects([25, 14, 20, 20], np.random.default_rng(6))
    homes = np.where(labels < 2, 1, labels)
    plan = night(vectors, homes)
    assert set(plan.theme_ids[labels == 0].tolist()) == {1}
    assert [birth.came_from for birth in plan.births] == [1]
    assert len(plan.births[0].members) == 14


def test_a_theme_that_people_have_seen_is_only_proposed_to_split():
    vectors, labels = subjects([25, 14, 20, 20], np.random.default_rng(6))
    homes = np.where(labels < 2, 1, labels)
    plan = night(vectors, homes, seen=frozenset({1}))
    assert plan.theme_ids.tolist() == homes.tolist()
    assert [split.theme for split in plan.splits] == [1]
    assert len(plan.splits[0].parts[0]) in {14, 25}
    assert plan.proposals


def test_seen_themes_are_proposed_to_merge_unless_people_keep_them_apart():
    vectors, labels = subjects([30, 20, 20], np.random.default_rng(7))
    homes = labels + 10
    homes[:12] = 3
    seen = frozenset({3, 10})
    plan = night(vectors, homes, seen=seen)
    assert plan.theme_ids.tolist() == homes.tolist()
    assert [(m.kept, m.absorbed, m.proposal) for m in plan.merges] == [(3, 10, True)]
    assert night(vectors, homes, seen=seen, links=Links(apart=frozenset({(3, 10)}))).merges == ()


def test_people_decide_about_tickets():
    vectors, labels = subjects([20, 20], np.random.default_rng(8))
    homes = labels + 1
    homes[[0, 1, 2]] = [0, 0, 2]
    links = Links(must={1: 2}, cannot=frozenset({(2, 1)}))
    plan = night(vectors, homes, links=links, pinned=frozenset({3}))
    assert plan.theme_ids[:4].tolist() == [2, 0, 2, 1]


def test_a_second_night_changes_nothing():
    vectors, _ = subjects([30, 25, 20, 15, 10, 8], np.random.default_rng(9), noise=0.2)
    first = night(vectors, np.zeros(len(vectors)))
    second = night(vectors, first.theme_ids)
    assert (second.theme_ids == first.theme_ids).all()
    assert (second.births, second.merges, second.moves) == ((), (), ())


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), sizes=st.lists(st.integers(3, 25), min_size=2, max_size=6))
def test_any_night_keeps_its_promises(seed: int, sizes: list[int]):
    rng = np.random.default_rng(seed)
    vectors, _ = subjects(sizes, rng, noise=float(rng.uniform(0.05, 0.35)))
    n = len(vectors)
    homes = rng.integers(0, 5, n)
    seen = frozenset(rng.permutation([1, 2, 3, 4])[:2].tolist())
    pinned = frozenset(rng.integers(1, n + 1, 3).tolist())
    pairs = {(int(t), int(h)) for t, h in zip(rng.integers(1, n + 1, 5), rng.integers(1, 5, 5), strict=True)}
    links = Links(cannot=frozenset(pair for pair in pairs if homes[pair[0] - 1] != pair[1]))
    plan = night(vectors, homes, seen=seen, pinned=pinned, links=links)
    born = {birth.theme for birth in plan.births}
    assert set(plan.theme_ids.tolist()) <= {0, 1, 2, 3, 4} | born
    assert all(theme >= 100 for theme in born)
    fixed = np.isin(homes, list(seen)) | np.isin(np.arange(1, n + 1), list(pinned))
    assert (plan.theme_ids[fixed] == homes[fixed]).all()
    assert all(plan.theme_ids[ticket - 1] != theme for ticket, theme in links.cannot)


def test_five_percent_new_tickets_leave_the_rest_in_place():
    rng = np.random.default_rng(11)
    vectors, _ = subjects([60, 50, 40, 30, 30, 20, 20, 10], rng, noise=0.22)
    order = rng.permutation(len(vectors))
    vectors, old = vectors[order], int(0.95 * len(vectors))
    before = night(vectors[:old], np.zeros(old)).theme_ids
    after = night(vectors, np.concatenate([before, np.zeros(len(vectors) - old)])).theme_ids
    assert (after[:old] == before).mean() >= 0.95


def test_the_order_of_rows_does_not_matter():
    rng = np.random.default_rng(12)
    vectors, labels = subjects([25, 20, 15, 10], rng)
    order = rng.permutation(len(vectors))
    straight = night(vectors, np.zeros(len(vectors))).theme_ids
    shuffled = night(vectors[order], np.zeros(len(vectors))).theme_ids
    for subject in range(4):
        assert len(set(straight[labels == subject].tolist())) == 1
        assert len(set(shuffled[labels[order] == subject].tolist())) == 1


def test_heirs_prefer_what_people_know_then_the_oldest_then_the_largest():
    groups = np.array([0] * 10 + [1] * 6)
    themes = np.array([7] * 6 + [2] * 4 + [9] * 5 + [0])
    assert heirs(groups, themes) == {0: 2, 1: 9}
    assert heirs(groups, themes, seen={7}) == {0: 7, 1: 9}


def test_a_small_desk_with_one_loud_subject_keeps_its_quiet_ones():
    """Two dozen subjects of eight tickets beside one of eighty: modularity alone ties the eight to their neighbours."""
    vectors, labels = subjects([80] + [8] * 24, np.random.default_rng(13), noise=0.12)
    plan = night(vectors, np.zeros(len(vectors)))
    whole = [subject for subject in range(25) if len(set(plan.theme_ids[labels == subject].tolist())) == 1]
    assert len(plan.births) == 25
    assert len(whole) == 25


def test_what_came_to_a_seen_theme_since_may_be_born_as_a_theme_of_its_own():
    vectors, labels = subjects([25, 14, 20, 20], np.random.default_rng(6))
    homes = np.where(labels < 2, 1, labels)
    late = np.flatnonzero(labels == 1)[4:]
    plan = night(vectors, homes, seen=frozenset({1}), unsettled=frozenset((late + 1).tolist()))
    assert [len(birth.members) for birth in plan.births] == [10]
    assert (plan.theme_ids[late] == plan.births[0].theme).all()
    assert (plan.theme_ids[np.setdiff1d(np.arange(len(homes)), late)] == np.delete(homes, late)).all()


def test_a_seen_theme_loses_nothing_to_the_waiting():
    vectors, labels = subjects([25, 14, 20, 20], np.random.default_rng(6))
    homes = np.where(labels < 2, 1, labels)
    late = np.flatnonzero(labels == 1)[-3:]
    plan = night(vectors, homes, seen=frozenset({1}), unsettled=frozenset((late + 1).tolist()))
    assert plan.theme_ids.tolist() == homes.tolist()
