"""Customers and their accounts: many refs to one person, 0..1 account each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import Account, Customer, MembershipKind, Role, Source
from storage.tables import AccountRow, CustomerRefRow, CustomerRow, MembershipRow, MessageRow
from storage.upsert import insert_new


def account_id(
    session: Session,
    workspace: str,
    key: str,
    now: datetime,
    *,
    name: str = "",
    plan: str | None = None,
    attributes: Mapping[str, str] | None = None,
) -> int:
    """The account with this key (organisation or mail domain, lower case), made or completed with what is new."""
    values = {"workspace_id": workspace, "key": key, "name": name or key, "attributes": {}, "updated_at": now}
    insert_new(session, AccountRow, values, unique=["workspace_id", "key"])
    row = session.exec(select(AccountRow).where(AccountRow.workspace_id == workspace, AccountRow.key == key)).one()
    merged = {**row.attributes, **(attributes or {})}
    if merged != row.attributes or (plan and plan != row.plan) or (name and name != row.name):
        row.attributes, row.plan, row.name, row.updated_at = merged, plan or row.plan, name or row.name, now
        session.add(row)
        session.flush()
    assert row.id is not None
    return row.id


def customer_id(
    session: Session,
    workspace: str,
    source: Source,
    external_id: str,
    now: datetime,
    *,
    name: str = "",
    email: str | None = None,
    account: int | None = None,
) -> int:
    """The person behind a ref, made on first sight; an e-mail address joins refs of different sources to one person."""
    ref = session.get(CustomerRefRow, (workspace, source, external_id))
    if ref is None:
        found = _by_email(session, workspace, email)
        if found is None:
            row = CustomerRow(workspace_id=workspace, name=name, email=email, account_id=account, created_at=now)
            session.add(row)
            session.flush()
            assert row.id is not None
            found = row.id
        session.add(CustomerRefRow(workspace_id=workspace, source=source, external_id=external_id, customer_id=found))
        session.flush()
    else:
        found = ref.customer_id
    _complete(session, found, {"name": name or None, "email": email, "account_id": account})
    return found


def _by_email(session: Session, workspace: str, email: str | None) -> int | None:
    if not email:
        return None
    query = select(CustomerRow.id).where(CustomerRow.workspace_id == workspace, CustomerRow.email == email)
    return session.exec(query).first()


def _complete(session: Session, customer: int, values: Mapping[str, Any]) -> None:
    row = session.get(CustomerRow, customer)
    assert row is not None
    for name, value in values.items():
        if value is not None and not getattr(row, name):
            setattr(row, name, value)
            session.add(row)


def customer_of(session: Session, workspace: str, source: Source, external_id: str) -> int | None:
    """The person behind a ref, if it is known."""
    ref = session.get(CustomerRefRow, (workspace, source, external_id))
    return None if ref is None else ref.customer_id


def load(session: Session, workspace: str, ids: set[int]) -> dict[int, Customer]:
    """Customers with their accounts, by id."""
    if not ids:
        return {}
    rows = session.exec(
        select(CustomerRow, AccountRow)
        .join(AccountRow, col(AccountRow.id) == col(CustomerRow.account_id), isouter=True)
        .where(CustomerRow.workspace_id == workspace, col(CustomerRow.id).in_(ids))
    ).all()
    return {
        row.id: Customer(str(row.id), row.name, row.email, _account(account) if account else None, row.id)
        for row, account in rows
        if row.id is not None
    }


def _account(row: AccountRow) -> Account:
    return Account(row.key, row.name, row.plan, row.attributes, row.id)


def accounts(session: Session, workspace: str, ids: set[int]) -> dict[int, Account]:
    """Accounts by id."""
    if not ids:
        return {}
    rows = session.exec(
        select(AccountRow).where(AccountRow.workspace_id == workspace, col(AccountRow.id).in_(ids))
    ).all()
    return {row.id: _account(row) for row in rows if row.id is not None}


def names(session: Session, workspace: str) -> list[tuple[int, str]]:
    """Ids and names of all known customers: what redaction turns into pseudonyms."""
    query = select(CustomerRow.id, CustomerRow.name).where(
        CustomerRow.workspace_id == workspace, sa.func.length(CustomerRow.name) > 1
    )
    return [(i, name) for i, name in session.exec(query).all() if i is not None]


def account_of(session: Session, customer: int) -> int | None:
    """The account a customer belongs to, if it is known."""
    return session.exec(select(CustomerRow.account_id).where(CustomerRow.id == customer)).first()


def move_to_account(session: Session, customer: int, account: int | None) -> None:
    """Let a person belong to this account from now on, whatever was thought before: a customer list says so."""
    if account is not None:
        session.execute(sa.update(CustomerRow).where(col(CustomerRow.id) == customer).values(account_id=account))


def is_known(session: Session, workspace: str, source: Source, external_id: str, email: str | None) -> bool:
    """Whether somebody was heard of under this id or address."""
    ref = session.get(CustomerRefRow, (workspace, source, external_id))
    return ref is not None or _by_email(session, workspace, email) is not None


def join_account(session: Session, customer: int, account: int | None) -> None:
    """Let a person whose account is unknown belong to this one."""
    if account is not None:
        _complete(session, customer, {"account_id": account})


def account_names(session: Session, workspace: str, ids: Collection[int]) -> dict[int, str]:
    """The names of accounts by id."""
    query = sa.select(col(AccountRow.id), col(AccountRow.name)).where(
        col(AccountRow.workspace_id) == workspace, col(AccountRow.id).in_(list(ids))
    )
    return {row[0]: row[1] for row in session.execute(query).all() if row[1]}


def segments(session: Session, account: int | None) -> dict[str, str]:
    """What segments a ticket of this account falls into today: plan and every attribute."""
    row = session.get(AccountRow, account) if account is not None else None
    if row is None:
        return {}
    plan = {"plan": row.plan} if row.plan else {}
    return {**plan, **{str(k): str(v) for k, v in row.attributes.items()}}


def agents_of(session: Session, workspace: str, theme_id: int, known: Collection[str]) -> list[str]:
    """Which of these agents (Slack ids) answered in a theme's home tickets, who answered in most of them first."""
    answers = sa.func.count(sa.distinct(col(MessageRow.ticket_id)))
    query = (
        sa.select(col(MessageRow.author))
        .join(MembershipRow, col(MembershipRow.ticket_id) == col(MessageRow.ticket_id))
        .where(
            col(MembershipRow.workspace_id) == workspace,
            col(MembershipRow.theme_id) == theme_id,
            col(MembershipRow.kind) == MembershipKind.HOME,
            col(MessageRow.role) == Role.AGENT,
            col(MessageRow.deleted_at).is_(None),
            col(MessageRow.author).in_(sorted(known)),
        )
        .group_by(col(MessageRow.author))
        .order_by(answers.desc(), col(MessageRow.author))
    )
    return list(session.execute(query).scalars())
