"""A clock that is set wrong for a while neither holds work up nor has it done twice at the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from databases import NOW
from slack_world import encoder
from stored import workspace

from bot.compose import build_deps
from bot.deps import Deps
from bot.schedule import Schedule
from bot.settings import load_settings
from bot.worker import ON_ITS_WAY, Finish, Work, Worker
from storage import queue
from storage.engine import Database
from storage.queue import Job

HERE = "T1"
DAY, JUMP, SECOND = timedelta(days=1), timedelta(hours=26), timedelta(seconds=1)


@dataclass
class SetClock:
    """A clock that people set, also back."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def deps(database_url: str) -> Iterator[Deps]:
    settings = load_settings(None, database_url=database_url, workspace=HERE, timezone="Europe/Berlin")
    with ExitStack() as ends:
        made = build_deps(settings, clock=SetClock(), embedder=encoder())
        ends.callback(made.close)
        with made.db.write() as session:
            workspace(session)
        yield made


def move(deps: Deps, by: timedelta) -> None:
    assert isinstance(deps.clock, SetClock)
    deps.clock.at += by


def put(db: Database, key: str, at: datetime, **options: object) -> None:
    with db.write() as session:
        queue.enqueue(session, "post", {}, key=key, now=at, **options)  # pyright: ignore[reportArgumentType]


def take(db: Database, at: datetime, mine: tuple[str, ...] = ()) -> list[Job]:
    with db.write() as session:
        due = queue.any_due(session, at, mine=mine)
        jobs = queue.claim(session, at, limit=9, mine=mine)
        assert due or not jobs
        return jobs


def test_what_was_planned_by_a_clock_that_has_gone_back_runs_now(database: Database) -> None:
    put(database, "at once", NOW + JUMP)
    put(database, "after a pause", NOW + JUMP, run_at=NOW + JUMP + timedelta(hours=1))
    put(database, "by the right clock", NOW, run_at=NOW + SECOND)
    assert [job.key for job in take(database, NOW)] == ["at once", "after a pause"]
    assert [job.key for job in take(database, NOW + SECOND)] == ["by the right clock"]


def test_a_pause_begun_by_that_clock_is_over_too(database: Database) -> None:
    for key, retry_after in (("failed", None), ("told to wait", timedelta(minutes=5))):
        put(database, key, NOW)
        [job] = take(database, NOW + JUMP)
        with database.write() as session:
            queue.fail(session, job, NOW + JUMP, "no", retry_after=retry_after)
    assert [job.key for job in take(database, NOW)] == ["failed", "told to wait"]


def test_clocks_that_differ_by_seconds_change_no_pause(database: Database) -> None:
    put(database, "soon", NOW + 5 * SECOND, run_at=NOW + 65 * SECOND)
    assert take(database, NOW) == []


def test_a_lease_from_the_future_holds_neither_its_job_nor_its_lane(database: Database) -> None:
    """Its worker was killed while the clock was wrong."""
    put(database, "killed", NOW, lane="a")
    put(database, "behind it", NOW, lane="a")
    with database.write() as session:
        assert len(queue.claim(session, NOW + JUMP, limit=1)) == 1
    assert [job.key for job in take(database, NOW)] == ["killed", "behind it"]


@pytest.mark.parametrize("jump", [JUMP, -JUMP], ids=["forward", "back"])
def test_a_process_does_not_take_over_from_itself(database: Database, jump: timedelta) -> None:
    put(database, "running", NOW, lane="a")
    [job] = take(database, NOW)
    put(database, "behind it", NOW, lane="a")
    assert take(database, NOW + jump, mine=(job.token,)) == []
    with database.write() as session:
        queue.finish(session, job, NOW + jump)
    [behind] = take(database, NOW + max(jump, SECOND), mine=(job.token,))
    assert (behind.key, behind.taken_over) == ("behind it", False)


