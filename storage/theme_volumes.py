"""How many tickets and customers themes have, and when: what reports, detection and the rule for issues count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from intelligence.model import MembershipKind, Scope
from storage.scopes import counted, visible
from storage.tables import MembershipRow, TicketRow


def times(
    session: Session, scope: Scope, since: datetime, theme_ids: Collection[int] | None = None
) -> dict[int, list[datetime]]:
    """The times of the home tickets that the asker may see, by theme, the oldest first; of these themes or of all."""
    query = (
        sa.select(col(MembershipRow.theme_id), col(TicketRow.at))
        .join(TicketRow, col(TicketRow.id) == col(MembershipRow.ticket_id))
        .where(visible(scope), counted(), col(TicketRow.at) >= since, col(MembershipRow.kind) == MembershipKind.HOME)
        .order_by(col(TicketRow.at), col(TicketRow.id))
    )
    if theme_ids is not None:
        query = query.where(col(MembershipRow.theme_id).in_(list(theme_ids)))
    found: dict[int, list[datetime]] = defaultdict(list)
    for theme, at in session.execute(query).all():
        found[theme].append(at)
    return dict(found)


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """Tickets and distinct known customers of a theme in a period; `unknown` tickets have no known customer."""

    theme_id: int
    tickets: int
    customers: int
    unknown: int


def counts(
    session: Session,
    scope: Scope,
    start: datetime,
    end: datetime,
    *conditions: sa.ColumnElement[bool],
) -> dict[int, ThemeCount]:
    """Tickets and distinct customers by theme in a period, in one query; `conditions` narrow the tickets."""
    who = sa.case(
        (col(TicketRow.account_id).is_not(None), sa.literal("a") + sa.cast(col(TicketRow.account_id), sa.String)),
        (col(TicketRow.customer_id).is_not(None), sa.literal("p") + sa.cast(col(TicketRow.customer_id), sa.String)),
        else_=None,
    )
    query = (
        sa.select(
            col(MembershipRow.theme_id),
            sa.func.count(sa.distinct(col(TicketRow.id))),
            sa.func.count(sa.distinct(who)),
            sa.func.sum(sa.case((who.is_(None), 1), else_=0)),
        )
        .join(TicketRow, col(TicketRow.id) == col(MembershipRow.ticket_id))
        .where(visible(scope), counted(), col(TicketRow.at) >= start, col(TicketRow.at) < end, *conditions)
        .group_by(col(MembershipRow.theme_id))
    )
    return {row[0]: ThemeCount(row[0], int(row[1]), int(row[2]), int(row[3] or 0)) for row in session.execute(query)}


def covered(session: Session, scope: Scope, start: datetime, end: datetime) -> int:
    """How many counted tickets of a period have a home theme."""
    query = (
        sa.select(sa.func.count(sa.distinct(col(TicketRow.id))))
        .join(MembershipRow, col(MembershipRow.ticket_id) == col(TicketRow.id))
        .where(
            visible(scope),
            counted(),
            col(MembershipRow.kind) == MembershipKind.HOME,
            col(TicketRow.at) >= start,
            col(TicketRow.at) < end,
        )
    )
    return int(session.execute(query).scalar_one())


@dataclass(frozen=True, slots=True)
class Extent:
    """First and last ticket time of a theme's home members, and whether all of them are history."""

    first: datetime
    last: datetime
    history: bool


def extents(session: Session, theme_ids: Collection[int]) -> dict[int, Extent]:
    """The extent of each of these themes that has a home member."""
    query = (
        sa.select(
            col(MembershipRow.theme_id),
            sa.func.min(col(TicketRow.at)),
            sa.func.max(col(TicketRow.at)),
            sa.func.sum(sa.case((col(TicketRow.history).is_(False), 1), else_=0)),
        )
        .join(TicketRow, col(TicketRow.id) == col(MembershipRow.ticket_id))
        .where(col(MembershipRow.theme_id).in_(list(theme_ids)), col(MembershipRow.kind) == MembershipKind.HOME)
        .group_by(col(MembershipRow.theme_id))
    )
    return {row[0]: Extent(row[1], row[2], not row[3]) for row in session.execute(query).all()}


def arrivals(session: Session, workspace: str, since: datetime) -> list[tuple[int, int, datetime, bool]]:
    """(ticket, home theme or 0, time, history) of every counted ticket since a time: what detection counts."""
    home = sa.and_(col(MembershipRow.ticket_id) == col(TicketRow.id), col(MembershipRow.kind) == MembershipKind.HOME)
    query = (
        sa.select(col(TicketRow.id), col(MembershipRow.theme_id), col(TicketRow.at), col(TicketRow.history))
        .select_from(TicketRow)
        .join(MembershipRow, home, isouter=True)
        .where(col(TicketRow.workspace_id) == workspace, counted(), col(TicketRow.at) >= since)
        .order_by(col(TicketRow.at), col(TicketRow.id))
    )
    return [(row[0], row[1] or 0, row[2], bool(row[3])) for row in session.execute(query).all()]
