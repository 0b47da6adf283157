"""How many tickets themes have, by time: what the rule for issues counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from intelligence.model import MembershipKind, Scope
from storage.tables import MembershipRow, TicketRow
from storage.tickets import counted, visible


def times(
    session: Session, scope: Scope, since: datetime, theme_ids: Collection[int] | None = None
) -> dict[int, list[datetime]]:
    """The times of the home tickets that the asker may see, by theme, the oldest first; of these themes or of all."""
    query = (
        sa.select(col(MembershipRow.theme_id), col(TicketRow.at))
        .join(TicketRow, col(TicketRow.id) == col(MembershipRow.ticket_id))
        .where(visible(scope), counted(), col(TicketRow.at) >= since, col(MembershipRow.kind) == MembershipKind.HOME)
        .order_by(col(TicketRow.at), col(TicketRow.id))
    )
    if theme_ids is not None:
        query = query.where(col(MembershipRow.theme_id).in_(list(theme_ids)))
    found: dict[int, list[datetime]] = defaultdict(list)
    for theme, at in session.execute(query).all():
        found[theme].append(at)
    return dict(found)
