"""Detectors: what fires, what stays silent, and receipts that add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intelligence.model import Pattern, PatternKind
from intelligence.patterns import History, Policy, ThemeFacts, detect
from intelligence.patterns.baseline import dispersion, expect
from intelligence.patterns.history import SPAN
from intelligence.patterns.neighbourhood import neighbourhood
from intelligence.patterns.rises import Rises
from intelligence.patterns.significance import discoveries, negative_binomial_tail, usual_range
from intelligence.similarity import unit

DAY = 86_400.0
NOW = 100 * DAY
OLD = ThemeFacts(born=0.0)


class Desk:
    """A help desk's arrivals, made by hand: `day` counts back from now."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = np.random.default_rng(seed)
        self.times: list[float] = []
        self.themes: list[int] = []

    def on(self, day: int, theme: int, tickets: int) -> None:
        self.times += (NOW - (day + self.rng.uniform(0.01, 0.99, tickets)) * DAY).tolist()
        self.themes += [theme] * tickets

    def steady(self, theme: int, per_day: int, days: int = SPAN) -> Desk:
        for day in range(days):
            self.on(day, theme, per_day)
        return self

    def history(self, start: float = 0.0, vectors: np.ndarray | None = None) -> History:
        ids = np.arange(1, len(self.times) + 1)
        return History.build(
            np.array(self.times), np.array(self.themes, np.int64), ids, start=start, now=NOW, vectors=vectors
        )

    def found(self, facts: dict[int, ThemeFacts] | None = None, start: float = 0.0, **kwargs) -> list[Pattern]:
        facts = facts or dict.fromkeys(self.themes, OLD)
        return detect(self.history(start), now=NOW, policy=kwargs.pop("policy", Policy()), themes=facts, **kwargs)


def desk() -> Desk:
    quiet = Desk()
    for theme in range(1, 11):
        quiet.steady(theme, 4)
    return quiet


def test_a_steady_desk_is_silent():
    assert desk().found() == []
    assert desk().found(only={1, 2, 3}) == []


def test_a_spike_is_found_with_its_receipt():
    busy = desk()
    busy.on(0, 3, 20)
    (pattern,) = busy.found()
    assert (pattern.kind, pattern.theme_id) == (PatternKind.SPIKE, 3)
    receipt = pattern.receipt
    assert receipt.count == len(pattern.ticket_ids)
    assert receipt.expected == pytest.approx(4 * receipt.window_hours / 24, rel=0.2)
    assert receipt.low <= receipt.expected <= receipt.high < receipt.count
    assert receipt.ratio == pytest.approx(receipt.count / receipt.expected, abs=0.02)
    assert "fewer than" in receipt.silent_if and "newest" not in receipt.silent_if


def test_growth_of_everything_is_no_spike_of_anything():
    busy = desk()
    for theme in range(1, 11):
        busy.on(0, theme, 8)
    assert busy.found() == []


def test_a_theme_that_always_comes_on_one_weekday_is_silent():
    busy = desk()
    for week in range(5):
        busy.on(7 * week, 20, 14)
    assert busy.found() == []


def test_a_slow_rise_is_a_ramp():
    busy = desk()
    for day in range(7):
        busy.on(day, 5, 5 + (day < 4))
    kinds = {pattern.theme_id: pattern.kind for pattern in busy.found()}
    assert kinds in ({5: PatternKind.RAMP}, {5: PatternKind.SPIKE})


def test_a_theme_never_seen_before_is_new_and_history_is_not():
    busy = desk()
    busy.on(0, 30, 5)
    born = ThemeFacts(born=NOW - DAY)
    (pattern,) = busy.found({**dict.fromkeys(range(1, 11), OLD), 30: born})
    assert (pattern.kind, pattern.theme_id, pattern.receipt.count) == (PatternKind.NEW, 30, 5)
    known = ThemeFacts(born=NOW - DAY, known=True)
    assert all(p.kind is not PatternKind.NEW or p.theme_id != 30 for p in desk().found({30: known}))


def test_a_resolved_theme_that_is_back():
    busy = desk()
    busy.on(1, 4, 3)
    facts = dict.fromkeys(range(1, 11), OLD) | {4: ThemeFacts(born=0.0, resolved=NOW - 2 * DAY)}
    pattern = next(p for p in busy.found(facts) if p.theme_id == 4)
    assert pattern.kind is PatternKind.REGRESSION
    assert all(busy.times[ticket - 1] > NOW - 2 * DAY for ticket in pattern.ticket_ids)


def test_a_cold_start_knows_only_what_is_new():
    busy = Desk()
    for theme in range(1, 6):
        busy.steady(theme, 4, days=8)
    busy.on(0, 2, 30)
    busy.on(0, 9, 6)
    facts = dict.fromkeys(range(1, 6), ThemeFacts(born=NOW - 8 * DAY, known=True)) | {9: ThemeFacts(born=NOW - DAY)}
    assert [p.kind for p in busy.found(facts, start=NOW - 8 * DAY)] == [PatternKind.NEW]


