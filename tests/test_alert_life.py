"""What becomes of an alert: old buttons, snoozes that end by themselves, noise, many at once, a channel that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from office import HERE, SCOPE, Office, an_office
from stored import RECEIPT

from bot.errors import BadInput
from bot.flows import alert_care, alert_wake, burst, detect, resolve
from bot.flows import outbox as sending
from bot.jobs import build_registry
from bot.messenger import Outgoing, Posted, Refused
from bot.worker import Worker
from intelligence.model import AlertState, Audience, Pattern, PatternKind, Severity
from storage import alerts, memberships, outbox, themes, tickets, workspaces
from storage.vectors import Members


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as found:
        yield found


def noted(office: Office) -> list[str]:
    return [message.text for message in office.posted("CENG") if message.thread_ts]


def raised(office: Office, severity: Severity = Severity.P2) -> int:
    made = office.raised(*office.theme())
    with office.deps.db.write() as session:
        alerts.update(session, made, office.clock.now(), severity=severity)
    return made


def test_a_button_of_an_old_message_does_not_bring_an_alert_back(office: Office) -> None:
    made = raised(office)
    alert_care.not_useful(office.deps, HERE, made, "U0ANN", "known")
    for act in (
        lambda: alert_care.snooze(office.deps, HERE, made, "U0BEN", "days"),
        lambda: alert_care.own(office.deps, HERE, made, "U0BEN"),
        lambda: alert_care.not_useful(office.deps, HERE, made, "U0BEN", "noise"),
    ):
        with pytest.raises(BadInput, match="This alert is over: closed as not useful"):
            act()
    assert office.episode(made).state is AlertState.DISMISSED


def test_owning_twice_says_so_and_a_second_owner_is_told(office: Office) -> None:
    made = raised(office)
    assert alert_care.own(office.deps, HERE, made, "U0ANN").text == "You own TI-1 now."
    assert alert_care.own(office.deps, HERE, made, "U0ANN").text == "You own TI-1 already."
    assert "Somebody else owned it before" in alert_care.own(office.deps, HERE, made, "U0BEN").text
    assert office.episode(made).owner == "U0BEN"


def test_a_snooze_ends_on_its_day_although_nothing_comes(office: Office) -> None:
    made = raised(office)
    office.work()
    day = (office.clock.now() + timedelta(days=3)).date()
    told = alert_care.snooze(office.deps, HERE, made, "U0ANN", "date", day=day)
    assert told.text == f"Quiet until {day:%-d %b %Y}. It wakes by itself; nothing is lost."
    assert alert_wake.look(office.deps, HERE) == 0
    office.clock.advance(timedelta(days=4))
    assert alert_wake.look(office.deps, HERE) == 1
    assert alert_wake.look(office.deps, HERE) == 0
    office.work()
    assert office.episode(made).state is AlertState.OPEN
    assert any("is awake again" in text for text in noted(office))


def test_a_release_wakes_what_waited_for_it(office: Office) -> None:
    made = raised(office)
    office.work()
    alert_care.snooze(office.deps, HERE, made, "U0ANN", "release")
    office.clock.advance(timedelta(hours=1))
    resolve.add_release(office.deps, SCOPE, "4.2", None, by="U0ANN")
    assert office.episode(made).state is AlertState.OPEN


@pytest.mark.parametrize(
    ("until", "more", "days", "problem"),
    [
        ("tickets", 0, None, "1 to 1000"),
        ("tickets", 5000, None, "1 to 1000"),
        ("date", 5, None, "Choose the day"),
        ("date", 5, 0, "from tomorrow"),
        ("date", 5, 400, "within 180 days"),
        ("ever", 5, None, "no snooze"),
    ],
)
def test_a_snooze_is_never_for_ever(office: Office, until: str, more: int, days: int | None, problem: str) -> None:
    made = raised(office)
    day = (office.clock.now() + timedelta(days=days)).date() if days is not None else None
    with pytest.raises(BadInput, match=problem):
        alert_care.snooze(office.deps, HERE, made, "U0ANN", until, more=more, day=day)
    assert office.episode(made).state is AlertState.OPEN


def test_what_was_closed_as_noise_needs_more_for_the_next_alert(office: Office) -> None:
    theme, tickets = office.theme()
    alert_care.not_useful(office.deps, HERE, office.raised(theme, tickets), "U0ANN", "noise")
    office.clock.advance(timedelta(days=10))
    rise = Pattern(PatternKind.SPIKE, theme, office.clock.now(), tickets, replace(RECEIPT, ratio=3.0))
    with office.deps.db.write() as session:
        age = timedelta(days=60)
        small = detect._silence(session, HERE, rise, age, office.clock.now(), 2.5)
        large = detect._silence(session, HERE, rise, age, office.clock.now(), 2.0)
    assert small is not None and "as noise" in small
    assert large is None


def test_many_at_once_ring_once_and_say_what_they_share(office: Office) -> None:
    with office.deps.db.write() as session:
        workspaces.update(session, HERE, shadow=False)
    resolve.add_release(office.deps, SCOPE, "4.2", office.clock.now() - timedelta(hours=5), by="U0ANN")
    for _ in range(burst.SINGLE + 3):
        office.raised(*office.theme())
    office.work()
    office.work()
    roots = [message for message in office.posted("CENG") if message.thread_ts is None]
    assert len(roots) == burst.SINGLE + 1
    listed = roots[-1]
    assert "within an hour" in listed.text and "4.2 went out" in listed.text
    below = [message for message in office.posted("CENG") if message.thread_ts is not None]
    assert len(below) == 3 and {message.thread_ts for message in below} == {
        f"{office.said.sent.index(listed) + 1}.000000"
    }
    assert all("I own this" in str(message.blocks) for message in below)
    newest = [edit for at, edit in office.said.edits if at.ts == below[0].thread_ts]
    assert newest and f"{burst.SINGLE + 3} alerts within an hour" in newest[-1].text
    first = roots[0]
    theme_id = office.episode(1).theme_id
    assert theme_id is not None and "within an hour" not in first.text


def test_what_is_grave_stands_alone_in_a_burst(office: Office) -> None:
    for _ in range(burst.SINGLE):
        office.raised(*office.theme())
    grave = office.raised(*office.theme(), kind=PatternKind.REGRESSION)
    office.work()
    assert [m for m in office.posted("CENG") if m.thread_ts] == []
    assert office.episode(grave).ts is not None


def test_what_is_over_is_no_living_alert(office: Office) -> None:
    with office.deps.db.write() as session:
        ticket = office.ticket(session)
        critical = alerts.open_episode(
            session, HERE, f"critical:{ticket}", kind=PatternKind.CRITICAL, audience=Audience.ENGINEERING,
            receipt=RECEIPT, now=office.clock.now(), ticket_id=ticket, ticket_ids=(ticket,), count=1, channel="CENG",
        )  # fmt: skip
    assert critical is not None
    made = office.raised(*office.theme())
    with office.deps.db.write() as session:
        assert alert_wake.end(office.deps, session, HERE) == 0
        tickets.resolve(session, ticket, office.clock.now())
        moved = office.episode(made).ticket_ids
        memberships.place_many(session, HERE, [(one, None, 0.0) for one in moved], office.clock.now())
        assert alert_wake.end(office.deps, session, HERE) == 2
    assert office.episode(critical).state is office.episode(made).state is AlertState.CLOSED


def test_a_burst_of_what_found_a_home_meanwhile_is_that_themes(office: Office) -> None:
    theme, made = office.theme()
    rows = Members(*(np.zeros(0, kind) for kind in (np.int64, np.int64, np.float64)), np.zeros((0, 384), np.float32))
    pattern = Pattern(PatternKind.NEW, 0, office.clock.now(), made, RECEIPT)
    with office.deps.db.write() as session:
        found = detect._give_home(office.deps, session, HERE, pattern, rows, None)
        assert list(themes.load(session, HERE)) == [theme]
    assert found.theme_id == theme


class Archived:
    """A way out in which one channel is archived."""

    def __init__(self, office: Office) -> None:
        self.said = office.said

    def post(self, message: Outgoing) -> Posted:
        if message.channel == "CENG":
            raise Refused("is_archived")
        return self.said.post(message)

    def __getattr__(self, name: str) -> object:
        return getattr(self.said, name)


def test_an_alert_whose_channel_is_archived_reaches_an_admin_who_sends_it_on(office: Office) -> None:
    with office.deps.db.write() as session:
        workspaces.set_setting(session, HERE, "admins", ["U0ADMIN"], by="U0ADMIN", now=office.clock.now())
    way_out = Archived(office)
    deps = replace(office.deps, messenger_of=lambda _workspace: way_out)
    made = office.raised(*office.theme())
    office.clock.advance(timedelta(seconds=5))
    for _ in range(2):
        Worker(deps, build_registry(deps), threads=1).run_due()
    told = [text for text in office.letters("U0ADMIN") if "could not post" in text]
    assert told == ["TI-1 (Login fails) has an alert that I could not post to <#CENG>: the channel is archived."]
    with office.deps.db.read() as session:
        channel = workspaces.channel(session, HERE, "CENG")
        assert channel is not None and not channel.member
        assert outbox.state_of(session, HERE, f"alert:{made}:post") == ("refused", None)
    with pytest.raises(BadInput, match="No channel was chosen"):
        alert_care.release_from_shadow(office.deps, HERE, made, "U0ADMIN")
    with office.deps.db.write() as session:
        workspaces.put_channel(session, HERE, "CENG", member=True)
    alert_care.release_from_shadow(office.deps, HERE, made, "U0ADMIN")
    office.work()
    assert len(office.posted("CENG")) == 1
    assert office.episode(made).ts is not None


class Frozen(sending.Pace):
    """A process that stands still when it is about to send; meanwhile another one, which took over, sends the letter."""

    def __init__(self, office: Office, letter: int) -> None:
        super().__init__(timedelta(0))
        self.office, self.letter = office, letter

    def take(self, workspace: str, channel: str, now: datetime) -> None:
        sending.send(self.office.deps, self.letter, sending.Pace(timedelta(0)))


def test_who_wakes_after_another_took_over_does_not_post_again(office: Office) -> None:
    made = office.raised(*office.theme())
    with office.deps.db.read() as session:
        letter = next(n for n in range(1, 9) if (one := outbox.get(session, n)) and one.key == f"alert:{made}:post")
    posted = sending.send(office.deps, letter, Frozen(office, letter))
    assert posted is not None
    assert len(office.posted(posted.channel)) == 1
