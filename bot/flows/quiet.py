"""Tickets that nobody has written to for a day are over: they are read again as resolved."""

from __future__ import annotations

from datetime import timedelta

from bot.deps import Deps
from bot.flows.reading import enqueue_reading
from bot.worker import Finish, nothing
from storage import tickets

CHUNK = 200


def close_quiet_tickets(deps: Deps, workspace: str, *, finish: Finish = nothing) -> int:
    """Resolve open tickets without a message for `quiet_hours_after`; how many. The next hour takes what is left."""
    now = deps.clock.now()
    before = now - timedelta(hours=deps.settings.quiet_hours_after)
    with deps.db.write() as session:
        found = tickets.gone_quiet(session, workspace, before, limit=CHUNK)
        for ticket_id in found:
            tickets.resolve(session, ticket_id, now)
            because = f"quiet:{now:%Y-%m-%dT%H}"
            enqueue_reading(deps, session, workspace, ticket_id, because=because, text="", at_once=True)
        finish(session)
    return len(found)
