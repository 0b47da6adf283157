"""UX friction: people can do it, but struggle to.

A model answers `prompts/ux_friction.v1.md`; without one the answers are the conversation's own phrases. How long it
took is counted in both cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from intelligence.mining.mention import Mention, Phrase, phrases
from intelligence.model import Level

_WEIGHTS: Final = {Level.LOW: 1.0, Level.MEDIUM: 2.0, Level.HIGH: 4.0, Level.CRITICAL: 8.0}


@dataclass(frozen=True, slots=True)
class FrictionFacts:
    """What people tried, where they got stuck, what resolved it and what it cost.

    `messages` and `minutes` are medians (minutes over resolved tickets, None without any), `self_service` the tickets
    that a clearer product would have spared, `severity` the level that most of the weight lies at or above.
    """

    severity: Level
    severities: tuple[tuple[Level, int], ...]
    tried: tuple[Phrase, ...]
    stuck: tuple[Phrase, ...]
    resolved_by: tuple[Phrase, ...]
    messages: float
    minutes: float | None
    self_service: int
    repeated: int


def aggregate(mentions: Sequence[Mention]) -> FrictionFacts:
    """One point of friction from its tickets."""
    levels = Counter(severity_of(m) for m in mentions)
    minutes = [m.minutes for m in mentions if m.minutes is not None]
    asked = Counter(m.who for m in mentions if m.who is not None)
    return FrictionFacts(
        _middle(levels),
        tuple((level, levels[level]) for level in reversed(Level) if levels[level]),
        phrases(mentions, "tried"),
        phrases(mentions, "stuck"),
        phrases(mentions, "resolved_by"),
        median(m.messages for m in mentions) if mentions else 0.0,
        median(minutes) if minutes else None,
        sum(m.fields.get("self_service") == "yes" for m in mentions),
        sum(times > 1 for times in asked.values()),
    )


def severity_of(mention: Mention) -> Level:
    """What the reading rated, else how frustrated the customer was."""
    rated = mention.fields.get("severity", "")
    return Level(rated) if rated in set(Level) else mention.frustration


def weight(mentions: Sequence[Mention]) -> float:
    """Frequency times severity: low counts 1, medium 2, high 4, critical 8."""
    return sum(_WEIGHTS[severity_of(m)] for m in mentions)


def _middle(levels: Counter[Level]) -> Level:
    """The weighted median of the levels: one critical ticket among many low ones does not rate them all."""
    half = sum(_WEIGHTS[level] * count for level, count in levels.items()) / 2
    reached = 0.0
    for level in Level:
        reached += _WEIGHTS[level] * levels[level]
        if levels[level] and reached >= half:
            return level
    return Level.LOW
