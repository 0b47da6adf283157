"""Connections: SQLite by default, PostgreSQL by URL, one `Database` for both.

SQLite gets two engines on one file. Intake must fail before Slack's three seconds run out, so it waits 1.5 s for a lock
and syncs fully to disk (what was acked survives a power cut); work may wait 30 s. Write transactions begin IMMEDIATE,
because a deferred transaction that turns into a writer can fail without waiting.

PostgreSQL gets two pools: what must be stored before an ack never waits for a connection that work holds, and gives up
in time as well.
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
INTAKE_CONNECTIONS, WORK_CONNECTIONS = 8, 20  # at most, for each process
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
    """Sessions for one database URL. Build it once; nothing connects before the first session.

    Raises ModuleNotFoundError where the driver is not installed, sqlalchemy.exc.ArgumentError for what is no URL.
    """

    def __init__(self, url: str) -> None:
        self.url = with_driver(url)
        self.is_sqlite = make_url(self.url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._work = _sqlite_engine(url, WORK_WAIT_MS, synchronous="NORMAL")
            self._intake = _sqlite_engine(url, INTAKE_WAIT_MS, synchronous="FULL")
        else:
            self._work = _postgres_engine(self.url, WORK_CONNECTIONS, WORK_WAIT_MS)
            self._intake = _postgres_engine(self.url, INTAKE_CONNECTIONS, INTAKE_WAIT_MS)
            _give_up(self._intake, INTAKE_WAIT_MS)

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

    def analyze(self) -> None:
        """Let PostgreSQL count its tables anew after many changes, so that its plans fit; SQLite plans without."""
        if not self.is_sqlite:
            with self._work.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("ANALYZE")

    def close(self) -> None:
        """Close every pooled connection."""
        self._work.dispose()
        self._intake.dispose()


@contextmanager
def _transaction(engine: Engine) -> Iterator[Session]:
    bound = engine.execution_options(ticket_intel_write=True)
    with Session(bound, expire_on_commit=False) as session, session.begin():
        yield session


def with_driver(url: str) -> str:
    """The URL with the driver that we bring: postgresql:// and postgres:// mean psycopg."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if separator and scheme in {"postgresql", "postgres"} else url


def _postgres_engine(url: str, connections: int, wait_ms: int) -> Engine:
    """Connections that are looked at before they are used: the server may have been restarted meanwhile."""
    kept = connections // 2
    return sa.create_engine(
        url,
        hide_parameters=True,
        pool_size=kept,
        max_overflow=connections - kept,
        pool_timeout=wait_ms / 1000,
        pool_pre_ping=True,
        connect_args={"connect_timeout": max(2, wait_ms // 3000)},
    )


def _give_up(engine: Engine, wait_ms: int) -> None:
    """Let the server end every statement of this engine after `wait_ms`, waiting for locks included."""

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {wait_ms}")


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
