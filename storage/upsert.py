"""Insert-or-keep and insert-or-replace, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from storage.tables import Row

BATCH = 500


def changed(result: Any) -> int:
    """How many rows a statement touched."""
    return cast("sa.CursorResult[Any]", result).rowcount


def _insert(session: Session, table: type[Row]) -> Any:
    return sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)


def insert_new(session: Session, table: type[Row], values: Mapping[str, Any], *, unique: Sequence[str]) -> bool:
    """Insert a row unless one with the same unique columns is there. True if it was inserted."""
    statement = _insert(session, table).values(**values).on_conflict_do_nothing(index_elements=list(unique))
    # A returned row, not a row count: PostgreSQL's driver has none for an insert that SQLAlchemy lets return its key.
    return session.execute(statement.returning(sa.literal(1))).first() is not None


def put(session: Session, table: type[Row], values: Mapping[str, Any], *, unique: Sequence[str]) -> None:
    """Insert a row, or replace the other columns of the one that is there."""
    update = {name: value for name, value in values.items() if name not in unique}
    statement = _insert(session, table).values(**values).on_conflict_do_update(index_elements=list(unique), set_=update)
    session.execute(statement)


def put_many(session: Session, table: type[Row], rows: Sequence[Mapping[str, Any]], *, unique: Sequence[str]) -> None:
    """`put` for many rows with the same columns, in batches."""
    if not rows:
        return
    statement = _insert(session, table)
    update = {name: statement.excluded[name] for name in rows[0] if name not in unique}
    statement = statement.on_conflict_do_update(index_elements=list(unique), set_=update)
    for start in range(0, len(rows), BATCH):
        session.execute(statement, [dict(row) for row in rows[start : start + BATCH]])
