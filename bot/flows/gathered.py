"""The tickets of a backlog, gathered and grouped: who, when and what was said, before anything is shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from sqlmodel import Session

from bot.answers import Period
from bot.deps import Deps
from bot.flows import periods
from bot.flows.techniques import Technique
from intelligence.mining.grouping import Ask, closeness_to_middle, group
from intelligence.mining.mention import Mention
from intelligence.model import QuotePolicy, Scope, TicketState
from storage import signals, vectors, workspaces
from storage.filters import ticket_conditions
from storage.signals import Effort, Reading

_OWNS: Final = 0.6  # of a theme's tickets: then the others of the theme count as well
_LEAST_OWNED: Final = 4


@dataclass(frozen=True, slots=True)
class Grouped:
    """Tickets about one thing, in the period and in the one before: (reading, closeness to the middle).

    `said` are the ids of those that carry the signal; the others are at home in the theme `owned`.
    `times` are of all its tickets, the technique's history included.
    """

    now: tuple[tuple[Reading, float], ...]
    before: int
    said: frozenset[int]
    times: tuple[datetime, ...]
    owned: int | None = None

    @property
    def customers(self) -> frozenset[str]:
        return frozenset(reading.who for reading, _ in self.now if reading.who is not None)


@dataclass(frozen=True, slots=True)
class Gathered:
    """All groups of a backlog; `readings` are the period's tickets, `texts` the first words by ticket."""

    groups: tuple[Grouped, ...]
    alone: int
    readings: tuple[Reading, ...]
    texts: Mapping[int, str]
    efforts: Mapping[int, Effort]
    policies: Mapping[str, QuotePolicy]

    def may_quote(self, reading: Reading) -> bool:
        """Whether words may leave the ticket's source."""
        return self.policies.get(reading.channel or "", QuotePolicy.MASKED) is not QuotePolicy.COUNTS


def gather(
    deps: Deps,
    session: Session,
    scope: Scope,
    technique: Technique,
    period: Period,
    filters: Mapping[str, str],
    *,
    read: Sequence[Reading] | None = None,
) -> Gathered:
    """Group the tickets of a period and of the one before it by what they ask for. `read` are the readings of the
    longest history, where several techniques look at one period.
    """
    start = since(period, technique)
    found = read if read is not None else readings(session, scope, period, filters, [technique])
    every = signals.carrying(session, scope, found, technique.signal, start, period.end)
    carriers = [reading for reading in every if reading.fields is not None]
    ids = [reading.ticket_id for reading in carriers]
    texts = signals.first_words(session, scope, ids)
    asks = _asks(deps, session, carriers, texts)
    groups: list[Grouped] = []
    alone = 0
    members = _by_theme(every)
    for places in group(asks, technique.closeness):
        made = _grouped(carriers, asks, places, period, members)
        if len(places) > 1 and made.now:
            groups.append(made)
        else:
            alone += len(made.now)
    return Gathered(
        tuple(groups),
        alone,
        tuple(reading for reading in every if reading.at >= period.start),
        texts,
        signals.efforts(session, ids),
        {channel.id: channel.quotes for channel in workspaces.channels(session, scope.workspace)},
    )


def since(period: Period, technique: Technique) -> datetime:
    """How far back a technique looks."""
    return min(periods.before(period).start, period.start - technique.history)


def readings(
    session: Session, scope: Scope, period: Period, filters: Mapping[str, str], techniques: Sequence[Technique]
) -> list[Reading]:
    """Every reading that these techniques look at, once for all of them."""
    start = min(since(period, technique) for technique in techniques)
    return signals.of_period(session, scope, None, start, period.end, *ticket_conditions(filters))


def mention_of(found: Gathered, technique: Technique, reading: Reading, closeness: float) -> Mention:
    """A ticket as its technique counts it; where its source shares no words, without any."""
    fields = reading.fields or {}
    if not found.may_quote(reading):
        fields = {name: value for name, value in fields.items() if name in technique.wordless}
    effort = found.efforts.get(reading.ticket_id)
    solved = effort is not None and effort.messages > 1 and reading.state is TicketState.RESOLVED
    return Mention(
        reading.ticket_id,
        reading.at,
        fields,
        reading.who,
        reading.area,
        closeness,
        reading.frustration,
        reading.urgency,
        reading.critical,
        reading.churn_risk,
        reading.satisfaction,
        reading.cause,
        effort.messages if effort else 1,
        effort.minutes if effort and solved else None,
    )


def _asks(deps: Deps, session: Session, carriers: Sequence[Reading], texts: Mapping[int, str]) -> list[Ask]:
    stored = vectors.of(session, deps.embedder.model, [reading.ticket_id for reading in carriers])
    nothing = np.zeros(deps.embedder.dim, np.float32)
    return [
        Ask(
            reading.ticket_id,
            stored.get(reading.ticket_id, nothing),
            texts.get(reading.ticket_id, ""),
            reading.theme_id,
            page_of((reading.fields or {}).get("linked", "")),
        )
        for reading in carriers
    ]


def page_of(url: str) -> str | None:
    """An address without the place in the page and what clings to it in running text."""
    return url.split("#", 1)[0].split("?", 1)[0].rstrip("/.,;:!)") or None


def _by_theme(every: Sequence[Reading]) -> Mapping[int, list[Reading]]:
    members: dict[int, list[Reading]] = defaultdict(list)
    for reading in every:
        if reading.theme_id is not None:
            members[reading.theme_id].append(reading)
    return members


def _grouped(
    carriers: Sequence[Reading],
    asks: Sequence[Ask],
    places: Sequence[int],
    period: Period,
    members: Mapping[int, list[Reading]],
) -> Grouped:
    closeness = closeness_to_middle(asks, places)
    inside = [(carriers[place], closeness[place]) for place in places]
    said = frozenset(reading.ticket_id for reading, _ in inside)
    homes = Counter(reading.theme_id for reading, _ in inside if reading.theme_id is not None)
    owned = next((theme for theme, n in homes.most_common(1) if _owns(n, len(members[theme]))), None)
    if owned is not None:
        inside += [(r, 0.0) for r in members[owned] if r.fields is None]
    now = tuple(pair for pair in inside if pair[0].at >= period.start)
    before = sum(periods.before(period).start <= reading.at < period.start for reading, _ in inside)
    return Grouped(now, before, said, tuple(sorted(reading.at for reading, _ in inside)), owned)


def _owns(inside: int, size: int) -> bool:
    return size >= _LEAST_OWNED and inside >= _OWNS * size
