"""What Slack gives up delivering, while its connection stays open, is read once storing works again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from slack_world import SlackWorld, slack_world
from sqlalchemy.exc import OperationalError
from test_slack_intake import stored

from bot.app import authorize_by
from bot.connection import Rhythm
from bot.unstored import Unstored
from storage.tables import JobRow

IMPATIENT = 0.5  # seconds until this Slack tries again: over a socket there is no other refusal than silence
ANY, SLICES = "1", "NEW.job = 'read_slice'"


@pytest.fixture(params=["socket", "http"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SlackWorld]:
    over_http = {"web": True, "slack_app_token": None} if request.param == "http" else {}
    with slack_world(tmp_path, ack_timeout=IMPATIENT, **over_http) as world:
        if over_http:
            assert world.running.web is not None
            world.pg.http_target = f"http://127.0.0.1:{world.running.web.port}/slack/events"
        yield world


def refuse(world: SlackWorld, table: str, when: str) -> None:
    """Let the database refuse new rows of a table, as a full disk does, but at once."""
    with world.running.deps.db.write() as session:
        session.execute(sa.text(f"DROP TRIGGER IF EXISTS full_{table}"))
        refusal = "BEGIN SELECT RAISE(ABORT, 'full'); END"
        session.execute(sa.text(f"CREATE TRIGGER full_{table} BEFORE INSERT ON {table} WHEN {when} {refusal}"))


def accept(world: SlackWorld, table: str) -> None:
    with world.running.deps.db.write() as session:
        session.execute(sa.text(f"DROP TRIGGER full_{table}"))


def given_up(world: SlackWorld, text: str) -> str:
    """Somebody says something that Slack cannot deliver; its ts."""
    said = world.pg.say(world.customers[0], world.support, text)
    delivery = world.pg.deliveries[-1]
    world.pg.settle(60)
    assert (delivery.outcome, len(delivery.attempts)) == ("not_acknowledged", 4)
    return said["ts"]


def catch_ups(world: SlackWorld) -> list[str]:
    """The runs of catch-ups over what could not be stored."""
    with world.running.deps.db.read() as session:
        found = session.execute(sa.select(JobRow.args).where(sa.column("job") == "read_slice")).scalars()
        return sorted({args["run"] for args in found if "unstored" in args["run"]})


def test_what_slack_gave_up_is_read_without_a_restart_once_for_the_gap(world: SlackWorld) -> None:
    world.settle()
    refuse(world, "inbox", ANY)
    refuse(world, "jobs", SLICES)
    lost = [given_up(world, f"The export of report {n} stops half way, please help") for n in range(2)]
    accept(world, "inbox")
    later = world.pg.say(world.customers[1], world.support, "Invoice 12 shows the wrong amount, can you check?")
    world.settle()
    assert stored(world, world.support, later["ts"]) is not None  # the last word heard is later than the gap
    assert [stored(world, world.support, ts) for ts in lost] == [None, None]
    accept(world, "jobs")
    world.until(lambda: all(stored(world, world.support, ts) for ts in lost))
    world.settle()
    assert len(catch_ups(world)) == 1


def test_the_next_gap_is_another(world: SlackWorld) -> None:
    for number in (1, 2):
        world.settle()
        refuse(world, "inbox", ANY)
        ts = given_up(world, f"Webhook {number} has not been delivered since noon")
        accept(world, "inbox")
        world.until(lambda ts=ts: stored(world, world.support, ts))
        world.until(lambda number=number: len(catch_ups(world)) >= number)


def test_a_gap_begins_when_the_first_was_said_and_stays_open_while_nothing_can_be_written(tmp_path: Path) -> None:
    with slack_world(tmp_path) as world:
        world.settle()
        unstored = Unstored(world.running.desks, Rhythm())
        now = world.running.deps.clock.now()
        first = (now - timedelta(minutes=5)).replace(microsecond=0)
        for at in (now - timedelta(minutes=1), first, now - timedelta(minutes=3)):
            unstored.note(world.workspace, {"event_time": int(at.timestamp())})
        refuse(world, "jobs", SLICES)
        assert not unstored.close_gaps()
        accept(world, "jobs")
        assert unstored.close_gaps()
        assert unstored.close_gaps()
        assert catch_ups(world) == [f"catch_up:unstored:{first:%Y%m%dT%H%M%S%f}"]


def test_a_time_that_cannot_be_is_not_believed(tmp_path: Path) -> None:
    with slack_world(tmp_path) as world:
        world.settle()
        for number, told in enumerate((None, "yesterday", True, -5, 10**11, 1), 1):
            unstored = Unstored(world.running.desks, Rhythm())
            unstored.note(world.workspace, {"event_time": told})
            assert unstored.close_gaps()
            assert len(catch_ups(world)) == number
        now = world.running.deps.clock.now()
        for run in catch_ups(world):
            began = datetime.strptime(run.rpartition(":")[2], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
            assert timedelta(0) <= now - began < timedelta(days=8)


def test_a_database_that_is_away_when_bolt_asks_whose_token_is_a_gap_too(tmp_path: Path) -> None:
    with slack_world(tmp_path) as world:
        world.settle()
        unstored = Unstored(world.running.desks, Rhythm())

        class Away:
            def of(self, workspace: str) -> None:
                raise OperationalError("SELECT", {}, RuntimeError("the server is away"))

        with pytest.raises(OperationalError):
            authorize_by(Away(), unstored)(None, world.workspace)  # pyright: ignore[reportArgumentType]
        assert unstored.close_gaps()
        assert len(catch_ups(world)) == 1
