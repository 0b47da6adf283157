"""From stored tickets to an alert's message: the night's look at who writes, and troubles that are one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from office import HERE, Office, an_office
from stored import RECEIPT, analysis, many_tickets

from bot.flows import alert, detect
from intelligence.alerts import Continued, Episode, Opened, decide
from intelligence.model import Pattern, PatternKind
from intelligence.patterns.likeness import Likeness
from intelligence.similarity import unit
from storage import alerts, analyses, memberships, themes, ticket_volumes, vectors


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as made:
        yield made


def history(office: Office, recent: str) -> int:
    """Four themes of five weeks; who writes about the first in the last week is `recent`."""
    now = office.clock.now()
    with office.deps.db.write() as session:
        made = {
            title: themes.give_birth(session, HERE, now, first_at=now - timedelta(days=60), title=title)
            for title in ("Export fails", "Login fails", "Search is slow", "Bill differs")
        }
        for title, theme in made.items():
            told: list[tuple[str, str, datetime, dict[str, Any]]] = []
            for day in range(35):
                for turn, role in enumerate(("admin", "member", "member", "viewer")):
                    late = title == "Export fails" and day < 7
                    at = now - timedelta(days=day, hours=3 + turn)
                    role = recent if late and recent else role
                    told.append((f"{title}{day}{turn}", title, at, {"segments": {"role": role}}))
            placed = many_tickets(session, told)
            for one in placed:
                analyses.store(session, HERE, one, analysis(evidence=()), f"c{one}", now)
            memberships.place_many(session, HERE, [(one, theme, 1.0) for one in placed], now)
    return made["Export fails"]


def nightly_look(office: Office) -> list[Pattern]:
    return detect.everywhere(office.deps, HERE)


def embed_all(office: Office) -> None:
    embedder = office.deps.embedder
    flat = unit(np.ones((1, embedder.dim), np.float32))[0]
    with office.deps.db.write() as session:
        for one in range(1, ticket_volumes.span(session, HERE)[0] + 1):
            vectors.store(session, HERE, one, embedder.model, f"h{one}", flat)


def test_a_theme_that_one_group_took_over_is_told_with_the_shares(office: Office) -> None:
    theme = history(office, "admin")
    embed_all(office)
    (found,) = [p for p in nightly_look(office) if p.kind is PatternKind.SEGMENT]
    assert found.theme_id == theme
    office.work()
    with office.deps.db.read() as session:
        (episode,) = alerts.since(session, HERE, office.clock.now() - timedelta(days=1))
    assert (episode.kind, len(episode.ticket_ids)) == (PatternKind.SEGMENT, 28)
    (message,) = office.posted("CENG")
    shown = str(message.blocks)
    assert "One group stands out" in shown
    assert "role admin: 28 of 28 tickets of this theme in 7 days, 28 of 112 in the 28 days before" in shown
    assert "normal" not in message.text
    nightly_look(office)
    office.work()
    assert len(office.posted("CENG")) == 1, "the next night goes on with the same episode"


def test_the_usual_mixture_is_silent(office: Office) -> None:
    history(office, "")
    embed_all(office)
    assert nightly_look(office) == []


def alarm(office: Office, theme: int, tickets: tuple[int, ...], kind: PatternKind = PatternKind.SPIKE) -> Pattern:
    return Pattern(kind, theme, office.clock.now(), tickets, RECEIPT)


def likeness() -> Likeness:
    """Tickets 1 to 20 around one direction, 21 to 40 around another."""
    rng = np.random.default_rng(3)
    around = np.repeat(np.eye(8, dtype=np.float32)[:2], 20, axis=0)
    return Likeness(np.arange(1, 41), unit(around + rng.normal(0, 0.05, (40, 8)).astype(np.float32)))


def test_more_of_the_same_in_another_theme_is_the_same_episode(office: Office) -> None:
    first = alarm(office, 1, tuple(range(1, 9)))
    more, other = alarm(office, 2, tuple(range(10, 18))), alarm(office, 3, tuple(range(21, 29)))
    steps, living = decide([first, more, other], [], likeness().alike)
    assert [type(step) for step in steps] == [Opened, Continued, Opened]
    assert len(living) == 2
    assert len(decide([first, more, other], [])[1]) == 3, "without vectors only common tickets tell"


def test_a_fix_that_did_not_hold_is_never_only_more_of_something_else(office: Office) -> None:
    now = office.clock.now()
    episode = Episode(1, PatternKind.SPIKE, now, now, frozenset(range(1, 9)))
    back = alarm(office, 2, tuple(range(10, 18)), PatternKind.REGRESSION)
    steps, _ = decide([back], [episode], likeness().alike)
    assert isinstance(steps[0], Opened)


def test_what_somebody_closed_hides_nothing_in_another_theme(office: Office) -> None:
    now = office.clock.now()
    episode = Episode(1, PatternKind.SPIKE, now, now, frozenset(range(1, 9)), living=False)
    steps, _ = decide([alarm(office, 2, tuple(range(10, 18)))], [episode], likeness().alike)
    assert isinstance(steps[0], Opened)


def test_the_same_in_another_theme_leaves_the_alerts_numbers_and_is_told_as_not_sent(office: Office) -> None:
    theme, made = office.theme()
    alert_id = office.raised(theme, made, PatternKind.SPIKE)
    before = office.episode(alert_id)
    other, more = office.theme()
    pattern = replace(alarm(office, other, more), receipt=replace(RECEIPT, count=99))
    office.clock.advance(timedelta(hours=1))
    with office.deps.db.write() as session:
        alert.go_on(office.deps, session, HERE, alert_id, pattern, graver=False)
        told = alerts.silences(session, HERE, before.opened_at)
    after = office.episode(alert_id)
    assert after.receipt == before.receipt
    assert after.updated_at > before.updated_at
    assert [(of, reason) for of, _, reason, _ in told] == [(other, "TI-1 has an alert about the same")]


def test_tickets_of_which_nothing_is_known_are_like_nothing() -> None:
    assert not likeness().alike([1, 2], [99])
    assert not likeness().alike([], [1])
