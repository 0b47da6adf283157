"""A person says that a theme is solved, or that a version went out."""

from __future__ import annotations

from datetime import datetime

from bot.answers import Done
from bot.deps import Deps
from bot.flows import alert, events, loop, loop_news, tell, undo
from bot.flows.cards import find_theme
from bot.flows.releasing import note_release
from bot.words import count
from intelligence.model import AlertState, Scope, Theme, ThemeState
from storage import alerts, releases, theme_events, themes, workspaces


def resolve_theme(deps: Deps, scope: Scope, key: str, release: str | None, *, by: str) -> Done:
    """Mark a theme fixed (in a release): it is watched from now on, and more tickets are a regression.

    Raises ThemeNotFound. A release that is not known yet is remembered as of now.
    """
    with deps.db.write() as session:
        theme = find_theme(session, scope.workspace, key)
        now = deps.clock.now()
        if release:
            releases.add(session, scope.workspace, release, now, by=by)
        values = {"state": ThemeState.VERIFYING, "resolved_at": now, "resolved_release": release, "provisional": False}
        themes.update(session, theme.id, **values)
        told = f"resolved{f' in {release}' if release else ''}"
        living = alerts.all_living(session, scope.workspace, theme.id)
        data = {"text": told, "release": release, "before": _before(theme), "closed": [[a.id, a.state] for a in living]}
        event = theme_events.happened(session, scope.workspace, theme.id, undo.RESOLVED, by, data, now)
        workspaces.audit(session, scope.workspace, by, "resolve", theme.key, {"release": release}, now)
        for episode in living:
            alerts.update(session, episode.id, now, state=AlertState.CLOSED, closed_at=now)
            alert.redraw(deps, session, scope.workspace, episode.id, because=f"resolved:{event}")
            if episode.state is not AlertState.SHADOW:
                because = f"resolved:{event}"
                events.alert_event(deps, session, scope.workspace, episode.id, "alert.closed", because=because)
        events.theme_event(deps, session, scope.workspace, theme.id, "theme.resolved", because=str(event))
        drafts = loop.begin(deps, session, theme, release)
        if drafts and theme.owner != by:
            loop_news.announce(deps, session, theme, event)
        if drafts:
            besides = {by, theme.owner or by}
            tell.answered(deps, session, scope.workspace, theme.id, event, besides=besides)
        asked = tell.fixed(deps, session, scope.workspace, theme.id, event, by=by)
    telling = f" I am telling the {count(asked, 'person', 'people')} who asked." if asked else ""
    telling += f" {count(drafts, 'reporter')} can be told: see `loop`." if drafts else ""
    return Done(
        f"{theme.key} is marked {told}. If tickets come again, an alert says that it is back.{telling}",
        undo=undo.handle(event),
        theme=theme,
    )


def _before(theme: Theme) -> dict[str, str | None]:
    """What an undo puts back."""
    at = theme.resolved_at.isoformat() if theme.resolved_at else None
    return {"state": theme.state, "resolved_at": at, "resolved_release": theme.resolved_release}


def add_release(deps: Deps, scope: Scope, name: str, at: datetime | None, *, by: str) -> Done:
    """Remember a release, so that themes that begin after it can point at it."""
    when = at or deps.clock.now()
    with deps.db.write() as session:
        added = note_release(deps, session, scope.workspace, name, when, by=by, source="verb")
    local = when.astimezone(deps.settings.zone)
    if not added:
        return Done(f"Release {name} was known already.")
    return Done(f"Release {name} is noted for {local:%-d %b %Y %H:%M}. Themes that begin after it will say so.")
