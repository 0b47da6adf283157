"""Take a change back: the event in the theme's lineage says what was, and is marked as undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.answers import Done
from bot.deps import Deps
from bot.edits import Edit
from bot.errors import BadInput
from bot.flows import alert, articles, edits, loop, merge, move, proposals, rename, split
from intelligence.model import AlertState, DecidedBy, Scope, Theme, ThemeState
from storage import alerts, memberships, theme_events, theme_links, themes, workspaces
from storage.theme_events import Event

RESOLVED, SAME, NOT_THIS = "resolved", "same", "not_this"
handle = edits.handle

TakeBack = Callable[[Deps, Session, Theme, Event, str], Done]
_EDITS: Mapping[str, TakeBack] = {
    Edit.RENAMED: rename.take_back,
    Edit.PLANNED: rename.take_back,
    Edit.MERGED: merge.take_back,
    Edit.SPLIT: split.take_back,
    Edit.MOVED: move.take_back,
    Edit.DISMISSED: proposals.take_back,
    articles.WENT_LIVE: articles.take_back,
}
_KNOWN = frozenset({RESOLVED, SAME, NOT_THIS, *_EDITS})


def done_by(deps: Deps, workspace: str, event_id: int) -> str | None:
    """Who made the change; None if there is no such event."""
    with deps.db.read() as session:
        event = theme_events.event(session, workspace, event_id)
    return event.actor if event else None


def undo(deps: Deps, scope: Scope, event_id: int, *, by: str) -> Done:
    """Put back what a person changed. Raises BadInput where it was taken back before or something newer stands."""
    with deps.db.write() as session:
        memberships.version(session, scope.workspace)
        event = theme_events.event(session, scope.workspace, event_id)
        theme = themes.get(session, scope.workspace, event.theme_id) if event else None
        if event is None or theme is None or event.kind not in _KNOWN or "twin_of" in event.data:
            raise BadInput(problem="This cannot be taken back.", fix="See `theme TI-n` for how it stands.")
        now = deps.clock.now()
        if not theme_events.undone(session, event_id, now):
            raise BadInput(problem="This was taken back before.", fix=f"See `theme {theme.key}` for how it stands.")
        if event.kind in _EDITS:
            edits.in_time(deps, event)
            told = _EDITS[event.kind](deps, session, theme, event, by)
            said, theme = told.text, told.theme
        elif event.kind == RESOLVED:
            said = _reopen(deps, session, theme, event.data, event.at, event_id)
        else:
            said = _take_word_back(deps, session, theme, event.data)
        key = theme.key if theme else ""
        workspaces.audit(session, scope.workspace, by, "undo", key, {"event": event_id, "kind": event.kind}, now)
    return Done(said, theme=theme)


def _reopen(
    deps: Deps, session: Session, theme: Theme, data: Mapping[str, Any], resolved_at: datetime, event_id: int
) -> str:
    """State and dates as they were; the alerts that the resolve closed are open again."""
    if theme.resolved_at != resolved_at:
        raise BadInput(
            problem=f"{theme.key} was changed after that.", fix=f"See `theme {theme.key}` for how it stands."
        )
    before = data["before"]
    stood = before["resolved_at"]
    loop.withdraw(deps, session, theme.id)
    themes.update(
        session,
        theme.id,
        state=ThemeState(before["state"]),
        resolved_at=datetime.fromisoformat(stood) if stood else None,
        resolved_release=before["resolved_release"],
    )
    now = deps.clock.now()
    for alert_id, state in data["closed"]:
        episode = alerts.get(session, theme.workspace, alert_id)
        if episode is not None and episode.state is AlertState.CLOSED:
            alerts.update(session, alert_id, now, state=AlertState(state), closed_at=None)
            alert.redraw(deps, session, theme.workspace, alert_id, because=f"reopened:{event_id}")
    opened = " Its alert is open again." if data["closed"] else ""
    return f"{theme.key} is not marked as fixed any more.{opened}"


def _take_word_back(deps: Deps, session: Session, theme: Theme, data: Mapping[str, Any]) -> str:
    """The ticket is where it was before a person's word about it, and the word itself is what it was."""
    workspace, ticket, word, home = theme.workspace, int(data["ticket"]), data["word"], data["home"]
    now = deps.clock.now()
    if word is None:
        theme_links.unlink(session, ticket, theme.id)
    else:
        theme_links.link(session, workspace, ticket, theme.id, must=word, by=data["by"], now=now)
    memberships.place(session, workspace, ticket, None, now, similarity=0.0, by=DecidedBy.PERSON)
    touched = {theme.id}
    if home is not None:
        target, similarity, decided = home
        memberships.place(session, workspace, ticket, target, now, similarity=similarity, by=DecidedBy(decided))
        touched.add(target)
    memberships.touched(session, workspace)
    alert.grown(deps, session, workspace, touched)
    count = memberships.size(session, Scope(workspace), theme.id)
    return f"Taken back; {theme.key} is {count} again."
