"""What is one person's: the themes they own or watch, and the drafts and tickets that wait for them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import Scope, Source
from storage.scopes import counted, visible
from storage.tables import ReviewCardRow, ReviewRow, ThemeRow, TicketRow, WatchRow


def owned(session: Session, workspace: str, user: str) -> frozenset[int]:
    """Themes that this person takes care of."""
    query = select(ThemeRow.id).where(
        ThemeRow.workspace_id == workspace, ThemeRow.owner == user, col(ThemeRow.merged_into).is_(None)
    )
    return frozenset(one for one in session.exec(query).all() if one is not None)


def watched(session: Session, workspace: str, user: str) -> frozenset[int]:
    """Themes that this person asked to be told about."""
    query = select(WatchRow.theme_id).where(WatchRow.workspace_id == workspace, WatchRow.user_id == user)
    return frozenset(session.exec(query).all())


def cards_left(session: Session, scope: Scope, week: str) -> int:
    """Review cards of a week that are open and that this person may see and has not given a word on."""
    spoken = sa.select(col(ReviewRow.ticket_id)).where(
        col(ReviewRow.workspace_id) == scope.workspace,
        col(ReviewRow.reviewer) == scope.asker,
        col(ReviewRow.undone_at).is_(None),
        col(ReviewRow.card_id).is_not(None),
    )
    query = (
        sa.select(sa.func.count())
        .select_from(ReviewCardRow)
        .join(TicketRow, col(TicketRow.id) == col(ReviewCardRow.ticket_id))
        .where(
            visible(scope),
            counted(),
            col(ReviewCardRow.week) == week,
            col(ReviewCardRow.answered_at).is_(None),
            col(ReviewCardRow.ticket_id).not_in(spoken),
        )
    )
    return int(session.execute(query).scalar_one())


def sources(session: Session, workspace: str) -> list[tuple[Source, int, datetime | None]]:
    """Where counted tickets came from: how many, and when the last one did; the largest first."""
    query = (
        sa.select(col(TicketRow.source), sa.func.count(), sa.func.max(col(TicketRow.at)))
        .where(col(TicketRow.workspace_id) == workspace, counted())
        .group_by(col(TicketRow.source))
        .order_by(sa.func.count().desc())
    )
    return [(source, int(number), last) for source, number, last in session.execute(query).all()]
