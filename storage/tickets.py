"""Tickets and their refs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import DecidedBy, Message, RequestVerdict, Role, Scope, Source, Ticket, TicketState, Visibility
from intelligence.segments import banded
from storage import people
from storage.scopes import counted, readable, visible
from storage.tables import (
    AnalysisRow,
    MembershipRow,
    MessageRow,
    ReviewRow,
    SignalRow,
    TicketRefRow,
    TicketRow,
    VectorRow,
)
from storage.upsert import changed, insert_new


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What is known when a ticket is opened."""

    source: Source
    at: datetime
    subject: str = ""
    request: RequestVerdict = RequestVerdict.REQUEST
    customer_id: int | None = None
    account_id: int | None = None
    segments: Mapping[str, str] = field(default_factory=dict[str, str])
    area: str | None = None
    channel: str | None = None
    thread_ts: str | None = None
    visibility: Visibility = Visibility.PUBLIC
    url: str | None = None
    history: bool = False
    placeholder: bool = False


def find(session: Session, workspace: str, source: Source, external_id: str) -> int | None:
    """The ticket behind a ref, following merges."""
    ref = session.get(TicketRefRow, (workspace, source, external_id))
    return None if ref is None else surviving(session, ref.ticket_id)


def surviving(session: Session, ticket_id: int) -> int:
    """The ticket that a merged one became (or itself)."""
    row = session.get(TicketRow, ticket_id)
    while row is not None and row.merged_into is not None:
        ticket_id = row.merged_into
        row = session.get(TicketRow, ticket_id)
    return ticket_id


