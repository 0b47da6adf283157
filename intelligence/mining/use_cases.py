"""Use-case expansions: people do what the product was not designed for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intelligence.mining.mention import Mention, Phrase, phrases


@dataclass(frozen=True, slots=True)
class UseFacts:
    """The use in people's words."""

    uses: tuple[Phrase, ...]
    goals: tuple[Phrase, ...]


def aggregate(mentions: Sequence[Mention]) -> UseFacts:
    """One unplanned use from its tickets."""
    return UseFacts(phrases(mentions, "use"), phrases(mentions, "goal"))
