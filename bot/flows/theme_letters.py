"""Letters about a theme to those who look after it: its owner, else where its alert is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from bot.deps import Deps
from bot.flows import agents, routing
from intelligence.model import Theme
from storage import alerts, outbox, queue


def place(deps: Deps, session: Session, theme: Theme) -> tuple[str, str | None] | None:
    """The owner; else the thread of the theme's alert, or the channel for such alerts; in shadow the admin. None where
    nobody is known.
    """
    if theme.owner:
        return f"@{theme.owner}", None
    audience = routing.audience_of(session, theme.workspace, theme.id)
    _, channel = routing.place(session, theme.workspace, audience, theme.area)
    if channel is not None:
        posted = [e for e in alerts.of_theme(session, theme.workspace, theme.id) if e.channel == channel and e.ts]
        return channel, posted[0].ts if posted else None
    admins = sorted(agents.known_admins(deps, session, theme.workspace))
    return (f"@{admins[0]}", None) if admins else None


def write(
    deps: Deps, session: Session, theme: Theme, method: str, event: int, payload: Mapping[str, Any] | None = None
) -> None:
    """Write once for an event of the theme's lineage; what it says is drawn when it is sent."""
    now, lane = deps.clock.now(), f"{method}:{theme.id}"
    about = {"theme": theme.id, **(payload or {})}
    letter = outbox.write(
        session,
        theme.workspace,
        f"{lane}:{event}",
        lane=lane,
        method=method,
        payload=about,
        now=now,
        subject=lane,
    )
    if letter is not None:
        out = f"out:{theme.workspace}:{lane}"
        queue.enqueue(session, "send", {"letter": letter}, key=f"send:{letter}", lane=out, now=now)