def test_a_silent_source_does_not_make_the_usual_look_like_a_spike():
    outage = Desk()
    for theme in range(1, 11):
        for day in [*range(8), *range(22, SPAN)]:
            outage.on(day, theme, 4)
    assert outage.found() == []
    assert outage.history().observed.sum() == SPAN - 14


def test_what_is_near_an_arrived_ticket_is_found_in_any_theme():
    busy = desk()
    busy.on(0, 3, 12)
    rng = np.random.default_rng(2)
    size = len(busy.times)
    vectors = unit(rng.standard_normal((size, 384)).astype(np.float32))
    vectors[-12:] = unit(np.ones((12, 384), np.float32) + 0.1 * rng.standard_normal((12, 384)).astype(np.float32))
    history = busy.history(vectors=vectors)
    facts = dict.fromkeys(range(1, 11), OLD)
    found = detect(history, now=NOW, policy=Policy(), themes=facts, only=set(), arrived=[size])
    assert [(p.kind, p.theme_id) for p in found] == [(PatternKind.NEW, 3)]
    assert set(found[0].ticket_ids) == set(range(size - 11, size + 1))
    assert "at least half of the newest" in found[0].receipt.threshold
    assert "most of the newest of them saw no rise" in found[0].receipt.silent_if


def between_old_subjects(older: int) -> tuple[np.ndarray, np.ndarray]:
    """Times and vectors: one ticket of today on each of nine subjects of `older` tickets, a last one amidst these nine,
    and forty subjects of other things."""
    rng = np.random.default_rng(1)
    axes = np.eye(64)
    rows: list[np.ndarray] = []
    days: list[float] = []
    for axis in axes[1:10]:
        subject = 0.4 * axes[0] + np.sqrt(1 - 0.4**2) * axis
        rows += [subject + 0.3 * rng.normal(size=64) / 8 for _ in range(older)]
        rows.append((subject + axes[0]) / 2 + 0.1 * rng.normal(size=64) / 8)
        days += [*rng.uniform(1.2, 35, older), rng.uniform(0.05, 0.9)]
    for axis in axes[20:60]:
        rows += [axis + 0.3 * rng.normal(size=64) / 8 for _ in range(35)]
        days += (np.arange(35) + rng.uniform(size=35)).tolist()
    order = np.argsort(days)[::-1]
    vectors = unit(np.array([*np.array(rows)[order], axes[0]], np.float32))
    return NOW - np.array([*np.array(days)[order], 0.0]) * DAY, vectors


@pytest.mark.parametrize(("older", "found"), [(6, 1), (14, 0)])
def test_a_ticket_amidst_old_subjects_is_no_rise_although_it_alone_sees_one(older: int, found: int):
    times, vectors = between_old_subjects(older)
    ids = np.arange(1, len(times) + 1)
    history = History.build(times, np.ones(len(times), np.int64), ids, start=0.0, now=NOW, vectors=vectors)
    patterns = detect(history, now=NOW, policy=Policy(), themes={1: OLD}, only=set(), arrived=[len(times)])
    assert len(patterns) == found


def test_nothing_arrived_yet():
    assert Desk().found({}) == []
    assert Desk().found({}, only={1}, arrived=[5]) == []


def test_the_budget_is_the_setting():
    strict, loose = Policy.for_budget(0.5), Policy.for_budget(4)
    assert strict.level < Policy().level < loose.level
    with pytest.raises(ValueError, match="above 0"):
        Policy.for_budget(0)


def test_expected_counts_follow_rate_and_weekday():
    own = np.zeros((2, SPAN))
    own[0] = 3.0
    own[1, ::7] = 14.0
    volume = np.full(SPAN, 100.0)
    seen = np.ones(SPAN, bool)
    one_day = expect(own, volume, seen, days=1)
    assert one_day.expected[0] == pytest.approx(3.0, rel=0.05)
    assert one_day.expected[1] == pytest.approx(14.0, rel=0.3)
    assert expect(own, volume, seen, days=1, skip=1).expected[1] < 1.5
    assert expect(own, volume, seen, days=7).expected[1] == pytest.approx(14.0, rel=0.05)


def test_dispersion_tells_unsteady_days_from_chance():
    rng = np.random.default_rng(3)
    seen = np.ones(SPAN, bool)
    calm = rng.poisson(20, (30, SPAN)).astype(float)
    wild = rng.poisson(20 * rng.gamma(4, 0.25, (30, SPAN))).astype(float)
    assert dispersion(calm, calm.sum(axis=0), seen) < 0.03
    assert dispersion(wild, wild.sum(axis=0), seen) == pytest.approx(0.25, abs=0.08)


def test_negative_binomial_tails_match_known_values():
    counts, mean = np.array([0.0, 1.0, 5.0]), np.full(3, 2.0)
    poisson = negative_binomial_tail(counts, mean, 1e-9)
    assert poisson == pytest.approx([1.0, 0.8647, 0.0527], abs=2e-4)
    geometric = negative_binomial_tail(counts, mean, 1.0)  # size 1: P(X >= k) = (2/3)^k
    assert geometric == pytest.approx([1.0, 2 / 3, (2 / 3) ** 5], abs=1e-6)


