"""Expectation mismatches: what people believed, and the page, advert or rival that made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intelligence.mining.mention import Mention, Phrase, phrases, rivals


@dataclass(frozen=True, slots=True)
class ExpectationFacts:
    """What was expected, and where from: sources as people name them and rivals, by tickets."""

    expected: tuple[Phrase, ...]
    sources: tuple[Phrase, ...]
    competitors: tuple[tuple[str, int], ...]


def aggregate(mentions: Sequence[Mention], ours: str = "") -> ExpectationFacts:
    """One promise that misled, from its tickets; `ours` is our own name, which is nobody's competitor."""
    return ExpectationFacts(
        phrases(mentions, "expected"),
        phrases(mentions, "source"),
        rivals(mentions, ours),
    )
