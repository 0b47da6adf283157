"""What the operator knows of customers: names, accounts, plans and attributes, as a list from outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from bot.deps import Deps
from intelligence.model import Source
from storage import people, tombstones, workspaces


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """A person under their id in a source, and the account they belong to."""

    source: Source
    external_id: str
    name: str = ""
    email: str | None = None
    account: str | None = None
    plan: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])


def remember_customers(deps: Deps, workspace: str, known: Iterable[KnownCustomer]) -> int:
    """Store or complete customers and their accounts; how many were told. Tickets keep the segments of their own
    date.
    """
    now = deps.clock.now()
    told = 0
    with deps.db.write() as session:
        workspaces.ensure(session, workspace, now, timezone=deps.settings.timezone)
        for one in known:
            if is_forgotten(session, workspace, one):
                continue
            account = None
            if one.account:
                account = people.account_id(
                    session,
                    workspace,
                    one.account.lower(),
                    now,
                    name=one.account,
                    plan=one.plan,
                    attributes=one.attributes,
                )
            people.customer_id(
                session,
                workspace,
                one.source,
                one.external_id,
                now,
                name=one.name,
                email=one.email,
                account=account,
            )
            told += 1
    return told


def is_forgotten(session: Session, workspace: str, one: KnownCustomer) -> bool:
    """A list from outside has no dates: who was forgotten is not taken from it again."""
    marks = [tombstones.person(one.source, one.external_id), *([tombstones.mail(one.email)] if one.email else [])]
    return bool(tombstones.buried(session, workspace, marks))
