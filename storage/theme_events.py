"""What happened to themes: their lineage, and what was taken back of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.tables import ThemeEventRow, ThemeRow
from storage.themes import by_number
from storage.upsert import changed


def happened(
    session: Session, workspace: str, theme_id: int, kind: str, actor: str, data: Mapping[str, Any], now: datetime
) -> int:
    """Write an event into a theme's lineage; its id, for undo."""
    row = ThemeEventRow(workspace_id=workspace, theme_id=theme_id, kind=kind, actor=actor, data=dict(data), at=now)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a theme's lineage."""

    id: int
    theme_id: int
    kind: str
    actor: str
    data: Mapping[str, Any]
    at: datetime
    undone: bool


def event(session: Session, workspace: str, event_id: int) -> Event | None:
    row = session.get(ThemeEventRow, event_id)
    if row is None or row.workspace_id != workspace:
        return None
    return Event(event_id, row.theme_id, row.kind, row.actor, row.data, row.at, row.undone_at is not None)


def events_of_kind(session: Session, workspace: str, kind: str) -> list[Event]:
    """What happened in this way to any theme and was not taken back, in order; of merged themes under the one that stands."""
    rows = session.exec(
        select(ThemeEventRow, ThemeRow)
        .join(ThemeRow, col(ThemeRow.id) == col(ThemeEventRow.theme_id))
        .where(ThemeEventRow.workspace_id == workspace, ThemeEventRow.kind == kind)
        .where(col(ThemeEventRow.undone_at).is_(None))
        .order_by(col(ThemeEventRow.id))
    ).all()
    found: list[Event] = []
    for row, theme in rows:
        standing = by_number(session, workspace, theme.number)
        if standing is not None:
            found.append(Event(row.id or 0, standing.id, row.kind, row.actor, row.data, row.at, undone=False))
    return found


def undone(session: Session, event_id: int, now: datetime) -> bool:
    """Mark an event as taken back; False if it was before."""
    open_still = (col(ThemeEventRow.id) == event_id, col(ThemeEventRow.undone_at).is_(None))
    return changed(session.execute(sa.update(ThemeEventRow).where(*open_still).values(undone_at=now))) == 1


def lineage(session: Session, theme_id: int) -> list[tuple[int, str, str, Mapping[str, Any], datetime, bool]]:
    """A theme's events in order: id, kind, actor, data, time, undone."""
    rows = session.exec(
        select(ThemeEventRow).where(ThemeEventRow.theme_id == theme_id).order_by(col(ThemeEventRow.id))
    ).all()
    return [(r.id or 0, r.kind, r.actor, r.data, r.at, r.undone_at is not None) for r in rows]
