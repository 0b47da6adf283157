"""The tickets that a rule counted, wherever they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from intelligence.model import Scope
from storage import memberships
from storage.scopes import counted, visible
from storage.tables import MembershipRow, TicketRow


@dataclass(frozen=True, slots=True)
class Counted:
    """A ticket of a rule that fired: when it came, and which distinct customer asked (None: unknown)."""

    ticket_id: int
    at: datetime
    who: str | None


def elsewhere(session: Session, scope: Scope, theme_id: int, ticket_ids: Collection[int]) -> list[Counted]:
    """Those of these tickets that are not in the theme: in others, or waiting; what the asker may see, newest first."""
    inside = (col(MembershipRow.ticket_id) == col(TicketRow.id), col(MembershipRow.theme_id) == theme_id)
    query = (
        sa.select(col(TicketRow.id), col(TicketRow.at), col(TicketRow.account_id), col(TicketRow.customer_id))
        .where(visible(scope), counted(), col(TicketRow.id).in_(list(ticket_ids)))
        .where(~sa.select(MembershipRow).where(*inside).exists())
        .order_by(col(TicketRow.at).desc())
    )
    return [Counted(id, at, _who(account, person)) for id, at, account, person in session.execute(query).all()]


def size(session: Session, scope: Scope, theme_id: int, ticket_ids: Collection[int]) -> int:
    """How many tickets a theme and what its alert's rule counted make together."""
    return memberships.size(session, scope, theme_id) + len(elsewhere(session, scope, theme_id, ticket_ids))


def _who(account: int | None, person: int | None) -> str | None:
    """As `memberships.Member.who`: the account where known, else the person."""
    if account is not None:
        return f"a{account}"
    return None if person is None else f"p{person}"
