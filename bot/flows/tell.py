"""Tell people who asked: a direct message when a theme is fixed, has an alert, or is back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlmodel import Session

from bot.answers import Done
from bot.blocks import told
from bot.blocks.message import Rendered
from bot.deps import Deps
from bot.flows import agents, routing
from bot.flows.cards import find_theme
from intelligence.model import PatternKind, Scope
from storage import alerts, outbox, people, queue, theme_events, themes, watches
from storage.outbox import Letter

METHOD = "person.tell"
MOST_AGENTS = 10
FIXED, WATCH = "fixed", "watch"  # what people ask for: "when it is fixed", or everything that matters


def watch(deps: Deps, scope: Scope, key: str, *, user: str) -> Done:
    """Tell this person when the theme has an alert, gets worse, is fixed or comes back. Raises ThemeNotFound."""
    with deps.db.write() as session:
        theme = find_theme(session, scope.workspace, key)
        fresh = watches.watch(session, scope.workspace, theme.id, user, WATCH, deps.clock.now())
    promise = "I will tell" if fresh else "I already promised to tell"
    return Done(f"{promise} you when {theme.key} gets an alert, gets worse, is fixed or comes back.", theme=theme)


def when_fixed(deps: Deps, scope: Scope, key: str, *, user: str) -> Done:
    """Tell this person when the theme is resolved. Raises ThemeNotFound."""
    with deps.db.write() as session:
        theme = find_theme(session, scope.workspace, key)
        fresh = watches.watch(session, scope.workspace, theme.id, user, FIXED, deps.clock.now())
    promise = "I will tell" if fresh else "I already promised to tell"
    return Done(f"{promise} you when {theme.key} is fixed.", theme=theme)


def fixed(deps: Deps, session: Session, workspace: str, theme_id: int, event: int, *, by: str) -> int:
    """Write to all who asked that the theme was resolved (lineage event `event`); how many. Who did it knows."""
    asked = {
        *watches.watchers(session, workspace, theme_id, FIXED),
        *watches.watchers(session, workspace, theme_id, WATCH),
    } - {by}
    return _write(deps, session, workspace, f"{FIXED}:{theme_id}:{event}", asked, {"theme": theme_id, "event": event})


def answered(
    deps: Deps, session: Session, workspace: str, theme_id: int, event: int, *, besides: Collection[str]
) -> int:
    """Write to the agents who answered these reporters that they can be told of a fix; how many. Those in `besides` know
    already, and who asked to hear of it hears once.
    """
    asked = {user for reason in (FIXED, WATCH) for user in watches.watchers(session, workspace, theme_id, reason)}
    known = agents.known_agents(deps, session, workspace) - asked - set(besides)
    wrote = people.agents_of(session, workspace, theme_id, known)
    about = {"theme": theme_id, "event": event, "answered": True}
    return _write(deps, session, workspace, f"answered:{theme_id}:{event}", wrote[:MOST_AGENTS], about)


def risen(deps: Deps, session: Session, workspace: str, theme_id: int, alert_id: int, kind: PatternKind) -> int:
    """Write to all who watch, and to the owner of the theme's product area, that it has an alert of this kind, or rose
    to it; how many. Once per alert and kind.
    """
    asked = watches.watchers(session, workspace, theme_id, WATCH)
    about = {"theme": theme_id, "kind": kind}
    key = f"risen:{theme_id}:{alert_id}:{kind}"
    area = routing.area_named(session, workspace, themes.area_of(session, theme_id))
    if area is not None and area.owner and area.owner not in asked:
        _write(deps, session, workspace, key, [area.owner], about | {"area": area.name})
        return 1 + _write(deps, session, workspace, key, asked, about)
    return _write(deps, session, workspace, key, asked, about)


def formed(deps: Deps, session: Session, workspace: str, theme_id: int, missed_id: int, *, user: str) -> None:
    """Write to who said that a pattern was missed that a theme has formed of it."""
    _write(deps, session, workspace, f"formed:{missed_id}", [user], {"theme": theme_id, "missed": missed_id})


def refused(
    deps: Deps, session: Session, workspace: str, theme_id: int, marker: str, reason: str, *, user: str
) -> None:
    """Write to who wanted an issue (by its marker) that the tracker refused to open it, and why."""
    _write(deps, session, workspace, f"refused:{marker}", [user], {"theme": theme_id, "refused": reason[:300]})


def undelivered(deps: Deps, session: Session, workspace: str, alert_id: int, reason: str, *, channel: str) -> int:
    """Write to the admins that an alert could not be posted to its channel, and why; how many."""
    episode = alerts.get(session, workspace, alert_id)
    payload = {"theme": (episode.theme_id if episode else 0) or 0, "alert": alert_id}
    payload |= {"undelivered": reason[:200], "channel": channel}
    admins = agents.known_admins(deps, session, workspace)
    return _write(deps, session, workspace, f"undelivered:{alert_id}:{channel}", admins, payload)


def _write(
    deps: Deps, session: Session, workspace: str, key: str, users: Collection[str], payload: Mapping[str, Any]
) -> int:
    now = deps.clock.now()
    for user in sorted(users):
        lane = f"person:{user}"
        letter = outbox.write(
            session,
            workspace,
            f"{key}:{user}",
            lane=lane,
            method=METHOD,
            payload={**payload, "user": user},
            now=now,
            subject=lane,
        )
        if letter is not None:
            work = {"letter": letter}
            queue.enqueue(session, "send", work, key=f"send:{letter}", lane=f"out:{workspace}:{lane}", now=now)
    return len(users)


def draw(session: Session, letter: Letter) -> Rendered | str:
    """What a letter says now, or why it is pointless: numbers are left to the answer that obeys what the reader sees."""
    theme = themes.get(session, letter.workspace, int(letter.payload["theme"]))
    if "undelivered" in letter.payload:
        why, channel = str(letter.payload["undelivered"]), str(letter.payload["channel"])
        return told.undelivered(theme, int(letter.payload["alert"]), why, channel)
    if theme is None:
        return "the theme is gone"
    if "missed" in letter.payload:
        return told.formed(theme)
    if "refused" in letter.payload:
        return told.refused(theme, str(letter.payload["refused"]))
    if "event" not in letter.payload:
        return told.risen(theme, PatternKind(letter.payload["kind"]), area=letter.payload.get("area"))
    event = theme_events.event(session, letter.workspace, int(letter.payload["event"]))
    if event is None or event.undone:
        return "it was taken back"
    release = event.data.get("release")
    return told.answered(theme, release) if letter.payload.get("answered") else told.fixed(theme, release)
