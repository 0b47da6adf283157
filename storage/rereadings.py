"""Readings still to come: which tickets have none, or none of a better reader, and putting a better one in place."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import Analysis
from storage import analyses
from storage.scopes import counted
from storage.tables import AnalysisRow, TicketRow
from storage.upsert import changed


def not_by(session: Session, workspace: str, start: datetime, analyzers: str, *, after: int, limit: int) -> list[int]:
    """Counted tickets since a time whose current reading is not of an analyzer whose name begins so, by id; those whose
    words were removed by age are left to whoever loads them.
    """
    query = (
        select(AnalysisRow.ticket_id)
        .join(TicketRow, col(TicketRow.id) == col(AnalysisRow.ticket_id))
        .where(
            col(TicketRow.workspace_id) == workspace,
            counted(),
            col(TicketRow.at) >= start,
            col(TicketRow.id) > after,
            col(AnalysisRow.current).is_(True),
            col(AnalysisRow.analyzer).not_like(f"{analyzers}%"),
        )
        .order_by(col(AnalysisRow.ticket_id))
        .limit(limit)
    )
    return list(session.exec(query).all())


def keys_of(session: Session, workspace: str, ticket_ids: Collection[int]) -> dict[int, str]:
    """The content keys of current readings by ticket."""
    query = select(AnalysisRow.ticket_id, AnalysisRow.content_key).where(
        AnalysisRow.workspace_id == workspace,
        col(AnalysisRow.current).is_(True),
        col(AnalysisRow.ticket_id).in_(list(ticket_ids)),
    )
    return dict(session.exec(query).all())


def better(
    session: Session, workspace: str, ticket_id: int, analysis: Analysis, content_key: str, now: datetime
) -> bool:
    """Put another reading of the same content in the place of the current one, which is kept; False where the current
    reading is of other content by now.
    """
    found = session.execute(
        sa.update(AnalysisRow)
        .where(
            col(AnalysisRow.workspace_id) == workspace,
            col(AnalysisRow.ticket_id) == ticket_id,
            col(AnalysisRow.content_key) == content_key,
            col(AnalysisRow.current).is_(True),
        )
        .values(
            current=False, content_key=sa.literal(f"{content_key}:").concat(sa.cast(col(AnalysisRow.id), sa.String))
        )
    )
    if not changed(found):
        return False
    analyses.store(session, workspace, ticket_id, analysis, content_key, now)
    return True


def unread(session: Session, workspace: str, *, limit: int = 1000) -> list[int]:
    """Counted tickets without a current reading, oldest first."""
    read = (
        sa.select(col(AnalysisRow.id))
        .where(col(AnalysisRow.ticket_id) == col(TicketRow.id), col(AnalysisRow.current).is_(True))
        .exists()
    )
    query = select(TicketRow.id).where(TicketRow.workspace_id == workspace, counted(), ~read)
    return [i for i in session.exec(query.order_by(col(TicketRow.at)).limit(limit)).all() if i is not None]


def unread_of(session: Session, ticket_ids: Collection[int]) -> list[int]:
    """Those of these tickets that are counted and have no current reading."""
    read = sa.select(col(AnalysisRow.ticket_id)).where(
        col(AnalysisRow.ticket_id).in_(list(ticket_ids)), col(AnalysisRow.current).is_(True)
    )
    query = sa.select(col(TicketRow.id)).where(
        col(TicketRow.id).in_(list(ticket_ids)), counted(), col(TicketRow.id).not_in(read)
    )
    return list(session.execute(query.order_by(col(TicketRow.id))).scalars())
