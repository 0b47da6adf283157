"""A theme's issue in the tracker: first the intent, then what the tracker made of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.tables import TrackedIssueRow
from storage.upsert import changed, insert_new

WANTED, OPENED, REFUSED = "wanted", "opened", "refused"
MAIN, DOCS = "main", "docs"  # what an issue is for; that of main decides about its theme
_COLUMNS = {"workspace": "workspace_id"}


@dataclass(frozen=True, slots=True)
class Tracked:
    """One row. `target` is main or docs; `state` wanted, opened or refused; `status` open, done or cancelled as it was
    last time, `stage` and `planned` the tracker's own words for where it stands and when it comes.
    """

    id: int
    workspace: str
    theme_id: int
    target: str
    place: str | None
    marker: str
    title: str
    state: str
    ref: str | None
    key: str | None
    url: str | None
    status: str | None
    stage: str | None
    planned: str | None
    page: str | None
    note: str | None
    noted: int | None
    attempts: int
    error: str | None
    by: str
    needs: Mapping[str, str]


def want(
    session: Session,
    workspace: str,
    theme_id: int,
    marker: str,
    title: str,
    *,
    by: str,
    now: datetime,
    target: str = MAIN,
    place: str | None = None,
) -> bool:
    """Write the intent to open an issue; False where the theme has one there. A refused one is wanted again."""
    again = sa.delete(TrackedIssueRow).where(
        col(TrackedIssueRow.workspace_id) == workspace,
        col(TrackedIssueRow.theme_id) == theme_id,
        col(TrackedIssueRow.target) == target,
        col(TrackedIssueRow.state) == REFUSED,
    )
    session.execute(again)
    values = {"workspace_id": workspace, "theme_id": theme_id, "target": target, "place": place, "marker": marker}
    return insert_new(
        session,
        TrackedIssueRow,
        values | {"title": title, "by": by, "at": now, "state": WANTED, "attempts": 0, "needs": {}},
        unique=["workspace_id", "theme_id", "target"],
    )


def of_theme(session: Session, workspace: str, theme_id: int, target: str = MAIN) -> Tracked | None:
    return next((row for row in all_of_theme(session, workspace, theme_id) if row.target == target), None)


def all_of_theme(session: Session, workspace: str, theme_id: int) -> list[Tracked]:
    """The issues of a theme, the one that decides about it first."""
    return of_themes(session, workspace, [theme_id]).get(theme_id, [])


def of_themes(session: Session, workspace: str, theme_ids: Collection[int]) -> dict[int, list[Tracked]]:
    """The same of several themes; those without any are absent."""
    mine = (col(TrackedIssueRow.workspace_id) == workspace, col(TrackedIssueRow.theme_id).in_(list(theme_ids)))
    found: dict[int, list[Tracked]] = {}
    for row in session.exec(select(TrackedIssueRow).where(*mine).order_by(col(TrackedIssueRow.target).desc())).all():
        found.setdefault(row.theme_id, []).append(_tracked(row))
    return found


def deciding(session: Session, workspace: str, theme_id: int) -> Tracked | None:
    """The issue that says whether a theme is solved: that of main, else that of the documentation; one that was given
    up only where there is no other.
    """
    opened = [row for row in all_of_theme(session, workspace, theme_id) if row.state == OPENED]
    return min(opened, key=lambda row: row.status == "cancelled", default=None)


def get(session: Session, workspace: str, issue_id: int) -> Tracked | None:
    row = session.get(TrackedIssueRow, issue_id)
    return _tracked(row) if row and row.workspace_id == workspace else None


def of_ref(session: Session, workspace: str, ref: str, place: str, *, unplaced: bool = False) -> list[Tracked]:
    """The themes that the issue of a place solves: several may be linked to one. `unplaced`: also those of which
    nobody wrote down where they are.
    """
    here: sa.ColumnElement[bool] = col(TrackedIssueRow.place) == place
    if unplaced:
        here = sa.or_(here, col(TrackedIssueRow.place).is_(None))
    mine = (col(TrackedIssueRow.workspace_id) == workspace, col(TrackedIssueRow.ref) == ref)
    found = select(TrackedIssueRow).where(*mine, here)
    return [_tracked(row) for row in session.exec(found).all()]


def opened(session: Session, workspace: str) -> list[Tracked]:
    """All that are there in the tracker, for the poll."""
    found = select(TrackedIssueRow).where(TrackedIssueRow.workspace_id == workspace, TrackedIssueRow.state == OPENED)
    return [_tracked(row) for row in session.exec(found.order_by(col(TrackedIssueRow.id))).all()]


def wanted_since(session: Session, workspace: str, by: str, since: datetime) -> int:
    """How many issues somebody (or the machine) wanted since a time."""
    mine = (col(TrackedIssueRow.workspace_id) == workspace, col(TrackedIssueRow.by) == by)
    query = sa.select(sa.func.count()).select_from(TrackedIssueRow).where(*mine, col(TrackedIssueRow.at) > since)
    return int(session.execute(query).scalar_one())


def update(session: Session, issue_id: int, **values: Any) -> None:
    session.execute(sa.update(TrackedIssueRow).where(col(TrackedIssueRow.id) == issue_id).values(**values))


def remove(session: Session, issue_id: int) -> None:
    session.execute(sa.delete(TrackedIssueRow).where(col(TrackedIssueRow.id) == issue_id))


def absorb(session: Session, workspace: str, kept: int, absorbed: int) -> Tracked | None:
    """Two themes are one: an issue of `absorbed` is that of `kept` from now on if `kept` has none there. If it has one,
    that of `absorbed` stays where it is and is told the count too; one that nobody opened yet is not wanted any more.
    The issue that decides about `kept` now.
    """
    mine, other = col(TrackedIssueRow.theme_id) == kept, col(TrackedIssueRow.theme_id) == absorbed
    session.execute(sa.delete(TrackedIssueRow).where(mine, col(TrackedIssueRow.state) == REFUSED))
    for target in (MAIN, DOCS):
        there = col(TrackedIssueRow.target) == target
        if session.exec(select(TrackedIssueRow.id).where(mine, there)).first() is not None:
            unopened = (col(TrackedIssueRow.state) == WANTED, col(TrackedIssueRow.attempts) == 0)
            session.execute(sa.delete(TrackedIssueRow).where(other, there, *unopened))
        else:
            session.execute(sa.update(TrackedIssueRow).where(other, there).values(theme_id=kept))
    return deciding(session, workspace, kept)


def ids_of(session: Session, theme_id: int) -> tuple[int, ...]:
    """The rows of a theme, for an edit that may be taken back."""
    return tuple(i for i in session.exec(select(TrackedIssueRow.id).where(TrackedIssueRow.theme_id == theme_id)) if i)


def give_back(session: Session, issue_ids: Sequence[int], kept: int, freed: int) -> bool:
    """Undo `absorb`; whether something was given back."""
    mine = (col(TrackedIssueRow.id).in_(list(issue_ids)), col(TrackedIssueRow.theme_id) == kept)
    return changed(session.execute(sa.update(TrackedIssueRow).where(*mine).values(theme_id=freed))) > 0


def _tracked(row: TrackedIssueRow) -> Tracked:
    return Tracked(**{field.name: getattr(row, _COLUMNS.get(field.name, field.name)) for field in fields(Tracked)})
