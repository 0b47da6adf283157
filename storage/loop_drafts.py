"""Who is to be told of a fix, and who was: once per theme, release and person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
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


def waiting_of(session: Session, theme_id: int) -> int:
    """How many drafts of a theme wait for a click."""
    waits = (col(LoopDraftRow.theme_id) == theme_id, col(LoopDraftRow.state) == WAITING)
    return session.execute(sa.select(sa.func.count()).select_from(LoopDraftRow).where(*waits)).scalar_one()


def absorb(session: Session, kept: int, absorbed: int) -> None:
    """Two themes are one: drafts follow. Where both have one for a person and release, the word of `absorbed` about it
    holds (told is told), and its own that waits is withdrawn.
    """
    there, mine = aliased(LoopDraftRow), col(LoopDraftRow.theme_id)
    twins = [col(getattr(there, name)) == col(getattr(LoopDraftRow, name)) for name in ("release", "person")]
    decided = sa.exists().where(col(there.theme_id) == absorbed, *twins, col(there.state).in_([SENT, SKIPPED]))
    doubled = sa.exists().where(col(there.theme_id) == kept, *twins)
    waits, quietly = col(LoopDraftRow.state) == WAITING, {"synchronize_session": False}
    for statement in (
        sa.update(LoopDraftRow).where(mine == kept, waits, decided).values(state=SKIPPED),
        sa.update(LoopDraftRow).where(mine == absorbed, waits, doubled).values(state=WITHDRAWN),
        sa.update(LoopDraftRow).where(mine == absorbed, ~doubled).values(theme_id=kept),
    ):
        session.execute(statement, execution_options=quietly)


def states_of(session: Session, theme_id: int) -> tuple[tuple[int, str], ...]:
    """The rows of a theme with their states, for an edit that may be taken back."""
    found = session.exec(select(LoopDraftRow.id, LoopDraftRow.state).where(LoopDraftRow.theme_id == theme_id)).all()
    return tuple((row, state) for row, state in found if row is not None)


def give_back(session: Session, before: Sequence[tuple[int, str]], freed: int) -> None:
    """Undo `absorb`: what was decided meanwhile stays decided, what was withdrawn by it waits again."""
    rows = col(LoopDraftRow.id)
    session.execute(sa.update(LoopDraftRow).where(rows.in_([row for row, _ in before])).values(theme_id=freed))
    waited = rows.in_([row for row, state in before if state == WAITING])
    again = sa.update(LoopDraftRow).where(waited, col(LoopDraftRow.state) == WITHDRAWN)
    session.execute(again.values(state=WAITING))


def _draft(row: LoopDraftRow) -> LoopDraft:
    assert row.id is not None
    return LoopDraft(row.id, row.workspace_id, row.theme_id, row.release, row.person, row.ticket_id, row.state)
