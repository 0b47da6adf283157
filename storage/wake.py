"""Tell the workers of every process that there is work: LISTEN and NOTIFY of PostgreSQL.

A notification is sent with the commit of the transaction that enqueued, and never without it. It only saves waiting:
whatever is missed (a connection that was cut, a pooler that does not pass it on) is found by the next poll. SQLite has
none: there the one process wakes itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from storage.engine import Database

CHANNEL = "ticket_intel_jobs"
LOOK_UP_SECONDS = 0.5  # how often a listener looks whether it shall end
AGAIN_SECONDS = 2.0


def tell(session: Session) -> None:
    """Wake the workers at the commit of this transaction, once however much it enqueues."""
    if session.get_bind().dialect.name == "postgresql" and not session.info.get(CHANNEL):
        session.info[CHANNEL] = True
        session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


def listen(db: Database, heard: Callable[[], None], over: threading.Event, *, lost: Callable[[str], None]) -> None:
    """Call `heard` whenever there is work, until `over`; connects again after a cut, of which `lost` is told why.

    It is also called at every connection: what was told meanwhile went unheard. Returns at once on SQLite.
    """
    while not db.is_sqlite and not over.is_set():
        try:
            _listen(db, heard, over)
        except DBAPIError as error:
            lost(type(error).__name__)
            over.wait(AGAIN_SECONDS)


def _listen(db: Database, heard: Callable[[], None], over: threading.Event) -> None:
    """One connection's length. Raises sqlalchemy.exc.DBAPIError where it is cut."""
    import psycopg

    pooled = db.engine.raw_connection()
    connection = pooled.driver_connection
    assert isinstance(connection, psycopg.Connection)
    pooled.detach()  # it is ours now: the pool may lend another
    try:
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")
        heard()
        while not over.is_set():
            for _ in connection.notifies(timeout=LOOK_UP_SECONDS, stop_after=1):
                heard()
    except psycopg.Error as error:
        raise DBAPIError(f"LISTEN {CHANNEL}", None, error) from error
    finally:
        connection.close()
