"""Backlogs: what the mining techniques found in a period, ranked by whom it hurts. Read-only."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sqlmodel import Session

from bot.answers import Period
from bot.answers_mining import Backlog, BacklogKind
from bot.deps import Deps
from bot.flows.backlog_items import Items, rank_of
from bot.flows.gathered import Gathered, gather
from bot.flows.techniques import TECHNIQUES
from bot.words_asked import cannot_tell
from intelligence.model import Scope
from storage import docs, ticket_volumes

PAGE = 5


def backlog(
    deps: Deps,
    session: Session,
    scope: Scope,
    kind: BacklogKind,
    period: Period,
    filters: Mapping[str, str] | None = None,
    *,
    page: int = 1,
    size: int | None = PAGE,
) -> Backlog:
    """The backlog of a kind over a period, `size` items a page (None: all of them on one).

    `filters` as in storage.filters (area, plan). An item is a thing that two or more tickets of this period and the one
    before ask for; those that nothing resembles are counted as `alone`.
    """
    wanted = filters or {}
    technique = TECHNIQUES[kind]
    found = gather(deps, session, scope, technique, period, wanted)
    ranked = sorted(found.groups, key=lambda one: rank_of(kind, found, one))
    each = size or max(1, len(ranked))
    pages = max(1, math.ceil(len(ranked) / each))
    shown = min(max(1, page), pages)
    start = (shown - 1) * each
    items = Items(deps, session, scope, kind, period, found)
    known = docs.count(session, scope.workspace) if kind is BacklogKind.DOCS else 0
    tickets_in, customers, unknown = _totals(found)
    return Backlog(
        kind,
        period,
        wanted,
        tuple(items.item(group, rank) for rank, group in enumerate(ranked[start : start + each], start + 1)),
        len(ranked),
        tickets_in,
        customers,
        unknown,
        found.tickets,
        found.alone,
        shown,
        pages,
        _note(session, scope, found, wanted, period),
        known,
        deps.tracker is not None,
        cannot_tell(tickets_in),
    )


def _totals(found: Gathered) -> tuple[int, int, int]:
    """Tickets that carry the signal or belong to an item, their distinct customers, and those of unknown customers."""
    counted = {reading.ticket_id: reading.who for reading in found.carriers}
    counted |= {reading.ticket_id: reading.who for group in found.groups for reading, _ in group.now}
    customers = set(counted.values()) - {None}
    return len(counted), len(customers), sum(who is None for who in counted.values())


def _note(session: Session, scope: Scope, found: Gathered, filters: Mapping[str, str], period: Period) -> str | None:
    if found.groups:
        return None
    if ticket_volumes.span(session, scope.workspace)[0] == 0:
        return "No tickets yet. Invite me to a support channel, or run `ticket-intel import FILE.csv`."
    if not found.tickets:
        return f"No tickets in {period.name}{' with this filter' if filters else ''}. Try a longer period."
    if found.alone:
        return "Nothing was asked twice yet. Try a longer period."
    return "Nothing of this kind in the period. Try a longer one, or fewer filters."
