"""Online themes: birth, assignment, people's decisions, restoring from rows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intelligence.similarity import unit
from intelligence.themes.decisions import Born, Joined, Links, Waiting
from intelligence.themes.index import ThemeIndex
from intelligence.themes.settings import DEFAULTS

DIM = 24
DAY = 86_400.0


def numbers(start: int = 1) -> Callable[[], int]:
    counter = count(start)
    return lambda: next(counter)


def cloud(centre: int, size: int, rng: np.random.Generator, noise: float = 0.08) -> np.ndarray:
    """Unit vectors around one axis: cosines among them are about 0.87."""
    return unit(np.eye(DIM, dtype=np.float32)[centre] + noise * rng.standard_normal((size, DIM)).astype(np.float32))


def index(**kwargs) -> ThemeIndex:
    return ThemeIndex(DIM, next_theme=numbers(), **kwargs)


def fill(themes: ThemeIndex, vectors: np.ndarray, first_id: int = 1, at: float = 0.0) -> list:
    return [themes.assign(vector, at + place, first_id + place) for place, vector in enumerate(vectors)]


def test_the_fifth_similar_ticket_gives_birth():
    themes = index()
    decisions = fill(themes, cloud(0, 5, np.random.default_rng(1)))
    assert [type(d) for d in decisions] == [Waiting] * 4 + [Born]
    assert decisions[-1].members == (1, 2, 3, 4, 5)
    assert {themes.home(ticket) for ticket in range(1, 6)} == {1}
    assert themes.waiting == ()


def test_a_close_ticket_joins_and_a_strange_one_waits():
    rng = np.random.default_rng(2)
    themes = index()
    fill(themes, cloud(0, 5, rng))
    joined = themes.assign(cloud(0, 1, rng)[0], 10.0, 6)
    strange = themes.assign(cloud(1, 1, rng)[0], 11.0, 7)
    assert isinstance(joined, Joined)
    assert joined.theme == 1
    assert joined.similarity >= joined.threshold
    assert strange == Waiting(1, pytest.approx(strange.similarity))


def test_a_new_subject_is_born_although_an_old_theme_is_near():
    rng = np.random.default_rng(3)
    themes = index()
    fill(themes, cloud(0, 30, rng))
    axis = np.eye(DIM, dtype=np.float32)
    near = unit((0.5 * axis[0] + axis[1])[np.newaxis] + 0.05 * rng.standard_normal((5, DIM)).astype(np.float32))
    decisions = fill(themes, near, first_id=100, at=100.0)
    assert isinstance(decisions[-1], Born)


def test_waiting_expires_after_fourteen_days():
    rng = np.random.default_rng(4)
    themes = index()
    vectors = cloud(0, 5, rng)
    fill(themes, vectors[:4])
    assert themes.assign(vectors[4], 15 * DAY, 5) == Waiting()
    assert themes.waiting == (5,)


def test_empty_text_never_joins_anything():
    themes = index()
    nothing = np.zeros(DIM, np.float32)
    assert [themes.assign(nothing, float(i), i) for i in range(1, 9)] == [Waiting()] * 8
    assert themes.rank(nothing) == []


def test_a_refused_ticket_stays_out_and_a_wanted_one_comes_in():
    rng = np.random.default_rng(5)
    themes = index(links=Links(must={8: 1}, cannot=frozenset({(7, 1)})))
    fill(themes, cloud(0, 5, rng))
    assert isinstance(themes.assign(cloud(0, 1, rng)[0], 10.0, 7), Waiting)
    assert themes.assign(cloud(3, 1, rng)[0], 11.0, 8).theme == 1
    assert themes.home(8) == 1


def test_a_person_takes_a_ticket_out_and_it_stays_out():
    rng = np.random.default_rng(6)
    themes = index()
    vectors = cloud(0, 6, rng)
    fill(themes, vectors)
    themes.relink(Links(cannot=frozenset({(6, 1)})))
    assert isinstance(themes.assign(vectors[5], 20.0, 6), Waiting)
    assert themes.home(6) is None
    assert 6 in themes.waiting


def test_a_second_reading_keeps_the_home_unless_another_is_nearer_by_the_margin():
    rng = np.random.default_rng(7)
    themes = index()
    fill(themes, cloud(0, 8, rng))
    fill(themes, cloud(1, 8, rng), first_id=20, at=100.0)
    axis = np.eye(DIM, dtype=np.float32)
    between = unit((axis[0] + 1.02 * axis[1])[np.newaxis])[0]
    themes.place(50, 1, between, 200.0)
    assert themes.assign(between, 201.0, 50).theme == 1
    assert themes.assign(cloud(1, 1, rng)[0], 202.0, 50).theme == 2
    assert themes.home(50) == 2
    assert 50 not in themes.members(1)


def test_place_and_forget():
    rng = np.random.default_rng(8)
    themes = index()
    vectors = cloud(0, 6, rng)
    fill(themes, vectors)
    themes.place(6, None, vectors[5], 5.0)
    assert themes.home(6) is None
    themes.place(6, 99, vectors[5], 6.0)
    assert themes.members(99) == (6,)
    themes.forget([6, 1])
    assert themes.home(6) is None
    assert set(themes.members(1)) == {2, 3, 4, 5}


def test_restored_from_rows_it_decides_the_same():
    rng = np.random.default_rng(9)
    vectors = np.vstack([cloud(0, 12, rng), cloud(1, 12, rng), cloud(2, 3, rng)])
    themes = index()
    fill(themes, vectors)
    ids = np.arange(1, len(vectors) + 1)
    homes = np.array([themes.home(int(i)) or 0 for i in ids])
    restored = ThemeIndex.build(ids, vectors, homes, ids.astype(float), next_theme=numbers(50), now=100.0)
    assert set(restored.themes) == set(themes.themes)
    assert sorted(restored.waiting) == sorted(themes.waiting)
    for ticket, vector in enumerate(cloud(1, 4, rng), 100):
        assert restored.assign(vector, 100.0, ticket).theme == themes.assign(vector, 100.0, ticket).theme


def test_an_empty_index_restores():
    restored = ThemeIndex.build(
        np.empty(0, np.int64),
        np.empty((0, DIM), np.float32),
        np.empty(0, np.int64),
        np.empty(0),
        next_theme=numbers(),
        now=0.0,
    )
    assert restored.themes == ()
    assert restored.rank(np.ones(DIM, np.float32)) == []


def test_a_batch_decides_like_single_tickets():
    rng = np.random.default_rng(10)
    vectors = np.vstack([cloud(axis, 20, rng) for axis in range(5)])
    order = rng.permutation(len(vectors))
    vectors, ids = vectors[order], np.arange(1, len(vectors) + 1)
    one, batch = index(), index()
    fill(one, vectors)
    batch.assign_batch(vectors, ids.astype(float), ids)
    assert [one.home(int(i)) for i in ids] == [batch.home(int(i)) for i in ids]


def test_a_batch_answers_in_the_order_asked_and_decides_in_the_order_of_time():
    vectors = cloud(0, 6, np.random.default_rng(11))
    decisions = index().assign_batch(vectors, np.arange(6.0)[::-1], np.arange(1, 7))
    assert isinstance(decisions[0], Joined)
    assert isinstance(decisions[1], Born)
    assert all(isinstance(d, Waiting) for d in decisions[2:])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 40), noise=st.floats(0.02, 0.3))
def test_whatever_happens_a_ticket_has_one_home_and_people_win(seed: int, size: int, noise: float):
    rng = np.random.default_rng(seed)
    issued: list[int] = []
    counter = count(1)

    def next_theme() -> int:
        issued.append(next(counter))
        return issued[-1]

    themes = ThemeIndex(DIM, next_theme=next_theme)

    def read_all() -> None:
        for ticket in rng.permutation(np.arange(1, size + 1)):
            vector = cloud(int(rng.integers(0, 4)), 1, rng, noise)[0]
            themes.assign(vector, float(rng.uniform(0, 10 * DAY)), int(ticket))

    read_all()
    pairs = [(ticket, theme) for theme in themes.themes for ticket in range(1, size + 1)]
    drawn = [pairs[i] for i in rng.permutation(len(pairs))[:6]]
    must = dict(drawn[:2])
    cannot = frozenset((ticket, theme) for ticket, theme in drawn[2:] if must.get(ticket) != theme)
    themes.relink(Links(must=must, cannot=cannot))
    read_all()

    homes = [ticket for theme in themes.themes for ticket in themes.members(theme)]
    assert len(homes) == len(set(homes))
    assert not set(homes) & set(themes.waiting)
    assert len(issued) == len(set(issued))
    assert set(themes.themes) <= set(issued)
    assert all(themes.home(ticket) != theme for ticket, theme in cannot)
    assert all(themes.home(ticket) == theme for ticket, theme in must.items())


def test_thresholds_stay_within_their_bounds():
    rng = np.random.default_rng(12)
    themes = index()
    fill(themes, cloud(0, 60, rng, noise=0.02))
    assert DEFAULTS.floor <= themes.threshold(1) <= DEFAULTS.ceiling


def drift(amount: float, size: int, rng: np.random.Generator) -> np.ndarray:
    """Tickets of a new subject that an old theme on axis 0 would still take in."""
    axis = np.eye(DIM, dtype=np.float32)
    noise = 0.05 * rng.standard_normal((size, DIM)).astype(np.float32)
    return unit((amount * axis[0] + axis[1])[np.newaxis] + noise)


def test_tickets_that_an_old_theme_took_in_leave_together_when_they_are_enough():
    rng = np.random.default_rng(13)
    themes = index()
    fill(themes, cloud(0, 40, rng, noise=0.25))
    decisions = fill(themes, drift(0.65, 5, rng), first_id=100, at=20 * DAY)
    assert isinstance(decisions[0], Joined)
    assert isinstance(decisions[-1], Born)
    assert decisions[-1].members == (100, 101, 102, 103, 104)
    assert {themes.home(ticket) for ticket in range(100, 105)} == {decisions[-1].theme}
    assert set(themes.members(1)) <= set(range(1, 41))


def test_what_joined_long_ago_and_what_people_put_there_stays():
    rng = np.random.default_rng(14)
    links = Links(must={100: 1, 101: 1, 102: 1})
    themes = index(links=links)
    fill(themes, cloud(0, 40, rng, noise=0.25))
    late = drift(0.65, 7, rng)
    fill(themes, late[:3], first_id=100, at=20 * DAY)
    assert isinstance(fill(themes, late[3:5], first_id=103, at=20 * DAY + 10)[-1], Joined)
    assert isinstance(fill(themes, late[5:], first_id=105, at=40 * DAY)[-1], Joined)


def test_a_loud_day_of_an_old_subject_is_no_birth():
    rng = np.random.default_rng(15)
    themes = index()
    fill(themes, cloud(0, 40, rng))
    decisions = fill(themes, cloud(0, 30, rng), first_id=100, at=20 * DAY)
    assert all(isinstance(decision, Joined) for decision in decisions)
