"""Segments that stand out: what is news, what only looks like it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intelligence.model import Pattern, PatternKind
from intelligence.patterns import Policy
from intelligence.patterns.concentration import Arrival, concentrations

DAY = 86_400.0
NOW = 100 * DAY


class Desk:
    """Tickets by hand: theme, day back, role."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []

    def on(self, day: float, theme: int, role: str, tickets: int = 1) -> Desk:
        for _ in range(tickets):
            at = NOW - (day + 0.5) * DAY
            self.arrivals.append(Arrival(len(self.arrivals) + 1, theme, at, {"role": role}))
        return self

    def mixed(self, theme: int, days: range, admins: int = 1, members: int = 3) -> Desk:
        for day in days:
            self.on(day, theme, "admin", admins).on(day, theme, "member", members)
        return self

    def found(self, policy: Policy | None = None) -> list[Pattern]:
        return concentrations(self.arrivals, now=NOW, policy=policy or Policy())


def desk() -> Desk:
    quiet = Desk()
    for theme in range(1, 6):
        quiet.mixed(theme, range(7, 35))
    for theme in range(2, 6):
        quiet.mixed(theme, range(7))
    return quiet


def test_a_theme_that_suddenly_comes_from_one_group_is_found_with_its_receipt():
    busy = desk()
    for day in range(7):
        busy.on(day, 1, "admin", 3)
    (pattern,) = busy.found()
    assert (pattern.kind, pattern.theme_id, len(pattern.ticket_ids)) == (PatternKind.SEGMENT, 1, 21)
    receipt = pattern.receipt
    assert receipt.rule == "one group stands out (role: admin)"
    assert (receipt.count, receipt.window_hours) == (21, 168.0)
    assert receipt.expected == pytest.approx(21 * (28 + 21) / (4 * 28 + 21), abs=0.01)
    assert receipt.high < receipt.count
    assert receipt.notes == (
        "role admin: 21 of 21 tickets of this theme in 7 days, 28 of 112 in the 28 days before;"
        " of all tickets 49 of 133 in the same 7 days",
    )


def test_a_theme_that_always_came_from_that_group_is_no_news():
    busy = desk()
    for day in range(35):
        busy.on(day, 9, "admin", 3)
    assert busy.found() == []


def test_a_group_that_writes_about_everything_stands_out_nowhere():
    busy = Desk()
    for theme in range(1, 6):
        busy.mixed(theme, range(7, 35)).mixed(theme, range(7), admins=4, members=0)
    assert busy.found() == []


def test_a_young_theme_has_no_usual_customers_yet():
    busy = desk()
    for day in range(7):
        busy.on(day, 9, "admin", 3)
    assert busy.found() == []


@pytest.mark.parametrize("role", ["", "unknown", "n/a"])
def test_what_nobody_knows_is_no_group(role: str):
    busy = desk()
    for day in range(7):
        busy.on(day, 1, role, 3)
    assert busy.found() == []


def test_few_tickets_are_chance():
    assert desk().on(0, 1, "admin", 4).found() == []


def test_waiting_tickets_and_later_ones_count_for_no_theme():
    busy = desk()
    for day in range(7):
        busy.on(day, 0, "admin", 3)
    busy.on(-3, 1, "admin", 30)
    assert busy.found() == []


def test_random_desks_are_nearly_always_silent():
    """By the policy 1% may speak at most, two of 200; more than 8 would not be chance."""
    rng = np.random.default_rng(5)
    loud = 0
    for _ in range(200):
        random = Desk()
        for theme in range(1, 9):
            for day in range(35):
                for role in rng.choice(["admin", "member", "viewer"], size=rng.poisson(2), p=[0.2, 0.6, 0.2]):
                    random.on(day, theme, str(role))
        loud += bool(random.found())
    assert loud <= 8


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-2, 40), st.sampled_from(["a", "b", ""])), max_size=120))
def test_any_arrivals_give_patterns_that_add_up(rows: list[tuple[int, float, str]]):
    made = [Arrival(n, theme, NOW - day * DAY, {"plan": plan}) for n, (theme, day, plan) in enumerate(rows, 1)]
    for pattern in concentrations(made, now=NOW, policy=Policy(level=1e-2)):
        assert pattern.receipt.count == len(pattern.ticket_ids) >= 5
        assert {made[t - 1].theme for t in pattern.ticket_ids} == {pattern.theme_id}
