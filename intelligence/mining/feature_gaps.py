"""Feature gaps: people ask for what the product does not have.

A model answers `prompts/feature_gaps.v1.md`; without one the answers are the customers' own phrases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intelligence.mining.mention import Mention, Phrase, phrases, rivals


@dataclass(frozen=True, slots=True)
class GapFacts:
    """What is asked for, why, what people do instead, how they put it, and whom they compare us with (by tickets)."""

    capability: tuple[Phrase, ...]
    goals: tuple[Phrase, ...]
    workarounds: tuple[Phrase, ...]
    described: tuple[Phrase, ...]
    competitors: tuple[tuple[str, int], ...]


def aggregate(mentions: Sequence[Mention], ours: str = "") -> GapFacts:
    """One item of the feature backlog from its tickets; `ours` is our own name, which is nobody's competitor."""
    return GapFacts(
        phrases(mentions, "capability"),
        phrases(mentions, "goal"),
        phrases(mentions, "workaround"),
        phrases(mentions, "described_as"),
        rivals(mentions, ours),
    )
