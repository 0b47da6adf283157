"""Everything that an alert's message shows, counted when it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.answers import AlertView
from bot.deps import Deps
from bot.flows import cards, quotes, routing
from bot.flows.names import pseudonyms
from bot.flows.suspects import suspects_of
from bot.words import KIND_WORDS, hours
from intelligence import urgency
from intelligence.local.extract import sentences
from intelligence.model import AlertState, PatternKind, Role, Scope, Theme, Ticket
from storage import alerts, evidence, memberships, themes, tickets, workspaces

Evidence = memberships.Member | evidence.Counted


def view(deps: Deps, session: Session, workspace: str, alert_id: int) -> AlertView | None:
    """Everything the message shows, counted now; None if the episode is gone."""
    episode = alerts.get(session, workspace, alert_id)
    if episode is None:
        return None
    space = workspaces.get(session, workspace)
    scope = routing.scope_of(session, workspace, episode.channel)
    now = deps.clock.now()
    theme = themes.get(session, workspace, episode.theme_id) if episode.theme_id is not None else None
    area = routing.area_named(session, workspace, theme.area) if theme else None
    everyone, beside = _evidence(session, scope, episode, theme)
    window = _window(episode, everyone, now)
    ids = [m.ticket_id for m in everyone] if theme else list(episode.ticket_ids)
    texts = cards.read_texts(deps, session, scope, ids)
    days = cards.per_day([m.at for m in everyone], now, deps)
    whole = theme is not None and episode.ticket_id is None
    lifts = tuple(cards.theme_lifts(session, scope, theme.id, now)) if theme and whole else ()
    counted = [m for m in everyone if m.at >= window] or everyone
    return AlertView(
        episode.id,
        episode.kind,
        episode.audience,
        episode.state,
        theme,
        theme.title
        if theme is not None and episode.kind is not PatternKind.CRITICAL
        else headline(deps, session, scope, episode),
        len(counted) if theme else len(episode.ticket_ids),
        len({m.who for m in counted if m.who}),
        sum(m.who is None for m in counted),
        hours((now - window) / timedelta(hours=1)),
        episode.receipt,
        episode.severity,
        themes.severity_reason(session, theme.id) if theme and whole else _why_critical(session, scope, episode),
        texts.plans,
        texts.accounts,
        texts.frustrated,
        lifts,
        suspects_of(session, workspace, _onset(episode, counted), usual_rate(episode), now) if whole else (),
        texts.quotes,
        texts.held_back,
        texts.workaround,
        days if whole else (),
        cards.usual_range(days) if whole else None,
        episode.owner,
        (episode.snooze or {}).get("words") if episode.state is AlertState.SNOOZED else None,
        episode.state is AlertState.SHADOW or bool(space and space.shadow),
        episode.opened_at,
        max(0, len(everyone) - len(episode.ticket_ids)),
        _since(counted, deps),
        tracker=deps.tracker is not None,
        area_owner=area.owner if area else None,
        elsewhere=beside,
    )


def _evidence(
    session: Session, scope: Scope, episode: alerts.Episode, theme: Theme | None
) -> tuple[list[Evidence], int]:
    """What the alert counts, newest first, and how many of it are in other themes, or wait."""
    if theme is None:
        return [], 0
    members = memberships.members(session, scope, theme.id)
    if episode.ticket_id is not None:  # it is about one ticket; what others report is the theme's own alert
        return [m for m in members if m.ticket_id == episode.ticket_id], 0
    beside = evidence.elsewhere(session, scope, theme.id, episode.ticket_ids)
    return sorted([*members, *beside], key=lambda m: m.at, reverse=True), len(beside)


def usual_rate(episode: alerts.Episode) -> float:
    """Tickets a day that would have been usual, by the episode's receipt; 0 for a new pattern."""
    hours = episode.receipt.window_hours
    return episode.receipt.expected / hours * 24.0 if hours > 0 and episode.kind is not PatternKind.NEW else 0.0


def _window(episode: alerts.Episode, members: Sequence[Evidence], now: datetime) -> datetime:
    """From when the message counts: the tickets of the rule that fired and everything after."""
    first = [m.at for m in members if m.ticket_id in set(episode.ticket_ids)]
    return min(first) if first else now - timedelta(hours=max(episode.receipt.window_hours, 24.0))


def _onset(episode: alerts.Episode, counted: Sequence[Evidence]) -> list[datetime]:
    """The times that tell when it began: of a group that stands out, its own tickets alone."""
    own = frozenset(episode.ticket_ids) if episode.kind is PatternKind.SEGMENT else None
    return [m.at for m in counted if own is None or m.ticket_id in own]


def _since(counted: Sequence[Evidence], deps: Deps) -> str | None:
    if not counted:
        return None
    first = min(m.at for m in counted).astimezone(deps.settings.zone)
    return f"{first:%-d %b %H:%M}"


def headline(deps: Deps, session: Session, scope: Scope, episode: alerts.Episode) -> str:
    """What a single ticket says that made it critical, masked, in its own words where they may be shown."""
    ticket = tickets.one(session, scope, episode.ticket_id) if episode.ticket_id else None
    policies = {c.id: c.quotes for c in workspaces.channels(session, scope.workspace)}
    people = pseudonyms(session, scope.workspace)
    shown = quotes.headline(ticket, policies, deps.settings.phone_region, people) if ticket else None
    if ticket and shown and (driving := urgency.driving_sentence(_said(ticket))):
        shown = quotes.shorten(quotes.masked(driving, deps.settings.phone_region, people), 160)
    return shown or KIND_WORDS[PatternKind.CRITICAL]


def _said(ticket: Ticket) -> list[str]:
    heard = [m for m in ticket.messages if m.role is Role.CUSTOMER and not m.private_note]
    return [sentence.text for sentence in sentences(heard)]


def _why_critical(session: Session, scope: Scope, episode: alerts.Episode) -> str:
    """What is at stake by the ticket's words; the headline quotes the sentence that says so."""
    ticket = tickets.one(session, scope, episode.ticket_id) if episode.ticket_id else None
    told = urgency.stake(" ".join(_said(ticket))) if ticket else None
    return f"the ticket was read as critical: {told}" if told else "the ticket was read as critical"
