"""Connections: SQLite by default, PostgreSQL by URL, one `Database` for both.

SQLite gets two engines on one file. Intake must fail before Slack's three seconds run out, so it waits 1.5 s for a lock
and syncs fully to disk (what was acked survives a power cut); work may wait 30 s. Write transactions begin IMMEDIATE,
because a deferred transaction that turns into a writer can fail without waiting.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

INTAKE_WAIT_MS = 1_500
WORK_WAIT_MS = 30_000
_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE})
_FULL_POSTGRES = "53100"


def is_full(error: BaseException | None) -> bool:
    """Whether the database could not grow: SQLite says so by name, or as a failed write where a quota stopped it."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) in _FULL
    return getattr(cause, "sqlstate", None) == _FULL_POSTGRES


def reason_of(error: BaseException) -> str:
    """What a failed write is called in the log: nothing of what was to be written."""
    return "disk_full" if is_full(error) else type(error).__name__


class Database:
    """Sessions for one database URL. Build it once; nothing connects before the first session."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._work = _sqlite_engine(url, WORK_WAIT_MS, synchronous="NORMAL")
            self._intake = _sqlite_engine(url, INTAKE_WAIT_MS, synchronous="FULL")
        else:
            self._work = sa.create_engine(url, hide_parameters=True, pool_size=10, max_overflow=10, pool_pre_ping=True)
            self._intake = self._work

    @property
    def engine(self) -> Engine:
        """The work engine, for migrations and tools."""
        return self._work

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; nothing it does is committed."""
        with Session(self._work, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose transaction commits at the end of the block, or rolls back on an error."""
        with _transaction(self._work) as session:
            yield session

    @contextmanager
    def intake(self) -> Iterator[Session]:
        """Like `write`, for what must be stored before an ack: fails within 1.5 s when the database is locked."""
        with _transaction(self._intake) as session:
            yield session

    def vacuum(self) -> None:
        """Rewrite a SQLite file without what was deleted; until then its bytes are still in it. Elsewhere the server's
        own vacuum does that. Writers wait meanwhile: an intake that gives up is delivered again.
        """
        if not self.is_sqlite:
            return
        connection = self._work.raw_connection()  # VACUUM refuses to run inside of a transaction
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.close()
        finally:
            connection.close()

    def close(self) -> None:
        """Close every pooled connection."""
        self._work.dispose()
        self._intake.dispose()


@contextmanager
def _transaction(engine: Engine) -> Iterator[Session]:
    bound = engine.execution_options(ticket_intel_write=True)
    with Session(bound, expire_on_commit=False) as session, session.begin():
        yield session


def _sqlite_engine(url: str, wait_ms: int, *, synchronous: str) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).expanduser().parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": wait_ms / 1000}, pool_size=20)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy, not the driver, says when a transaction begins
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={wait_ms}")
        _write_ahead(cursor, wait_ms / 1000)
        for pragma in (f"synchronous={synchronous}", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("ticket_intel_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _write_ahead(cursor: sqlite3.Cursor, wait: float) -> None:
    """Write-ahead log: kept in the file, so only the first connection to a new file changes anything.

    SQLite does not wait for a lock here (of two connections that both read and both want to write, one must give way at
    once), so processes that open a new file together take turns. Raises sqlite3.OperationalError after `wait` seconds.
    """
    deadline = time.monotonic() + wait
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.005)  # noqa: TID251 - what SQLite's own busy handler does elsewhere
