"""When a ticket is read: after a pause in the conversation, or at once when it cannot wait."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from bot.deps import Deps
from intelligence.urgency import looks_critical
from storage import queue, rereadings


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


FORGOTTEN = 10_000  # at one start; the night reads what is left
CHUNK = 500  # jobs in one transaction, so that the intake never waits for long


def enqueue_forgotten(deps: Deps, workspace: str) -> int:
    """Enqueue a reading, behind all that is new, for every ticket that was stored and never read; how many.

    For a start after an interruption: one job for each ticket and start, and a ticket that another job reads first is
    not read again.
    """
    now = deps.clock.now()
    with deps.db.read() as session:
        found = rereadings.unread(session, workspace, limit=FORGOTTEN)
    for start in range(0, len(found), CHUNK):
        with deps.db.write() as session:
            for ticket_id in found[start : start + CHUNK]:
                queue.enqueue(
                    session,
                    "read",
                    {"workspace": workspace, "ticket": ticket_id},
                    key=f"read:{workspace}:{ticket_id}:start:{now:%Y%m%dT%H%M%S%f}",
                    now=now,
                    run_at=now + timedelta(seconds=deps.settings.debounce_seconds),
                    priority=5,
                )
    return len(found)
