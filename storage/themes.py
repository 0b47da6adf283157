"""Themes: their birth, what they are called, and what they become."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from intelligence.model import DecidedBy, MembershipKind, Theme, ThemeState
from storage import loop_drafts, tracked_issues
from storage.tables import (
    AlertRow,
    AnswerRow,
    MembershipRow,
    SilenceRow,
    ThemeLinkRow,
    ThemeRow,
    WatchRow,
    WorkspaceRow,
)
from storage.upsert import changed


def _theme(row: ThemeRow) -> Theme:
    assert row.id is not None
    return Theme(
        row.id,
        row.workspace_id,
        row.number,
        row.title,
        row.description,
        row.state,
        row.provisional,
        row.created_at,
        row.first_at,
        row.severity,
        row.area,
        row.owner,
        row.issue_key,
        row.issue_url,
        row.roadmap,
        row.resolved_at,
        row.resolved_release,
        row.merged_into,
    )


def give_birth(
    session: Session, workspace: str, now: datetime, *, first_at: datetime, title: str, history: bool = False
) -> int:
    """A new theme with the workspace's next number; its row id."""
    number = session.execute(
        sa.update(WorkspaceRow)
        .where(col(WorkspaceRow.id) == workspace)
        .values(next_theme=col(WorkspaceRow.next_theme) + 1)
        .returning(col(WorkspaceRow.next_theme))
    ).scalar_one()
    row = ThemeRow(
        workspace_id=workspace,
        number=number - 1,
        title=title,
        title_by=DecidedBy.MACHINE,
        state=ThemeState.NEW,
        created_at=now,
        first_at=first_at,
        last_at=first_at,
        history=history,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def get(session: Session, workspace: str, theme_id: int) -> Theme | None:
    row = session.get(ThemeRow, theme_id)
    return None if row is None or row.workspace_id != workspace else _theme(row)


def standing(session: Session, workspace: str, theme_id: int) -> Theme | None:
    """The theme, or what it became by merges."""
    found = session.get(ThemeRow, theme_id)
    while found is not None and found.merged_into is not None:
        found = session.get(ThemeRow, found.merged_into)
    return None if found is None or found.workspace_id != workspace else _theme(found)


def by_number(session: Session, workspace: str, number: int) -> Theme | None:
    """TI-n, following merges: a merged number leads to what it became for ever."""
    row = session.exec(select(ThemeRow).where(ThemeRow.workspace_id == workspace, ThemeRow.number == number)).first()
    while row is not None and row.merged_into is not None:
        row = session.get(ThemeRow, row.merged_into)
    return None if row is None else _theme(row)


def load(session: Session, workspace: str, ids: Collection[int] | None = None) -> dict[int, Theme]:
    """Living themes by id: all of a workspace, or those asked for."""
    query = select(ThemeRow).where(ThemeRow.workspace_id == workspace, col(ThemeRow.merged_into).is_(None))
    if ids is not None:
        query = query.where(col(ThemeRow.id).in_(list(ids)))
    return {theme.id: theme for theme in map(_theme, session.exec(query).all())}


def titles(session: Session, workspace: str) -> dict[int, tuple[str, DecidedBy, bool]]:
    """Title, who gave it, and whether the theme came from history, by living theme."""
    rows = session.execute(
        sa.select(col(ThemeRow.id), col(ThemeRow.title), col(ThemeRow.title_by), col(ThemeRow.history)).where(
            col(ThemeRow.workspace_id) == workspace, col(ThemeRow.merged_into).is_(None)
        )
    ).all()
    return {theme_id: (title, by, history) for theme_id, title, by, history in rows}


def phrases(session: Session, theme_id: int) -> tuple[str, ...]:
    """The phrases that mark a theme."""
    found = session.exec(select(ThemeRow.phrases).where(ThemeRow.id == theme_id)).first()
    return tuple(found or ())


def severity_reason(session: Session, theme_id: int) -> str | None:
    """The rule that set a theme's severity, in words."""
    return session.exec(select(ThemeRow.severity_reason).where(ThemeRow.id == theme_id)).first()


def update(session: Session, theme_id: int, **values: Any) -> None:
    """Change columns of a theme."""
    session.execute(sa.update(ThemeRow).where(col(ThemeRow.id) == theme_id).values(**values))


def seen(session: Session, theme_ids: Iterable[int]) -> None:
    """Somebody has seen these themes: from now on the machine only proposes changes to them."""
    session.execute(sa.update(ThemeRow).where(col(ThemeRow.id).in_(list(theme_ids))).values(provisional=False))


def absorb(session: Session, workspace: str, kept: int, absorbed: int) -> int:
    """Move all that belongs to `absorbed` into `kept` and let its number redirect; how many tickets moved.

    A ticket that was in both stays once, at home if it was at home in either. People's words about tickets, watchers,
    alert episodes, the issue and drafts to reporters follow; where they exist for both, those of `kept` stand.
    """
    if kept == absorbed:
        return 0
    at_home = sa.select(col(MembershipRow.ticket_id)).where(
        col(MembershipRow.theme_id) == absorbed, col(MembershipRow.kind) == MembershipKind.HOME
    )
    session.execute(
        sa.delete(MembershipRow).where(
            col(MembershipRow.theme_id) == kept,
            col(MembershipRow.kind) == MembershipKind.MENTION,
            col(MembershipRow.ticket_id).in_(at_home),
        )
    )
    moved = _follow(session, MembershipRow, kept, absorbed, same=("ticket_id",))
    _follow(session, ThemeLinkRow, kept, absorbed, same=("ticket_id",))
    _follow(session, WatchRow, kept, absorbed, same=("user_id", "reason"))
    for table in (AlertRow, SilenceRow, AnswerRow):
        mine = (col(table.workspace_id) == workspace, col(table.theme_id) == absorbed)
        session.execute(sa.update(table).where(*mine).values(theme_id=kept))
    loop_drafts.absorb(session, kept, absorbed)
    if issue := tracked_issues.absorb(session, workspace, kept, absorbed):
        update(session, kept, issue_key=issue.key, issue_url=issue.url)
    update(session, absorbed, merged_into=kept, state=ThemeState.QUIET)
    return moved


def _follow(session: Session, table: Any, kept: int, absorbed: int, *, same: Sequence[str]) -> int:
    """Let rows about `absorbed` be about `kept`, except those that `kept` has already; how many followed."""
    there = aliased(table)
    twin = (
        sa.select(sa.literal(1))
        .where(there.theme_id == kept, *(getattr(there, name) == getattr(table, name) for name in same))
        .exists()
    )
    session.execute(sa.delete(table).where(col(table.theme_id) == absorbed, twin))
    return changed(session.execute(sa.update(table).where(col(table.theme_id) == absorbed).values(theme_id=kept)))


@dataclass(frozen=True, slots=True)
class Facts:
    """What detection must know of a theme besides its tickets."""

    theme_id: int
    created_at: datetime
    first_at: datetime
    resolved_at: datetime | None
    history: bool
    state: ThemeState


def facts(session: Session, workspace: str) -> list[Facts]:
    """Facts of every living theme."""
    query = sa.select(
        col(ThemeRow.id),
        col(ThemeRow.created_at),
        col(ThemeRow.first_at),
        col(ThemeRow.resolved_at),
        col(ThemeRow.history),
        col(ThemeRow.state),
    ).where(col(ThemeRow.workspace_id) == workspace, col(ThemeRow.merged_into).is_(None))
    return [Facts(*row) for row in session.execute(query).all()]


def area_of(session: Session, theme_id: int) -> str | None:
    """The theme's product area."""
    return session.exec(select(ThemeRow.area).where(ThemeRow.id == theme_id)).first()