@given(expected=st.floats(0.01, 200), spread=st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_the_usual_range_holds_what_is_expected(expected: float, spread: float):
    low, high = usual_range(expected, spread)
    assert 0 <= low <= high
    assert low <= expected + 1
    tail = negative_binomial_tail(np.array([high + 1.0]), np.array([expected]), spread)
    assert tail[0] <= 0.0501


def test_discoveries_follow_benjamini_and_hochberg():
    kept = discoveries([0.001, 0.2, 0.012, 0.9, 0.03], 0.05)
    assert kept.tolist() == [True, False, True, False, True]
    assert discoveries([], 0.05).tolist() == []


def test_deviations_that_last_add_up_and_a_silent_day_says_nothing():
    own = np.full((3, SPAN), 6.0)
    own[1, :3] = 14.0
    own[2, :1] = 14.0
    volume = np.full(SPAN, 200.0)
    seen = np.ones(SPAN, bool)
    rises = Rises(volume, seen, 0.1, Policy())
    steady, lasting, short = rises.deviations(own)
    assert abs(steady) < 0.3
    assert lasting > short > steady
    silent = seen.copy()
    silent[:3] = False
    assert abs(Rises(volume, silent, 0.1, Policy()).deviations(own)[1]) < 0.3


def test_a_rise_that_lasts_is_found_with_the_number_that_says_so():
    own = np.full((1, SPAN), 3.0)
    own[0, :3] = 11.0
    strict = Policy(level=1e-12)
    rises = Rises(np.full(SPAN, 200.0), np.ones(SPAN, bool), 0.1, strict)
    rise = rises.closest(own)
    assert rise is not None
    assert (rise.days, rise.count) == (3, 33)
    assert rise.deviation is not None
    assert rise.deviation > strict.sustained
    assert Rises(rises.volume, rises.observed, 0.1, Policy(level=1e-12, sustained=9.0)).closest(own) is None


def test_the_closest_neighbourhood_that_rises_is_the_evidence():
    own = np.full((3, SPAN), 2.0)
    own[:, 0] = [30.0, 25.0, 20.0]
    rises = Rises(np.full(SPAN, 200.0), np.ones(SPAN, bool), 0.1, Policy())
    rise = rises.closest(own)
    assert rise is not None
    assert (rise.place, rise.days, rise.count) == (2, 1, 20)


def test_a_ticket_whose_nearest_are_old_needs_no_closer_look():
    rng = np.random.default_rng(4)
    vectors = unit(rng.standard_normal((300, 32)).astype(np.float32))
    days = np.sort(rng.integers(0, 36, 300))[::-1].copy()
    days[-1] = 0
    assert neighbourhood(vectors, np.where(days < 7, 20, days), 299) is None


def test_neighbours_pull_a_subject_together():
    rng = np.random.default_rng(5)
    subjects = unit(rng.standard_normal((8, 48)).astype(np.float32))
    labels = np.arange(400) % 8
    vectors = unit(subjects[labels] + 0.22 * rng.standard_normal((400, 48)).astype(np.float32))
    days = np.full(400, 20)
    days[labels == 7] = 0
    around = neighbourhood(vectors, days, 399)
    assert around is not None
    assert (np.diff(around.rows) > 0).all()
    close = around.rows[around.closeness >= 0.75]
    assert 399 in close
    assert (labels[close] == 7).mean() > 0.95
    plain = (vectors @ vectors[399] >= 0.75) & (labels == 7)
    assert (labels[close] == 7).sum() > plain.sum()


@pytest.mark.parametrize("back", [0, 1, 2])
@pytest.mark.parametrize("silent", [5, 14, 20, 26])
def test_a_source_that_comes_back_is_no_spike(silent: int, back: int):
    outage = Desk()
    for theme in range(1, 11):
        for day in [*range(back + 1), *range(back + 1 + silent, SPAN)]:
            outage.on(day, theme, 4)
    assert outage.history().observed.sum() == SPAN - silent
    assert outage.found() == []
    assert outage.found(only={1, 2, 3}) == []


def test_the_backlog_that_a_source_brings_is_no_spike():
    outage = Desk()
    for theme in range(1, 11):
        for day in range(8, SPAN):
            outage.on(day, theme, 4)
        outage.on(0, theme, 32)
    assert outage.found() == []


def test_a_spike_after_an_outage_is_found():
    outage = Desk()
    for theme in range(1, 11):
        for day in [*range(2), *range(9, SPAN)]:
            outage.on(day, theme, 4)
    outage.on(0, 3, 20)
    assert [(p.kind, p.theme_id) for p in outage.found()] == [(PatternKind.SPIKE, 3)]


def test_after_a_month_of_silence_nothing_is_usual():
    outage = Desk()
    for theme in range(1, 11):
        for day in [*range(3), *range(31, SPAN)]:
            outage.on(day, theme, 4)
    outage.on(0, 3, 30)
    assert outage.history().observed_days < Policy().cold_days
    assert outage.found() == []
