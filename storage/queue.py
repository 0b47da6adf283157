"""The durable queue: work that survives kill -9.

Contract (held by every implementation, see tests/test_queue_contract.py):

- `enqueue` joins the caller's transaction and returns False if the key was ever used (keys are kept 90 days).
- A job runs at least once. A worker holds a lease and a fencing token; the job's last write checks the token
  (`finish`), so a worker that was frozen past its lease changes nothing.
- Jobs of one lane run one at a time, in order of (priority, run_at, id): one worker may hold several and runs them
  one after another.
- A clock that jumps does neither hold a job up nor let it run beside itself: a process does not take over what it works
  on (`mine`, its claims' tokens), and what was planned or leased by a clock that has gone back since is due.
- A failed job comes back after a growing pause and is dead after `MAX_ATTEMPTS`; so is one whose worker ended that
  often without a word. Dead jobs wait for a person.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage import claiming, wake
from storage.tables import JobRow
from storage.upsert import insert_new

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 8
KEYS_KEPT = timedelta(days=90)
_JOBS = claiming.JOBS
STATES = ("queued", "running", "dead", "done", "dropped")


class LeaseLost(Exception):
    """The job's lease ran out and another worker has it: this worker's result is thrown away."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its worker sees it."""

    id: int
    key: str
    job: str
    args: Mapping[str, Any]
    lane: str | None
    attempts: int
    token: str
    run_at: datetime
    taken_over: bool = False  # from a worker that has not said how it ended


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job as people see it (`ticket-intel jobs list`)."""

    id: int
    key: str
    job: str
    lane: str | None
    state: str
    attempts: int
    run_at: datetime
    error: str | None


def enqueue(
    session: Session,
    job: str,
    args: Mapping[str, Any],
    *,
    key: str,
    now: datetime,
    lane: str | None = None,
    priority: int = 0,
    run_at: datetime | None = None,
) -> bool:
    """Add a job within the caller's transaction; lower `priority` runs first. False if the key was used before."""
    values = {
        "key": key,
        "job": job,
        "args": dict(args),
        "lane": lane,
        "priority": priority,
        "run_at": run_at or now,
        "state": "queued",
        "attempts": 0,
        "created_at": now,
        "planned_at": now,
    }
    fresh = insert_new(session, JobRow, values, unique=["key"])
    if fresh and values["run_at"] <= now:
        wake.tell(session)
    return fresh


def claim(
    session: Session, now: datetime, *, limit: int = 1, lease: timedelta = LEASE, mine: Collection[str] = ()
) -> list[Job]:
    """Lease up to `limit` due jobs, none of a lane that another worker holds; the caller runs them one by one.

    `mine`: the tokens of the claims that this process works on, whose leases hold whatever the clock says. A lease is at
    most `claiming.LONGEST_LEASE`.
    """
    connection = claiming.connection_of(session)
    at = claiming.moment(now, mine)
    connection.execute(_bury(), at)  # before the look: what is given up is no candidate
    chosen = claiming.choose(connection, at, limit)
    if not chosen:
        return []
    token = uuid.uuid4().hex
    rows = connection.execute(_chosen(), {"chosen": chosen}).all()  # as they were
    connection.execute(_leased(), {"chosen": chosen, "state": "running", "lease_until": now + lease, "token": token})
    return [
        Job(r.id, r.key, r.job, r.args, r.lane, r.attempts + 1, token, r.run_at, taken_over=r.state == "running")
        for r in rows
    ]


@cache
def _leased() -> sa.Update:
    chosen = sa.bindparam("chosen", expanding=True)
    return sa.update(_JOBS).where(_JOBS.c.id.in_(chosen)).values(attempts=_JOBS.c.attempts + 1)


@cache
def _chosen() -> sa.Select[Any]:
    chosen = sa.bindparam("chosen", expanding=True)
    return sa.select(_JOBS).where(_JOBS.c.id.in_(chosen)).order_by(*claiming.ORDER)


@cache
def _bury() -> sa.Update:
    """Give up jobs that took their worker with them at every try: the next one would die of them too."""
    lost = claiming.lost(MAX_ATTEMPTS)
    error = "its worker ended without a word every time"
    return sa.update(_JOBS).where(_JOBS.c.id.in_(lost)).values(state="dead", lease_until=None, token=None, error=error)


def any_due(session: Session, now: datetime, *, mine: Collection[str] = ()) -> bool:
    """Whether a claim could find something: a cheap look before a write transaction is opened."""
    return claiming.connection_of(session).execute(claiming.one_due(), claiming.moment(now, mine)).first() is not None


@cache
def _held() -> sa.Update:
    mine = (_JOBS.c.id == sa.bindparam("held"), _JOBS.c.token == sa.bindparam("by"), _JOBS.c.state == "running")
    return sa.update(_JOBS).where(*mine)


def _change(session: Session, job: Job, **values: Any) -> None:
    result = claiming.connection_of(session).execute(_held(), {"held": job.id, "by": job.token, **values})
    if result.rowcount != 1:
        raise LeaseLost(job.key)


