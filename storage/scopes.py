"""What a query may see: the conditions that keep it to the scope of whoever asks, and to tickets that count."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col

from intelligence.model import RequestVerdict, Scope, Visibility
from storage.tables import MessageRow, TicketRow


def visible(scope: Scope) -> sa.ColumnElement[bool]:
    """The condition on tickets that keeps a query to what the asker may see. In every query that answers people."""
    own = col(TicketRow.workspace_id) == scope.workspace
    if scope.channels is None:
        return own
    inside = col(TicketRow.channel_id).in_(sorted(scope.channels))
    seen = sa.or_(col(TicketRow.visibility) == Visibility.PUBLIC, inside) if scope.public else inside
    return sa.and_(own, seen)


def readable(scope: Scope) -> sa.ColumnElement[bool]:
    """The same for messages: a ticket merged from two channels may hold words of one that the asker may not see."""
    if scope.channels is None:
        return sa.true()
    inside = col(MessageRow.channel_id).in_(sorted(scope.channels))
    return sa.or_(col(MessageRow.visibility) == Visibility.PUBLIC, inside) if scope.public else inside


def hidden(session: Session, scope: Scope) -> frozenset[int]:
    """Tickets of the workspace that the asker may not see: mostly few, so that searches in memory can leave them out."""
    if scope.channels is None:
        return frozenset()
    query = sa.select(col(TicketRow.id)).where(col(TicketRow.workspace_id) == scope.workspace, ~visible(scope))
    return frozenset(session.execute(query).scalars())


def counted() -> sa.ColumnElement[bool]:
    """The condition on tickets that statistics count: requests that still stand."""
    return sa.and_(
        col(TicketRow.request) != RequestVerdict.NOT_REQUEST,
        col(TicketRow.merged_into).is_(None),
        col(TicketRow.redacted_at).is_(None),
        col(TicketRow.placeholder).is_(False),
    )


def all_visible(session: Session, scope: Scope) -> bool:
    """Whether the asker may see every counted ticket of the workspace."""
    if scope.sees_all:
        return True
    hidden = sa.select(sa.literal(1)).where(
        col(TicketRow.workspace_id) == scope.workspace, counted(), sa.not_(visible(scope))
    )
    return session.execute(hidden.limit(1)).first() is None
