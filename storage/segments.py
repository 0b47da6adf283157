"""Segment attributes (plan, region, role, ...) of tickets, as of each ticket's date."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from intelligence.model import MembershipKind, Scope
from intelligence.patterns.concentration import Arrival
from storage.tables import MembershipRow, TicketRow
from storage.tickets import counted, visible

_STORED: Any = TicketRow.__table__.c.segments  # type: ignore[attr-defined]


def by_ticket(session: Session, scope: Scope, start: datetime, end: datetime) -> dict[int, Mapping[str, str]]:
    """Attributes of a period's counted tickets."""
    query = sa.select(col(TicketRow.id), _STORED).where(
        visible(scope), counted(), col(TicketRow.at) >= start, col(TicketRow.at) < end
    )
    return {row[0]: row[1] or {} for row in session.execute(query).all()}


def shared(
    session: Session, scope: Scope, start: datetime, end: datetime, *, theme_id: int | None = None
) -> list[tuple[Mapping[str, str], int]]:
    """The same counted where it is stored: (attributes, tickets that have exactly these), of one theme or of all.

    Customers share few combinations, so the answer stays small where the period holds a hundred thousand tickets.
    """
    stored = sa.cast(_STORED, sa.Text)
    query = sa.select(stored, sa.func.count()).where(
        visible(scope), counted(), col(TicketRow.at) >= start, col(TicketRow.at) < end
    )
    if theme_id is not None:
        query = query.join(MembershipRow, col(MembershipRow.ticket_id) == col(TicketRow.id))
        query = query.where(col(MembershipRow.theme_id) == theme_id)
    return [(json.loads(text or "{}") or {}, int(n)) for text, n in session.execute(query.group_by(stored)).all()]


def arrivals(session: Session, workspace: str, since: datetime) -> list[Arrival]:
    """Every counted ticket since a time with its home theme (0: none) and who wrote it."""
    home = sa.and_(col(MembershipRow.ticket_id) == col(TicketRow.id), col(MembershipRow.kind) == MembershipKind.HOME)
    query = (
        sa.select(col(TicketRow.id), col(MembershipRow.theme_id), col(TicketRow.at), _STORED)
        .select_from(TicketRow)
        .join(MembershipRow, home, isouter=True)
        .where(col(TicketRow.workspace_id) == workspace, counted(), col(TicketRow.at) >= since)
        .order_by(col(TicketRow.id))
    )
    rows = session.execute(query).all()
    return [Arrival(ticket, theme or 0, at.timestamp(), told or {}) for ticket, theme, at, told in rows]
