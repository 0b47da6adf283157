"""Readings that a better reader gives of the same content: which tickets have none yet, and putting one in place."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import Analysis
from storage import analyses
from storage.tables import AnalysisRow, TicketRow
from storage.tickets import counted
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
