"""Who is different, when it began, which release is suspect, how grave it is, and what deserves a message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import comb

import pytest

from intelligence.alerts import Continued, Opened, budget, decide
from intelligence.model import Pattern, PatternKind, Receipt, Release, Severity
from intelligence.releases import Onset, onset, suspects
from intelligence.segments import hypergeometric_tail, lifts_against, usual_of
from intelligence.severity import Impact, judge

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def lifts_of(everyone, theme):
    usual = usual_of((values, 1) for values in everyone.values())
    return lifts_against(usual, [(everyone[ticket], 1) for ticket in theme if ticket in everyone])


def test_a_segment_that_stands_out():
    everyone = {n: {"idp": "Okta" if n % 10 == 0 else "Google", "plan": "pro"} for n in range(200)}
    theme = [*range(0, 140, 10), 1, 2, 3, 4, 5, 6]
    (lift,) = lifts_of(everyone, theme)
    assert (lift.attribute, lift.value, lift.tickets) == ("idp", "Okta", 14)
    assert lift.share == pytest.approx(0.7)
    assert lift.base_share == pytest.approx(0.1)
    assert lift.lift == pytest.approx(7.0)
    assert lift.low < lift.lift < lift.high
    assert lift.p_value < 1e-6


def test_no_segment_stands_out_by_chance_or_ignorance():
    everyone = {n: {"plan": ("free", "pro")[n % 2], "crm": "unknown"} for n in range(60)}
    assert lifts_of(everyone, range(10)) == []
    assert lifts_of({}, [1, 2]) == []
    assert lifts_of(everyone, []) == []


def test_the_hypergeometric_tail_is_exact():
    assert hypergeometric_tail(0, 5, 10, 50) == pytest.approx(1.0)
    assert hypergeometric_tail(5, 5, 10, 50) == pytest.approx(comb(10, 5) / comb(50, 5))


def test_the_onset_of_something_new_is_before_its_first_ticket():
    times = [NOW - 5 * HOUR, NOW - 3 * HOUR, NOW - HOUR]
    began = onset(times, 0.0, NOW)
    assert began is not None
    assert began.start < began.end == times[0]
    assert onset([], 1.0, NOW) is None


def test_the_onset_of_a_rise_is_where_the_rate_changes():
    quiet = [NOW - timedelta(days=day) for day in range(3, 20)]
    rush = [NOW - 30 * HOUR + n * HOUR for n in range(28)]
    began = onset([*quiet, *rush], 1.0, NOW)
    assert began is not None
    assert began.start <= rush[1]
    assert abs(began.end - rush[0]) <= 6 * HOUR


def test_release_suspects_come_with_alternatives():
    began = Onset(NOW - 3 * HOUR, NOW)
    releases = [
        Release("4.2", NOW - 5 * HOUR),
        Release("4.1", NOW - timedelta(days=3)),
        Release("4.3", NOW - HOUR),
        Release("3.9", NOW - timedelta(days=30)),
        Release("5.0", NOW + HOUR),
    ]
    found = suspects(releases, began)
    assert [s.release.name for s in found] == ["4.2", "4.3", "4.1"]
    assert sum(s.share for s in found) == pytest.approx(1.0)
    assert found[0].hours == pytest.approx(5.0)
    assert suspects([], began) == ()


@pytest.mark.parametrize(
    ("impact", "severity", "reason"),
    [
        (Impact(2, 1, data_or_security=1), Severity.P0, "1 ticket about data loss"),
        (Impact(6, 4, critical=2), Severity.P0, "2 critical tickets from 4 customers"),
        (Impact(1, 1, critical=1), Severity.P1, "a critical ticket"),
        (Impact(30, 20, customers_last_day=12), Severity.P1, "12 customers within a day"),
        (Impact(8, 4, high_frustration=2), Severity.P1, "2 of 8 tickets"),
        (Impact(9, 6), Severity.P2, "6 customers"),
        (Impact(3, 2, high_churn=1), Severity.P2, "1 customer likely to leave"),
        (Impact(4, 2, ratio=2.5), Severity.P2, "2.5 times"),
        (Impact(3, 2), Severity.P3, "3 tickets, none urgent"),
    ],
)
def test_severity_follows_the_written_rule(impact: Impact, severity: Severity, reason: str):
    judged = judge(impact)
    assert judged.severity is severity
    assert reason in judged.reason


def pattern(theme: int, tickets: tuple[int, ...], at: datetime = NOW, kind: PatternKind = PatternKind.SPIKE) -> Pattern:
    receipt = Receipt("rule", len(tickets), 1.0, 0, 2, 24.0, 28.0, 5.0, 1e-6, "", "")
    return Pattern(kind, theme, at, tickets, receipt)


def test_one_episode_speaks_once():
    steps, episodes = decide([pattern(1, (1, 2, 3))], [])
    assert [type(step) for step in steps] == [Opened]
    again = [pattern(1, (3, 4, 5), NOW + HOUR), pattern(0, (1, 2, 9), NOW + HOUR), pattern(2, (50, 51), NOW + HOUR)]
    steps, episodes = decide(again, episodes)
    assert sorted(type(step).__name__ for step in steps) == ["Continued", "Continued", "Opened"]
    assert len(episodes) == 2
    assert {1, 2, 3, 4, 5, 9} <= episodes[0].tickets


def test_after_the_cool_down_it_speaks_again():
    _, episodes = decide([pattern(1, (1, 2, 3))], [])
    steps, _ = decide([pattern(1, (7, 8), NOW + timedelta(days=8))], episodes)
    assert isinstance(steps[0], Opened)


def test_a_graver_kind_is_said_again():
    _, episodes = decide([pattern(1, (1, 2, 3), kind=PatternKind.RAMP)], [])
    steps, episodes = decide([pattern(1, (1, 2, 4), NOW + HOUR, PatternKind.REGRESSION)], episodes)
    assert isinstance(steps[0], Continued)
    assert steps[0].graver
    assert episodes[0].kind is PatternKind.REGRESSION


def test_the_budget_speaks_in_numbers():
    sent = [NOW - timedelta(days=day) for day in (1, 5, 9, 40)]
    spent = budget(2, sent, sent[:1], NOW)
    assert str(spent) == "aim 2 a week; last 4 weeks 3 sent, 1 marked noise"
    assert spent.spent == pytest.approx(3 / 8)
