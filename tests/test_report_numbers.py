"""The figures of a report: changes, where they come from, usual days, silent sources, periods."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from bot.errors import BadInput
from bot.flows.reports.spans import days_of, last_whole, span_of, whole
from bot.report_volume import rounded
from intelligence.changes import change_of, climbs, equal_rates_p
from intelligence.reports.articles import Counts, avoided
from intelligence.reports.ranking import pareto, vital_few
from intelligence.reports.values import ReportKind
from intelligence.reports.volume import comparable, decompose, silent_days, trend, usual_day
from intelligence.reports.volume_values import Decomposition, Gap
from intelligence.segments import banded

BERLIN = ZoneInfo("Europe/Berlin")
asked = st.lists(
    st.none() | st.tuples(st.sampled_from(["a1", "a2", "a3", "p4", "p5"]), st.sampled_from(["", "Pro", "Enterprise"])),
    max_size=60,
)


@pytest.mark.parametrize(
    ("before", "now", "noise"),
    [(0, 0, True), (0, 5, True), (0, 6, False), (4, 6, True), (40, 89, False), (756, 847, False), (800, 830, True)],
)
def test_a_change_is_grey_within_noise(before: int, now: int, noise: bool) -> None:
    assert change_of(before, now).within_noise is noise


def test_a_change_tells_percent_of_the_rate() -> None:
    assert change_of(756, 847).percent == pytest.approx(12.04, abs=0.01)
    assert change_of(0, 67).percent is None
    five_of_seven_days = change_of(70, 50, exposure_before=7, exposure_now=5)
    assert five_of_seven_days.percent == pytest.approx(0.0)
    assert five_of_seven_days.within_noise
    with pytest.raises(ValueError, match="start at 0"):
        change_of(-1, 3)


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.05, 0.95))
def test_the_test_is_the_binomial_one(before: int, now: int, share: float) -> None:
    total = before + now
    if total:
        low = binomtest(now, total, share, alternative="less").pvalue
        high = binomtest(now, total, share, alternative="greater").pvalue
        assert equal_rates_p(now, total, share) == pytest.approx(min(1.0, 2 * min(low, high)), abs=1e-9)


def test_the_normal_tail_continues_the_exact_one() -> None:
    exact = 2 * binomtest(1_100, 2_100, 0.5, alternative="greater").pvalue
    assert equal_rates_p(1_100, 2_100, 0.5) == pytest.approx(exact, rel=0.02)


@given(asked, asked)
def test_the_parts_of_a_change_add_up(before: list, now: list) -> None:
    parts = decompose(before, now, {})
    assert parts.total == pytest.approx(len(now) - len(before), abs=1e-6)
    noisy = parts.noisy.tickets if parts.noisy else 0
    assert sum(rounded(parts)) + noisy == len(now) - len(before)


def test_one_noisy_customer_is_told_apart() -> None:
    before = [(f"a{n}", "Pro") for n in range(40)]
    parts = decompose(before, [*before, *[("a1", "Pro")] * 30], {"a1": "Acme"})
    assert parts.noisy is not None
    assert (parts.noisy.name, parts.noisy.tickets) == ("Acme", 30)
    assert round(parts.customers + parts.mix + parts.rate) == 0


def test_more_customers_another_mix_and_a_higher_rate_are_three_things() -> None:
    pro = [(f"a{n}", "Pro") for n in range(20)]
    more = decompose(pro, [(f"a{n}", "Pro") for n in range(40)], {})
    assert (more.customers, more.mix, more.rate) == (20, 0, 0)
    often = decompose(pro, [*pro, *pro], {})
    assert (often.customers, often.mix, often.rate) == (0, 0, 20)
    enterprise = [(f"e{n}", "Enterprise") for n in range(10)] * 3
    mixed = decompose(
        [*pro, *enterprise], [*pro[:10], *enterprise, *[(f"e{n}", "Enterprise") for n in range(10, 20)] * 3], {}
    )
    assert mixed.customers == pytest.approx(0)
    assert mixed.rate == pytest.approx(0)
    assert mixed.mix == pytest.approx(20)


def test_a_period_without_customers_has_no_rates() -> None:
    assert decompose([], [("a1", "Pro")], {}) == Decomposition(1, 0, 0, 0)
    assert decompose([], [], {}) == Decomposition(0, 0, 0, 0)


def _weeks(start: date, weeks: int, workday: int = 12, weekend: int = 2) -> Counter[date]:
    days = (start + timedelta(days=n) for n in range(7 * weeks))
    return Counter({day: weekend if day.weekday() > 4 else workday for day in days})


def test_a_day_is_usual_for_its_weekday() -> None:
    start = date(2025, 11, 3)
    counts = _weeks(start, 9)
    friday, saturday = start + timedelta(days=60), start + timedelta(days=61)
    low, high = usual_day(counts, friday, start) or (0, 0)
    assert low <= 12 <= high
    assert low > 2
    assert (usual_day(counts, saturday, start) or (9, 9))[1] < 8
    assert usual_day(counts, start + timedelta(days=14), start) is None  # two such days are too few
    assert usual_day({}, friday, start) == (0, 0)


def test_a_silent_source_is_a_gap_and_not_a_fall() -> None:
    start = date(2025, 11, 3)
    counts = _weeks(start, 10)
    week = start + timedelta(weeks=9)
    silent = [week + timedelta(days=n) for n in (1, 2)]
    for day in silent:
        del counts[day]
    gaps = silent_days({"#support": counts}, week, week + timedelta(weeks=1), {"#support": start})
    assert [gap.day for gap in gaps] == silent
    assert gaps[0].low > 0
    change = comparable(counts, week, week + timedelta(weeks=1), week - timedelta(weeks=1), gaps, start)
    assert change is not None
    assert (change.before, change.now, change.within_noise) == (40, 40, True)
    assert comparable(counts, week, week + timedelta(weeks=1), week - timedelta(weeks=1), (), start) is None


def test_a_weekend_without_tickets_is_no_gap() -> None:
    start = date(2025, 11, 3)
    counts = _weeks(start, 10, weekend=0)
    week = start + timedelta(weeks=9)
    assert silent_days({"s": counts}, week, week + timedelta(weeks=1), {"s": start}) == ()


def test_everything_silent_leaves_nothing_to_compare() -> None:
    week = date(2026, 1, 5)
    gaps = [Gap("s", week + timedelta(days=n), 1, 9) for n in range(7)]
    assert comparable({}, week, week + timedelta(weeks=1), week - timedelta(weeks=1), gaps, week) is None


def test_the_trend_has_every_day() -> None:
    days = trend({date(2026, 1, 2): 3}, date(2026, 1, 1), date(2026, 1, 4), date(2026, 1, 2))
    assert [(day.day.day, day.tickets, day.low) for day in days] == [(1, 0, None), (2, 3, None), (3, 0, None)]


def test_pareto_counts_what_has_no_theme_too() -> None:
    bars = pareto({"TI-1": 30, "TI-2": 50, "TI-3": 0}, 100)
    assert [(bar.label, bar.cumulative) for bar in bars] == [("TI-2", 0.5), ("TI-1", 0.8)]
    assert vital_few(bars) == 1
    assert vital_few(bars, 0.9) is None
    assert pareto({}, 0) == ()


# ---- periods --------------------------------------------------------------------------------------------------------

MONDAY = datetime(2026, 1, 12, 9, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "name", "start", "end"),
    [
        ("week", "2026-W02", "2026-01-05", "2026-01-12"),
        ("month", "2025-12", "2025-12-01", "2026-01-01"),
        ("quarter", "2025-Q4", "2025-10-01", "2026-01-01"),
        ("2025-W40", "2025-W40", "2025-09-29", "2025-10-06"),
        ("2025-02", "2025-02", "2025-02-01", "2025-03-01"),
        ("2025-Q1", "2025-Q1", "2025-01-01", "2025-04-01"),
        ("2025-W52-W01", "2025-W52-W01", "2025-12-22", "2026-01-05"),
    ],
)
def test_periods_are_whole_ones_of_the_team(text: str, name: str, start: str, end: str) -> None:
    span = span_of(text, MONDAY, BERLIN)
    assert span.name == name
    assert span.start == datetime.fromisoformat(start).replace(tzinfo=BERLIN)
    assert span.end == datetime.fromisoformat(end).replace(tzinfo=BERLIN)
    assert days_of(span, BERLIN)[:2] == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize("text", ["2026-W60", "2026-13", "2026-00", "0000-01", "2026-Q5", "soon", "0d", "2026-W02-W09"])
def test_what_is_no_period_is_said(text: str) -> None:
    with pytest.raises(BadInput):
        span_of(text, MONDAY, BERLIN)


def test_a_period_to_come_is_refused() -> None:
    with pytest.raises(BadInput, match="has not begun"):
        span_of("2026-W03", datetime(2026, 1, 11, tzinfo=BERLIN), BERLIN)


@given(st.dates(date(1971, 1, 1), date(2099, 1, 1)), st.sampled_from(ReportKind))
def test_last_periods_are_over_and_follow_each_other(today: date, kind: ReportKind) -> None:
    span = last_whole(kind, today, BERLIN)
    assert span.before < span.start < span.end
    assert span.end.date() <= today
    assert last_whole(kind, span.end.date(), BERLIN) == span
    assert last_whole(kind, span.end.date() - timedelta(days=1), BERLIN).end == span.start
    named = span_of(span.name, datetime(today.year, today.month, today.day, 12, tzinfo=BERLIN), BERLIN)
    assert named == span
    assert whole(span)


def test_a_week_with_a_change_of_the_clock_has_its_own_length() -> None:
    spring = span_of("2026-W13", datetime(2026, 4, 1, tzinfo=UTC), BERLIN)
    autumn = span_of("2026-W43", datetime(2026, 11, 1, tzinfo=UTC), BERLIN)
    hours = [(s.end.astimezone(UTC) - s.start.astimezone(UTC)) / timedelta(hours=1) for s in (spring, autumn)]
    assert hours == [167, 169]


def test_days_until_now_are_another_period_tomorrow() -> None:
    span = span_of("7d", MONDAY, BERLIN)
    assert (span.end, span.end - span.start, whole(span)) == (MONDAY, timedelta(days=7), False)
    assert days_of(span, BERLIN)[1] - days_of(span, BERLIN)[0] == timedelta(days=7)


@pytest.mark.parametrize(
    ("weeks", "climbing"),
    [
        ((7, 10, 12, 14, 18, 22, 28, 41), True),
        ((22, 23, 21, 24, 22, 22, 24, 25), False),
        ((41, 28, 22, 18, 14, 12, 10, 7), False),
        ((0, 0, 0, 0, 0, 0, 11, 31), False),  # it began
        ((10, 10, 10, 10, 10, 10, 10, 40), False),  # a burst
        ((1, 1, 2, 2, 3, 3), False),
        ((), False),
    ],
)
def test_a_climb_is_steady_and_beyond_chance(weeks: tuple[int, ...], climbing: bool) -> None:
    assert climbs(weeks) is climbing


def test_chance_rarely_climbs() -> None:
    random = Random(3)
    drawn = [tuple(sum(random.random() < 0.1 for _ in range(90)) for _ in range(8)) for _ in range(2_000)]
    assert sum(map(climbs, drawn)) <= 6


def test_an_article_is_judged_against_its_control() -> None:
    """By hand: 40 before, 10 after; the control 50 and 40. Expected 40 x 40.5/50.5 = 32.1, so 22.1 were avoided; the
    ratio is 0.323 with a standard error of 0.405 in logarithms.
    """
    found = avoided(Counts(40, 10), Counts(50, 40), 28)
    assert found is not None
    assert (round(found.expected, 1), round(found.tickets, 1)) == (32.1, 22.1)
    assert (round(found.low, 1), round(found.high, 1)) == (9.1, 27.4)
    assert found.beyond_noise


def test_a_fall_that_the_control_shares_is_no_merit() -> None:
    found = avoided(Counts(40, 20), Counts(50, 25), 28)
    assert found is not None
    assert abs(found.tickets) < 1
    assert not found.beyond_noise
    assert avoided(Counts(7, 0), Counts(50, 25), 28) is None
    assert avoided(Counts(40, 20), Counts(7, 5), 28) is None


@given(*[st.integers(8, 500) for _ in range(2)], *[st.integers(0, 500) for _ in range(2)])
def test_the_interval_holds_the_estimate(before: int, control: int, after: int, moved: int) -> None:
    found = avoided(Counts(before, after), Counts(control, moved), 28)
    assert found is not None
    assert found.low <= found.tickets + 1.0
    assert found.tickets <= found.high + 1.0
    assert found.high <= found.expected


@pytest.mark.parametrize(
    ("told", "compared"),
    [
        ({"revenue": "12480"}, {"revenue": "10,000 to 99,999"}),
        ({"mrr": "$1,200.50"}, {"mrr": "1,000 to 9,999"}),
        ({"seats": "25", "plan": "Pro"}, {"seats": "25", "plan": "Pro"}),
        ({"version": "4200", "customer since": "2019"}, {"version": "4200", "customer since": "2019"}),
    ],
)
def test_amounts_are_compared_by_bands(told: dict[str, str], compared: dict[str, str]) -> None:
    assert banded(told) == compared
    assert banded(compared) == compared
