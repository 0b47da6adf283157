"""What stands behind an alert or a theme: its tickets' quotes, page by page."""

from __future__ import annotations

import math

from sqlmodel import Session

from bot.answers import EvidencePage
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import quotes, routing
from bot.flows.cards import find_theme
from bot.flows.names import pseudonyms
from intelligence.model import Scope
from storage import alerts, analyses, evidence, memberships, themes, tickets, workspaces

PAGE = 8


def of_alert(deps: Deps, workspace: str, alert_id: int, page: int) -> EvidencePage:
    """The tickets of an alert, newest first, with what the readers of its channel may see. Raises BadInput."""
    with deps.db.read() as session:
        episode = alerts.get(session, workspace, alert_id)
        if episode is None:
            raise BadInput(problem="This alert is not here any more.", fix="See `themes` for what is.")
        scope = routing.scope_of(session, workspace, episode.channel)
        theme = themes.get(session, workspace, episode.theme_id) if episode.theme_id is not None else None
        if theme is None or episode.ticket_id is not None:
            return _page(deps, session, scope, f"alert:{alert_id}", "Evidence", list(episode.ticket_ids), page)
        members = memberships.members(session, scope, theme.id)
        beside = evidence.elsewhere(session, scope, theme.id, episode.ticket_ids)
        ids = [one.ticket_id for one in sorted([*members, *beside], key=lambda one: one.at, reverse=True)]
        return _page(deps, session, scope, f"alert:{alert_id}", f"{theme.key} evidence", ids, page)


def of_theme(deps: Deps, scope: Scope, key: str, page: int) -> EvidencePage:
    """The tickets of a theme, newest first. Raises ThemeNotFound."""
    with deps.db.read() as session:
        theme = find_theme(session, scope.workspace, key)
        ids = [member.ticket_id for member in memberships.members(session, scope, theme.id)]
        return _page(deps, session, scope, f"theme:{theme.key}", f"{theme.key} evidence", ids, page)


def _page(
    deps: Deps, session: Session, scope: Scope, subject: str, title: str, ids: list[int], page: int
) -> EvidencePage:
    pages = max(1, math.ceil(len(ids) / PAGE))
    shown = min(max(1, page), pages)
    here = ids[(shown - 1) * PAGE : shown * PAGE]
    loaded = tickets.load(session, scope, here)
    read = analyses.current(session, scope, here)
    channels = workspaces.channels(session, scope.workspace)
    policies = {channel.id: channel.quotes for channel in channels}
    found, held_back = quotes.choose(
        [loaded[i] for i in here if i in loaded],
        {i: analysis.evidence for i, analysis in read.items()},
        policies,
        region=deps.settings.phone_region,
        people=pseudonyms(session, scope.workspace),
        limit=PAGE,
    )
    return EvidencePage(subject, title, found, len(ids), held_back, shown, pages)
