"""Which patterns deserve a message now: episodes, cool-down, and the budget in numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from intelligence.model import Pattern, PatternKind

COOL_DOWN: Final = timedelta(days=7)
_SAME: Final = 0.5  # share of the smaller set of tickets that two patterns of one episode have in common
_BUDGET_WEEKS: Final = 4
_VOLUME: Final = frozenset({PatternKind.NEW, PatternKind.SPIKE, PatternKind.RAMP})
_GRAVER: Final = {
    PatternKind.SEGMENT: 0,
    PatternKind.RAMP: 1,
    PatternKind.SPIKE: 2,
    PatternKind.NEW: 2,
    PatternKind.REGRESSION: 3,
    PatternKind.CRITICAL: 4,
}

Alike = Callable[[Collection[int], Collection[int]], bool]  # whether two sets of tickets are about the same


@dataclass(frozen=True, slots=True)
class Episode:
    """One stretch of trouble: what has been said about it, and when a detector last saw it."""

    theme: int
    kind: PatternKind
    opened: datetime
    last_seen: datetime
    tickets: frozenset[int] = field(default_factory=frozenset[int])
    living: bool = True

    def covers(self, pattern: Pattern, alike: Alike | None = None) -> bool:
        """Whether a pattern belongs to this episode within the cool-down: its theme, tickets in common, or, while the
        episode lives, more of the same by `alike`. What somebody closed hides nothing in other themes.
        """
        if pattern.at - self.last_seen > COOL_DOWN:
            return False
        if self.theme and self.theme == pattern.theme_id:
            return True
        shared = len(self.tickets & set(pattern.ticket_ids))
        if shared >= _SAME * max(1, min(len(self.tickets), len(pattern.ticket_ids))):
            return True
        both_volume = self.kind in _VOLUME and pattern.kind in _VOLUME
        return self.living and both_volume and alike is not None and alike(self.tickets, pattern.ticket_ids)

    def seen_again(self, pattern: Pattern) -> Episode:
        kind = pattern.kind if _GRAVER[pattern.kind] > _GRAVER[self.kind] else self.kind
        return replace(self, kind=kind, last_seen=pattern.at, tickets=self.tickets | set(pattern.ticket_ids))


@dataclass(frozen=True, slots=True)
class Opened:
    """A pattern that starts an episode: it deserves a message now."""

    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Continued:
    """A pattern of an episode that people know: its message is edited, and said again only if `graver`."""

    pattern: Pattern
    place: int
    graver: bool


Step = Opened | Continued


@dataclass(frozen=True, slots=True)
class Budget:
    """The aim people chose and what was sent: "aim 2 a week; last 4 weeks 9 sent, 2 marked noise"."""

    aim_per_week: float
    sent: int
    noise: int
    weeks: int = _BUDGET_WEEKS

    @property
    def spent(self) -> float:
        """Sent in these weeks as a share of the aim."""
        return self.sent / (self.aim_per_week * self.weeks)

    def __str__(self) -> str:
        return f"aim {self.aim_per_week:g} a week; last {self.weeks} weeks {self.sent} sent, {self.noise} marked noise"


def decide(
    patterns: Iterable[Pattern], episodes: Sequence[Episode], alike: Alike | None = None
) -> tuple[list[Step], list[Episode]]:
    """Sort patterns into new episodes and known ones, the gravest and best founded first.

    Returns the steps and the episodes afterwards: the given ones in the same places, then those that were opened.
    """
    living = list(episodes)
    steps: list[Step] = []
    for pattern in sorted(patterns, key=_gravest_first):
        place = next((i for i, episode in enumerate(living) if episode.covers(pattern, alike)), None)
        if place is None:
            fresh = frozenset(pattern.ticket_ids)
            living.append(Episode(pattern.theme_id, pattern.kind, pattern.at, pattern.at, fresh))
            steps.append(Opened(pattern))
            continue
        before = living[place]
        living[place] = before.seen_again(pattern)
        steps.append(Continued(pattern, place, _GRAVER[pattern.kind] > _GRAVER[before.kind]))
    return steps, living


def budget(aim_per_week: float, sent: Sequence[datetime], noise: Sequence[datetime], now: datetime) -> Budget:
    """How the last four weeks went against the aim: when messages were sent, and which of them were marked as noise."""
    start = now - timedelta(weeks=_BUDGET_WEEKS)
    return Budget(aim_per_week, sum(start < at <= now for at in sent), sum(start < at <= now for at in noise))


def _gravest_first(pattern: Pattern) -> tuple[int, float, int]:
    chance = pattern.receipt.p_value if pattern.receipt.p_value is not None else 0.0
    return (-_GRAVER[pattern.kind], chance, pattern.theme_id)
