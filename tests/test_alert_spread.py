"""An alert whose tickets are spread over themes counts what its rule counted, and says how many are in its theme."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from office import HERE, Office, an_office
from stored import RECEIPT

from bot.answers import AlertView
from bot.blocks.markdown import alert_issue
from bot.flows import alert, alert_view, detect
from bot.flows.evidence import of_alert
from intelligence.model import Pattern, PatternKind, Scope, Visibility
from storage import evidence, memberships
from storage.vectors import Members

_NONE = np.zeros(0, np.int64)
NOBODY = Members(_NONE, _NONE, np.zeros(0, np.float64), np.zeros((0, 384), np.float32))


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as found:
        yield found


def burst(office: Office) -> tuple[int, tuple[int, ...], int]:
    """Seven tickets in one burst: three in a theme, two in another, two wait. The theme, the tickets, its alert."""
    (home, ours), (_, others) = office.theme(3), office.theme(2)
    with office.deps.db.write() as session:
        waiting = tuple(office.ticket(session) for _ in range(2))
        found = (*ours, *others, *waiting)
        pattern = Pattern(PatternKind.NEW, 0, office.clock.now(), found, RECEIPT)
        pattern = detect._give_home(office.deps, session, HERE, pattern, NOBODY, None)
        assert pattern.theme_id == home
    made = office.raised(home, pattern.ticket_ids)
    office.work()
    return home, found, made


def shown(office: Office) -> str:
    message = office.posted("CENG")[-1]
    return f"{message.text}\n{json.dumps(message.blocks, ensure_ascii=False)}"


def view(office: Office, made: int) -> AlertView:
    with office.deps.db.read() as session:
        found = alert_view.view(office.deps, session, HERE, made)
    assert found is not None
    return found


def test_the_message_counts_what_the_rule_counted(office: Office) -> None:
    _, found, _ = burst(office)
    told = shown(office)
    assert f"*{len(found)} tickets*" in told
    assert told.count("; 3 of them in TI-1, the others elsewhere") == 2  # in the line of notifications, too


def test_the_evidence_and_the_issue_hold_all_of_them(office: Office) -> None:
    _, found, made = burst(office)
    assert of_alert(office.deps, HERE, made, 1).total == len(found)
    assert "7 tickets" in alert_issue(view(office, made))
    assert "3 of them in TI-1" in alert_issue(view(office, made))


def test_what_comes_to_the_theme_is_counted_with_the_others(office: Office) -> None:
    home, found, made = burst(office)
    with office.deps.db.write() as session:
        for _ in range(3):
            memberships.place(session, HERE, office.ticket(session), home, office.clock.now(), similarity=1.0)
            alert.grown(office.deps, session, HERE, [home])
    office.work()
    assert office.episode(made).count == view(office, made).tickets == len(found) + 3
    assert [note.text for note in office.posted("CENG") if note.thread_ts] == [
        "*TI-1 keeps growing*: 3 more since the alert, now 10 tickets, 0 customers, 10 unknown in 1 hour; 6 of them "
        "in TI-1, the others elsewhere."
    ]
    assert "10 tickets" in office.said.edits[-1][1].text


def test_where_all_are_in_the_theme_nothing_is_said(office: Office) -> None:
    office.raised(*office.theme())
    office.work()
    assert "of them in" not in shown(office)


def test_what_the_asker_may_not_see_is_not_counted(office: Office) -> None:
    home, ours = office.theme(3)
    _, hidden = office.theme(2, channel="CINTERNAL", visibility=Visibility.PRIVATE)
    _, open_to_all = office.theme(2)
    counted = (*ours, *hidden, *open_to_all)
    with office.deps.db.read() as session:
        for channels, seen in ((frozenset[str](), open_to_all), (frozenset({"CINTERNAL"}), (*hidden, *open_to_all))):
            scope = Scope(HERE, "U0ANN", channels)
            assert {one.ticket_id for one in evidence.elsewhere(session, scope, home, counted)} == set(seen)
            assert evidence.size(session, scope, home, counted) == 3 + len(seen)
