"""Releases: when which version went out."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from intelligence.model import Release
from storage.tables import ReleaseRow
from storage.upsert import insert_new


def add(session: Session, workspace: str, name: str, at: datetime, *, by: str | None, source: str = "verb") -> bool:
    """Remember a release; False if one of this name is known."""
    values = {"workspace_id": workspace, "name": name, "at": at, "source": source, "by": by}
    return insert_new(session, ReleaseRow, values, unique=["workspace_id", "name"])


def between(session: Session, workspace: str, start: datetime, end: datetime) -> list[Release]:
    """Releases of a period in order of time."""
    rows = session.exec(
        select(ReleaseRow)
        .where(ReleaseRow.workspace_id == workspace, col(ReleaseRow.at) >= start, col(ReleaseRow.at) < end)
        .order_by(col(ReleaseRow.at))
    ).all()
    return [Release(row.name, row.at, row.source, row.id) for row in rows]


def latest(session: Session, workspace: str) -> Release | None:
    """The newest release, if any is known."""
    row = session.exec(
        select(ReleaseRow).where(ReleaseRow.workspace_id == workspace).order_by(col(ReleaseRow.at).desc()).limit(1)
    ).first()
    return None if row is None else Release(row.name, row.at, row.source, row.id)
