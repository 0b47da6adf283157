"""What tickets of helpdesks need beside storage/tickets.py: a helpdesk is the owner of its words, and we only follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import Role, Source, TicketState
from storage import messages, tickets
from storage.tables import MembershipRow, MessageRevisionRow, MessageRow, TicketRow


@dataclass(frozen=True, slots=True)
class Facts:
    """A ticket's state and whose it is, as stored."""

    state: TicketState
    resolved_at: datetime | None
    customer_id: int | None
    redacted: bool


def facts(session: Session, ticket_id: int) -> Facts:
    row = session.get_one(TicketRow, ticket_id)
    return Facts(row.state, row.resolved_at, row.customer_id, row.redacted_at is not None)


def standing(session: Session, ticket_id: int, source: Source) -> dict[str, int]:
    """Message ids by key, of those that came from this source and still stand."""
    query = select(MessageRow.external_id, MessageRow.id).where(
        MessageRow.ticket_id == ticket_id, MessageRow.source == source, col(MessageRow.deleted_at).is_(None)
    )
    return {key: found for key, found in session.exec(query).all() if found is not None}


def rewrite(session: Session, message_id: int, *, text: str, private: bool, now: datetime) -> bool:
    """Say what the helpdesk says now, and keep nothing of what it said before: an edit there is often a redaction.
    False if nothing changed.
    """
    row = session.get_one(MessageRow, message_id)
    if row.text == text and row.private_note == private:
        return False
    row.text, row.private_note, row.edited_at = text, private, now
    session.add(row)
    session.execute(sa.delete(MessageRevisionRow).where(col(MessageRevisionRow.message_id) == message_id))
    tickets.forget_reading(session, row.ticket_id)
    tickets.update(session, row.ticket_id, now)
    return True


def erase(session: Session, ticket_id: int, now: datetime) -> int:
    """The ticket was deleted: every message loses its text and the ticket is counted no more; how many messages."""
    query = select(MessageRow.id).where(MessageRow.ticket_id == ticket_id, col(MessageRow.deleted_at).is_(None))
    found = [i for i in session.exec(query).all() if i is not None]
    for message_id in found:
        messages.redact(session, message_id, now)
    session.execute(sa.delete(MembershipRow).where(col(MembershipRow.ticket_id) == ticket_id))
    tickets.update(session, ticket_id, now, redacted_at=now, subject="")
    return len(found)


def drop_announcements(session: Session, ticket_id: int, now: datetime) -> int:
    """Forget what a notification in Slack told of the ticket, once the helpdesk's own words are here; how many."""
    own = select(MessageRow.id).where(
        MessageRow.ticket_id == ticket_id,
        MessageRow.source != Source.SLACK,
        col(MessageRow.role) == Role.CUSTOMER,
        col(MessageRow.deleted_at).is_(None),
    )
    if session.exec(own.limit(1)).first() is None:
        return 0
    told = select(MessageRow.id).where(
        MessageRow.ticket_id == ticket_id,
        MessageRow.source == Source.SLACK,
        col(MessageRow.customer_id).is_(None),  # a customer's own words in Slack name the customer
        col(MessageRow.role).in_([Role.CUSTOMER, Role.BOT]),
        col(MessageRow.deleted_at).is_(None),
    )
    found = [i for i in session.exec(told).all() if i is not None]
    for message_id in found:
        messages.redact(session, message_id, now)
    return len(found)