def open_ticket(session: Session, workspace: str, new: NewTicket, now: datetime) -> int:
    """Store a new ticket; its refs and messages are added apart."""
    row = TicketRow(
        workspace_id=workspace,
        source=new.source,
        at=new.at,
        updated_at=now,
        state=TicketState.OPEN,
        request=new.request,
        request_by=DecidedBy.MACHINE,
        subject=new.subject,
        customer_id=new.customer_id,
        account_id=new.account_id,
        segments=banded(new.segments),
        area=new.area,
        area_by=DecidedBy.PERSON if new.area else None,
        channel_id=new.channel,
        thread_ts=new.thread_ts,
        visibility=new.visibility,
        url=new.url,
        history=new.history,
        placeholder=new.placeholder,
        last_message_at=new.at,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def add_ref(
    session: Session, workspace: str, source: Source, external_id: str, ticket_id: int, *, url: str | None = None
) -> bool:
    """Let another id mean this ticket; False if the id has a ticket already."""
    values = {
        "workspace_id": workspace,
        "source": source,
        "external_id": external_id,
        "ticket_id": ticket_id,
        "url": url,
    }
    return insert_new(session, TicketRefRow, values, unique=["workspace_id", "source", "external_id"])


def update(session: Session, ticket_id: int, now: datetime, **values: Any) -> None:
    """Change columns of a ticket."""
    session.execute(sa.update(TicketRow).where(col(TicketRow.id) == ticket_id).values(updated_at=now, **values))


def retime(session: Session, ticket_id: int, now: datetime) -> None:
    """Set the ticket's `at` to its first customer message and note its last message."""
    customers = sa.case((col(MessageRow.role) == Role.CUSTOMER, col(MessageRow.at)))
    first, last = session.exec(
        select(sa.func.min(customers), sa.func.max(MessageRow.at)).where(
            MessageRow.ticket_id == ticket_id, col(MessageRow.deleted_at).is_(None)
        )
    ).one()
    values: dict[str, Any] = {"last_message_at": last} if last is not None else {}
    if first is not None:
        values["at"] = first
    if values:
        update(session, ticket_id, now, **values)


def forget_reading(session: Session, ticket_id: int) -> None:
    """Drop what was derived from a text that is no more; the ticket is read again if something is left."""
    session.execute(sa.update(ReviewRow).where(col(ReviewRow.ticket_id) == ticket_id).values(analysis_id=None))
    session.execute(sa.update(MembershipRow).where(col(MembershipRow.ticket_id) == ticket_id).values(quote=None))
    for table in (SignalRow, AnalysisRow, VectorRow):
        session.execute(sa.delete(table).where(col(table.ticket_id) == ticket_id))


def resolve(session: Session, ticket_id: int, at: datetime) -> bool:
    """Mark a ticket resolved; False if it was."""
    result = session.execute(
        sa.update(TicketRow)
        .where(col(TicketRow.id) == ticket_id, col(TicketRow.state) == TicketState.OPEN)
        .values(state=TicketState.RESOLVED, resolved_at=at, updated_at=at)
    )
    return changed(result) == 1


def reopen(session: Session, ticket_id: int, at: datetime) -> bool:
    """A customer's word after "resolved" reopens the same ticket; False if it was open."""
    result = session.execute(
        sa.update(TicketRow)
        .where(col(TicketRow.id) == ticket_id, col(TicketRow.state) == TicketState.RESOLVED)
        .values(state=TicketState.OPEN, resolved_at=None, updated_at=at)
    )
    return changed(result) == 1


def resolved(session: Session, ticket_ids: Collection[int]) -> list[int]:
    """Those of these tickets that are resolved."""
    query = sa.select(col(TicketRow.id)).where(
        col(TicketRow.id).in_(list(ticket_ids)), col(TicketRow.state) == TicketState.RESOLVED
    )
    return list(session.execute(query).scalars())


def gone_quiet(session: Session, workspace: str, before: datetime, *, limit: int = 500) -> list[int]:
    """Open tickets without a message since `before`, oldest first."""
    query = select(TicketRow.id).where(
        TicketRow.workspace_id == workspace,
        col(TicketRow.state) == TicketState.OPEN,
        col(TicketRow.last_message_at) < before,
        counted(),
    )
    return [i for i in session.exec(query.order_by(col(TicketRow.last_message_at)).limit(limit)).all() if i is not None]


def merge(session: Session, workspace: str, keep: int, gone: int, now: datetime) -> None:
    """Two tickets found to be one: messages and refs move to `keep`, `gone` redirects to it for ever.

    Either may have been merged before; then what it became is meant.
    """
    keep, gone = surviving(session, keep), surviving(session, gone)
    if keep == gone:
        return
    for table in (MessageRow, TicketRefRow):
        session.execute(
            sa.update(table)
            .where(col(table.workspace_id) == workspace, col(table.ticket_id) == gone)
            .values(ticket_id=keep)
        )
    forget_reading(session, gone)
    session.execute(sa.delete(MembershipRow).where(col(MembershipRow.ticket_id) == gone))
    update(session, gone, now, merged_into=keep)
    retime(session, keep, now)


def load(session: Session, scope: Scope, ids: Collection[int]) -> dict[int, Ticket]:
    """Tickets with their standing messages in time order; those the asker may not see are left out."""
    if not ids:
        return {}
    rows = session.exec(select(TicketRow).where(visible(scope), col(TicketRow.id).in_(list(ids)))).all()
    return _with_messages(session, scope, list(rows))


def _with_messages(session: Session, scope: Scope, rows: list[TicketRow]) -> dict[int, Ticket]:
    found = [row.id for row in rows if row.id is not None]
    by_ticket: dict[int, list[Message]] = {ticket_id: [] for ticket_id in found}
    stored = session.exec(
        select(MessageRow)
        .where(col(MessageRow.ticket_id).in_(found), col(MessageRow.deleted_at).is_(None), readable(scope))
        .order_by(col(MessageRow.at), col(MessageRow.id))
    ).all()
    for m in stored:
        by_ticket[m.ticket_id].append(
            Message(m.role, m.text, m.at, m.external_id, m.author, m.permalink, m.private_note, m.id)
        )
    customers = people.load(session, scope.workspace, {r.customer_id for r in rows if r.customer_id is not None})
    accounts = people.accounts(session, scope.workspace, {r.account_id for r in rows if r.account_id is not None})
    made: dict[int, Ticket] = {}
    for r in rows:
        if r.id is None:
            continue
        made[r.id] = Ticket(
            r.id,
            r.workspace_id,
            r.source,
            r.at,
            tuple(by_ticket[r.id]),
            r.subject,
            r.state,
            r.request,
            customers.get(r.customer_id) if r.customer_id else None,
            accounts.get(r.account_id) if r.account_id else None,
            r.segments,
            r.area,
            r.channel_id,
            r.thread_ts,
            r.visibility,
            r.url,
            r.history,
        )
    return made


def one(session: Session, scope: Scope, ticket_id: int) -> Ticket | None:
    """One ticket with its messages, if it is there and may be seen."""
    return load(session, scope, [ticket_id]).get(ticket_id)


def set_request(session: Session, ticket_id: int, verdict: RequestVerdict, by: DecidedBy, now: datetime) -> bool:
    """Decide whether a ticket is a request; a machine never overrules a person. False if nothing changed."""
    row = session.get(TicketRow, ticket_id)
    if row is None or row.request == verdict or (by is DecidedBy.MACHINE and row.request_by is DecidedBy.PERSON):
        return False
    update(session, ticket_id, now, request=verdict, request_by=by)
    return True


def _value(session: Session, ticket_id: int, column: Any) -> Any:
    return session.execute(sa.select(column).where(col(TicketRow.id) == ticket_id)).scalar_one_or_none()


def workspace_of(session: Session, ticket_id: int) -> str:
    return str(_value(session, ticket_id, col(TicketRow.workspace_id)))


def account_of(session: Session, ticket_id: int) -> int | None:
    return _value(session, ticket_id, col(TicketRow.account_id))


def request_of(session: Session, ticket_id: int) -> RequestVerdict | None:
    return _value(session, ticket_id, col(TicketRow.request))


def is_placeholder(session: Session, ticket_id: int) -> bool:
    return bool(_value(session, ticket_id, col(TicketRow.placeholder)))


def live_of(session: Session, workspace: str, ticket_ids: Collection[int]) -> frozenset[int]:
    """Those of these tickets that are counted and not history."""
    query = sa.select(col(TicketRow.id)).where(
        col(TicketRow.workspace_id) == workspace,
        col(TicketRow.id).in_(list(ticket_ids)),
        col(TicketRow.history).is_(False),
        counted(),
    )
    return frozenset(session.execute(query).scalars())
