"""How many tickets there are, and when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import Scope
from storage.scopes import counted, visible
from storage.tables import TicketRow


def totals(
    session: Session, scope: Scope, start: datetime, end: datetime, *conditions: sa.ColumnElement[bool]
) -> tuple[int, datetime | None]:
    """Counted tickets of a period (of those that meet `conditions`) and the time of the last one."""
    query = select(sa.func.count(), sa.func.max(TicketRow.at)).where(
        visible(scope), counted(), col(TicketRow.at) >= start, col(TicketRow.at) < end, *conditions
    )
    count, last = session.exec(query).one()
    return int(count), last


def of_channel(session: Session, scope: Scope, channel_id: str) -> tuple[int, datetime | None]:
    """How many tickets came from a channel, and when the last one did."""
    query = select(sa.func.count(), sa.func.max(TicketRow.at)).where(
        visible(scope), col(TicketRow.channel_id) == channel_id, counted()
    )
    count, last = session.exec(query).one()
    return int(count), last


def span(session: Session, workspace: str) -> tuple[int, datetime | None, datetime | None]:
    """How many tickets are counted at all, and the first and last of them."""
    query = select(sa.func.count(), sa.func.min(TicketRow.at), sa.func.max(TicketRow.at))
    count, first, last = session.exec(query.where(TicketRow.workspace_id == workspace, counted())).one()
    return int(count), first, last


def times(session: Session, workspace: str, ticket_ids: Collection[int]) -> dict[int, datetime]:
    """The times of those of these tickets that are counted."""
    query = sa.select(col(TicketRow.id), col(TicketRow.at)).where(
        col(TicketRow.workspace_id) == workspace, col(TicketRow.id).in_(list(ticket_ids)), counted()
    )
    return {row[0]: row[1] for row in session.execute(query).all()}
