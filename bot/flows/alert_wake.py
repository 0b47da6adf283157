"""Alerts that wake or end by themselves: snoozes at their time or a release, single tickets when they are resolved."""

from __future__ import annotations

from sqlmodel import Session

from bot.deps import Deps
from bot.flows import alert, events
from bot.worker import Finish, nothing
from intelligence.model import AlertState, Scope
from storage import alerts, evidence, memberships, tickets


def look(deps: Deps, workspace: str, *, finish: Finish = nothing) -> int:
    """The hourly job: wake what has slept long enough, close what is over; how many woke."""
    with deps.db.write() as session:
        woken = wake(deps, session, workspace)
        end(deps, session, workspace)
        finish(session)
    return woken


def end(deps: Deps, session: Session, workspace: str) -> int:
    """Close the alerts about single tickets that are resolved, and about themes that all tickets have left (they were
    moved, or deleted): what is over is no living alert; how many.
    """
    now = deps.clock.now()
    living = alerts.in_state(session, workspace, *alerts.LIVING)
    resolved = set(tickets.resolved(session, [one.ticket_id for one in living if one.ticket_id]))
    over = [one for one in living if one.ticket_id in resolved or _left(session, workspace, one)]
    for episode in over:
        alerts.update(session, episode.id, now, state=AlertState.CLOSED, closed_at=now)
        alert.redraw(deps, session, workspace, episode.id, because="over")
        if episode.state is not AlertState.SHADOW:
            events.alert_event(deps, session, workspace, episode.id, "alert.closed", because="over")
    return len(over)


def _left(session: Session, workspace: str, episode: alerts.Episode) -> bool:
    about_theme = episode.ticket_id is None and episode.theme_id is not None
    return about_theme and memberships.size(session, Scope(workspace), episode.theme_id or 0) == 0


def wake(deps: Deps, session: Session, workspace: str) -> int:
    """Open the snoozed alerts whose time is over and say so in their threads; how many."""
    woken = 0
    for episode in alerts.in_state(session, workspace, AlertState.SNOOZED):
        known = (Scope(workspace), episode.theme_id or 0, episode.ticket_ids)
        count = evidence.size(session, *known) if episode.theme_id is not None else 1
        if alert.rouse(deps, session, workspace, episode, count):
            alert.redraw(deps, session, workspace, episode.id, because=f"awake:{deps.clock.now().timestamp()}")
            woken += 1
    return woken
