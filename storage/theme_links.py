"""People's words about a ticket and a theme: it belongs there, or never again."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from storage.tables import ThemeLinkRow
from storage.upsert import put


def link(
    session: Session, workspace: str, ticket_id: int, theme_id: int, *, must: bool, by: str, now: datetime
) -> None:
    """Keep a person's word: the ticket belongs to the theme, or never again."""
    values = {
        "ticket_id": ticket_id,
        "theme_id": theme_id,
        "workspace_id": workspace,
        "must": must,
        "by": by,
        "at": now,
    }
    put(session, ThemeLinkRow, values, unique=["ticket_id", "theme_id"])


def word_of(session: Session, ticket_id: int, theme_id: int) -> bool | None:
    """What people said of this ticket and theme: it belongs there (True), never again (False), nothing (None)."""
    row = session.get(ThemeLinkRow, (ticket_id, theme_id))
    return None if row is None else row.must


def unlink(session: Session, ticket_id: int, theme_id: int) -> None:
    """Take a person's word back."""
    pair = (col(ThemeLinkRow.ticket_id) == ticket_id, col(ThemeLinkRow.theme_id) == theme_id)
    session.execute(sa.delete(ThemeLinkRow).where(*pair))


def links(session: Session, workspace: str) -> list[tuple[int, int, bool]]:
    """All (ticket, theme, must) words of people."""
    found = session.execute(
        sa.select(col(ThemeLinkRow.ticket_id), col(ThemeLinkRow.theme_id), col(ThemeLinkRow.must)).where(
            col(ThemeLinkRow.workspace_id) == workspace
        )
    )
    return [(ticket, theme, must) for ticket, theme, must in found.all()]
