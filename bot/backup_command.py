"""`ticket-intel backup FILE`: a copy of the database while the bot runs."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from bot.compose import place_of
from bot.errors import BadInput, DiskFull, FileUnreadable, SchemaOutdated
from bot.terminal import database
from storage import schema
from storage.backup import back_up
from storage.engine import is_full


def back_up_database(target: Path) -> str:
    """Copy the SQLite database; the sentence about it. Raises BadInput, FileUnreadable, SchemaOutdated or DiskFull."""
    with database() as db:
        if not db.is_sqlite:
            raise BadInput(
                problem="This database is PostgreSQL.",
                fix='Back it up with its own tools: pg_dump -Fc "$DATABASE_URL".',
            )
        if (found := schema.revision(db)) != schema.head():
            raise SchemaOutdated(found=found or "none", needed=schema.head())
        try:
            size = back_up(db, target)
        except FileExistsError as error:
            raise BadInput(problem=f"{target} is there already.", fix="Choose another name for the copy.") from error
        except (OSError, sqlite3.Error) as error:
            if is_full(error) or getattr(error, "errno", None) == errno.ENOSPC:
                raise DiskFull(place=target) from error
            reason = getattr(error, "strerror", None) or str(error)
            fix = "Choose another place."
            raise FileUnreadable(path=target, reason=f"the copy failed ({reason})", fix=fix) from error
        return f"{place_of(db.url)} is copied to {target} ({size / 1e6:.1f} MB), as of a moment ago, and checked."
