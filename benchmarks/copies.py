"""Makes a large database out of a small one: every ticket again and again at other times, with all that was read of it.

Importing 100,000 tickets takes most of an hour, nearly all of it spent on reading them. How long an answer takes depends
on how many rows there are, and not on whether their words are new.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

STEP = 10_000_000  # what is added to the ids of each further copy
MINUTES = 613  # by which each further copy came earlier than the one before

_TICKET = {"ticket_id": "{column} + {step}"}
_EARLIER = dict.fromkeys(("at", "last_message_at"), "strftime('%Y-%m-%d %H:%M:%f', {column}, '-{minutes} minutes')")
_KEY = {"external_id": "{column} || ':{copy}'"}
_ID = {"id": "{column} + {step}"}
#: Column -> how a copy's value is made of the first one's; the other columns are taken over.
TABLES: Mapping[str, Mapping[str, str]] = {
    "tickets": _ID | _EARLIER,
    "messages": _ID | _TICKET | _EARLIER | _KEY,
    "ticket_refs": _TICKET | _KEY,
    "analyses": _ID | _TICKET | {"content_key": "{column} || ':{copy}'"},
    "signals": _TICKET | {"analysis_id": "{column} + {step}"},
    "vectors": _TICKET,
    "memberships": _TICKET | _EARLIER,
}

_STRETCHED = (
    "UPDATE {table} SET {name} = strftime('%Y-%m-%d %H:%M:%f',"
    " julianday('now') - (julianday('now') - julianday({name})) * {stretch}) WHERE {name} IS NOT NULL"
)


def multiply(file: Path, times: int, *, stretch: float = 1.0) -> None:
    """Make `times` tickets of each that is there, after the time between each and now was stretched so many times."""
    database = sqlite3.connect(file)
    try:
        with database:
            for table, made in TABLES.items():
                for name in made.keys() & _EARLIER.keys() & set(_columns(database, table)):
                    database.execute(_STRETCHED.format(table=table, name=name, stretch=stretch))
        for copy in range(1, times):
            with database:
                for table, made in TABLES.items():
                    database.execute(_statement(database, table, made, copy))
        database.execute("ANALYZE")
        database.commit()
    finally:
        database.close()


def _statement(database: sqlite3.Connection, table: str, made: Mapping[str, str], copy: int) -> str:
    values = {"copy": copy, "step": copy * STEP, "minutes": copy * MINUTES}
    columns = _columns(database, table)
    taken = [made.get(name, "{column}").format(column=f'"{name}"', **values) for name in columns]
    own = "id" if "id" in columns else "ticket_id"
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) SELECT {', '.join(taken)} FROM {table} WHERE {own} < {STEP}"


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
