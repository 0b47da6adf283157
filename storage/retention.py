"""Take the words out of old tickets and leave what is counted: labels, themes, times and customers stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from storage.tables import (
    AnalysisRow,
    MembershipRow,
    MessageRevisionRow,
    MessageRow,
    SignalRow,
    TicketRow,
    VectorRow,
)


def with_text_before(
    session: Session,
    workspace: str,
    cutoff: datetime,
    *,
    looked_before: datetime | None = None,
    looked_at: datetime | None = None,
    limit: int | None = None,
) -> list[int]:
    """Tickets whose last message is older than the cutoff and that still hold words, oldest first.

    With the cutoff and time of the last look, only tickets that grew old or were changed since are looked at: the cost
    of a night grows with the news and not with the archive.
    """
    return list(session.execute(_old(workspace, cutoff, looked_before, looked_at).limit(limit)).scalars())


def count_with_text_before(session: Session, workspace: str, cutoff: datetime) -> int:
    """How many tickets would lose their words at this cutoff."""
    query = sa.select(sa.func.count()).select_from(_old(workspace, cutoff, None, None).order_by(None).subquery())
    return int(session.execute(query).scalar_one())


def _old(
    workspace: str, cutoff: datetime, looked_before: datetime | None, looked_at: datetime | None
) -> sa.Select[Any]:
    spoken = sa.select(sa.literal(1)).where(col(MessageRow.ticket_id) == col(TicketRow.id), col(MessageRow.text) != "")
    holds = sa.or_(spoken.exists(), col(TicketRow.subject) != "")
    query = sa.select(col(TicketRow.id)).where(
        col(TicketRow.workspace_id) == workspace, col(TicketRow.last_message_at) < cutoff, holds
    )
    if looked_before is not None and looked_at is not None:
        news = sa.or_(col(TicketRow.last_message_at) >= looked_before, col(TicketRow.updated_at) >= looked_at)
        query = query.where(news)
    return query.order_by(col(TicketRow.last_message_at), col(TicketRow.id))


def remove_words(session: Session, ticket_ids: Sequence[int]) -> None:
    """Messages, subjects, quotes, summaries and vectors go; the rows that are counted stay. Twice changes nothing."""
    mine = col(MessageRow.ticket_id).in_(ticket_ids)
    messages = sa.select(col(MessageRow.id)).where(mine)
    session.execute(sa.delete(MessageRevisionRow).where(col(MessageRevisionRow.message_id).in_(messages)))
    session.execute(sa.update(MessageRow).where(mine).values(text=""))
    session.execute(sa.update(TicketRow).where(col(TicketRow.id).in_(ticket_ids)).values(subject=""))
    session.execute(sa.delete(VectorRow).where(col(VectorRow.ticket_id).in_(ticket_ids)))
    session.execute(sa.update(MembershipRow).where(col(MembershipRow.ticket_id).in_(ticket_ids)).values(quote=None))
    wordless: dict[str, Any] = {"summary": None, "cause_phrase": None, "goal": None, "evidence": [], "drivers": []}
    session.execute(sa.update(AnalysisRow).where(col(AnalysisRow.ticket_id).in_(ticket_ids)).values(**wordless))
    session.execute(sa.update(SignalRow).where(col(SignalRow.ticket_id).in_(ticket_ids)).values(fields={}))
