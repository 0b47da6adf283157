"""What a workspace decides for itself: read, shown, audited, and obeyed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import HERE, SCOPE, Office, an_office

from bot.answers import Done
from bot.answers_settings import SettingsView
from bot.blocks import settings as drawn
from bot.errors import BadInput
from bot.flows.ask import Asker, ask
from bot.grammar import parse
from bot.preferences import BY_NAME, QuietHours
from intelligence.model import Severity
from storage import alerts, workspaces

BERLIN = ZoneInfo("Europe/Berlin")
CLOCK = st.builds(time, st.integers(0, 23), st.integers(0, 59))
LONGEST = timedelta(hours=25)  # a night on which the clock goes back


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as made:
        yield made


def said(office: Office, line: str, by: str = "U0ANN") -> Done:
    answer = ask(office.deps, Asker(SCOPE, by), parse(line))
    assert isinstance(answer, Done)
    return answer


def view(office: Office) -> SettingsView:
    answer = ask(office.deps, Asker(SCOPE, "U0ANN"), parse("settings"))
    assert isinstance(answer, SettingsView)
    return answer


@given(
    now=st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    start=CLOCK,
    end=CLOCK,
)
def test_quiet_hours_end_at_their_end(now: datetime, start: time, end: time) -> None:
    left = QuietHours(start, end).until(now, BERLIN)
    if left is None:
        clock = now.astimezone(BERLIN).time()
        assert not (start <= clock < end)
    else:
        assert timedelta() < left <= LONGEST or start == end
        skipped = timedelta(hours=1)  # an hour that does not exist is told as the next
        shown = (now + left).astimezone(BERLIN)
        assert shown.time() == end or (shown - skipped).time() == end


@pytest.mark.parametrize(
    ("at", "left"),
    [
        (datetime(2026, 3, 28, 21, 0, tzinfo=UTC), timedelta(hours=9)),  # the clock goes forward that night
        (datetime(2026, 10, 24, 20, 0, tzinfo=UTC), timedelta(hours=11)),  # and back that night
        (datetime(2026, 6, 1, 10, 0, tzinfo=UTC), None),
    ],
)
def test_quiet_hours_follow_daylight_saving(at: datetime, left: timedelta | None) -> None:
    assert QuietHours(time(22), time(8)).until(at, BERLIN) == left


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("settings alerts loud", "no mode"),
        ("settings quiet 25:00-08:00", "no hours"),
        ("settings quiet 8:00-8:00", "no hours"),
        ("settings quiet tonight", "no hours"),
        ("settings agents ann", "nobody I know"),
        ("settings colour blue", "no setting"),
        ("settings quiet", "needs a value"),
    ],
)
def test_a_wrong_value_is_named_and_changes_nothing(office: Office, line: str, problem: str) -> None:
    before = view(office)
    with pytest.raises(BadInput, match=problem):
        said(office, line)
    assert view(office) == before


def test_each_change_is_shown_with_who_and_audited(office: Office) -> None:
    assert said(office, "settings quiet 20-8").text == "Quiet: 20:00 to 08:00, but P0 rings."
    assert said(office, "settings agents <@U0BEN|ben>, @U0ADA").text == "Agents: 2 people."
    lines = {line.name: line for line in view(office).lines}
    assert lines["quiet"].by == "U0ANN"
    assert lines["agents"].people == ("U0ADA", "U0BEN")
    assert [(one.action, one.subject) for one in view(office).trail][:2] == [
        ("setting", "agents"),
        ("setting", "quiet"),
    ]
    shown = str(drawn.settings(view(office)).blocks)
    assert "<@U0BEN>" in shown and "20:00 to 08:00" in shown
    assert said(office, "settings quiet none").details == ("Before: 20:00 to 08:00, but P0 rings",)


def test_nobody_takes_the_last_rights_from_themselves(office: Office) -> None:
    with pytest.raises(BadInput, match="without your rights"):
        said(office, "settings admins @U0BEN")
    said(office, "settings admins @U0BEN @U0ANN")


def test_a_new_workspace_is_switched_on_and_off(office: Office) -> None:
    assert said(office, "settings alerts shadow").text.startswith("Alerts: in shadow")
    office.raised(*office.theme())
    office.work()
    assert office.posted("CENG") == []
    assert said(office, "settings alerts live").details[1].endswith("messages: 1 alert.")
    office.raised(*office.theme())
    office.work()
    assert len(office.posted("CENG")) == 1


def test_in_quiet_hours_only_p0_rings(office: Office) -> None:
    hour = office.clock.now().hour
    said(office, f"settings quiet {hour}:00-{(hour + 3) % 24}:00")
    first = office.raised(*office.theme())
    grave = office.raised(*office.theme())
    with office.deps.db.write() as session:
        alerts.update(session, first, office.clock.now(), severity=Severity.P2)
        alerts.update(session, grave, office.clock.now(), severity=Severity.P0)
    office.work()
    assert len(office.posted("CENG")) == 1
    office.clock.advance(timedelta(hours=3))
    office.work()
    assert len(office.posted("CENG")) == 2


def test_every_setting_is_drawn_and_read_back(office: Office) -> None:
    values = {
        "alerts": "live",
        "quiet": "none",
        "rule": "spike=3",
        "issues": "off",
        "retention": "24",
        "agents": "none",
        "editors": "@U0BEN @S0PRODUCT",
        "push": "#CSUPPORT",
        "admins": "@U0ANN",
    }
    assert values.keys() == BY_NAME.keys()
    for name, value in values.items():
        said(office, f"settings {name} {value}")
    with office.deps.db.read() as session:
        assert workspaces.setting(session, HERE, "quiet", "unset") is None
