"""The tickets of a backlog, gathered and grouped: who, when and what was said, before anything is shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

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
    """All groups of a backlog; `carriers` are the period's tickets with the signal, `tickets` how many the period has,
    `texts` the first words by ticket.
    """

    groups: tuple[Grouped, ...]
    alone: int
    carriers: tuple[Reading, ...]
    tickets: int
    texts: Mapping[int, str]
    policies: Mapping[str, QuotePolicy]

    def may_quote(self, reading: Reading) -> bool:
        """Whether words may leave the ticket's source."""
        return self.policies.get(reading.channel or "", QuotePolicy.MASKED) is not QuotePolicy.COUNTS


def gather(
    deps: Deps, session: Session, scope: Scope, technique: Technique, period: Period, filters: Mapping[str, str]
) -> Gathered:
    """Group the tickets of a period and of the one before it by what they ask for."""
    start, conditions = since(period, technique), ticket_conditions(filters)
    carriers = signals.carrying(session, scope, technique.signal, start, period.end, *conditions)
    texts = signals.first_words(session, scope, [reading.ticket_id for reading in carriers])
    asks = _asks(deps, session, carriers, texts)
    found = group(asks, technique.closeness)
    homes = [_home(carriers, places) for places in found]
    likely = {theme for theme, n in homes if theme is not None and n >= _OWNS * _LEAST_OWNED}
    sizes = signals.at_home(session, scope, likely, start, period.end, *conditions)
    owners = [theme if theme in likely and _owns(n, sizes.get(theme, 0)) else None for theme, n in homes]
    others = _others(
        carriers,
        signals.of_themes(
            session, scope, {theme for theme in owners if theme is not None}, start, period.end, *conditions
        ),
    )
    groups: list[Grouped] = []
    alone = 0
    for places, owned in zip(found, owners, strict=True):
        made = _grouped(carriers, asks, places, period, owned, others)
        if len(places) > 1 and made.now:
            groups.append(made)
        else:
            alone += len(made.now)
    return Gathered(
        tuple(groups),
        alone,
        tuple(reading for reading in carriers if reading.at >= period.start),
        signals.how_many(session, scope, period.start, period.end, *conditions),
        texts,
        {channel.id: channel.quotes for channel in workspaces.channels(session, scope.workspace)},
    )


def since(period: Period, technique: Technique) -> datetime:
    """How far back a technique looks."""
    return min(periods.before(period).start, period.start - technique.history)


def mention_of(
    found: Gathered, technique: Technique, reading: Reading, closeness: float, effort: Effort | None = None
) -> Mention:
    """A ticket as its technique counts it; where its source shares no words, without any."""
    fields = reading.fields or {}
    if not found.may_quote(reading):
        fields = {name: value for name, value in fields.items() if name in technique.wordless}
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
    ids = [reading.ticket_id for reading in carriers]
    stored = vectors.matrix(session, deps.embedder.model, ids, deps.embedder.dim)
    return [
        Ask(
            reading.ticket_id,
            vector,
            texts.get(reading.ticket_id, ""),
            reading.theme_id,
            page_of((reading.fields or {}).get("linked", "")),
        )
        for reading, vector in zip(carriers, stored, strict=True)
    ]


def page_of(url: str) -> str | None:
    """An address without the place in the page and what clings to it in running text."""
    return url.split("#", 1)[0].split("?", 1)[0].rstrip("/.,;:!)") or None


def _home(carriers: Sequence[Reading], places: Sequence[int]) -> tuple[int | None, int]:
    """The theme in which most of these are at home, and how many are."""
    homes = Counter(theme for place in places if (theme := carriers[place].theme_id) is not None)
    return homes.most_common(1)[0] if homes else (None, 0)


def _others(carriers: Sequence[Reading], inside: Sequence[Reading]) -> Mapping[int | None, list[Reading]]:
    """The tickets of themes that do not carry the signal, by theme."""
    said = {reading.ticket_id for reading in carriers}
    others: dict[int | None, list[Reading]] = defaultdict(list)
    for reading in inside:
        if reading.ticket_id not in said:
            others[reading.theme_id].append(reading)
    return others


def _grouped(
    carriers: Sequence[Reading],
    asks: Sequence[Ask],
    places: Sequence[int],
    period: Period,
    owned: int | None,
    others: Mapping[int | None, Sequence[Reading]],
) -> Grouped:
    closeness = closeness_to_middle(asks, places)
    inside = [(carriers[place], closeness[place]) for place in places]
    said = frozenset(reading.ticket_id for reading, _ in inside)
    if owned is not None:
        inside += [(reading, 0.0) for reading in others.get(owned, ())]
    now = tuple(pair for pair in inside if pair[0].at >= period.start)
    before = sum(periods.before(period).start <= reading.at < period.start for reading, _ in inside)
    return Grouped(now, before, said, tuple(sorted(reading.at for reading, _ in inside)), owned)


def _owns(inside: int, size: int) -> bool:
    return size >= _LEAST_OWNED and inside >= _OWNS * size
