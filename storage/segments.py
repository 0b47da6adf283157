"""Segment attributes (plan, region, role, ...) of tickets, as of each ticket's date."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from intelligence.model import MembershipKind, Scope
from intelligence.patterns.concentration import Arrival
from intelligence.segments import banded
from storage import people
from storage.scopes import counted, visible
from storage.tables import CustomerRow, MembershipRow, TicketRow

_STORED: Any = TicketRow.__table__.c.segments  # type: ignore[attr-defined]
_CHUNK: Final = 5_000  # ids in one query: below the bounds of both databases


def by_ticket(session: Session, scope: Scope, start: datetime, end: datetime) -> dict[int, Mapping[str, str]]:
    """Attributes of a period's counted tickets."""
    query = sa.select(col(TicketRow.id), _STORED).where(
        visible(scope), counted(), col(TicketRow.at) >= start, col(TicketRow.at) < end
    )
    return {row[0]: row[1] or {} for row in session.execute(query).all()}


def among(session: Session, scope: Scope, ticket_ids: Collection[int]) -> list[tuple[Mapping[str, str], int]]:
    """Attributes of these tickets, counted as `shared` counts those of a period."""
    found: Counter[str] = Counter()
    stored, ids = sa.cast(_STORED, sa.Text), sorted(ticket_ids)
    for start in range(0, len(ids), _CHUNK):
        query = sa.select(stored, sa.func.count()).where(
            visible(scope), col(TicketRow.id).in_(ids[start : start + _CHUNK])
        )
        found.update({text: int(n) for text, n in session.execute(query.group_by(stored)).all()})
    return [(json.loads(text or "{}") or {}, n) for text, n in found.items()]


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


def fill(session: Session, workspace: str, after: int, *, limit: int = 500) -> tuple[int, int | None]:
    """Give tickets above an id the account of their customer and the attributes that they lack; how many changed, and
    the last id looked at (None: that was all). What a ticket knows stays as it was on its date.
    """
    account = sa.func.coalesce(col(TicketRow.account_id), col(CustomerRow.account_id))
    rows = session.execute(
        sa.select(col(TicketRow.id), col(TicketRow.account_id), account, _STORED)
        .join(CustomerRow, col(CustomerRow.id) == col(TicketRow.customer_id), isouter=True)
        .where(col(TicketRow.workspace_id) == workspace, col(TicketRow.id) > after)
        .order_by(col(TicketRow.id))
        .limit(limit)
    ).all()
    known = {one: banded(people.segments(session, one)) for one in {row[2] for row in rows} if one is not None}
    changed = 0
    for ticket, had, now, told in rows:
        whole = {**known.get(now, {}), **(told or {})}
        if now != had or whole != (told or {}):
            values = {"account_id": now, "segments": whole}
            session.execute(sa.update(TicketRow).where(col(TicketRow.id) == ticket).values(**values))
            changed += 1
    return changed, rows[-1][0] if len(rows) == limit else None


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
