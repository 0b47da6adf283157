"""`alerts` hides nothing: what lives, what stayed silent and why, the aim against what came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from office import HERE, SCOPE, Office, an_office
from stored import RECEIPT

from bot.answers_alerts import AlertsView
from bot.flows import alert_care, detect
from bot.flows.ask import Asker, ask
from bot.grammar import parse
from intelligence.model import AlertState, Pattern, PatternKind


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as made:
        yield made


def view(office: Office) -> AlertsView:
    answer = ask(office.deps, Asker(SCOPE, "U0ANN"), parse("alerts"))
    assert isinstance(answer, AlertsView)
    return answer


def test_nothing_yet(office: Office) -> None:
    empty = view(office)
    assert (empty.living, empty.silences, empty.budget.sent) == ((), (), 0)
    assert any("2 times normal" in rule for rule in empty.rules)


def test_living_alerts_tell_who_has_them_and_how_long_they_sleep(office: Office) -> None:
    first, second = office.raised(*office.theme()), office.raised(*office.theme())
    alert_care.own(office.deps, HERE, first, "U0ANN")
    alert_care.snooze(office.deps, HERE, second, "U0BEN", "days")
    office.clock.advance(timedelta(minutes=1))
    newest, oldest = view(office).living
    assert (oldest.owner, oldest.state) == ("U0ANN", AlertState.OPEN)
    assert newest.state is AlertState.SNOOZED
    assert newest.snoozed == "7 days"


def test_noise_counts_against_the_aim_and_closes_the_alert(office: Office) -> None:
    made = office.raised(*office.theme())
    alert_care.not_useful(office.deps, HERE, made, "U0ANN", "noise")
    office.clock.advance(timedelta(minutes=1))
    shown = view(office)
    assert (shown.budget.sent, shown.budget.noise, shown.living) == (1, 1, ())


def test_what_was_not_sent_is_told_with_its_reason(office: Office) -> None:
    theme, tickets = office.theme()
    spike = Pattern(PatternKind.SPIKE, theme, office.clock.now(), tickets, RECEIPT)
    with office.deps.db.write() as session:
        detect._decide(office.deps, session, HERE, [spike, spike], timedelta(days=3))
    (line,) = view(office).silences
    assert (line.times, line.kind) == (2, PatternKind.SPIKE)
    assert "a usual range needs 14" in line.reason
    assert [one.key for one in line.themes] == ["TI-1"]
