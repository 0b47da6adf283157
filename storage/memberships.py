"""Who belongs to a theme, at home or by mention, and whose word that was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import DecidedBy, MembershipKind, Scope
from storage.scopes import counted, visible
from storage.tables import MembershipRow, TicketRow, WorkspaceRow
from storage.upsert import put, put_many


@dataclass(frozen=True, slots=True)
class Member:
    """A ticket in a theme, with what counting needs: who asked, when, and in which segments."""

    ticket_id: int
    at: datetime
    account_id: int | None
    customer_id: int | None
    kind: MembershipKind
    similarity: float
    decided_by: DecidedBy
    segments: Mapping[str, str]

    @property
    def who(self) -> str | None:
        """The distinct customer: the account where known, else the person, else None."""
        if self.account_id is not None:
            return f"a{self.account_id}"
        return None if self.customer_id is None else f"p{self.customer_id}"


def place(
    session: Session,
    workspace: str,
    ticket_id: int,
    theme_id: int | None,
    now: datetime,
    *,
    similarity: float,
    by: DecidedBy = DecidedBy.MACHINE,
    who: str | None = None,
) -> None:
    """Set a ticket's home theme (None: it waits). A person's placing is never undone by a machine."""
    home = (col(MembershipRow.ticket_id) == ticket_id, col(MembershipRow.kind) == MembershipKind.HOME)
    if by is DecidedBy.MACHINE:
        decided = session.execute(sa.select(col(MembershipRow.decided_by)).where(*home)).scalar_one_or_none()
        if decided is DecidedBy.PERSON:
            return
    session.execute(sa.delete(MembershipRow).where(*home))
    if theme_id is None:
        return
    values = {
        "ticket_id": ticket_id,
        "theme_id": theme_id,
        "workspace_id": workspace,
        "kind": MembershipKind.HOME,
        "decided_by": by,
        "decided_who": who,
        "similarity": similarity,
        "at": now,
    }
    put(session, MembershipRow, values, unique=["ticket_id", "theme_id"])


def place_many(session: Session, workspace: str, homes: Sequence[tuple[int, int | None, float]], now: datetime) -> None:
    """Set the homes of many tickets, (ticket, theme or None, similarity) each; people's placings stay."""
    ids = [ticket_id for ticket_id, _, _ in homes]
    pinned: set[int] = set()
    for start in range(0, len(ids), 500):
        chunk = col(MembershipRow.ticket_id).in_(ids[start : start + 500])
        kept = sa.select(col(MembershipRow.ticket_id)).where(
            chunk,
            col(MembershipRow.kind) == MembershipKind.HOME,
            col(MembershipRow.decided_by) == DecidedBy.PERSON,
        )
        pinned.update(session.execute(kept).scalars())
        session.execute(
            sa.delete(MembershipRow).where(
                chunk,
                col(MembershipRow.kind) == MembershipKind.HOME,
                col(MembershipRow.decided_by) == DecidedBy.MACHINE,
            )
        )
    rows = [
        {
            "ticket_id": ticket_id,
            "theme_id": theme_id,
            "workspace_id": workspace,
            "kind": MembershipKind.HOME,
            "decided_by": DecidedBy.MACHINE,
            "similarity": similarity,
            "at": now,
        }
        for ticket_id, theme_id, similarity in homes
        if theme_id is not None and ticket_id not in pinned
    ]
    put_many(session, MembershipRow, rows, unique=["ticket_id", "theme_id"])


def home_of(session: Session, ticket_id: int) -> tuple[int, float, DecidedBy] | None:
    """A ticket's home theme, how close it is, and who decided."""
    row = session.exec(
        select(MembershipRow).where(
            MembershipRow.ticket_id == ticket_id, col(MembershipRow.kind) == MembershipKind.HOME
        )
    ).first()
    return None if row is None else (row.theme_id, row.similarity, row.decided_by)


def pinned(session: Session, workspace: str) -> frozenset[int]:
    """Tickets whose home a person decided."""
    found = session.execute(
        sa.select(col(MembershipRow.ticket_id)).where(
            col(MembershipRow.workspace_id) == workspace,
            col(MembershipRow.kind) == MembershipKind.HOME,
            col(MembershipRow.decided_by) == DecidedBy.PERSON,
        )
    )
    return frozenset(found.scalars())


def members(
    session: Session,
    scope: Scope,
    theme_id: int,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[Member]:
    """A theme's counted tickets that the asker may see, newest first; home members and mentions."""
    query = (
        sa.select(
            col(TicketRow.id),
            col(TicketRow.at),
            col(TicketRow.account_id),
            col(TicketRow.customer_id),
            col(MembershipRow.kind),
            col(MembershipRow.similarity),
            col(MembershipRow.decided_by),
            TicketRow.__table__.c.segments,  # type: ignore[attr-defined]
        )
        .join(MembershipRow, col(MembershipRow.ticket_id) == col(TicketRow.id))
        .where(visible(scope), counted(), col(MembershipRow.theme_id) == theme_id)
        .order_by(col(TicketRow.at).desc())
    )
    if start is not None:
        query = query.where(col(TicketRow.at) >= start)
    if end is not None:
        query = query.where(col(TicketRow.at) < end)
    return [Member(*row) for row in session.execute(query).all()]


def size(session: Session, scope: Scope, theme_id: int) -> int:
    """How many tickets `members` would list."""
    query = (
        sa.select(sa.func.count())
        .select_from(TicketRow)
        .join(MembershipRow, col(MembershipRow.ticket_id) == col(TicketRow.id))
        .where(visible(scope), counted(), col(MembershipRow.theme_id) == theme_id)
    )
    return int(session.execute(query).scalar_one())


def touched(session: Session, workspace: str) -> int:
    """Count a change of memberships, so that other processes rebuild their picture; the new version."""
    return session.execute(
        sa.update(WorkspaceRow)
        .where(col(WorkspaceRow.id) == workspace)
        .values(memory_version=col(WorkspaceRow.memory_version) + 1)
        .returning(col(WorkspaceRow.memory_version))
    ).scalar_one()


def version(session: Session, workspace: str, *, hold: bool = True) -> int:
    """The memberships' version, 0 for a workspace of which nothing is stored yet; with `hold`, in a transaction that
    writes, nobody else changes it until the end.
    """
    query = sa.select(col(WorkspaceRow.memory_version)).where(col(WorkspaceRow.id) == workspace)
    return session.execute(query.with_for_update() if hold else query).scalar_one_or_none() or 0


def homes(session: Session, ticket_ids: Collection[int]) -> dict[int, int]:
    """The home theme of each of these tickets that has one."""
    query = sa.select(col(MembershipRow.ticket_id), col(MembershipRow.theme_id)).where(
        col(MembershipRow.ticket_id).in_(list(ticket_ids)), col(MembershipRow.kind) == MembershipKind.HOME
    )
    return {row[0]: row[1] for row in session.execute(query).all()}
