"""App Home: gathered anew whenever somebody opens it. Read-only."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlmodel import Session

from bot.answers_home import AdminPart, Home, Mine, OwnTheme, SourceLine
from bot.answers_workspace import ChannelView, Health
from bot.deps import Deps
from bot.flows import alert_list, areas, backtest, preferences, quality, report, review, rules
from bot.help import help_for
from bot.verbs.parts import Persona
from intelligence import quality as measured
from intelligence.model import Scope, Source
from storage import alerts, loop_drafts, mine, reviews, theme_volumes, themes, workspaces

WEEK: Final = timedelta(days=7)


def home(deps: Deps, scope: Scope, persona: Persona, *, edits: bool, admin: bool, connected: bool = True) -> Home:
    """The home tab of the person in `scope`. `edits`: they may answer review cards and send drafts; `admin`: they may
    change what a workspace decides.
    """
    now = deps.clock.now()
    with deps.db.read() as session:
        own = _mine(deps, session, scope, edits=edits)
        words = reviews.since(session, scope.workspace, now - timedelta(days=quality.DAYS))
    health = report.health(deps, scope.workspace, connected=connected)
    return Home(
        health,
        report.list_themes(deps, scope, report.ThemesRequest()),
        help_for(persona),
        own,
        measured.accuracy(words).primary,
        quality.ENOUGH,
        _admin(deps, scope, health) if admin else None,
    )


def _mine(deps: Deps, session: Session, scope: Scope, *, edits: bool) -> Mine:
    workspace, user, now = scope.workspace, scope.asker or "", deps.clock.now()
    owned, watched = mine.owned(session, workspace, user), mine.watched(session, workspace, user)
    known = themes.load(session, workspace, owned | watched)
    numbers = theme_volumes.counts(session, scope, now - WEEK, now + timedelta(seconds=1)) if known else {}
    listed = [
        OwnTheme(theme, numbers[theme.id].tickets if theme.id in numbers else 0, theme.id in owned)
        for theme in known.values()
    ]
    listed.sort(key=lambda one: (not one.owned, -one.tickets, one.theme.number))
    living = [one for one in alerts.in_state(session, workspace, *alerts.LIVING) if one.owner == user]
    about = themes.load(session, workspace, [one.theme_id for one in living if one.theme_id])
    return Mine(
        tuple(alert_list.line(deps, session, scope, one, about) for one in reversed(living)),
        tuple(listed),
        mine.cards_left(session, scope, review.week_of(deps, now)) if edits else 0,
        len(loop_drafts.waiting(session, workspace)) if edits else 0,
    )


def _admin(deps: Deps, scope: Scope, health: Health) -> AdminPart:
    workspace = scope.workspace
    alerting = alert_list.list_alerts(deps, scope)
    with deps.db.read() as session:
        channels = tuple(
            ChannelView(c.id, c.name, c.role, c.quotes.value, c.area, c.member, 0, None)
            for c in workspaces.channels(session, workspace)
        )
        sources = tuple(
            SourceLine(source, number, last, deps.helpdesks.desk(source) is not None)
            for source, number, last in mine.sources(session, workspace)
        )
        rule = rules.in_force(deps, session, workspace)
    missing = [desk for desk in deps.helpdesks.desks if desk not in {one.source for one in sources}]
    return AdminPart(
        channels,
        (*sources, *(SourceLine(Source(desk), 0, None, polled=True) for desk in missing)),
        areas.listing(deps, scope),
        rule,
        alerting.budget,
        health.tickets >= backtest.FEWEST,
        {line.name: line for line in preferences.settings(deps, workspace).lines},
    )
