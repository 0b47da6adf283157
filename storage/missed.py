"""Patterns that people say were missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.tables import MissedRow
from storage.upsert import changed


@dataclass(frozen=True, slots=True)
class Missed:
    """A pattern in a person's words, and the theme it is; None while there is none."""

    id: int
    text: str
    theme_id: int | None
    similar: int
    by: str
    at: datetime


def add(
    session: Session, workspace: str, text: str, *, theme_id: int | None, similar: int, by: str, now: datetime
) -> int:
    """Keep what was missed; its id."""
    row = MissedRow(workspace_id=workspace, text=text, theme_id=theme_id, similar=similar, by=by, at=now)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def get(session: Session, workspace: str, missed_id: int) -> Missed | None:
    row = session.get(MissedRow, missed_id)
    return None if row is None or row.workspace_id != workspace else _missed(row)


def _missed(row: MissedRow) -> Missed:
    assert row.id is not None
    return Missed(row.id, row.text, row.theme_id, row.similar, row.by, row.at)


def without_theme(session: Session, workspace: str, since: datetime) -> list[Missed]:
    """Those that no theme was found for yet, oldest first."""
    rows = session.exec(
        select(MissedRow)
        .where(
            MissedRow.workspace_id == workspace,
            col(MissedRow.theme_id).is_(None),
            col(MissedRow.undone_at).is_(None),
            col(MissedRow.at) >= since,
        )
        .order_by(col(MissedRow.id))
    ).all()
    return [_missed(row) for row in rows]


def found(session: Session, missed_id: int, theme_id: int) -> bool:
    """Link it to the theme that it turned out to be; False if it was linked or taken back before."""
    result = session.execute(
        sa.update(MissedRow)
        .where(col(MissedRow.id) == missed_id, col(MissedRow.theme_id).is_(None), col(MissedRow.undone_at).is_(None))
        .values(theme_id=theme_id)
    )
    return changed(result) == 1


def undone(session: Session, missed_id: int, now: datetime) -> bool:
    """Take it back; False if it was before."""
    result = session.execute(
        sa.update(MissedRow)
        .where(col(MissedRow.id) == missed_id, col(MissedRow.undone_at).is_(None))
        .values(undone_at=now)
    )
    return changed(result) == 1


def count(session: Session, workspace: str, since: datetime) -> int:
    """How many were told of since a time and not taken back."""
    query = sa.select(sa.func.count()).where(
        col(MissedRow.workspace_id) == workspace, col(MissedRow.undone_at).is_(None), col(MissedRow.at) >= since
    )
    return int(session.execute(query).scalar_one())
