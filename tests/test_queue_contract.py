"""The contract of storage/queue.py, on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import signal
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import queue_process
from databases import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import queue
from storage.engine import Database
from storage.queue import Job, LeaseLost

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def put(db: Database, key: str, **options: object) -> bool:
    with db.write() as session:
        return queue.enqueue(session, "read", {"ticket": key}, key=key, now=NOW, **options)  # pyright: ignore


def take(db: Database, *, after: timedelta = timedelta(), limit: int = 1) -> list[Job]:
    with db.write() as session:
        return queue.claim(session, NOW + after, limit=limit)


def finish(db: Database, job: Job, *, after: timedelta = timedelta()) -> None:
    with db.write() as session:
        queue.finish(session, job, NOW + after)


def state(db: Database, key: str) -> str | None:
    with db.read() as session:
        jobs = [job for name in queue.STATES for job in queue.listing(session, state=name, limit=1000)]
    return next((job.state for job in jobs if job.key == key), None)


def test_a_key_is_used_once_even_after_the_job_is_done(database: Database) -> None:
    assert put(database, "a")
    assert not put(database, "a")
    [job] = take(database)
    assert (job.key, job.args, job.attempts) == ("a", {"ticket": "a"}, 1)
    finish(database, job)
    assert not put(database, "a")
    assert take(database, after=MINUTE * 10) == []


def test_enqueue_joins_the_callers_transaction(database: Database) -> None:
    with pytest.raises(RuntimeError, match="no"), database.write() as session:
        assert queue.enqueue(session, "read", {}, key="a", now=NOW)
        raise RuntimeError("no")
    assert take(database) == []
    assert put(database, "a")


def test_a_duplicate_key_leaves_the_transaction_usable(database: Database) -> None:
    put(database, "a")
    with database.write() as session:
        assert not queue.enqueue(session, "read", {}, key="a", now=NOW)
        assert queue.enqueue(session, "read", {}, key="b", now=NOW)
    assert {job.key for job in take(database, limit=5)} == {"a", "b"}


def test_order_is_priority_then_time_then_arrival(database: Database) -> None:
    put(database, "late", run_at=NOW + SECOND)
    put(database, "first")
    put(database, "second")
    put(database, "urgent", priority=-1, run_at=NOW + SECOND)
    put(database, "tomorrow", run_at=NOW + timedelta(days=1))
    assert [job.key for job in take(database, after=MINUTE, limit=9)] == ["urgent", "first", "second", "late"]


def test_nothing_is_due_before_its_time(database: Database) -> None:
    put(database, "a", run_at=NOW + MINUTE)
    with database.read() as session:
        assert not queue.any_due(session, NOW)
        assert queue.any_due(session, NOW + MINUTE)
        assert queue.next_run_at(session) == NOW + MINUTE
    assert take(database) == []


def test_a_lease_that_ran_out_lets_the_job_run_again_and_fences_the_first_worker(database: Database) -> None:
    put(database, "a")
    [frozen] = take(database)
    assert take(database, after=SECOND) == []
    [second] = take(database, after=queue.LEASE + SECOND)
    assert second.id == frozen.id
    assert second.token != frozen.token
    assert second.attempts == 2
    for call in (
        lambda s: queue.finish(s, frozen, NOW),
        lambda s: queue.renew(s, frozen, NOW),
        lambda s: queue.fail(s, frozen, NOW, "late"),
        lambda s: queue.release(s, frozen, NOW),
    ):
        with pytest.raises(LeaseLost), database.write() as session:
            call(session)
    finish(database, second)
    assert state(database, "a") == "done"


def test_what_a_fenced_worker_wrote_is_rolled_back(database: Database) -> None:
    put(database, "a")
    [frozen] = take(database)
    [second] = take(database, after=queue.LEASE + SECOND)
    with pytest.raises(LeaseLost), database.write() as session:
        queue.enqueue(session, "effect", {}, key="effect", now=NOW)
        queue.finish(session, frozen, NOW)
    assert state(database, "effect") is None
    with database.write() as session:
        assert queue.enqueue(session, "effect", {}, key="effect", now=NOW)
        queue.finish(session, second, NOW)
    assert state(database, "effect") == "queued"


def test_renewing_keeps_a_long_job(database: Database) -> None:
    put(database, "a")
    [job] = take(database)
    with database.write() as session:
        queue.renew(session, job, NOW + timedelta(seconds=50))
    assert take(database, after=queue.LEASE + SECOND) == []
    finish(database, job, after=MINUTE)


def test_a_lane_is_held_by_one_worker_at_a_time(database: Database) -> None:
    for key in ("a", "b", "c"):
        put(database, key, lane="assign:T1")
    put(database, "other", lane="assign:T2")
    put(database, "free")
    held = take(database)
    assert [job.key for job in held] == ["a"]
    assert {job.key for job in take(database, limit=9)} == {"other", "free"}
    finish(database, held[0])
    assert [job.key for job in take(database, limit=9)] == ["b", "c"]


def test_two_workers_in_threads_never_share_a_lane(database: Database) -> None:
    jobs = 24
    for number in range(jobs):
        put(database, f"{number:02}", lane=f"lane{number % 2}")
    inside = {"lane0": 0, "lane1": 0}
    seen: list[tuple[str, str]] = []
    overlaps: list[str] = []
    guard = threading.Lock()

    def work() -> None:
        while True:
            with database.write() as session:
                claimed = queue.claim(session, NOW)
            if not claimed:
                with database.read() as session:
                    if not queue.counts(session).get("queued"):
                        return
                continue
            job = claimed[0]
            assert job.lane is not None
            with guard:
                inside[job.lane] += 1
                if inside[job.lane] > 1:
                    overlaps.append(job.key)
                seen.append((job.lane, job.key))
            with guard:
                inside[job.lane] -= 1
            finish(database, job)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert overlaps == []
    for lane in inside:
        keys = [key for where, key in seen if where == lane]
        assert keys == sorted(keys)
    assert len(seen) == len(set(seen)) == jobs


def test_failing_pauses_longer_each_time_and_ends_dead(database: Database) -> None:
    put(database, "a")
    at, pauses = timedelta(), []
    for attempt in range(1, queue.MAX_ATTEMPTS + 1):
        [job] = take(database, after=at)
        assert job.attempts == attempt
        with database.write() as session:
            ended = queue.fail(session, job, NOW + at, "no network")
        if ended == "queued":
            with database.read() as session:
                due = queue.next_run_at(session)
            assert due is not None
            pauses.append(due - NOW - at)
            at = due - NOW
    assert pauses == [timedelta(seconds=2**n) for n in range(1, queue.MAX_ATTEMPTS)]
    assert state(database, "a") == "dead"
    assert take(database, after=timedelta(days=9)) == []


def test_backoff_ends_at_an_hour() -> None:
    assert queue.backoff(40) == timedelta(hours=1)


def test_being_told_to_wait_is_not_a_try(database: Database) -> None:
    put(database, "a")
    for number in range(queue.MAX_ATTEMPTS * 2):
        [job] = take(database, after=MINUTE * number)
        with database.write() as session:
            assert queue.fail(session, job, NOW + MINUTE * number, "429", retry_after=MINUTE) == "queued"
    [job] = take(database, after=timedelta(hours=1))
    assert job.attempts == 1


def test_a_job_outlives_an_outage_of_the_other_side(database: Database) -> None:
    put(database, "a")
    at, pauses = timedelta(), set[timedelta]()
    for _ in range(queue.MAX_ATTEMPTS * 3):
        [job] = take(database, after=at)
        with database.write() as session:
            assert queue.fail(session, job, NOW + at, "503", away=True) == "queued"
        with database.read() as session:
            due = queue.next_run_at(session)
        assert due is not None
        pauses.add(due - NOW - at)
        at = due - NOW
    assert max(pauses) == timedelta(seconds=64)
    [job] = take(database, after=at)
    with database.write() as session:
        assert queue.fail(session, job, NOW + at, "a fault of its own") == "queued"


def test_a_job_that_kills_its_worker_every_time_is_given_up(database: Database) -> None:
    put(database, "poison", lane="l")
    put(database, "next", lane="l", run_at=NOW + SECOND)
    for number in range(queue.MAX_ATTEMPTS):
        claimed = take(database, after=(queue.LEASE + SECOND) * number)
        assert [job.key for job in claimed] == ["poison"]
    [after] = take(database, after=(queue.LEASE + SECOND) * queue.MAX_ATTEMPTS)
    assert after.key == "next"
    assert state(database, "poison") == "dead"


def test_a_final_failure_is_dead_at_once_and_a_person_may_retry_or_drop_it(database: Database) -> None:
    put(database, "a")
    [job] = take(database)
    with database.write() as session:
        assert queue.fail(session, job, NOW, "no handler", final=True) == "dead"
    with database.write() as session:
        [info] = queue.listing(session)
        assert (info.state, info.error) == ("dead", "no handler")
        assert queue.retry(session, job.id, NOW)
        assert not queue.retry(session, job.id, NOW)
    [again] = take(database)
    assert again.attempts == 1
    with database.write() as session:
        assert not queue.drop(session, job.id, NOW)  # it runs
        queue.fail(session, again, NOW, "no", final=True)
        assert queue.drop(session, job.id, NOW)
        assert not queue.drop(session, 999_999, NOW)
    assert state(database, "a") == "dropped"
    assert not put(database, "a")


def test_releasing_gives_a_job_back_untouched(database: Database) -> None:
    put(database, "a")
    [job] = take(database)
    with database.write() as session:
        queue.release(session, job, NOW)
    [again] = take(database)
    assert again.attempts == 1


def test_keys_are_kept_ninety_days(database: Database) -> None:
    put(database, "done")
    put(database, "waits")
    [job] = take(database)
    finish(database, job)
    with database.write() as session:
        assert queue.prune(session, NOW + timedelta(days=89)) == 0
        assert queue.prune(session, NOW + timedelta(days=91)) == 1
        assert queue.counts(session) == {"queued": 1}


@pytest.mark.parametrize("moment", ["between", "in_transaction"])
def test_a_worker_process_killed_amid_a_job_loses_nothing_and_does_nothing_twice(
    database: Database, database_url: str, moment: str
) -> None:
    put(database, "a")
    process, _ = queue_process.start(database_url, NOW, in_transaction=moment == "in_transaction")
    process.kill()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    assert state(database, "effect") is None
    [job] = take(database, after=queue.LEASE + SECOND)
    assert (job.key, job.attempts) == ("a", 2)
    with database.write() as session:
        assert queue.enqueue(session, "effect", {}, key="effect", now=NOW)
        queue.finish(session, job, NOW)


def test_a_worker_process_frozen_past_its_lease_changes_nothing_when_it_wakes(
    database: Database, database_url: str
) -> None:
    put(database, "a")
    process, line = queue_process.start(database_url, NOW, in_transaction=False)
    os.kill(process.pid, signal.SIGSTOP)
    [job] = take(database, after=queue.LEASE + SECOND)
    finish(database, job)
    os.kill(process.pid, signal.SIGCONT)
    line.send("go on")
    assert line.recv() == "lease lost"
    process.join(30)
    assert state(database, "effect") is None
    assert state(database, "a") == "done"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["put", "claim", "finish", "fail", "wait"]), st.integers(0, 3)), max_size=25
    )
)
def test_any_order_of_calls_keeps_lanes_serial_and_finishes_each_key_once(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("queue") / "queue.db"
    path.write_bytes(sqlite_template.read_bytes())
    db = Database(f"sqlite:///{path}")
    held: list[Job] = []
    done: list[str] = []
    at = timedelta()
    for step, number in steps:
        if step == "put":
            put(db, f"{len(done)}-{number}", lane=f"lane{number % 2}")
        elif step == "wait":
            at += queue.LEASE * number / 2
        elif step == "claim":
            held += take(db, after=at, limit=number + 1)
        elif held:
            job = held.pop(number % len(held))
            try:
                if step == "finish":
                    finish(db, job, after=at)
                    done.append(job.key)
                else:
                    with db.write() as session:
                        queue.fail(session, job, NOW + at, "x")
            except LeaseLost:
                pass
    assert len(done) == len(set(done))
    db.close()
