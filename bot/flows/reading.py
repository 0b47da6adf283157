"""When a ticket is read: after a pause in the conversation, or at once when it cannot wait."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from bot.deps import Deps
from intelligence.urgency import looks_critical
from storage import queue


def enqueue_reading(
    deps: Deps, session: Session, workspace: str, ticket_id: int, *, because: str, text: str, at_once: bool = False
) -> bool:
    """Enqueue one reading per reason (a message key, an edit, a check mark), debounced unless its words are
    critical.
    """
    now = deps.clock.now()
    wait = timedelta(0) if at_once or looks_critical(text) else timedelta(seconds=deps.settings.debounce_seconds)
    return queue.enqueue(
        session,
        "read",
        {"workspace": workspace, "ticket": ticket_id},
        key=f"read:{workspace}:{ticket_id}:{because}",
        now=now,
        run_at=now + wait,
    )
