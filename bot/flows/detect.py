"""Look for patterns: on arrival in what changed, at 02:00 in everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import numpy as np
from sqlmodel import Session

from bot.deps import Deps
from bot.flows import alert
from intelligence.model import Pattern, PatternKind, Scope
from intelligence.patterns import History, Policy, ThemeFacts, detect
from storage import alerts, analyses, themes, tickets

LOOK_BACK = timedelta(days=35)
COLD_START = timedelta(days=14)


def policy(deps: Deps) -> Policy:
    """The detectors' strictness from the settings that people chose."""
    return Policy.for_budget(
        deps.settings.alerts_per_week, ratio=deps.settings.spike_ratio, new_tickets=deps.settings.new_pattern
    )


def on_arrival(
    deps: Deps, session: Session, workspace: str, theme_ids: Collection[int], ticket_ids: Sequence[int]
) -> list[Pattern]:
    """Tickets came to these themes: find patterns among them, open alerts, let living alerts grow.

    History never alerts: it makes themes known.
    """
    live = tickets.live_of(session, workspace, ticket_ids)
    changed = set(themes.homes(session, live).values()) & set(theme_ids)
    if not changed:
        return []
    alert.grown(deps, session, workspace, changed)
    return _detect(deps, session, workspace, changed)


def everywhere(deps: Deps, session: Session, workspace: str) -> list[Pattern]:
    """Full pattern detection over all living themes (the nightly pass)."""
    return _detect(deps, session, workspace, None)


def _detect(deps: Deps, session: Session, workspace: str, only: Collection[int] | None) -> list[Pattern]:
    now = deps.clock.now()
    first = tickets.span(session, workspace)[1]
    if first is None:
        return []
    rows = themes.arrivals(session, workspace, now - LOOK_BACK)
    history = History.build(
        np.array([at.timestamp() for _, _, at, _ in rows], np.float64),
        np.array([theme for _, theme, _, _ in rows], np.int64),
        np.array([ticket for ticket, _, _, _ in rows], np.int64),
        start=first.timestamp(),
        now=now.timestamp(),
    )
    facts = {
        f.theme_id: ThemeFacts(
            born=f.first_at.timestamp(),
            known=f.history,
            resolved=f.resolved_at.timestamp() if f.resolved_at else None,
        )
        for f in themes.facts(session, workspace)
    }
    found = detect(history, now=now.timestamp(), policy=policy(deps), themes=facts, only=set(only) if only else None)
    for pattern in found:
        _decide(deps, session, workspace, pattern, now - first)
    return found


def _decide(deps: Deps, session: Session, workspace: str, pattern: Pattern, age: timedelta) -> None:
    """Open an alert for a pattern, or remember why it stayed silent."""
    now = deps.clock.now()
    silence = _silence(session, workspace, pattern, age, now)
    if silence is not None:
        alerts.silenced(session, workspace, pattern.kind, silence, pattern.receipt, now, pattern.theme_id)
        return
    alert.raise_alert(deps, session, workspace, pattern)


def _silence(session: Session, workspace: str, pattern: Pattern, age: timedelta, now: datetime) -> str | None:
    if age < COLD_START and pattern.kind not in {PatternKind.NEW, PatternKind.CRITICAL}:
        return f"the data go back {age.days} days; a usual range needs {COLD_START.days}"
    dismissed = alerts.dismissed_since(session, workspace, pattern.theme_id, now - timedelta(days=30))
    if dismissed and pattern.kind is PatternKind.NEW:
        return f"closed by a person as {dismissed}"
    return None


def area_of(session: Session, workspace: str, theme_id: int) -> str | None:
    """The product area of most of a theme's tickets, when it is a third of them or more."""
    scope = Scope(workspace)
    ids = [m.ticket_id for m in themes.members(session, scope, theme_id)]
    found = Counter(label.area for label in analyses.labels(session, scope, ids).values() if label.area)
    if not found:
        return None
    area, count = found.most_common(1)[0]
    return area if count * 3 >= len(ids) else None
