"""Tell another system what happened to themes and alerts: a letter of ids for each event, drawn when it is sent."""

from __future__ import annotations

from typing import Any, Final

from sqlmodel import Session

from bot.deps import Deps
from storage import outbox, queue

METHOD: Final = "event"
JOB: Final = "event"


def alert_event(deps: Deps, session: Session, workspace: str, alert_id: int, kind: str, *, because: str) -> None:
    """An alert was opened or closed ("alert.opened", "alert.closed"); once for each reason."""
    _write(deps, session, workspace, f"{kind}:{alert_id}:{because}", {"type": kind, "alert": alert_id})


def theme_event(deps: Deps, session: Session, workspace: str, theme_id: int, kind: str, *, because: str) -> None:
    """A theme was born, changed or resolved ("theme.created", "theme.changed", "theme.resolved")."""
    _write(deps, session, workspace, f"{kind}:{theme_id}:{because}", {"type": kind, "theme": theme_id})


def _write(deps: Deps, session: Session, workspace: str, key: str, payload: dict[str, Any]) -> None:
    if deps.events is None:
        return
    now = deps.clock.now()
    payload |= {"at": now.isoformat()}
    letter = outbox.write(
        session, workspace, f"event:{key}", lane="events", method=METHOD, payload=payload, now=now, subject=key
    )
    if letter is not None:
        queue.enqueue(session, JOB, {"letter": letter}, key=f"event:{letter}", lane=f"events:{workspace}", now=now)
