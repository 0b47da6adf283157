"""Many workers on one PostgreSQL: nobody waits for another's claim, lanes stay serial, and news of work wakes all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from databases import NOW
from sqlmodel import Session

from storage import queue, wake
from storage.engine import Database
from storage.queue import Job

MINUTE = timedelta(minutes=1)
LATE = queue.LEASE + timedelta(seconds=1)


def put(db: Database, *keys: str, **options: object) -> None:
    with db.write() as session:
        for key in keys:
            assert queue.enqueue(session, "read", {}, key=key, now=NOW, **options)  # pyright: ignore


@contextmanager
def impatient(db: Database) -> Iterator[Session]:
    """A write session that fails where it would have to wait for another's lock."""
    with db.write() as session:
        session.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
        yield session


def keys(jobs: list[Job]) -> list[str]:
    return [job.key for job in jobs]


def test_two_claims_at_once_take_different_jobs_and_neither_waits(postgres_database: Database) -> None:
    put(postgres_database, "a", "b", "c", "d")
    with postgres_database.write() as first, impatient(postgres_database) as second:
        assert keys(queue.claim(first, NOW, limit=2)) == ["a", "b"]
        assert keys(queue.claim(second, NOW, limit=2)) == ["c", "d"]


def test_a_lane_that_is_being_claimed_is_left_alone_and_the_rest_is_taken(postgres_database: Database) -> None:
    put(postgres_database, "x1", "x2", "x3", lane="x")
    put(postgres_database, "y1", "y2", lane="y")
    put(postgres_database, "free")
    with ExitStack() as open_claims:
        first = open_claims.enter_context(postgres_database.write())
        assert keys(queue.claim(first, NOW)) == ["x1"]
        second = open_claims.enter_context(impatient(postgres_database))
        assert keys(queue.claim(second, NOW, limit=4)) == ["y1", "y2", "free"]
    with impatient(postgres_database) as third:
        assert queue.claim(third, NOW, limit=9) == []


def test_a_claim_that_is_given_up_leaves_lane_and_order_as_they_were(postgres_database: Database) -> None:
    put(postgres_database, "x1", "x2", lane="x")
    with pytest.raises(RuntimeError, match="killed"), postgres_database.write() as session:
        assert keys(queue.claim(session, NOW)) == ["x1"]
        raise RuntimeError("killed")
    with impatient(postgres_database) as session:
        assert keys(queue.claim(session, NOW, limit=9)) == ["x1", "x2"]


@pytest.mark.parametrize("tries", [1, queue.MAX_ATTEMPTS])
def test_a_job_in_its_last_write_past_its_lease_is_not_given_to_another(
    postgres_database: Database, tries: int
) -> None:
    """Nor is the next of its lane: it would not see what that write commits."""
    put(postgres_database, "x1", "x2", lane="x")
    for number in range(tries):
        with postgres_database.write() as session:
            [slow] = queue.claim(session, NOW + LATE * number)
    after = NOW + LATE * tries
    with postgres_database.write() as writing:
        queue.finish(writing, slow, after)
        with impatient(postgres_database) as other:
            assert queue.claim(other, after, limit=9) == []
    with impatient(postgres_database) as session:
        assert keys(queue.claim(session, after, limit=9)) == ["x2"]
        assert queue.counts(session) == {"done": 1, "running": 1}


def test_many_threads_take_every_job_once_and_keep_each_lane_in_order(postgres_database: Database) -> None:
    lanes = {f"lane{number}": [f"lane{number}:{place:02}" for place in range(12)] for number in range(4)}
    for lane, names in lanes.items():
        put(postgres_database, *names, lane=lane)
    put(postgres_database, *[f"free:{number}" for number in range(24)])
    inside: set[str] = set()
    seen: list[str] = []
    wrong: list[str] = []
    guard = threading.Lock()

    def work() -> None:
        while True:
            with postgres_database.write() as session:
                claimed = queue.claim(session, NOW, limit=3)
            if not claimed:
                with postgres_database.read() as session:
                    if not queue.counts(session).get("queued"):
                        return
                continue
            ours = {job.lane for job in claimed if job.lane}
            with guard:
                wrong.extend(ours & inside)
                inside.update(ours)
                seen.extend(keys(claimed))
            with postgres_database.write() as session:
                for job in claimed:
                    queue.finish(session, job, NOW)
                with guard:
                    inside.difference_update(ours)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert len(seen) == len(set(seen)) == 72
    for lane, names in lanes.items():
        assert [key for key in seen if key.startswith(lane)] == names


@pytest.fixture
def heard(postgres_database: Database) -> Iterator[threading.Semaphore]:
    """One release for each time that a listener of another process would be woken; connected already."""
    bell, over = threading.Semaphore(0), threading.Event()
    other = Database(postgres_database.url)
    lost: list[str] = []
    listener = threading.Thread(target=wake.listen, args=(other, bell.release, over), kwargs={"lost": lost.append})
    listener.start()
    assert bell.acquire(timeout=10)
    yield bell
    over.set()
    listener.join(10)
    other.close()


def test_work_of_another_process_wakes_at_its_commit_and_once(
    postgres_database: Database, heard: threading.Semaphore
) -> None:
    with postgres_database.write() as session:
        for key in "abc":
            queue.enqueue(session, "read", {}, key=key, now=NOW)
        assert not heard.acquire(timeout=0.2)
    assert heard.acquire(timeout=5)
    assert not heard.acquire(timeout=0.2)


def test_nothing_wakes_for_a_rollback_a_used_key_or_a_later_job(
    postgres_database: Database, heard: threading.Semaphore
) -> None:
    put(postgres_database, "a")
    assert heard.acquire(timeout=5)
    with pytest.raises(RuntimeError, match="no"), postgres_database.write() as session:
        queue.enqueue(session, "read", {}, key="b", now=NOW)
        raise RuntimeError("no")
    with postgres_database.write() as session:
        assert not queue.enqueue(session, "read", {}, key="a", now=NOW)
        assert queue.enqueue(session, "read", {}, key="later", now=NOW, run_at=NOW + MINUTE)
    assert not heard.acquire(timeout=0.3)


def test_a_listener_that_was_cut_off_connects_again(postgres_database: Database, heard: threading.Semaphore) -> None:
    with postgres_database.write() as session:
        cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'"
        assert session.execute(sa.text(cut)).scalar_one() == 1
    assert heard.acquire(timeout=10)
    put(postgres_database, "a")
    assert heard.acquire(timeout=5)


def test_the_intake_gives_up_before_slack_does(postgres_database: Database) -> None:
    """However many connections work holds, and whatever is locked."""
    with ExitStack() as busy:
        for _ in range(20):
            busy.enter_context(postgres_database.read()).execute(sa.text("SELECT 1"))
        with postgres_database.intake() as session:
            assert queue.enqueue(session, "ingest", {}, key="a", now=NOW)
    with postgres_database.write() as locked:
        locked.execute(sa.text("LOCK TABLE jobs"))
        with pytest.raises(sa.exc.OperationalError, match="timeout"), postgres_database.intake() as session:
            queue.enqueue(session, "ingest", {}, key="b", now=NOW)
