"""What a backtest replays: the period's tickets, those of before that make a usual range, older ones that are known."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from bot.answers import Period
from bot.deps import Deps
from bot.flows.backtest_replay import KINDS, Past
from intelligence.model import Scope
from intelligence.patterns.policy import HISTORY_DAYS
from storage import alerts, backtest

WARM_UP = timedelta(days=HISTORY_DAYS)
KNOWN = timedelta(days=60)  # older than the warm-up: enough to tell a theme that returns from a new one


def gather(deps: Deps, session: Session, scope: Scope, period: Period) -> Past:
    """Everything that the replays of a period need."""
    model, began = deps.embedder.model, period.start - WARM_UP
    coming = backtest.arrivals(session, scope, model, began, period.end)
    known = backtest.arrivals(session, scope, model, began - KNOWN, began)
    resolved = backtest.resolved(session, scope.workspace, began, period.end)
    return Past(scope, coming, known, resolved, _closed(session, scope, began, period.end))


def _closed(session: Session, scope: Scope, start: datetime, end: datetime) -> list[backtest.Happened]:
    told = {
        one.id: (one.theme_id or 0, one.ticket_ids)
        for one in alerts.since(session, scope.workspace, start)
        if one.kind in KINDS and one.opened_at < end
    }
    return [one for one in backtest.closed(session, scope.workspace, told) if start <= one.at < end]
