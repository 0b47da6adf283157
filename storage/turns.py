"""Taking turns: what SQLite's single writer gives every transaction, where PostgreSQL's many writers need it.

Finding out whether something is there and then making it (the ticket of a thread, the one that a person opened within
five minutes) is one step for one writer; two processes that do it at once would make two.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, col

from storage.tables import TicketRow


def take_turn(session: Session, name: str) -> None:
    """Wait until nobody else has this turn; it is ours until the transaction ends. Taking it again costs nothing."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))


def arrivals(workspace: str) -> str:
    """The turn of whatever stores messages of this workspace."""
    return f"arrivals:{workspace}"


def hold_tickets(session: Session, ticket_ids: Collection[int]) -> None:
    """Let nobody else read or change these tickets in a writing transaction until ours ends: of two readings at once
    one would else be current beside the other.
    """
    query = sa.select(col(TicketRow.id)).where(col(TicketRow.id).in_(list(ticket_ids))).order_by(col(TicketRow.id))
    session.execute(query.with_for_update()).all()
