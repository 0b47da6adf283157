"""How each backlog is mined: its signal, what makes two tickets the same, and what it is ranked by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.answers_mining import BacklogKind
from intelligence.mining.grouping import Closeness
from intelligence.model import SignalKind

_WISHES: Final = Closeness(words=0.5, theme=0.1, key=0.0, cut=0.71)


@dataclass(frozen=True, slots=True)
class Technique:
    """One kind of backlog. Fields named in `wordless` hold no words of anybody and may leave every source;
    `history` is looked at before the period as well: more tickets tell wishes apart better, and when something began.
    """

    signal: SignalKind
    closeness: Closeness
    wordless: frozenset[str] = frozenset()
    history: timedelta = timedelta(days=42)


TECHNIQUES: Final[Mapping[BacklogKind, Technique]] = {
    BacklogKind.GAPS: Technique(SignalKind.FEATURE_GAP, _WISHES),
    BacklogKind.FRICTION: Technique(
        SignalKind.UX_FRICTION, _WISHES, frozenset({"severity", "self_service", "messages", "minutes"})
    ),
    BacklogKind.DOCS: Technique(
        SignalKind.DOCUMENTATION_GAP,
        Closeness(words=0.5, theme=0.1, key=0.3, cut=0.71),
        frozenset({"kind", "answerable"}),
    ),
    BacklogKind.BUGS: Technique(
        SignalKind.BUG_PATTERN,
        Closeness(words=0.2, theme=0.1, key=0.0, cut=0.71),
        frozenset({"severity"}),
        timedelta(days=28),
    ),
    BacklogKind.EXPECTATIONS: Technique(SignalKind.EXPECTATION_MISMATCH, _WISHES),
    BacklogKind.USECASES: Technique(SignalKind.USE_CASE_EXPANSION, _WISHES),
}
