"""Tickets, their refs and their messages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import (
    DecidedBy,
    Message,
    RequestVerdict,
    Role,
    Scope,
    Source,
    Ticket,
    TicketState,
    Visibility,
)
from intelligence.segments import banded
from storage import people
from storage.tables import (
    AnalysisRow,
    MembershipRow,
    MessageRevisionRow,
    MessageRow,
    ReviewRow,
    SignalRow,
    TicketRefRow,
    TicketRow,
    VectorRow,
)
from storage.upsert import changed, insert_new, insert_numbered


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


def add_message(session: Session, workspace: str, ticket_id: int, new: NewMessage, now: datetime) -> int | None:
    """Store a message once; its id, or None if it was stored before. Keeps the ticket's times true."""
    values = {
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
    number = insert_numbered(session, MessageRow, values, unique=["workspace_id", "source", "external_id"])
    if number is not None:
        _retime(session, ticket_id, now)
    return number


def _retime(session: Session, ticket_id: int, now: datetime) -> None:
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


def message(session: Session, workspace: str, source: Source, key: str) -> StoredMessage | None:
    """A stored message by its id in the source."""
    row = _message_row(session, workspace, source, key)
    if row is None or row.id is None:
        return None
    return StoredMessage(row.id, row.ticket_id, row.text, row.role, row.deleted_at is not None)


def _message_row(session: Session, workspace: str, source: Source, key: str) -> MessageRow | None:
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


def redact_message(session: Session, message_id: int, now: datetime) -> int | None:
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
        _retime(session, row.ticket_id, now)
    return row.ticket_id


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


def open_threads(session: Session, workspace: str, channel: str, *, limit: int = 500) -> list[tuple[str, datetime]]:
    """Root timestamps and last message times of a channel's open Slack tickets, newest first: replies to catch up
    on.
    """
    query = select(TicketRow.thread_ts, TicketRow.last_message_at).where(
        TicketRow.workspace_id == workspace,
        TicketRow.channel_id == channel,
        col(TicketRow.state) == TicketState.OPEN,
        col(TicketRow.thread_ts).is_not(None),
    )
    rows = session.exec(query.order_by(col(TicketRow.at).desc()).limit(limit)).all()
    return [(ts, last) for ts, last in rows if ts is not None and last is not None]


def recent_root(
    session: Session, workspace: str, channel: str, author: str, since: datetime, until: datetime
) -> int | None:
    """The ticket that this author opened in this channel within the grouping window, if nobody has answered it yet."""
    newest = (
        select(MessageRow.ticket_id)
        .join(TicketRow, col(TicketRow.id) == col(MessageRow.ticket_id))
        .where(
            MessageRow.workspace_id == workspace,
            MessageRow.channel_id == channel,
            MessageRow.author == author,
            col(MessageRow.role) == Role.CUSTOMER,
            col(MessageRow.at) >= since,
            col(MessageRow.at) <= until,
            col(TicketRow.state) == TicketState.OPEN,
            col(TicketRow.redacted_at).is_(None),
        )
        .order_by(col(MessageRow.at).desc())
        .limit(1)
    )
    found = session.exec(newest).first()
    if found is None:
        return None
    answered = select(MessageRow.id).where(
        MessageRow.ticket_id == found, col(MessageRow.role) == Role.AGENT, col(MessageRow.deleted_at).is_(None)
    )
    return None if session.exec(answered.limit(1)).first() is not None else found


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
    _retime(session, keep, now)


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


def totals(
    session: Session, scope: Scope, start: datetime, end: datetime, *conditions: sa.ColumnElement[bool]
) -> tuple[int, datetime | None]:
    """Counted tickets of a period (of those that meet `conditions`) and the time of the last one."""
    query = select(sa.func.count(), sa.func.max(TicketRow.at)).where(
        visible(scope), counted(), col(TicketRow.at) >= start, col(TicketRow.at) < end, *conditions
    )
    count, last = session.exec(query).one()
    return int(count), last


def all_visible(session: Session, scope: Scope) -> bool:
    """Whether the asker may see every counted ticket of the workspace."""
    if scope.sees_all:
        return True
    hidden = sa.select(sa.literal(1)).where(
        col(TicketRow.workspace_id) == scope.workspace, counted(), sa.not_(visible(scope))
    )
    return session.execute(hidden.limit(1)).first() is None


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


def unread(session: Session, workspace: str, *, limit: int = 1000) -> list[int]:
    """Counted tickets without a current reading, oldest first."""
    read = (
        sa.select(col(AnalysisRow.id))
        .where(col(AnalysisRow.ticket_id) == col(TicketRow.id), col(AnalysisRow.current).is_(True))
        .exists()
    )
    query = select(TicketRow.id).where(TicketRow.workspace_id == workspace, counted(), ~read)
    return [i for i in session.exec(query.order_by(col(TicketRow.at)).limit(limit)).all() if i is not None]


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
    add_message(session, workspace, ticket_id, NewMessage(source, key, Role.CUSTOMER, "", now), now)
    session.execute(sa.update(MessageRow).where(col(MessageRow.ticket_id) == ticket_id).values(deleted_at=now))


def times(session: Session, workspace: str, ticket_ids: Collection[int]) -> dict[int, datetime]:
    """The times of those of these tickets that are counted."""
    query = sa.select(col(TicketRow.id), col(TicketRow.at)).where(
        col(TicketRow.workspace_id) == workspace, col(TicketRow.id).in_(list(ticket_ids)), counted()
    )
    return {row[0]: row[1] for row in session.execute(query).all()}


def unread_of(session: Session, ticket_ids: Collection[int]) -> list[int]:
    """Those of these tickets that are counted and have no current reading."""
    read = sa.select(col(AnalysisRow.ticket_id)).where(
        col(AnalysisRow.ticket_id).in_(list(ticket_ids)), col(AnalysisRow.current).is_(True)
    )
    query = sa.select(col(TicketRow.id)).where(
        col(TicketRow.id).in_(list(ticket_ids)), counted(), col(TicketRow.id).not_in(read)
    )
    return list(session.execute(query.order_by(col(TicketRow.id))).scalars())


def live_of(session: Session, workspace: str, ticket_ids: Collection[int]) -> frozenset[int]:
    """Those of these tickets that are counted and not history."""
    query = sa.select(col(TicketRow.id)).where(
        col(TicketRow.workspace_id) == workspace,
        col(TicketRow.id).in_(list(ticket_ids)),
        col(TicketRow.history).is_(False),
        counted(),
    )
    return frozenset(session.execute(query).scalars())
