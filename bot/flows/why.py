"""Receipts: why an alert was sent, why it was not, why a ticket got its labels."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlmodel import Session

from bot.answers_tickets import TicketReading, Why
from bot.deps import Deps
from bot.errors import TicketNotFound
from bot.flows import quotes
from bot.flows.cards import LIFT_DAYS, find_theme, theme_lifts
from bot.words import ALERT_WORDS, KIND_WORDS, lift_receipt
from intelligence.model import Scope, Theme
from intelligence.segments import FALSE_SHARE
from intelligence.severity import RULE
from storage import alerts, analyses, memberships, themes, tickets

_TICKET = re.compile(r"^(?:ticket|t)?[ #-]*(\d{1,12})$", re.IGNORECASE)
_THEME = re.compile(r"^ti[ -]?\d+$", re.IGNORECASE)
SILENT_DAYS = 30
SEGMENTS = 3


def why(deps: Deps, scope: Scope, key: str) -> Why:
    """The receipt of "TI-42" or of "ticket 17". Raises ThemeNotFound or TicketNotFound."""
    with deps.db.read() as session:
        if _THEME.match(key.strip()):
            return _theme(deps, session, scope, find_theme(session, scope.workspace, key.replace(" ", "-")))
        found = _TICKET.match(key.strip())
        if found is None:
            return _theme(deps, session, scope, find_theme(session, scope.workspace, key))
        return _ticket(deps, session, scope, int(found[1]))


def _theme(deps: Deps, session: Session, scope: Scope, theme: Theme) -> Why:
    zone = deps.settings.zone
    members = memberships.members(session, scope, theme.id)
    by_people = sum(m.decided_by == "person" for m in members)
    lines = [f"{theme.key} holds {len(members)} tickets; people decided on {by_people} of them."]
    if members:
        first, last = members[-1].at.astimezone(zone), members[0].at.astimezone(zone)
        lines.append(f"First ticket {first:%-d %b %Y %H:%M}, last {last:%-d %b %Y %H:%M}.")
    episodes = alerts.of_theme(session, scope.workspace, theme.id)
    for episode in episodes:
        opened = episode.opened_at.astimezone(zone)
        lines.append(
            f"Alert on {opened:%-d %b %H:%M} ({KIND_WORDS[episode.kind].lower()}, now {ALERT_WORDS[episode.state].lower()})."
        )
    since = deps.clock.now() - timedelta(days=SILENT_DAYS)
    for theme_id, kind, reason, at in alerts.silences(session, scope.workspace, since):
        if theme_id == theme.id:
            lines.append(f"Not sent on {at.astimezone(zone):%-d %b %H:%M} ({KIND_WORDS[kind].lower()}): {reason}.")
    if not episodes:
        lines.append("No alert was sent for it so far.")
    if reason := themes.severity_reason(session, theme.id):
        lines += [f"Severity {theme.severity}: {reason}.", f"The rule of severity: {RULE}"]
    lines += _segments(deps, session, scope, theme)
    return Why(f"{theme.key} {theme.title}", tuple(lines), tuple(e.receipt for e in episodes))


def _segments(deps: Deps, session: Session, scope: Scope, theme: Theme) -> list[str]:
    """Who stands out in the theme, with intervals, and how chance is kept out."""
    found = theme_lifts(session, scope, theme.id, deps.clock.now())
    if not found:
        return [f"No group of customers stands out in it beyond chance ({LIFT_DAYS} days)."]
    told = [f"Stands out: {lift_receipt(one)}." for one in found[:SEGMENTS]]
    held = f"Of groups that are said to stand out at most {FALSE_SHARE:.0%} do so by chance (Benjamini and Hochberg)"
    return [*told, f"{held}; counted over {LIFT_DAYS} days."]


def _ticket(deps: Deps, session: Session, scope: Scope, ticket_id: int) -> Why:
    ticket = tickets.one(session, scope, ticket_id)
    if ticket is None:
        raise TicketNotFound(key=ticket_id)
    analysis = analyses.current(session, scope, [ticket_id]).get(ticket_id)
    home = memberships.home_of(session, ticket_id)
    theme = themes.get(session, scope.workspace, home[0]) if home else None
    reading = TicketReading(
        ticket_id,
        ticket.at,
        quotes.excerpt(ticket, deps.settings.phone_region),
        analysis,
        theme.key if theme else None,
        home[1] if home else None,
        quotes.link_of(ticket),
    )
    lines = [f"Request gate: {ticket.request}."]
    if analysis is None:
        lines.append("Not read yet.")
    elif analysis.fallback:
        whole = "In part read" if analysis.prompt_version else "Read"
        lines.append(f"{whole} by the local analyzer, because {analysis.fallback}.")
    if analysis is not None:
        asked = f", asked with {analysis.prompt_version}" if analysis.prompt_version else ""
        lines.append(f"Read by {analysis.analyzer}, model {analysis.model}{asked}.")
    lines.append(f"In {theme.key}." if theme else "In no theme: it waits for four similar tickets within 14 days.")
    return Why(f"ticket {ticket_id}", tuple(lines), reading=reading)
