"""Insert-or-keep and insert-or-replace, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from storage.tables import Row


def changed(result: Any) -> int:
    """How many rows a statement touched."""
    return cast("sa.CursorResult[Any]", result).rowcount


def _insert(session: Session, table: type[Row]) -> Any:
    return sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)


def insert_new(session: Session, table: type[Row], values: Mapping[str, Any], *, unique: Sequence[str]) -> bool:
    """Insert a row unless one with the same unique columns is there. True if it was inserted."""
    statement = _insert(session, table).values(**values).on_conflict_do_nothing(index_elements=list(unique))
    return changed(session.execute(statement)) == 1


def put(session: Session, table: type[Row], values: Mapping[str, Any], *, unique: Sequence[str]) -> None:
    """Insert a row, or replace the other columns of the one that is there."""
    update = {name: value for name, value in values.items() if name not in unique}
    statement = _insert(session, table).values(**values).on_conflict_do_update(index_elements=list(unique), set_=update)
    session.execute(statement)
