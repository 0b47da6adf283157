"""Rises of an area and a kind of cause: found where no theme shows them, and told by the theme that holds them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from office import HERE, Office, an_office
from stored import analysis, many_tickets

from bot.flows import detect
from intelligence.model import CauseKind, Pattern, PatternKind
from intelligence.patterns import History, Policy
from intelligence.patterns.history import DAY
from intelligence.patterns.pairs import Pair, PairRise, rising_pairs
from intelligence.similarity import unit
from storage import alerts, bulk, memberships, themes, ticket_volumes

NOW = 100 * DAY
BROKEN = Pair("billing", CauseKind.RELEASE)
USUAL = (Pair("login", CauseKind.CONFIGURATION), Pair("search", CauseKind.DATA), Pair("billing", CauseKind.DATA))


class Desk:
    """Tickets by hand: day back, theme, pair."""

    def __init__(self) -> None:
        self.days: list[float] = []
        self.themes: list[int] = []
        self.pairs: dict[int, Pair] = {}
        for day in range(36):
            for number, pair in enumerate(USUAL, start=1):
                for turn in range(4):
                    self.came(day + turn / 10, 10 * number + turn, pair)

    def came(self, day: float, theme: int, pair: Pair | None) -> None:
        self.days.append(day)
        self.themes.append(theme)
        if pair is not None:
            self.pairs[len(self.days)] = pair

    def rises(self, ratio: float = 2.0) -> list[PairRise]:
        times = NOW - (np.array(self.days) + 0.05) * DAY
        ids = np.arange(1, len(self.days) + 1)
        history = History.build(times, np.array(self.themes, np.int64), ids, start=NOW - 40 * DAY, now=NOW)
        return rising_pairs(history, self.pairs, now=NOW, policy=Policy(ratio=ratio))


def test_an_area_that_breaks_in_many_small_ways_rises_without_a_home():
    desk = Desk()
    for number in range(12):
        desk.came(number / 6, 100 + number, BROKEN)
    (rise,) = desk.rises()
    assert (rise.pair, rise.themes, rise.pattern.theme_id) == (BROKEN, 12, 0)
    assert rise.pattern.receipt.rule == "above the usual (billing, release)"
    assert rise.pattern.receipt.count == len(rise.pattern.ticket_ids) == 12


@pytest.mark.parametrize(("inside", "home"), [(6, 7), (5, 0)])
def test_the_theme_that_holds_half_of_it_tells_it(inside: int, home: int):
    desk = Desk()
    for number in range(12):
        desk.came(number / 6, 7 if number < inside else 100 + number, BROKEN)
    (rise,) = desk.rises()
    assert rise.pattern.theme_id == home


def test_tickets_that_wait_for_a_theme_are_no_home():
    desk = Desk()
    for number in range(12):
        desk.came(number / 6, 0, BROKEN)
    (rise,) = desk.rises()
    assert (rise.themes, rise.pattern.theme_id) == (0, 0)


def test_the_usual_and_what_nobody_read_are_silent():
    desk = Desk()
    for _ in range(12):
        desk.came(0.5, 7, None)
    assert desk.rises() == []


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as made:
        yield made


def fill(office: Office, spread: int) -> list[int]:
    """Five weeks of four quiet pairs; twelve tickets of one new pair lie in `spread` old themes of ten tickets a day."""
    now, embedder = office.clock.now(), office.deps.embedder
    flat = unit(np.ones((1, embedder.dim), np.float32))[0]
    with office.deps.db.write() as session:
        homes = [
            themes.give_birth(session, HERE, now, first_at=now - timedelta(days=60), title=f"Theme {n}")
            for n in range(4)
        ]

        told = [
            (f"u{day}-{turn}", homes[turn % 4], USUAL[turn % 3], day + turn / 40)
            for day in range(35)
            for turn in range(20)
        ]
        told += [(f"b{number}", homes[number % spread], BROKEN, number / 8) for number in range(12)]
        made = many_tickets(
            session, [(key, "It does not work", now - timedelta(days=days, hours=1), {}) for key, _, _, days in told]
        )
        read = {pair: analysis(evidence=(), area=pair.area, cause=pair.cause) for _, _, pair, _ in told}
        readings = [
            bulk.Reading(one, read[pair], key, flat, key) for one, (key, _, pair, _) in zip(made, told, strict=True)
        ]
        bulk.store_readings(session, HERE, embedder.model, readings, now)
        placed = [(one, home, 1.0) for one, (_, home, _, _) in zip(made, told, strict=True)]
        memberships.place_many(session, HERE, placed, now)
    return homes


def night(office: Office) -> list[Pattern]:
    return detect.everywhere(office.deps, HERE)


def test_at_night_the_theme_that_holds_the_areas_rise_alerts(office: Office) -> None:
    homes = fill(office, spread=1)
    found = [pattern for pattern in night(office) if "billing, release" in pattern.receipt.rule]
    assert [(p.kind, p.theme_id) for p in found] == [(PatternKind.SPIKE, homes[0])]


def test_a_rise_over_many_themes_is_listed_as_not_sent(office: Office) -> None:
    fill(office, spread=4)
    assert night(office) == []
    with office.deps.db.read() as session:
        told = alerts.silences(session, HERE, office.clock.now() - timedelta(days=1))
        assert ticket_volumes.span(session, HERE)[0] == 35 * 20 + 12
    assert [(theme, reason) for theme, _, reason, _ in told] == [
        (None, "billing, release rises over several themes, none of which holds half")
    ]
