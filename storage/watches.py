"""Who is told when a theme changes or is fixed."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from storage.tables import WatchRow
from storage.upsert import insert_new


def watch(session: Session, workspace: str, theme_id: int, user_id: str, reason: str, now: datetime) -> bool:
    """Tell this person when the theme changes (reason "watch") or is fixed ("fixed"); False if already so."""
    values = {"workspace_id": workspace, "theme_id": theme_id, "user_id": user_id, "reason": reason, "at": now}
    return insert_new(session, WatchRow, values, unique=["workspace_id", "theme_id", "user_id", "reason"])


def watchers(session: Session, workspace: str, theme_id: int, reason: str) -> list[str]:
    """Who is to be told."""
    found = session.exec(
        select(WatchRow.user_id).where(
            WatchRow.workspace_id == workspace, WatchRow.theme_id == theme_id, WatchRow.reason == reason
        )
    )
    return list(found.all())
