"""Lists for people: themes of a period, search, health. Read-only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.answers import ThemeLine, ThemeList
from bot.answers_tickets import SearchHit, SearchResult
from bot.answers_workspace import Health
from bot.deps import Deps
from bot.flows import periods, proposed
from bot.flows.events import METHOD
from bot.flows.quotes import excerpt, link_of, who_of
from bot.words_asked import cannot_tell
from intelligence.changes import change_of as change_of
from intelligence.clean import problem_text
from intelligence.model import AlertState, Scope, Theme, ThemeState
from storage import alerts, analyses, inbox, outbox, queue, theme_volumes, themes, ticket_volumes, tickets, workspaces
from storage.filters import ticket_conditions
from storage.nearest import Among, how_many, nearest

PAGE = 10
RISING = 1.5
YOUNG_DATA_DAYS = 14.0
RISING_STATES = frozenset({ThemeState.NEW, ThemeState.GROWING, ThemeState.REGRESSED})


@dataclass(frozen=True, slots=True)
class ThemesRequest:
    """What `themes` was asked: a period and filters (area, plan, kind, state, mine) by name."""

    period: str = "7d"
    filters: Mapping[str, str] = field(default_factory=dict[str, str])
    page: int = 1


def list_themes(deps: Deps, scope: Scope, request: ThemesRequest) -> ThemeList:
    """The themes of a period, those with most distinct customers first and rising ones before steady ones."""
    now = deps.clock.now()
    period = periods.parse(request.period, now, deps.settings.zone)
    earlier = periods.before(period)
    with deps.db.read() as session:
        conditions = ticket_conditions(request.filters)
        counts = theme_volumes.counts(session, scope, period.start, period.end, *conditions)
        past = theme_volumes.counts(session, scope, earlier.start, earlier.end, *conditions)
        living = themes.load(session, scope.workspace, counts)
        total, last_at = ticket_volumes.totals(session, scope, period.start, period.end)
        asked = ticket_volumes.totals(session, scope, period.start, period.end, *conditions)[0] if conditions else total
        covered = theme_volumes.covered(session, scope, period.start, period.end)
        readings, unsure, not_read = analyses.uncertainty(session, scope, period.start, period.end)
        everything, first_at, latest_at = ticket_volumes.span(session, scope.workspace)
        proposals = proposed.waiting(session, scope.workspace)
    lines = [
        _line(living[theme_id], count, past.get(theme_id))
        for theme_id, count in counts.items()
        if theme_id in living and _wanted(living[theme_id], request.filters, scope)
    ]
    if {"state", "mine"} & request.filters.keys():
        asked = sum(line.tickets for line in lines)  # these filters are about themes
    lines.sort(key=lambda line: (-line.rising, -line.customers, -line.tickets, line.theme.number))
    pages = max(1, math.ceil(len(lines) / PAGE))
    page = min(max(1, request.page), pages)
    shown = [
        _ranked(line, rank) for rank, line in enumerate(lines[(page - 1) * PAGE : page * PAGE], (page - 1) * PAGE + 1)
    ]
    age = (now - first_at) / timedelta(days=1) if first_at else 0.0
    return ThemeList(
        period,
        request.filters,
        tuple(shown),
        total,
        covered / total if total else 0.0,
        unsure / readings if readings else 0.0,
        not_read,
        last_at or latest_at,
        page,
        pages,
        _note(everything, total, len(lines), age, request),
        proposals,
        asked,
        cannot_tell(asked),
    )


def _wanted(theme: Theme, filters: Mapping[str, str], scope: Scope) -> bool:
    state = filters.get("state")
    if state == "rising":
        return theme.state in RISING_STATES
    if state and theme.state != state:
        return False
    return "mine" not in filters or (scope.asker is not None and theme.owner == scope.asker)


def _line(theme: Theme, count: theme_volumes.ThemeCount, past: theme_volumes.ThemeCount | None) -> ThemeLine:
    change = change_of(past.tickets if past else 0, count.tickets)
    rising = not change.within_noise and (change.percent is None or change.percent >= (RISING - 1) * 100)
    return ThemeLine(0, theme, count.tickets, count.customers, count.unknown, change, rising)


def _ranked(line: ThemeLine, rank: int) -> ThemeLine:
    return ThemeLine(rank, line.theme, line.tickets, line.customers, line.unknown, line.change, line.rising)


def _note(everything: int, total: int, themes_found: int, age: float, request: ThemesRequest) -> str | None:
    if everything == 0:
        return "No tickets yet. Invite me to a support channel, or run `ticket-intel import FILE.csv`."
    if total == 0:
        return f"No tickets in {request.period}. Try `themes 30d`."
    if themes_found == 0 and request.filters:
        return "No theme fits these filters. Try fewer of them, or a longer period."
    if themes_found == 0:
        return "No theme yet: a theme is born when five similar tickets have come within 14 days."
    if age < YOUNG_DATA_DAYS:
        return (
            f"Data go back {age:.0f} days. Before {YOUNG_DATA_DAYS:.0f} days only new patterns and critical tickets "
            "raise alerts: there is no usual range yet."
        )
    return None


def themes_named(deps: Deps, scope: Scope, typed: str, *, limit: int = 50) -> list[Theme]:
    """Living themes whose number or title has all the typed words, the newest first."""
    wanted = typed.casefold().split()
    with deps.db.read() as session:
        living = themes.load(session, scope.workspace).values()
    fits = [t for t in living if all(word in f"{t.key} {t.title}".casefold() for word in wanted)]
    return sorted(fits, key=lambda theme: -theme.number)[:limit]


def search(deps: Deps, scope: Scope, query: str, *, limit: int = 8) -> SearchResult:
    """Tickets whose meaning is nearest to the words, best first; exact words count too."""
    vector = deps.embedder.encode([query])[0]
    among = Among(scope.workspace, deps.embedder.model, seen_by=scope)
    with deps.memory.rows(deps.db, scope.workspace, deps.clock.now()) as rows, deps.db.read() as session:
        everything = how_many(session, among, rows=rows)
        close = nearest(session, among, vector, limit=limit * 6, rows=rows)
    with deps.db.read() as session:
        loaded = tickets.load(session, scope, [near.ticket_id for near in close])
        numbers = {theme.id: theme.key for theme in themes.load(session, scope.workspace).values()}
    homes = {near.ticket_id: near.theme_id for near in close}
    words = [word for word in query.lower().split() if len(word) > 2]
    ranked: list[tuple[float, int]] = []
    for near in close:
        if near.ticket_id in loaded:
            text = problem_text(loaded[near.ticket_id].messages).lower()
            bonus = 0.15 * sum(word in text for word in words) / len(words) if words else 0.0
            ranked.append((near.similarity + bonus, near.ticket_id))
    ranked.sort(reverse=True)
    hits = [
        SearchHit(
            ticket_id,
            loaded[ticket_id].at,
            excerpt(loaded[ticket_id], deps.settings.phone_region),
            score,
            numbers.get(homes[ticket_id]),
            link_of(loaded[ticket_id]),
            who_of(loaded[ticket_id]),
        )
        for score, ticket_id in ranked[:limit]
        if score > 0.25
    ]
    return SearchResult(query, tuple(hits), everything)


def health(deps: Deps, workspace: str, *, connected: bool, problems: Sequence[str] = ()) -> Health:
    """How the machine is, with a sentence for everything that needs a person."""
    now = deps.clock.now()
    with deps.db.read() as session:
        space = workspaces.get(session, workspace)
        count, first_at, _ = ticket_volumes.span(session, workspace)
        living = themes.load(session, workspace)
        read = analyses.readings(session, workspace)
        states = {} if deps.settings.several else queue.counts(session)
        waiting, oldest = inbox.waiting(session, workspace)
        letters = outbox.waiting(session, workspace)
        refusals = outbox.refusals(session, workspace, limit=3)
        tokens = workspaces.tokens_used(session, workspace, now.date().isoformat())
        shadow = len(alerts.in_state(session, workspace, AlertState.SHADOW))
    found = list(problems)
    if states.get("dead"):
        found.append(f"{states['dead']} jobs gave up. See `ticket-intel jobs list`.")
    found += [
        f"An event was given up: {error}." if method == METHOD else f"Slack refused {method} in {lane}: {error}."
        for method, lane, error in refusals
    ]
    if shadow:
        found.append(f"{shadow} alerts wait in shadow for the admin's word.")
    if not connected:
        found.append("Slack is not connected. Run `ticket-intel connect` or `ticket-intel doctor`.")
    return Health(
        connected,
        count,
        count,
        len(living),
        read,
        (now - oldest).total_seconds() if oldest else None,
        None if deps.settings.several else {k: v for k, v in states.items() if k not in {"done", "dropped"}},
        letters,
        waiting,
        deps.analyzer.name,
        tokens,
        deps.settings.openai_daily_tokens,
        space.shadow if space else True,
        (now - first_at) / timedelta(days=1) if first_at else 0.0,
        tuple(found),
    )
