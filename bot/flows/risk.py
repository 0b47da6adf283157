"""Customers who may leave, and over what: counted by account, worst first. Read-only."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from sqlmodel import Session

from bot.answers import Period
from bot.answers_mining import RiskLine, RiskList
from bot.deps import Deps
from bot.flows import quotes
from bot.flows.names import pseudonyms
from intelligence.model import ChurnRisk, Level, Satisfaction, Scope
from storage import analyses, signals, themes, tickets, workspaces
from storage.filters import ticket_conditions
from storage.signals import Reading

PAGE: Final = 8
_RISKS: Final = list(ChurnRisk)
_UPSET: Final = frozenset({Level.HIGH, Level.CRITICAL})
_REPEATED: Final = 2  # frustrated tickets that count as a risk without a word of leaving


def risk(
    deps: Deps,
    session: Session,
    scope: Scope,
    period: Period,
    filters: Mapping[str, str] | None = None,
    *,
    page: int = 1,
    size: int | None = PAGE,
) -> RiskList:
    """Known customers with a word of leaving in the period, or two and more frustrated tickets."""
    wanted = filters or {}
    every = signals.of_period(session, scope, period.start, period.end, *ticket_conditions(wanted))
    by_customer: dict[str, list[Reading]] = defaultdict(list)
    for reading in every:
        if reading.who is not None:
            by_customer[reading.who].append(reading)
    found = sorted((own for own in by_customer.values() if _endangered(own)), key=_order)
    each = size or max(1, len(found))
    pages = max(1, math.ceil(len(found) / each))
    shown = min(max(1, page), pages)
    start = (shown - 1) * each
    return RiskList(
        period,
        wanted,
        tuple(
            _line(deps, session, scope, own, rank) for rank, own in enumerate(found[start : start + each], start + 1)
        ),
        len(found),
        sum(reading.who is None for reading in every),
        len(by_customer),
        shown,
        pages,
        None if found else "Nobody spoke of leaving in this period, and nobody was frustrated twice.",
    )


def _endangered(own: Sequence[Reading]) -> bool:
    return any(r.churn_risk is not ChurnRisk.LOW for r in own) or _upset(own) >= _REPEATED


def _upset(own: Sequence[Reading]) -> int:
    return sum(r.frustration in _UPSET for r in own)


def _order(own: Sequence[Reading]) -> tuple[float, ...]:
    worst = max(_RISKS.index(r.churn_risk) for r in own)
    at_risk = sum(r.churn_risk is not ChurnRisk.LOW for r in own)
    return (-worst, -at_risk, -_upset(own), -len(own), own[-1].ticket_id)


def _line(deps: Deps, session: Session, scope: Scope, own: Sequence[Reading], rank: int) -> RiskLine:
    worst_first = sorted(own, key=lambda r: (-_RISKS.index(r.churn_risk), r.frustration not in _UPSET, -r.ticket_id))
    ids = [r.ticket_id for r in worst_first[:10]]
    loaded = tickets.load(session, scope, ids)
    read = analyses.current(session, scope, ids)
    shown, _ = quotes.choose(
        [loaded[i] for i in ids if i in loaded],
        {i: [e for e in a.evidence if e.supports in {"churn_risk", "frustration"}] for i, a in read.items()},
        {channel.id: channel.quotes for channel in workspaces.channels(session, scope.workspace)},
        region=deps.settings.phone_region,
        people=pseudonyms(session, scope.workspace),
        limit=1,
    )
    newest = loaded[ids[0]]
    homes = Counter(r.theme_id for r in own if r.theme_id is not None)
    living = themes.load(session, scope.workspace, list(homes)) if homes else {}
    return RiskLine(
        rank,
        quotes.who_of(newest),
        newest.account.plan if newest.account else None,
        max((r.churn_risk for r in own), key=_RISKS.index),
        len(own),
        sum(r.churn_risk is not ChurnRisk.LOW for r in own),
        _upset(own),
        sum(r.satisfaction is Satisfaction.DISSATISFIED for r in own),
        max(r.at for r in own),
        tuple(living[theme] for theme, _ in homes.most_common(3) if theme in living),
        tuple(dict.fromkeys(word for analysis in read.values() for word in analysis.loyalty)),
        shown,
        newest.account.attributes if newest.account else {},
    )
