"""The arithmetic of review: known draws, known kappas, and what is left out of the estimate."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored import NOW

from intelligence.model import Draw, LabelSet, Level, Review, ReviewVerdict, Subcategory
from intelligence.quality import Ranked, accuracy, agreement, cohens_kappa, confusions, draw, second_readers

WAS = LabelSet(Subcategory.FEATURE_USAGE, None, Level.LOW, Level.LOW)


def said(number: int, sub: Subcategory | None, **changed: object) -> Review:
    labels = replace(WAS, subcategory=sub) if sub else None
    verdict = (
        ReviewVerdict.CANNOT_TELL if sub is None else ReviewVerdict.RIGHT if labels == WAS else ReviewVerdict.FIXED
    )
    made = Review(number, number, "ann", Draw.RANDOM, False, verdict, WAS, labels, NOW)
    return replace(made, **changed)


@given(st.integers(0, 300), st.floats(0.01, 1), st.integers(1, 60), st.integers(0, 30))
def test_the_draw_is_a_share_with_a_ceiling_and_repeats_itself(n: int, share: float, most: int, doubtful: int) -> None:
    tickets = [Ranked(i, i / 1000, i < doubtful) for i in range(n)]
    drawn = draw(tickets, "T1:2026-W03", share=share, most=most)
    random = [ticket for ticket, why in drawn if why is Draw.RANDOM]
    assert len(random) <= most
    assert bool(random) == bool(n)
    assert len({ticket for ticket, _ in drawn}) == len(drawn)
    assert sum(why is Draw.UNCERTAIN for _, why in drawn) <= 10
    assert draw(list(reversed(tickets)), "T1:2026-W03", share=share, most=most) == drawn


def test_the_draw_does_not_look_at_what_was_read() -> None:
    sure = [Ranked(i, 0.99, False) for i in range(100)]
    doubtful = [Ranked(i, 0.1, True) for i in range(100)]
    chosen = [{t for t, why in draw(rows, "s", share=0.1, most=40) if why is Draw.RANDOM} for rows in (sure, doubtful)]
    assert chosen[0] == chosen[1]
    assert len(chosen[0]) == 10


def test_a_growing_week_grows_its_sample() -> None:
    rows = [Ranked(i, 0.9, False) for i in range(50)]
    first = [ticket for ticket, _ in draw(rows[:20], "s", share=0.1, most=40)]
    left = [row for row in rows if row.ticket_id not in first]
    more = [ticket for ticket, _ in draw(left, "s", share=0.1, most=40, drawn=len(first))]
    assert len(first) + len(more) == 5
    assert second_readers(first + more, "s", 0) == second_readers(more + first, "s", 0)
    assert second_readers(first, "s", 1) == []


def test_only_random_first_readings_count() -> None:
    right, wrong = Subcategory.FEATURE_USAGE, Subcategory.FUNCTIONAL_BUG
    near = Subcategory.FEATURE_LOCATION
    reviews = [
        said(1, right),
        said(2, near),
        said(3, wrong),
        said(4, None),
        said(5, wrong, draw=Draw.FLAG),
        said(6, wrong, draw=Draw.UNCERTAIN),
        said(1, wrong, blind=True),
    ]
    found = accuracy(reviews)
    assert (found.primary.hits, found.primary.n) == (2, 3)
    assert (found.subcategory.hits, found.subcategory.n) == (1, 3)
    assert confusions(reviews)[0].n == 3
    assert (agreement(reviews).same, agreement(reviews).n) == (0, 1)


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [
        ([], None),
        ([("a", "a")] * 5, None),
        ([("a", "a"), ("b", "b")], 1.0),
        ([("a", "b"), ("b", "a")], -1.0),
        ([("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15, 0.4),
    ],
)
def test_cohens_kappa(pairs: list[tuple[str, str]], kappa: float | None) -> None:
    found = cohens_kappa(pairs)
    assert found == (None if kappa is None else pytest.approx(kappa))
