"""The peer of the detectors keeps to its own rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from benchmarks.plain_rule import Row, alarms

START = datetime(2026, 1, 5, tzinfo=UTC)


def rows(*arrivals: tuple[float, str]) -> list[Row]:
    """(day, subject) in order of time."""
    return [(place, START + timedelta(days=day), subject) for place, (day, subject) in enumerate(sorted(arrivals))]


def steady(per_day: int, days: int) -> list[tuple[float, str]]:
    return [(day + turn / per_day, "usual") for day in range(days) for turn in range(per_day)]


def test_a_usual_day_is_silent_and_twice_as_much_is_told_once():
    assert alarms(rows(*steady(4, 30))) == []
    (told,) = alarms(rows(*steady(4, 30), *[(29.5 + turn / 100, "usual") for turn in range(8)]))
    assert len(told.evidence) == 8
    assert told.at > START + timedelta(days=29)


def test_the_fifth_ticket_of_a_new_subject_is_told():
    late = [(20 + turn / 10, "fresh") for turn in range(5)]
    (told,) = alarms(rows(*steady(1, 30), *late))
    assert told.at == START + timedelta(days=20.4)
    assert alarms(rows(*steady(1, 30), *late[:4])) == []
