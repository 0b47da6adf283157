"""Erase what is held of one customer: the person or account, their tickets, and their words in tickets of others.

A ticket leaves an empty shell behind (its number and times), because edits of themes, alerts and published reports
name tickets by number; nothing in a shell says whose it was. Everything here may be called again after an
interruption and then finds less.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import Role, Source
from storage import tombstones
from storage.tables import (
    AccountRow,
    AlertRow,
    AnswerRow,
    CustomerRefRow,
    CustomerRow,
    HelpdeskNoteRow,
    LoopDraftRow,
    MembershipRow,
    MessageRevisionRow,
    MessageRow,
    ReviewCardRow,
    ReviewRow,
    ThemeEventRow,
    ThemeLinkRow,
    TicketRefRow,
    TicketRow,
    WatchRow,
)
from storage.tickets import forget_reading, update
from storage.tombstones import Mark
from storage.upsert import changed

_HANDLE = re.compile(r"(?:customer|account):[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is to be forgotten: persons, and accounts that go with them. `handle` names the same in jobs and buttons."""

    handle: str
    customers: frozenset[int]
    accounts: frozenset[int]


def find(session: Session, workspace: str, words: str) -> list[Subject]:
    """Who is called so: an e-mail address, an id in a source, a name; without any, an account's name or domain. A
    handle names itself.
    """
    plain = words.strip().removeprefix("@").lower()
    if _HANDLE.fullmatch(plain):
        known = by_handle(session, workspace, plain)
        return [known] if known else []
    refs = select(CustomerRefRow.customer_id).where(
        CustomerRefRow.workspace_id == workspace, sa.func.lower(CustomerRefRow.external_id) == plain
    )
    named = select(CustomerRow.id).where(
        CustomerRow.workspace_id == workspace,
        sa.or_(sa.func.lower(CustomerRow.email) == plain, sa.func.lower(CustomerRow.name) == plain),
    )
    people = {*session.exec(refs).all(), *(i for i in session.exec(named).all() if i is not None)}
    if people:
        return [found for i in sorted(people) if (found := by_handle(session, workspace, f"customer:{i}"))]
    accounts = select(AccountRow.id).where(
        AccountRow.workspace_id == workspace,
        sa.or_(sa.func.lower(AccountRow.key) == plain, sa.func.lower(AccountRow.name) == plain),
    )
    ids = sorted(i for i in session.exec(accounts).all() if i is not None)
    return [found for i in ids if (found := by_handle(session, workspace, f"account:{i}"))]


def by_handle(session: Session, workspace: str, handle: str) -> Subject | None:
    """The subject that a handle names, None once it is gone. An account that is one person's alone goes with them."""
    kind, _, number = handle.partition(":")
    if kind == "account":
        account = session.get(AccountRow, int(number))
        if account is None or account.workspace_id != workspace:
            return None
        return Subject(handle, _people_of(session, int(number)), frozenset({int(number)}))
    row = session.get(CustomerRow, int(number))
    if row is None or row.workspace_id != workspace:
        return None
    alone = row.account_id is not None and _people_of(session, row.account_id) == {int(number)}
    shared = alone and _tickets_of_others(session, int(number), row.account_id)
    owned = frozenset({row.account_id}) if row.account_id is not None and alone and not shared else frozenset[int]()
    return Subject(handle, frozenset({int(number)}), owned)


def _people_of(session: Session, account: int) -> frozenset[int]:
    found = session.exec(select(CustomerRow.id).where(CustomerRow.account_id == account)).all()
    return frozenset(i for i in found if i is not None)


def _tickets_of_others(session: Session, customer: int, account: int | None) -> bool:
    mine = sa.and_(col(TicketRow.customer_id).is_not(None), col(TicketRow.customer_id) == customer)
    query = select(TicketRow.id).where(TicketRow.account_id == account, sa.not_(mine))
    return session.exec(query.limit(1)).first() is not None


def marks(session: Session, subject: Subject) -> list[Mark]:
    """The persons' ids and addresses."""
    refs = session.exec(select(CustomerRefRow).where(col(CustomerRefRow.customer_id).in_(subject.customers))).all()
    mails = session.exec(select(CustomerRow.email).where(col(CustomerRow.id).in_(subject.customers))).all()
    found = [tombstones.person(ref.source, ref.external_id) for ref in refs]
    return [*found, *(tombstones.mail(address) for address in mails if address)]


