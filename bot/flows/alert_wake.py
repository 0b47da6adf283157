"""Snoozed alerts that wake by themselves: at their time, and when a release is noted."""

from __future__ import annotations

from sqlmodel import Session

from bot.deps import Deps
from bot.flows import alert
from bot.worker import Finish, nothing
from intelligence.model import AlertState, Scope
from storage import alerts, themes


def look(deps: Deps, workspace: str, *, finish: Finish = nothing) -> int:
    """The hourly job: wake what has slept long enough; how many."""
    with deps.db.write() as session:
        woken = wake(deps, session, workspace)
        finish(session)
    return woken


def wake(deps: Deps, session: Session, workspace: str) -> int:
    """Open the snoozed alerts whose time is over and say so in their threads; how many."""
    woken = 0
    for episode in alerts.in_state(session, workspace, AlertState.SNOOZED):
        count = themes.size(session, Scope(workspace), episode.theme_id) if episode.theme_id is not None else 1
        if alert.rouse(deps, session, workspace, episode, count):
            alert.redraw(deps, session, workspace, episode.id, because=f"awake:{deps.clock.now().timestamp()}")
            woken += 1
    return woken
