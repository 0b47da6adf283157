"""The messages of tickets, each once, and what becomes of them: revised, or gone for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import Role, Source, Visibility
from storage.tables import MembershipRow, MessageRevisionRow, MessageRow
from storage.tickets import NewTicket, forget_reading, open_ticket, retime, update
from storage.upsert import insert_numbered


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to store; `key` is its id in the source and makes it once."""

    source: Source
    key: str
    role: Role
    text: str
    at: datetime
    author: str = ""
    customer_id: int | None = None
    channel: str | None = None
    visibility: Visibility = Visibility.PUBLIC
    permalink: str | None = None
    private_note: bool = False
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """Where a stored message belongs and what it says now."""

    id: int
    ticket_id: int
    text: str
    role: Role
    deleted: bool


def add(session: Session, workspace: str, ticket_id: int, new: NewMessage, now: datetime) -> int | None:
    """Store a message once; its id, or None if it was stored before. Keeps the ticket's times true."""
    number = insert_numbered(
        session, MessageRow, columns_of(workspace, ticket_id, new), unique=["workspace_id", "source", "external_id"]
    )
    if number is not None:
        retime(session, ticket_id, now)
    return number


def columns_of(workspace: str, ticket_id: int, new: NewMessage) -> dict[str, Any]:
    """A new message as columns, for one row or for many at once."""
    return {
        "workspace_id": workspace,
        "ticket_id": ticket_id,
        "source": new.source,
        "external_id": new.key,
        "channel_id": new.channel,
        "visibility": new.visibility,
        "role": new.role,
        "author": new.author,
        "customer_id": new.customer_id,
        "text": new.text,
        "at": new.at,
        "edited_at": new.edited_at,
        "permalink": new.permalink,
        "private_note": new.private_note,
    }


def find(session: Session, workspace: str, source: Source, key: str) -> StoredMessage | None:
    """A stored message by its id in the source."""
    row = _row(session, workspace, source, key)
    if row is None or row.id is None:
        return None
    return StoredMessage(row.id, row.ticket_id, row.text, row.role, row.deleted_at is not None)


def _row(session: Session, workspace: str, source: Source, key: str) -> MessageRow | None:
    query = select(MessageRow).where(
        MessageRow.workspace_id == workspace, MessageRow.source == source, MessageRow.external_id == key
    )
    return session.exec(query).first()


def revise(session: Session, message_id: int, text: str, now: datetime) -> bool:
    """Replace a message's text and keep the old one as a revision; False if nothing changed or it was deleted."""
    row = session.get(MessageRow, message_id)
    if row is None or row.text == text or row.deleted_at is not None:
        return False
    session.add(
        MessageRevisionRow(workspace_id=row.workspace_id, message_id=message_id, text=row.text, replaced_at=now)
    )
    row.text, row.edited_at = text, now
    session.add(row)
    update(session, row.ticket_id, now)
    return True


def redact(session: Session, message_id: int, now: datetime) -> int | None:
    """A deleted message loses its text and its revisions for ever.

    A ticket whose last customer message is gone loses its reading, vector and memberships too and is counted no more.
    Returns the ticket id, or None if the message was gone already.
    """
    row = session.get(MessageRow, message_id)
    if row is None or row.deleted_at is not None:
        return None
    row.text, row.deleted_at = "", now
    session.add(row)
    session.execute(sa.delete(MessageRevisionRow).where(col(MessageRevisionRow.message_id) == message_id))
    session.flush()
    left = session.exec(
        select(sa.func.count())
        .select_from(MessageRow)
        .where(
            col(MessageRow.ticket_id) == row.ticket_id,
            col(MessageRow.deleted_at).is_(None),
            col(MessageRow.role) == Role.CUSTOMER,
        )
    ).one()
    forget_reading(session, row.ticket_id)
    if left == 0:
        session.execute(sa.delete(MembershipRow).where(col(MembershipRow.ticket_id) == row.ticket_id))
        update(session, row.ticket_id, now, redacted_at=now, subject="")
    else:
        retime(session, row.ticket_id, now)
    return row.ticket_id


def is_author(session: Session, ticket_id: int, user: str) -> bool:
    """Whether this person wrote the ticket's first standing message."""
    first = select(MessageRow.author).where(
        MessageRow.ticket_id == ticket_id, col(MessageRow.deleted_at).is_(None), col(MessageRow.role) == Role.CUSTOMER
    )
    return session.exec(first.order_by(col(MessageRow.at)).limit(1)).first() == user


def customer_text(session: Session, ticket_id: int) -> str:
    """Everything the customer said, in order."""
    said = select(MessageRow.text).where(
        MessageRow.ticket_id == ticket_id, col(MessageRow.deleted_at).is_(None), col(MessageRow.role) == Role.CUSTOMER
    )
    return "\n".join(session.exec(said.order_by(col(MessageRow.at))).all())


def remember_deleted(session: Session, workspace: str, source: Source, key: str, now: datetime) -> None:
    """A delete came before its message: a textless, deleted message of a redacted ticket takes the key."""
    ticket_id = open_ticket(session, workspace, NewTicket(source, now, placeholder=True), now)
    update(session, ticket_id, now, redacted_at=now)
    add(session, workspace, ticket_id, NewMessage(source, key, Role.CUSTOMER, "", now), now)
    session.execute(sa.update(MessageRow).where(col(MessageRow.ticket_id) == ticket_id).values(deleted_at=now))
