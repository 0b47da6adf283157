"""A long run with real worker processes that are killed and frozen at random: nothing lost, nothing done twice.

SOAK_SECONDS says how long; .ci/run runs it for some seconds, `make soak` for ten minutes.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import queue
from storage.engine import Database

ROOT = Path(__file__).parent.parent
WORKERS = 3
LEAST = 100  # jobs, however short the run

WORKER = """
import sys
from datetime import UTC, datetime, timedelta
from storage import queue, workspaces
from storage.engine import Database

db, lease = Database(sys.argv[1]), timedelta(seconds=1)
while True:
    try:
        with db.write() as session:
            jobs = queue.claim(session, datetime.now(UTC), limit=4, lease=lease)
        for job in jobs:
            with db.write() as session:
                workspaces.audit(session, "T1", "worker", "effect", job.key, {"lane": job.lane}, datetime.now(UTC))
                queue.finish(session, job, datetime.now(UTC))
    except queue.LeaseLost:
        pass
"""


def _worker(url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(30)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_killed_and_frozen_workers_lose_nothing_and_do_nothing_twice(database: Database, database_url: str) -> None:
    rng = random.Random(7)
    seconds = float(os.environ.get("SOAK_SECONDS", "20"))
    workers = [_worker(database_url) for _ in range(WORKERS)]
    stored: set[str] = set()
    numbers = itertools.count()
    over = time.monotonic() + seconds
    try:
        while time.monotonic() < over or len(stored) < LEAST:
            batch = [f"job:{next(numbers)}" for _ in range(rng.randint(1, 40))]
            with database.write() as session:
                for key in batch:
                    lane = rng.choice([None, "a", "b"])
                    assert queue.enqueue(session, "effect", {}, key=key, now=datetime.now(UTC), lane=lane)
            stored.update(batch)
            _torment(workers, rng, database_url)
        _wait_until_done(database)
    finally:
        for worker in workers:
            _end(worker)
    with database.engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT subject, count(*) FROM audit WHERE action = 'effect' GROUP BY subject")
        )
        done = {subject: int(count) for subject, count in rows.all()}
    assert stored - set(done) == set()
    assert {key: count for key, count in done.items() if count > 1} == {}
    assert stored


def _torment(workers: list[subprocess.Popen[bytes]], rng: random.Random, url: str) -> None:
    """Kill a worker and start another, or freeze one past its lease, or let all be for a moment."""
    position = rng.randrange(len(workers))
    chance = rng.random()
    if chance < 0.3:
        _end(workers[position])
        workers[position] = _worker(url)
    elif chance < 0.5:
        workers[position].send_signal(signal.SIGSTOP)
        time.sleep(1.2)
        workers[position].send_signal(signal.SIGCONT)
    else:
        time.sleep(0.1)


def _wait_until_done(db: Database) -> None:
    """Let the workers finish what is left; a minute is far more than it takes."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with db.read() as session:
            left = queue.counts(session)
        if set(left) <= {"done"}:
            return
        time.sleep(0.2)
    raise AssertionError(f"not done after a minute: {left}")
