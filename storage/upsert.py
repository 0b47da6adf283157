"""Insert-or-keep and insert-or-replace, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from storage.tables import Row

BATCH = 500


def changed(result: Any) -> int:
    """How many rows a statement touched."""
    return cast("sa.CursorResult[Any]", result).rowcount


@lru_cache(maxsize=256)
def _unless_there(dialect: str, table: sa.Table, unique: tuple[str, ...], told: sa.Column[Any] | None) -> sa.Insert:
    """The statement alone: building it anew for each row costs more than running it."""
    made = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    # A returned row, not a row count: PostgreSQL's driver has none for an insert that SQLAlchemy lets return its key.
    returned = sa.literal(1) if told is None else told
    return made.on_conflict_do_nothing(index_elements=list(unique)).returning(returned)


def insert_new(session: Session, table: type[Row], values: Mapping[str, Any], *, unique: Sequence[str]) -> bool:
    """Insert a row unless one with the same unique columns is there. True if it was inserted."""
    return _inserted(session, table, values, unique, None) is not None


def insert_numbered(
    session: Session, table: type[Row], values: Mapping[str, Any], *, unique: Sequence[str]
) -> int | None:
    """`insert_new` for a table with a number: the new row's, or None if one with the same unique columns is there."""
    return _inserted(session, table, values, unique, _columns(table).c.id)


def _inserted(
    session: Session, table: type[Row], values: Mapping[str, Any], unique: Sequence[str], told: sa.Column[Any] | None
) -> Any:
    session.flush()  # a statement on the connection does not do so by itself
    connection = session.connection()
    statement = _unless_there(connection.dialect.name, _columns(table), tuple(unique), told)
    return connection.execute(statement, values).scalar()


def _columns(table: type[Row]) -> sa.Table:
    return cast("sa.Table", sa.inspect(table).local_table)


@lru_cache(maxsize=256)
def _or_replace(dialect: str, table: sa.Table, unique: tuple[str, ...], columns: tuple[str, ...]) -> Any:
    made = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    update = {name: made.excluded[name] for name in columns if name not in unique}
    return made.on_conflict_do_update(index_elements=list(unique), set_=update)


def put(session: Session, table: type[Row], values: Mapping[str, Any], *, unique: Sequence[str]) -> None:
    """Insert a row, or replace the other columns of the one that is there."""
    put_many(session, table, [values], unique=unique)


def put_many(session: Session, table: type[Row], rows: Sequence[Mapping[str, Any]], *, unique: Sequence[str]) -> None:
    """`put` for many rows with the same columns, in batches."""
    if not rows:
        return
    session.flush()
    connection = session.connection()
    statement = _or_replace(connection.dialect.name, _columns(table), tuple(unique), tuple(rows[0]))
    for start in range(0, len(rows), BATCH):
        connection.execute(statement, [dict(row) for row in rows[start : start + BATCH]])
