"""Which jobs a worker may take now, so that no two workers take one job and none runs beside another of its lane.

On SQLite the claim's transaction is the only writer. On PostgreSQL any number of workers claim at once and none waits
for another: rows are taken with SKIP LOCKED, and a lane is taken before its rows, by an advisory lock that lasts as
long as the claim, so that nobody takes the second job of a lane while the first is being taken. A job whose lease ran
out while its worker is in its last write is left alone with its lane: that write either commits, then the job is done,
or it does not, then the next claim finds it.

Clocks jump. Forward, every lease seems to have run out: a process never takes over from itself (`mine`), because what
it holds it renews. Back, what was planned and leased by the clock of before lies in the future: a job that was planned
later than now is due, for what it waits for is always a pause and never an hour of the day, and a lease that ends later
than any lease can is none.

Statements of every round are built once: each would cost more to build than to run.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session

from storage.tables import JobRow

LANES = 7429311  # the first number of our advisory locks for lanes; the second is the lane's hash

JOBS = cast("sa.Table", sa.inspect(JobRow).local_table)
ASTRAY = timedelta(seconds=10)  # further apart than the clocks of machines that NTP keeps together
LONGEST_LEASE = timedelta(minutes=10)
ORDER = (JOBS.c.priority, JOBS.c.run_at, JOBS.c.id)

Query = sa.Select[*tuple[Any, ...]]


def connection_of(session: Session) -> sa.Connection:
    """Where statements run that are no concern of the session's rows."""
    session.flush()
    return session.connection()


def moment(now: datetime, mine: Collection[str] = ()) -> dict[str, Any]:
    """What the statements here ask about: the time, and the tokens of the claims that this process itself works on."""
    return {"now": now, "ahead": now + ASTRAY, "longest": now + LONGEST_LEASE, "mine": sorted(mine)}


def choose(connection: sa.Connection, at: dict[str, Any], limit: int) -> list[int]:
    """The ids of up to `limit` jobs to take, in order; on PostgreSQL their rows are locked until the transaction ends."""
    wanted: dict[str, Any] = {**at, "most": limit}
    if connection.dialect.name != "postgresql":
        return list(connection.execute(_candidates(), wanted).scalars())
    lanes = _take_lanes(connection, wanted)
    # A new statement sees what was committed before the lanes were ours.
    return list(connection.execute(_ours(), {**wanted, "lanes": sorted(lanes)}).scalars())


@cache
def one_due() -> Query:
    """Whether a claim could find something."""
    return sa.select(JOBS.c.id).where(_due()).limit(1)


@cache
def lost(most_attempts: int) -> Query:
    """Jobs that took their worker with them at every try; not one that is in its last write."""
    return sa.select(JOBS.c.id).where(_late(), JOBS.c.attempts >= most_attempts).with_for_update(skip_locked=True)


def _due() -> sa.ColumnElement[bool]:
    """Waiting and due, or planned by a clock that has gone back since, or held by a worker whose lease ran out."""
    its_time = sa.or_(JOBS.c.run_at <= sa.bindparam("now"), JOBS.c.planned_at > sa.bindparam("ahead"))
    return sa.or_(sa.and_(JOBS.c.state == "queued", its_time), _late())


def _late() -> sa.ColumnElement[bool]:
    """Running, and nobody's: its worker has ended without a word, or stands still."""
    return sa.and_(JOBS.c.state == "running", ~_leased(JOBS))


def _leased(jobs: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether the lease of a running job holds."""
    until = jobs.c.lease_until
    in_time = sa.and_(until >= sa.bindparam("now"), until <= sa.bindparam("longest"))
    return sa.or_(in_time, jobs.c.token.in_(sa.bindparam("mine", expanding=True, type_=sa.String)))


def _free() -> sa.ColumnElement[bool]:
    """Of a lane that no worker holds."""
    busy = JOBS.alias()
    held = sa.and_(busy.c.lane == JOBS.c.lane, busy.c.state == "running", _leased(busy))
    return ~sa.select(busy.c.id).where(held).exists()


def _wanted(column: sa.Column[Any], where: sa.ColumnElement[bool]) -> Query:
    most = sa.bindparam("most", type_=sa.Integer)
    return sa.select(column).where(_due(), where).order_by(*ORDER).limit(most)


@cache
def _candidates() -> Query:
    return _wanted(JOBS.c.id, sa.or_(JOBS.c.lane.is_(None), _free()))


@cache
def _next_lanes() -> Query:
    return _wanted(JOBS.c.lane, sa.or_(JOBS.c.lane.is_(None), _free()))


@cache
def _ours() -> Query:
    in_lanes = JOBS.c.lane.in_(sa.bindparam("lanes", expanding=True))
    mine = sa.or_(JOBS.c.lane.is_(None), sa.and_(in_lanes, _free()))
    return _wanted(JOBS.c.id, mine).with_for_update(skip_locked=True, of=JOBS)


def _take_lanes(connection: sa.Connection, wanted: dict[str, Any]) -> set[str]:
    """Take the lanes of the jobs that are next, but for those that another claim is taking at this moment."""
    lanes = sorted({lane for lane in connection.execute(_next_lanes(), wanted).scalars() if lane is not None})
    if not lanes:
        return set()
    taken = {name for name, ours in connection.execute(_lock_lanes(), {"lanes": lanes}).all() if ours}
    return taken - _in_last_write(connection, wanted, taken)


@cache
def _lock_lanes() -> Query:
    lane = sa.func.unnest(sa.bindparam("lanes", type_=ARRAY(sa.Text))).column_valued("lane")
    return sa.select(lane, sa.func.pg_try_advisory_xact_lock(LANES, sa.func.hashtext(lane)))


def _in_last_write(connection: sa.Connection, wanted: dict[str, Any], lanes: Collection[str]) -> set[str]:
    """Lanes with a job whose lease ran out and whose row its worker has locked."""
    found = {row.id: row.lane for row in connection.execute(_late_in(), {**wanted, "lanes": sorted(lanes)})}
    if not found:
        return set()
    lockable = sa.select(JOBS.c.id).where(JOBS.c.id.in_(found)).with_for_update(skip_locked=True)
    return {found[job] for job in found.keys() - set(connection.execute(lockable).scalars())}


@cache
def _late_in() -> Query:
    lanes = JOBS.c.lane.in_(sa.bindparam("lanes", expanding=True))
    return sa.select(JOBS.c.id, JOBS.c.lane).where(lanes, _late())
