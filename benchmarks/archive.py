"""A large made-up archive, filled in minutes: the newest part row by row, older parts as copies that the database makes itself.

A part is `report_speed.fill`'s; what is copied has other numbers and lies earlier. The copies repeat the vectors of the part,
which changes nothing for what is measured: the work on a row is the same, whatever its numbers are.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import sqlalchemy as sa

from benchmarks.report_speed import fill
from bot.deps import Deps
from storage.tables import AnalysisRow, MembershipRow, MessageRow, Row, SignalRow, TicketRow, VectorRow

PART = 20_000  # tickets that are made row by row
_SHIFTED = {  # what a copy adds PART to; the primary key of a ticket is its number
    TicketRow: ("id",),
    MessageRow: ("id", "ticket_id"),
    AnalysisRow: ("id", "ticket_id"),
    SignalRow: ("analysis_id", "ticket_id"),
    MembershipRow: ("ticket_id",),
    VectorRow: ("ticket_id",),
}
_TIMES = frozenset({"at", "updated_at", "created_at"})


def fill_archive(deps: Deps, size: int, rng: np.random.Generator, *, days: float) -> None:
    """Put `size` tickets of so many days into a SQLite database that nobody else uses; a crash meanwhile loses it."""
    if size <= PART:
        fill(deps, size, rng, days=days)
        return
    parts, rest = divmod(size, PART)
    if rest:
        raise ValueError(f"an archive above {PART:,} tickets is made of whole parts of {PART:,}")
    fill(deps, PART, rng, days=days / parts)
    with closing(sqlite3.connect(str(deps.db.engine.url.database))) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        for part in range(1, parts):
            for table, shifted in _SHIFTED.items():
                connection.execute(_copy(table, shifted, part, days / parts * part))
            connection.commit()


def _copy(table: type[Row], shifted: tuple[str, ...], part: int, days: float) -> str:
    """The statement that copies the newest part so many days back."""
    columns = [column.name for column in sa.inspect(table).local_table.columns]

    def value(name: str) -> str:
        if name in shifted:
            return f'"{name}" + {part * PART}'
        if name in _TIMES:
            return f"strftime('%Y-%m-%d %H:%M:%f', \"{name}\", '-{days * 86_400:.3f} seconds')"
        if name in {"external_id", "content_key"}:
            return f"\"{name}\" || '-{part}'"
        return f'"{name}"'

    named = ", ".join(f'"{name}"' for name in columns)
    source, last = table.__tablename__, shifted[-1]
    values = ", ".join(map(value, columns))
    return f'INSERT INTO {source} ({named}) SELECT {values} FROM {source} WHERE "{last}" <= {PART}'
