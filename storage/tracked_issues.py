"""A theme's issue in the tracker: first the intent, then what the tracker made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.tables import TrackedIssueRow
from storage.upsert import changed, insert_new

WANTED, OPENED, REFUSED = "wanted", "opened", "refused"
_COLUMNS = {"workspace": "workspace_id"}


@dataclass(frozen=True, slots=True)
class Tracked:
    """One row. `state` is wanted, opened or refused; `status` the tracker's word of last time."""

    id: int
    workspace: str
    theme_id: int
    marker: str
    title: str
    state: str
    ref: str | None
    key: str | None
    url: str | None
    status: str | None
    note: str | None
    noted: int | None
    attempts: int
    error: str | None
    by: str
    needs: Mapping[str, str]


def want(session: Session, workspace: str, theme_id: int, marker: str, title: str, *, by: str, now: datetime) -> bool:
    """Write the intent to open an issue; False where the theme has one. A refused one is wanted again."""
    again = sa.delete(TrackedIssueRow).where(
        col(TrackedIssueRow.workspace_id) == workspace,
        col(TrackedIssueRow.theme_id) == theme_id,
        col(TrackedIssueRow.state) == REFUSED,
    )
    session.execute(again)
    values = {"workspace_id": workspace, "theme_id": theme_id, "marker": marker, "title": title, "by": by, "at": now}
    return insert_new(
        session,
        TrackedIssueRow,
        values | {"state": WANTED, "attempts": 0, "needs": {}},
        unique=["workspace_id", "theme_id"],
    )


def of_theme(session: Session, workspace: str, theme_id: int) -> Tracked | None:
    found = select(TrackedIssueRow).where(
        TrackedIssueRow.workspace_id == workspace, TrackedIssueRow.theme_id == theme_id
    )
    row = session.exec(found).first()
    return _tracked(row) if row else None


def get(session: Session, workspace: str, issue_id: int) -> Tracked | None:
    row = session.get(TrackedIssueRow, issue_id)
    return _tracked(row) if row and row.workspace_id == workspace else None


def of_ref(session: Session, workspace: str, ref: str) -> list[Tracked]:
    """The themes that this issue solves: several may be linked to one."""
    found = select(TrackedIssueRow).where(TrackedIssueRow.workspace_id == workspace, TrackedIssueRow.ref == ref)
    return [_tracked(row) for row in session.exec(found).all()]


def opened(session: Session, workspace: str) -> list[Tracked]:
    """All that are there in the tracker, for the poll."""
    found = select(TrackedIssueRow).where(TrackedIssueRow.workspace_id == workspace, TrackedIssueRow.state == OPENED)
    return [_tracked(row) for row in session.exec(found.order_by(col(TrackedIssueRow.id))).all()]


def update(session: Session, issue_id: int, **values: Any) -> None:
    session.execute(sa.update(TrackedIssueRow).where(col(TrackedIssueRow.id) == issue_id).values(**values))


def remove(session: Session, issue_id: int) -> None:
    session.execute(sa.delete(TrackedIssueRow).where(col(TrackedIssueRow.id) == issue_id))


def absorb(session: Session, kept: int, absorbed: int) -> Tracked | None:
    """Two themes are one: the issue of `absorbed` is that of `kept` from now on, and answered, if `kept` has none. If
    it has one, that of `absorbed` stays where it is and is told the count too; one that nobody opened yet is not wanted
    any more.
    """
    mine, other = col(TrackedIssueRow.theme_id) == kept, col(TrackedIssueRow.theme_id) == absorbed
    session.execute(sa.delete(TrackedIssueRow).where(mine, col(TrackedIssueRow.state) == REFUSED))
    if session.exec(select(TrackedIssueRow.id).where(mine)).first() is not None:
        unopened = (col(TrackedIssueRow.state) == WANTED, col(TrackedIssueRow.attempts) == 0)
        session.execute(sa.delete(TrackedIssueRow).where(other, *unopened))
        return None
    session.execute(sa.update(TrackedIssueRow).where(other).values(theme_id=kept))
    row = session.exec(select(TrackedIssueRow).where(mine)).first()
    return _tracked(row) if row else None


def ids_of(session: Session, theme_id: int) -> tuple[int, ...]:
    """The rows of a theme, for an edit that may be taken back."""
    return tuple(i for i in session.exec(select(TrackedIssueRow.id).where(TrackedIssueRow.theme_id == theme_id)) if i)


def give_back(session: Session, issue_ids: Sequence[int], kept: int, freed: int) -> bool:
    """Undo `absorb`; whether something was given back."""
    mine = (col(TrackedIssueRow.id).in_(list(issue_ids)), col(TrackedIssueRow.theme_id) == kept)
    return changed(session.execute(sa.update(TrackedIssueRow).where(*mine).values(theme_id=freed))) > 0


def _tracked(row: TrackedIssueRow) -> Tracked:
    return Tracked(**{field.name: getattr(row, _COLUMNS.get(field.name, field.name)) for field in fields(Tracked)})
