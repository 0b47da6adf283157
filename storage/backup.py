"""A copy of a SQLite database while everything runs: one moment of it, complete, in one file."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.engine import Database


def back_up(db: Database, target: Path) -> int:
    """Write a copy as of now; its size in bytes. The file appears under its name when it is whole and was checked.

    Writers go on meanwhile. In the copy every letter that waits counts as tried: after a restore the bot looks whether
    it was sent since, and does not send it again. Raises FileExistsError, OSError, or sqlite3.Error where there is no
    room or what was copied does not hold together.
    """
    if not db.is_sqlite:
        raise ValueError("back up a PostgreSQL database with its own tools")
    if target.exists():
        raise FileExistsError(target)
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)  # it holds words of customers
    try:
        with db.engine.connect() as connection:
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)
            source.execute("VACUUM INTO ?", (str(part),))
        with closing(sqlite3.connect(part)) as copy:
            found = copy.execute("PRAGMA integrity_check").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(f"the copy does not hold together: {found}")
            copy.execute("UPDATE outbox SET attempts = 1 WHERE state = 'waiting' AND attempts = 0")
            copy.commit()
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size