def words(session: Session, subject: Subject) -> list[str]:
    """What the customer is called anywhere: names, addresses, ids, pseudonyms; the longest first."""
    people = session.exec(select(CustomerRow).where(col(CustomerRow.id).in_(subject.customers))).all()
    refs = session.exec(
        select(CustomerRefRow.external_id).where(col(CustomerRefRow.customer_id).in_(subject.customers))
    ).all()
    firms = session.exec(select(AccountRow).where(col(AccountRow.id).in_(subject.accounts))).all()
    called = {word for row in people for word in (row.name, row.email or "", f"[customer {row.id}]")}
    called |= {word for row in firms for word in (row.name, row.key)}
    telling = {ref for ref in refs if len(ref) >= 6}  # a short id is a word or number of ordinary texts
    return sorted((word for word in called | telling if len(word.strip()) >= 3), key=len, reverse=True)


def tickets_of(session: Session, workspace: str, subject: Subject, *, limit: int | None = None) -> list[int]:
    """Numbers of the customer's own tickets, oldest first."""
    theirs = sa.or_(col(TicketRow.customer_id).in_(subject.customers), col(TicketRow.account_id).in_(subject.accounts))
    query = select(TicketRow.id).where(TicketRow.workspace_id == workspace, theirs).order_by(col(TicketRow.id))
    return [i for i in session.exec(query.limit(limit)).all() if i is not None]


def words_elsewhere(session: Session, workspace: str, subject: Subject) -> list[tuple[int, int]]:
    """(message, ticket) of what the customer wrote in tickets of others."""
    slack = select(CustomerRefRow.external_id).where(
        col(CustomerRefRow.customer_id).in_(subject.customers), CustomerRefRow.source == Source.SLACK
    )
    wrote = sa.or_(
        col(MessageRow.customer_id).in_(subject.customers),
        sa.and_(col(MessageRow.source) == Source.SLACK, col(MessageRow.author).in_(session.exec(slack).all())),
    )
    own = sa.or_(col(TicketRow.customer_id).in_(subject.customers), col(TicketRow.account_id).in_(subject.accounts))
    query = (
        sa.select(col(MessageRow.id), col(MessageRow.ticket_id))
        .join(TicketRow, col(TicketRow.id) == col(MessageRow.ticket_id))
        .where(col(MessageRow.workspace_id) == workspace, wrote, sa.or_(own.is_(None), sa.not_(own)))
    )
    return [(message, ticket) for message, ticket in session.execute(query).all()]


def marks_of_tickets(session: Session, ticket_ids: Collection[int]) -> list[Mark]:
    """The ids under which these tickets and their messages would come again."""
    refs = session.exec(select(TicketRefRow).where(col(TicketRefRow.ticket_id).in_(ticket_ids))).all()
    keys = session.exec(
        select(MessageRow.source, MessageRow.external_id).where(col(MessageRow.ticket_id).in_(ticket_ids))
    ).all()
    found = [tombstones.ticket(ref.source, ref.external_id) for ref in refs]
    return [*found, *(tombstones.message(Source(source), key) for source, key in keys)]


