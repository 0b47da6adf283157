"""Who is to be told of a fix, and who was: once per theme, release and person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.tables import LoopDraftRow
from storage.upsert import changed, insert_new

WAITING, SENT, SKIPPED, WITHDRAWN = "waiting", "sent", "skipped", "withdrawn"


@dataclass(frozen=True, slots=True)
class LoopDraft:
    """One person to be told about one theme's fix; `release` is "" where none was named."""

    id: int
    workspace: str
    theme_id: int
    release: str
    person: str
    ticket_id: int
    state: str


def add(
    session: Session, workspace: str, theme_id: int, release: str, person: str, ticket_id: int, now: datetime
) -> bool:
    """A draft, once; one that was withdrawn waits again, one that was sent or skipped never."""
    row = {"workspace_id": workspace, "theme_id": theme_id, "release": release, "person": person}
    values = row | {"ticket_id": ticket_id, "state": WAITING, "made_at": now}
    if insert_new(session, LoopDraftRow, values, unique=list(row)):
        return True
    mine = [col(getattr(LoopDraftRow, name)) == value for name, value in row.items()]
    again = sa.update(LoopDraftRow).where(*mine, col(LoopDraftRow.state) == WITHDRAWN)
    return changed(session.execute(again.values(state=WAITING, made_at=now, decided_at=None))) == 1


def decide(session: Session, draft_id: int, state: str, *, by: str, now: datetime) -> bool:
    """Send or skip a draft that waits; False where somebody decided before."""
    waits = (col(LoopDraftRow.id) == draft_id, col(LoopDraftRow.state) == WAITING)
    done = sa.update(LoopDraftRow).where(*waits).values(state=state, by=by, decided_at=now)
    return changed(session.execute(done)) == 1


def withdraw(session: Session, theme_id: int, now: datetime) -> int:
    """Take back what waits of a theme; how many."""
    waits = (col(LoopDraftRow.theme_id) == theme_id, col(LoopDraftRow.state) == WAITING)
    return changed(session.execute(sa.update(LoopDraftRow).where(*waits).values(state=WITHDRAWN, decided_at=now)))


def get(session: Session, workspace: str, draft_id: int) -> LoopDraft | None:
    row = session.get(LoopDraftRow, draft_id)
    return _draft(row) if row and row.workspace_id == workspace else None


def waiting(session: Session, workspace: str, *, limit: int = 500) -> list[LoopDraft]:
    """Drafts that wait for a click, oldest first."""
    found = select(LoopDraftRow).where(LoopDraftRow.workspace_id == workspace, LoopDraftRow.state == WAITING)
    return [_draft(row) for row in session.exec(found.order_by(col(LoopDraftRow.id)).limit(limit)).all()]


def _draft(row: LoopDraftRow) -> LoopDraft:
    assert row.id is not None
    return LoopDraft(row.id, row.workspace_id, row.theme_id, row.release, row.person, row.ticket_id, row.state)
