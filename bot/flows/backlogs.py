"""Backlogs: what the mining techniques found in a period, ranked by whom it hurts. Read-only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sqlmodel import Session

from bot.answers import Period
from bot.answers_mining import Backlog, BacklogKind
from bot.deps import Deps
from bot.flows.backlog_items import Items, rank_of
from bot.flows.gathered import Gathered, gather
from bot.flows.techniques import TECHNIQUES
from bot.words_asked import cannot_tell
from intelligence.model import Scope
from storage import docs, tickets
from storage.signals import Reading

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
    read: Sequence[Reading] | None = None,
) -> Backlog:
    """The backlog of a kind over a period, `size` items a page (None: all of them on one); `read` as in `gather`.

    `filters` as in storage.filters (area, plan). An item is a thing that two or more tickets of this period and the one
    before ask for; those that nothing resembles are counted as `alone`.
    """
    wanted = filters or {}
    technique = TECHNIQUES[kind]
    found = gather(deps, session, scope, technique, period, wanted, read=read)
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
        len(found.readings),
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
    grouped = {reading.ticket_id for group in found.groups for reading, _ in group.now}
    counted = [r for r in found.readings if r.fields is not None or r.ticket_id in grouped]
    return len(counted), len({r.who for r in counted if r.who is not None}), sum(r.who is None for r in counted)


def _note(session: Session, scope: Scope, found: Gathered, filters: Mapping[str, str], period: Period) -> str | None:
    if found.groups:
        return None
    if tickets.span(session, scope.workspace)[0] == 0:
        return "No tickets yet. Invite me to a support channel, or run `ticket-intel import FILE.csv`."
    if not found.readings:
        return f"No tickets in {period.name}{' with this filter' if filters else ''}. Try a longer period."
    if found.alone:
        return "Nothing was asked twice yet. Try a longer period."
    return "Nothing of this kind in the period. Try a longer one, or fewer filters."