def themes_of(session: Session, ticket_ids: Collection[int]) -> frozenset[int]:
    """Themes that any of these tickets is or was said to be in."""
    found: set[int] = set()
    for table in (MembershipRow, ThemeLinkRow):
        found.update(session.exec(select(table.theme_id).where(col(table.ticket_id).in_(ticket_ids))).all())
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was deleted: messages, and people's words about the tickets' labels."""

    messages: int
    reviews: int


def erase_tickets(session: Session, ticket_ids: Sequence[int], now: datetime) -> Erased:
    """Leave empty shells of these tickets."""
    held = col(MessageRow.ticket_id).in_(ticket_ids)
    session.execute(
        sa.delete(MessageRevisionRow).where(
            col(MessageRevisionRow.message_id).in_(sa.select(col(MessageRow.id)).where(held))
        )
    )
    messages = changed(session.execute(sa.delete(MessageRow).where(held)))
    _drop_answers(session, ticket_ids)
    for ticket_id in ticket_ids:
        forget_reading(session, ticket_id)
    reviews = changed(session.execute(sa.delete(ReviewRow).where(col(ReviewRow.ticket_id).in_(ticket_ids))))
    for table in (ReviewCardRow, LoopDraftRow, HelpdeskNoteRow, ThemeLinkRow, MembershipRow, TicketRefRow):
        session.execute(sa.delete(table).where(col(table.ticket_id).in_(ticket_ids)))
    empty: dict[str, Any] = {
        "subject": "",
        "customer_id": None,
        "account_id": None,
        "segments": {},
        "area": None,
        "channel_id": None,
        "thread_ts": None,
        "url": None,
        "redacted_at": now,
    }
    for ticket_id in ticket_ids:
        update(session, ticket_id, now, **empty)
    return Erased(messages, reviews)


def alerts_about(session: Session, workspace: str, ticket_ids: Collection[int]) -> list[int]:
    """Alerts that any of these tickets is evidence of."""
    wanted = set(ticket_ids)
    query = select(AlertRow.id, AlertRow.ticket_id, AlertRow.ticket_ids).where(AlertRow.workspace_id == workspace)
    return [i for i, about, behind in session.exec(query).all() if i and (about in wanted or wanted & set(behind))]


def erase_evidence(session: Session, alert_id: int, ticket_ids: Collection[int]) -> None:
    """These tickets are evidence of an alert no more."""
    row = session.get_one(AlertRow, alert_id)
    gone = set(ticket_ids)
    row.ticket_ids = [one for one in row.ticket_ids if one not in gone]
    session.add(row)


def erase_proposals(session: Session, theme_ids: Collection[int]) -> None:
    """What the machine proposed for these themes quotes their tickets; the night proposes it again if it still holds."""
    about = (col(ThemeEventRow.theme_id).in_(theme_ids), col(ThemeEventRow.kind) == "proposal")
    session.execute(sa.delete(ThemeEventRow).where(*about))


def _drop_answers(session: Session, ticket_ids: Sequence[int]) -> None:
    """Answers that were posted in the threads of these tickets."""
    threads = session.exec(
        select(TicketRow.workspace_id, TicketRow.channel_id, TicketRow.thread_ts).where(
            col(TicketRow.id).in_(ticket_ids), col(TicketRow.thread_ts).is_not(None)
        )
    ).all()
    for workspace, channel, thread in threads:
        where = (col(AnswerRow.workspace_id) == workspace, col(AnswerRow.channel_id) == channel)
        session.execute(sa.delete(AnswerRow).where(*where, col(AnswerRow.thread_ts) == thread))


def erase_message(session: Session, message_id: int) -> tuple[Mark, bool] | None:
    """Delete one message with its revisions; its mark, and whether a customer's words are left in its ticket."""
    row = session.get(MessageRow, message_id)
    if row is None:
        return None
    session.execute(sa.delete(MessageRevisionRow).where(col(MessageRevisionRow.message_id) == message_id))
    session.delete(row)
    session.flush()
    forget_reading(session, row.ticket_id)
    left = select(MessageRow.id).where(
        MessageRow.ticket_id == row.ticket_id,
        col(MessageRow.deleted_at).is_(None),
        col(MessageRow.role) == Role.CUSTOMER,
    )
    return tombstones.message(row.source, row.external_id), session.exec(left.limit(1)).first() is not None


def erase_people(session: Session, workspace: str, subject: Subject) -> None:
    """The last step: persons, their ids, what they asked to be told, and accounts that nobody else belongs to."""
    mine = col(CustomerRefRow.customer_id).in_(subject.customers)
    ids = session.exec(select(CustomerRefRow.external_id).where(mine)).all()
    session.execute(sa.delete(WatchRow).where(col(WatchRow.workspace_id) == workspace, col(WatchRow.user_id).in_(ids)))
    session.execute(sa.delete(CustomerRefRow).where(mine))
    session.execute(sa.delete(CustomerRow).where(col(CustomerRow.id).in_(subject.customers)))
    session.execute(sa.delete(AccountRow).where(col(AccountRow.id).in_(subject.accounts)))
