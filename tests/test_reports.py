"""Reports over real rows: gathered, published once, printed again, counted afresh, said by the clock of the team."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from slack_world import encoder
from sqlmodel import Session
from stored import HERE, analysis, many_tickets, say, ticket, workspace

from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows.reports.publishing import publish_due
from bot.flows.reports.reporting import ReportRequest, make, report
from bot.flows.reports.spans import last_whole
from bot.jobs import build_registry
from bot.messenger import ConsoleMessenger
from bot.schedule import Schedule
from bot.settings import load_settings
from bot.worker import Worker
from intelligence.model import AlertState, Audience, ChannelRole, PatternKind, PrimaryCategory, Scope, Subcategory
from intelligence.reports.values import Report, ReportKind
from storage import alerts, analyses, memberships, outbox, people, queue, reports, themes, workspaces
from storage.engine import Database
from tests.model_server import KEY, ModelServer, chat

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 1, 12, 8, 30, tzinfo=UTC)  # 09:30 in Berlin
EVERYTHING = Scope(HERE)


@dataclass
class Team:
    """A workspace in Berlin, since October, out of shadow, with a product channel."""

    deps: Deps
    clock: SimulatedClock
    said: ConsoleMessenger
    number: int = 0

    def ask(self, at: datetime, **values: Any) -> int:
        with self.deps.db.write() as session:
            return self.store(session, [(at, values)])[0]

    def ask_many(self, asked: Iterable[tuple[datetime, dict[str, Any]]]) -> None:
        """Many tickets in one transaction."""
        with self.deps.db.write() as session:
            self.store(session, asked)

    def store(self, session: Session, asked: Iterable[tuple[datetime, dict[str, Any]]]) -> list[int]:
        """Feature requests, each of an account of the name `who` and in the `theme`, where one is given."""
        told: list[tuple[str, str, datetime, dict[str, Any]]] = []
        homes: list[int | None] = []
        accounts: dict[str, int] = {}
        for at, values in asked:
            self.number += 1
            text = f"Number {self.number} does not export to Excel"
            who, theme = values.pop("who", "acme"), values.pop("theme", None)
            if who not in accounts:
                accounts[who] = people.account_id(session, HERE, who, now=at, name=who.title(), plan="Pro")
            values["account_id"] = accounts[who]
            told.append((f"C1/{self.number}", text, at, values))
            homes.append(theme)
        made = many_tickets(session, told)
        found = analysis(primary=PrimaryCategory.FEATURE_REQUEST, subcategory=Subcategory.NEW_CAPABILITY)
        for one, (key, _, at, _) in zip(made, told, strict=True):
            analyses.store(session, HERE, one, found, key, at)
        placed = [(one, theme, 0.9) for one, theme in zip(made, homes, strict=True) if theme is not None]
        memberships.place_many(session, HERE, placed, told[-1][2])
        return made

    def theme(self, title: str = "Export to Excel", first: datetime = MONDAY - timedelta(days=60)) -> int:
        with self.deps.db.write() as session:
            return themes.give_birth(session, HERE, first, first_at=first, title=title)

    def due(self) -> int:
        return Worker(self.deps, build_registry(self.deps), threads=1).run_due()

    def report(self, period: str = "week", *, fresh: bool = False) -> Any:
        return report(self.deps, EVERYTHING, ReportRequest(period, fresh))


def a_team(url: str, *, shadow: bool = False, **settings: Any) -> Team:
    clock, said = SimulatedClock(MONDAY), ConsoleMessenger()
    values = {"database_url": url, "timezone": "Europe/Berlin", "workspace": HERE, "admins": "UADA", **settings}
    values["slack_post_seconds"] = 0.0
    deps = build_deps(load_settings(None, **values), clock=clock, messenger=said, embedder=encoder())
    with deps.db.write() as session:
        workspaces.ensure(session, HERE, MONDAY - timedelta(days=100))
        workspaces.update(session, HERE, shadow=shadow)
        for channel, role in (("CSUP", ChannelRole.SUPPORT), ("CPROD", ChannelRole.PRODUCT)):
            workspaces.put_channel(session, HERE, channel, name=channel.lower(), member=True)
            workspaces.choose_channel(session, HERE, channel, role=role, by="UADA", now=MONDAY)
    return Team(deps, clock, said)


@pytest.fixture
def team(sqlite_template: Path, tmp_path: Path) -> Iterator[Team]:
    shutil.copyfile(sqlite_template, tmp_path / "t.db")
    made = a_team(f"sqlite:///{tmp_path}/t.db")
    yield made
    made.deps.close()


def busy(team: Team, weeks: int = 3, a_day: int = 4) -> int:
    """Some weeks of the same wish, four a workday; its theme."""
    theme = team.theme()
    start = datetime(2026, 1, 12, 9, tzinfo=BERLIN) - timedelta(weeks=weeks)
    days = [start + timedelta(days=day) for day in range(7 * weeks)]
    workdays = [day for day in days if day.weekday() < 5]
    team.ask_many(
        (day + timedelta(hours=n), {"theme": theme, "who": f"acme{n}"}) for day in workdays for n in range(a_day)
    )
    return theme


def test_no_tickets_at_all(team: Team) -> None:
    found = team.report()
    assert found.report.volume.tickets == 0
    assert found.report.summary == ("No tickets came in.",)
    assert "No tickets yet" in found.note
    assert publish_due(team.deps, HERE, MONDAY) == 0  # a report about nothing is no report


def test_one_ticket(team: Team) -> None:
    team.ask(MONDAY - timedelta(days=3))
    made = team.report().report
    assert (made.volume.tickets, made.volume.customers, made.themes) == (1, 1, ())
    assert made.volume.decomposition is None
    assert made.summary[0] == "1 ticket from 1 known customer, about as before."


def test_the_figures_of_a_week(team: Team) -> None:
    theme = busy(team)
    team.ask(MONDAY - timedelta(days=4), theme=theme, who="globex")
    made = team.report().report
    assert (made.span.name, made.volume.tickets, made.volume.change.before) == ("2026-W02", 21, 20)
    assert made.volume.change.within_noise
    [first] = made.themes
    assert (first.key, first.tickets, first.customers, first.new) == ("TI-1", 21, 5, False)
    assert first.weeks[-3:] == (20, 20, 21)
    assert 1 <= len(first.quotes) <= 2
    assert made.decisions[0].what.startswith("Plan TI-1")
    assert [part.name for part in made.backlogs] == ["features", "docs", "friction", "bugs"]


def test_a_published_report_is_printed_again_as_it_was(team: Team) -> None:
    theme = busy(team)
    assert publish_due(team.deps, HERE, MONDAY) == 1  # no month, quarter or fortnight ended in that week
    before = team.report()
    late = team.ask(MONDAY - timedelta(days=5), theme=theme)
    with team.deps.db.write() as session:
        themes.update(session, theme, title="Native Excel files")
    team.clock.advance(timedelta(hours=5))
    again = team.report()
    assert again.report == before.report
    assert again.published_at == before.published_at
    fresh = team.report(fresh=True)
    assert fresh.report.volume.tickets == before.report.volume.tickets + 1
    assert "1 ticket of the period came in after it was published." in fresh.changes
    assert "Volume 20 → 21." in fresh.changes
    assert "TI-1 was called Export to Excel." in fresh.changes
    assert team.report().report == before.report  # counting again publishes nothing
    other = team.theme("Other")
    with team.deps.db.write() as session:
        memberships.place(session, HERE, late, other, MONDAY, similarity=1.0)
    assert publish_due(team.deps, HERE, MONDAY) == 0


def test_tickets_that_moved_or_left_are_told(team: Team) -> None:
    theme, other = busy(team), team.theme("PDF export")
    publish_due(team.deps, HERE, MONDAY)
    with team.deps.db.write() as session:
        ids = [m.ticket_id for m in memberships.members(session, EVERYTHING, theme)]
        for moved in ids[:3]:
            memberships.place(session, HERE, moved, other, MONDAY, similarity=1.0)
        session.connection().exec_driver_sql(f"UPDATE tickets SET request = 'not_request' WHERE id = {ids[5]}")
    told = team.report(fresh=True).changes
    assert "3 tickets moved from TI-1 to TI-2." in told
    assert "No longer counted: 1 ticket (deleted, merged, or not a request after all)." in told
    assert "TI-2 PDF export is in the list now." in told


def test_who_may_not_see_all_gets_their_own_figures(team: Team) -> None:
    busy(team)
    publish_due(team.deps, HERE, MONDAY)
    person = Scope(HERE, "U1", frozenset())
    assert report(team.deps, person, ReportRequest("week")).published_at is not None  # all of it is public
    with team.deps.db.write() as session:
        hide = "UPDATE tickets SET visibility = 'private', channel_id = 'CPRIVATE' WHERE id = 1"
        session.connection().exec_driver_sql(hide)
    mine = report(team.deps, person, ReportRequest("week"))
    assert mine.published_at is None
    assert report(team.deps, Scope(HERE, "U1", frozenset({"CPRIVATE"})), ReportRequest("week")).published_at is not None


def test_the_next_report_says_what_is_new_since(team: Team) -> None:
    busy(team, weeks=4)
    publish_due(team.deps, HERE, MONDAY - timedelta(weeks=1))
    newborn = team.theme("Login loops", first=MONDAY - timedelta(days=3))
    for n in range(6):
        team.ask(MONDAY - timedelta(days=2, hours=n), theme=newborn, who=f"c{n}")
    since = team.report().report.since
    assert since is not None
    assert (since.name, since.new) == ("2026-W01", ("TI-2",))


def test_a_silent_source_is_said_and_left_out_of_the_change(team: Team) -> None:
    theme = team.theme()
    start = datetime(2025, 11, 3, 9, tzinfo=BERLIN)
    days = [start + timedelta(days=day) for day in range(70)]
    silent = {datetime(2026, 1, day, 9, tzinfo=BERLIN) for day in (6, 7, 8)}
    team.ask_many(
        (day + timedelta(minutes=n), {"theme": theme, "who": f"c{n}", "channel": "CSUP"})
        for day in days
        if day not in silent
        for n in range(10)
    )
    volume = team.report().report.volume
    assert [(gap.source, gap.day.day) for gap in volume.gaps] == [("#csup", 6), ("#csup", 7), ("#csup", 8)]
    assert not volume.change.within_noise
    assert volume.comparable is not None
    assert (volume.comparable.before, volume.comparable.now, volume.comparable.within_noise) == (40, 40, True)


def test_what_was_sent_acted_on_and_withheld(team: Team) -> None:
    from stored import RECEIPT

    theme = busy(team)
    at = MONDAY - timedelta(days=3)
    with team.deps.db.write() as session:
        kinds = {
            "kind": PatternKind.NEW,
            "audience": Audience.PRODUCT,
            "receipt": RECEIPT,
            "now": at,
            "theme_id": theme,
        }
        first = alerts.open_episode(session, HERE, "a", **kinds)
        alerts.open_episode(session, HERE, "b", **kinds)
        alerts.open_episode(session, HERE, "c", state=AlertState.SHADOW, **kinds)
        assert first is not None
        alerts.update(session, first, at, owner="UPIA")
        for _ in range(3):
            alerts.silenced(session, HERE, PatternKind.SPIKE, "within the cool-down", RECEIPT, at, theme)
        workspaces.add_usage(session, HERE, "2026-01-07", "openai:m", 900, 100)
    made = team.report().report
    assert (made.alerts.sent, made.alerts.acted, made.alerts.waiting) == (2, 1, 1)
    assert [(w.reason, w.times, w.themes) for w in made.withheld] == [("within the cool-down", 3, ("TI-1",))]
    assert (made.cost.requests, made.cost.tokens, made.cost.models) == (1, 1000, ("openai:m",))
    assert made.decisions[-1].what == "Switch alerts on?"


def test_fixed_and_back_again(team: Team) -> None:
    theme, back = busy(team), team.theme("Sync stops")
    for n in range(4):
        team.ask(MONDAY - timedelta(days=2, hours=n), theme=back, who=f"c{n}")
    with team.deps.db.write() as session:
        themes.update(session, theme, resolved_at=MONDAY - timedelta(days=5), resolved_release="4.2", state="verifying")
        themes.update(session, back, resolved_at=MONDAY - timedelta(days=20), resolved_release="4.1", state="regressed")
    made = team.report().report
    assert [(one.key, one.what) for one in made.fixed] == [("TI-1", "fixed in 4.2")]
    assert [(one.key, one.what, one.after) for one in made.regressed] == [("TI-2", "back after 4.1", 4)]
    assert made.decisions[0].what == "Reopen TI-2 Sync stops?"


def test_the_agenda_opens_with_what_was_decided(team: Team) -> None:
    theme = busy(team, weeks=6, a_day=6)
    other = team.theme("Login loops")
    for n in range(12):
        team.ask(MONDAY - timedelta(days=20, hours=n), theme=other, who=f"c{n}")
    span = last_whole(ReportKind.AGENDA, MONDAY.date(), BERLIN)
    team.clock = SimulatedClock(MONDAY)
    publish_due(team.deps, HERE, span.start + timedelta(hours=9))
    with team.deps.db.write() as session:
        themes.update(session, theme, roadmap="Q2")
    made = team.report("agenda").report
    told = {one.theme: one.decided for one in made.outcomes}
    assert told["TI-1"] == "planned for Q2"
    assert made.outcomes[0].decided is None or len(made.outcomes) == 1
    assert {one.theme for one in made.outcomes} <= {"TI-1", "TI-2"}


@pytest.mark.parametrize(
    ("period", "name"), [("month", "2025-12"), ("quarter", "2025-Q4"), ("10d", "10d"), ("2026-W01", "2026-W01")]
)
def test_other_periods(team: Team, period: str, name: str) -> None:
    busy(team, weeks=6)
    made = team.report(period).report
    assert made.span.name == name
    assert made.volume.tickets > 0
    assert bool(made.moods) == (period in {"month", "quarter"})
    with pytest.raises(BadInput):
        team.report("2031-W01")


# ---- kept -----------------------------------------------------------------------------------------------------------


def test_a_report_is_kept_once_on_both_databases(database: Database) -> None:
    from reporting import report as example

    made = example()
    with database.write() as session:
        workspace(session)
        first = reports.publish(session, HERE, made, {1: [4, 5], 0: [6]}, MONDAY)
        assert first is not None
        assert reports.publish(session, HERE, made, {}, MONDAY) is None
        kept = reports.published(session, HERE, made.span)
        assert kept is not None
        assert (kept.report, kept.tickets) == (made, {1: (4, 5), 0: (6,)})
        assert reports.published(session, "other", made.span) is None
        assert reports.by_id(session, "other", first) is None
    with database.read() as session:
        assert reports.tickets(session, EVERYTHING, MONDAY - timedelta(days=9), MONDAY) == []
        assert reports.usage(session, HERE, "2026-01-01", "2026-01-09") == (0, 0, ())
        assert reports.alert_counts(session, HERE, MONDAY, MONDAY, MONDAY) == reports.AlertCounts(0, 0, 0, 0)


def test_counts_are_the_same_on_both_databases(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        account = people.account_id(session, HERE, "acme", now=MONDAY, name="Acme", plan="Pro")
        for n in range(3):
            made = ticket(session, f"k{n}", at=MONDAY - timedelta(hours=n), account_id=account if n else None)
            say(session, made, f"more{n}", "and more")
            analyses.store(session, HERE, made, analysis(), f"k{n}", MONDAY)
    with database.read() as session:
        found = reports.tickets(session, EVERYTHING, MONDAY - timedelta(days=1), MONDAY + timedelta(hours=1))
        arrived = reports.arrivals(session, EVERYTHING, MONDAY - timedelta(days=1), MONDAY + timedelta(hours=1))
    assert [(one.who is None, one.account, one.plan, one.theme, one.area) for one in found] == [
        (False, "Acme", "Pro", 0, "login"),
        (False, "Acme", "Pro", 0, "login"),
        (True, None, None, 0, "login"),
    ]
    assert [place for _, place in arrived] == ["slack"] * 3


# ---- said, by the clock ---------------------------------------------------------------------------------------------


def channel_of(team: Team, channel: str) -> list[Any]:
    return [message for message in team.said.sent if message.channel == channel]


def ring(team: Team, times: int = 1) -> int:
    return sum(Schedule(team.deps, lambda _tick: [HERE], lambda: None).ring_missed() for _ in range(times))


def letters(team: Team, like: str) -> list[str]:
    with team.deps.db.read() as session:
        rows = session.connection().exec_driver_sql(f"SELECT key FROM outbox WHERE key LIKE '{like}' ORDER BY id")
        return [row[0] for row in rows]


def test_monday_morning_brings_one_report_however_many_ring(team: Team) -> None:
    busy(team)
    ring(team, times=3)
    team.due()
    ring(team, times=2)
    team.due()
    assert letters(team, "report:week:%:post") == ["report:week:2026-W02:post"]
    posted = [m for m in channel_of(team, "CPROD") if "Weekly report" in m.text]
    assert len(posted) == 1
    parts = [m for m in channel_of(team, "CPROD") if m.thread_ts]
    assert parts
    assert all(message.metadata_key and message.metadata_key.startswith("report:") for message in (*posted, *parts))


def test_a_report_missed_while_the_bot_was_down_is_caught_up_once(team: Team) -> None:
    busy(team)
    team.clock.advance(timedelta(days=3))  # it is Thursday when somebody starts the bot again
    ring(team)
    team.due()
    assert letters(team, "report:week:%:post") == ["report:week:2026-W02:post"]


def test_before_nine_of_the_team_nothing_is_due(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "t.db")
    team = a_team(f"sqlite:///{tmp_path}/t.db")
    busy(team)
    team.clock._now = MONDAY - timedelta(minutes=40)  # 08:50 in Berlin: the newest tick is a week old
    ring(team)
    team.due()
    assert letters(team, "report:week:%:post") == ["report:week:2026-W01:post"]
    team.clock.advance(timedelta(minutes=20))
    ring(team)
    team.due()
    assert letters(team, "report:week:%:post")[1:] == ["report:week:2026-W02:post"]
    team.deps.close()


@pytest.mark.parametrize(("day", "hours"), [("2026-03-30", 167), ("2026-10-26", 169)])
def test_nine_is_nine_after_a_change_of_the_clock(sqlite_template: Path, tmp_path: Path, day: str, hours: int) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "t.db")
    team = a_team(f"sqlite:///{tmp_path}/t.db")
    nine = datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=BERLIN)
    team.ask(nine.astimezone(UTC) - timedelta(days=30))
    team.clock.set(nine - timedelta(days=6))
    ring(team)
    team.due()
    before = len(letters(team, "report:week:%:post"))
    team.clock.set(nine.astimezone(UTC) - timedelta(seconds=1))
    ring(team)
    team.clock.set(nine.astimezone(UTC) + timedelta(seconds=1))
    assert ring(team) >= 1
    team.due()
    assert len(letters(team, "report:week:%:post")) == before + 1
    span = last_whole(ReportKind.WEEK, nine.date(), BERLIN)
    assert (span.end.astimezone(UTC) - span.start.astimezone(UTC)) / timedelta(hours=1) == hours
    team.deps.close()


def test_in_shadow_the_admin_alone_reads_it(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "t.db")
    team = a_team(f"sqlite:///{tmp_path}/t.db", shadow=True)
    busy(team)
    ring(team)
    team.due()
    assert channel_of(team, "CPROD") == []
    assert [m.text for m in channel_of(team, "@UADA") if "Weekly" in m.text and not m.thread_ts]
    team.deps.close()


def test_it_can_be_switched_off_and_moved(tmp_path: Path) -> None:
    from bot.errors import BadSettings
    from bot.schedule import ticks_of

    assert [tick.job for tick in ticks_of(load_settings(None, report_at="off"))].count("reports") == 0
    tick = next(t for t in ticks_of(load_settings(None, report_at="Fri  16:05")) if t.job == "reports")
    assert (tick.weekday, tick.hour, tick.minute) == ("fri", "16", "5")
    with pytest.raises(BadSettings, match="REPORT_AT"):
        load_settings(None, report_at="monday morning")


def test_a_workspace_younger_than_the_tick_gets_none(team: Team) -> None:
    busy(team)
    with team.deps.db.write() as session:
        workspaces.update(session, HERE, created_at=MONDAY - timedelta(minutes=1))
    assert publish_due(team.deps, HERE, MONDAY - timedelta(minutes=30)) == 0


def test_a_part_waits_for_its_report(team: Team) -> None:
    from bot.flows.reports.publishing import PART, draw
    from bot.messenger import TryLater

    busy(team)
    publish_due(team.deps, HERE, MONDAY)
    with team.deps.db.write() as session:
        rows = session.connection().exec_driver_sql("SELECT id FROM outbox WHERE method = 'report.part'").fetchall()
        letter = outbox.get(session, rows[0][0])
        assert letter is not None
        assert letter.method == PART
        with pytest.raises(TryLater):
            draw(team.deps, session, letter)
    assert team.due() > 0
    with team.deps.db.read() as session:
        assert not queue.counts(session).get("dead")


# ---- a model that writes --------------------------------------------------------------------------------------------


def written(team_folder: Path, template: Path, text: str) -> Report:
    shutil.copyfile(template, team_folder / "t.db")
    server = ModelServer(lambda _body: chat(json.dumps({"summary": text})))
    team = a_team(
        f"sqlite:///{team_folder}/t.db",
        analyzer="openai",
        openai_api_key=KEY,
        openai_base_url=server.base_url,
        openai_model="gpt-test",
    )
    try:
        busy(team)
        return make(team.deps, HERE, last_whole(ReportKind.WEEK, MONDAY.date(), BERLIN)).report
    finally:
        team.deps.close()
        server.close()


def test_a_model_writes_around_the_figures(sqlite_template: Path, tmp_path: Path) -> None:
    text = "Volume was 20 tickets, about as before. TI-1 Export to Excel has 20 tickets. Expect 35 more next week."
    made = written(tmp_path, sqlite_template, text)
    assert made.summary == ("Volume was 20 tickets, about as before.", "TI-1 Export to Excel has 20 tickets.")
    assert (made.summary_by, made.dropped) == ("openai:gpt-test", 1)


def test_a_model_that_invents_everything_is_not_heard(sqlite_template: Path, tmp_path: Path) -> None:
    made = written(tmp_path, sqlite_template, "Volume exploded to 900 tickets.")
    assert made.summary[0].startswith("20 tickets from 4 known customers")
    assert (made.summary_by, made.dropped) == ("computed", 1)