def test_what_runs_in_its_last_try_is_not_given_up_by_its_own_process(database: Database) -> None:
    put(database, "a", NOW)
    tries = [NOW + number * (queue.LEASE + SECOND) for number in range(queue.MAX_ATTEMPTS)]
    job, at = [take(database, at)[0] for at in tries][-1], tries[-1]
    assert take(database, at + JUMP, mine=(job.token,)) == []
    with database.write() as session:
        queue.finish(session, job, at + JUMP)  # raises LeaseLost where it was buried


@pytest.mark.parametrize("jump", [JUMP, -JUMP], ids=["forward", "back"])
def test_a_jump_while_a_letter_is_on_its_way_sends_it_once(deps: Deps, jump: timedelta) -> None:
    """One thread waits for Slack's answer when the clock jumps; the other looks for work."""
    put(deps.db, "letter", NOW)
    begun, answered = threading.Event(), threading.Event()
    posts: list[str] = []

    def post(deps: Deps, job: Job, finish: Finish) -> None:
        posts.append(job.key)
        begun.set()
        assert answered.wait(30)
        with deps.db.write() as session:
            finish(session)

    worker = Worker(deps, {"post": Work(post, outside=True)})
    sending = threading.Thread(target=worker.run_due)
    sending.start()
    assert begun.wait(30)
    move(deps, jump)
    assert worker.run_due() == 0
    answered.set()
    sending.join(30)
    assert posts == ["letter"]
    with deps.db.read() as session:
        assert queue.counts(session) == {"done": 1}


def test_what_another_process_may_be_sending_is_given_time_to_arrive(deps: Deps) -> None:
    put(deps.db, "letter", NOW)
    put(deps.db, "within", NOW)
    with deps.db.write() as session:
        assert (
            len(queue.claim(session, NOW, limit=1)) == 1
        )  # the other process, which sees another clock or stands still
    looked: list[datetime] = []

    def post(deps: Deps, job: Job, finish: Finish) -> None:
        if job.key == "letter":
            looked.append(deps.clock.now())
        with deps.db.write() as session:
            finish(session)

    worker = Worker(deps, {"post": Work(post, outside=True)})
    move(deps, JUMP)
    worker.run_due()
    assert looked == []
    move(deps, ON_ITS_WAY)
    worker.run_due()
    assert looked == [NOW + JUMP + ON_ITS_WAY]
    with deps.db.read() as session:
        assert queue.counts(session) == {"done": 2}


def rung(deps: Deps, job: str) -> set[str]:
    with deps.db.read() as session:
        found = queue.listing(session, limit=1000)
    return {one.key.rpartition(":" + HERE + ":")[2] for one in found if one.job == job}


def test_the_alarm_clock_goes_by_the_time_that_it_is_now(deps: Deps) -> None:
    """NOW is 10:00 in Berlin: forward over a night, back again, and on through the hours."""
    schedule = Schedule(deps, lambda _tick: [HERE], lambda: None)
    schedule.ring_missed()
    assert rung(deps, "quiet") == {"2026-01-12T09:17"}
    move(deps, JUMP)
    schedule.ring_missed()
    assert rung(deps, "nightly") == {"2026-01-12T02:00", "2026-01-13T02:00"}
    move(deps, -JUMP)
    schedule.ring_missed()
    move(deps, timedelta(hours=1))
    schedule.ring_missed()
    assert rung(deps, "quiet") == {"2026-01-12T09:17", "2026-01-13T11:17", "2026-01-12T10:17"}
    assert len(rung(deps, "nightly")) == 2


def test_the_alarm_clock_keeps_looking_after_the_clock_was_set_back(deps: Deps) -> None:
    woken = threading.Event()
    move(deps, JUMP)
    schedule = Schedule(deps, lambda _tick: [HERE], woken.set, look=0.01)
    schedule.start()
    try:
        move(deps, -JUMP - timedelta(hours=2))
        while "2026-01-12T07:17" not in rung(deps, "quiet"):  # a look from before the move may wake it, too
            assert woken.wait(30)
            woken.clear()
    finally:
        schedule.stop()