def finish(session: Session, job: Job, now: datetime) -> None:
    """Mark the job done in the transaction of its last write. Raises LeaseLost if the token no longer holds it."""
    _change(session, job, state="done", lease_until=None, finished_at=now, error=None)


def renew(session: Session, job: Job, now: datetime, lease: timedelta = LEASE) -> None:
    """Extend the lease of a long job. Raises LeaseLost if another worker has it."""
    _change(session, job, lease_until=now + lease)


def renew_claim(session: Session, token: str, now: datetime, lease: timedelta = LEASE) -> int:
    """Extend the leases of all jobs of one claim that are not over; how many."""
    held = (col(JobRow.token) == token, col(JobRow.state) == "running")
    result = session.execute(sa.update(JobRow).where(*held).values(lease_until=now + lease))
    return cast("sa.CursorResult[Any]", result).rowcount


def backoff(attempts: int) -> timedelta:
    """The pause before try `attempts + 1`: 2 s, 4 s, 8 s ... at most an hour."""
    return timedelta(seconds=min(2.0**attempts, 3600.0))


def fail(
    session: Session,
    job: Job,
    now: datetime,
    error: str,
    *,
    retry_after: timedelta | None = None,
    away: bool = False,
    final: bool = False,
) -> str:
    """Give a job back after an error: queued again after a pause, or dead. Returns the new state.

    `retry_after` is the other side's own wish (Retry-After) and wins over the growing pause; such a try is not counted
    against the job, because being rate-limited is not being broken. Nor does a job die while the other side is `away`:
    its pause grows to about a minute, and it keeps two tries for faults of its own.
    """
    attempts = job.attempts - 1 if retry_after is not None else job.attempts
    if away:
        attempts = min(attempts, MAX_ATTEMPTS - 2)
    dead = final or attempts >= MAX_ATTEMPTS
    state = "dead" if dead else "queued"
    pause = retry_after if retry_after is not None else backoff(attempts)
    _change(
        session,
        job,
        state=state,
        lease_until=None,
        token=None,
        attempts=attempts,
        run_at=now + pause,
        planned_at=now,
        error=error[:500],
    )
    return state


def release(session: Session, job: Job, now: datetime) -> None:
    """Give an unstarted job back untouched (at shutdown)."""
    _change(
        session,
        job,
        state="queued",
        lease_until=None,
        token=None,
        attempts=job.attempts - 1,
        run_at=now,
        planned_at=now,
    )


def next_run_at(session: Session) -> datetime | None:
    """When the earliest waiting job is due, or None: what a replay's clock jumps to."""
    return session.exec(select(sa.func.min(JobRow.run_at)).where(col(JobRow.state) == "queued")).one()


def listing(session: Session, *, state: str | None = None, limit: int = 50) -> list[JobInfo]:
    """Jobs for people, newest first; without `state` those that are not over."""
    where = col(JobRow.state) == state if state else col(JobRow.state).not_in(["done", "dropped"])
    rows = session.exec(select(JobRow).where(where).order_by(col(JobRow.id).desc()).limit(limit)).all()
    return [JobInfo(cast("int", r.id), r.key, r.job, r.lane, r.state, r.attempts, r.run_at, r.error) for r in rows]


def counts(session: Session) -> dict[str, int]:
    """Number of jobs by state."""
    rows = session.exec(select(JobRow.state, sa.func.count()).group_by(col(JobRow.state))).all()
    return {state: int(n) for state, n in rows}


def depth(session: Session) -> dict[tuple[str, str], int]:
    """Number of jobs that are not over, by (name, state)."""
    open_states = col(JobRow.state).in_(["queued", "running", "dead"])
    query = select(JobRow.job, JobRow.state, sa.func.count()).where(open_states)
    return {(job, state): int(n) for job, state, n in session.exec(query.group_by(JobRow.job, JobRow.state)).all()}


def retry(session: Session, job_id: int, now: datetime) -> bool:
    """Queue a dead job again with fresh tries. False if there is no such dead job."""
    result = session.execute(
        sa.update(JobRow)
        .where(col(JobRow.id) == job_id, col(JobRow.state) == "dead")
        .values(state="queued", attempts=0, run_at=now, planned_at=now, error=None)
    )
    return cast("sa.CursorResult[Any]", result).rowcount == 1


def drop(session: Session, job_id: int, now: datetime) -> bool:
    """Give a dead or queued job up for good; its key stays used. False if there is no such job."""
    result = session.execute(
        sa.update(JobRow)
        .where(col(JobRow.id) == job_id, col(JobRow.state).in_(["dead", "queued"]))
        .values(state="dropped", finished_at=now)
    )
    return cast("sa.CursorResult[Any]", result).rowcount == 1


def prune(session: Session, now: datetime) -> int:
    """Forget finished jobs and their keys after 90 days. Returns how many."""
    result = session.execute(
        sa.delete(JobRow).where(col(JobRow.state).in_(["done", "dropped"]), col(JobRow.finished_at) < now - KEYS_KEPT)
    )
    return cast("sa.CursorResult[Any]", result).rowcount
