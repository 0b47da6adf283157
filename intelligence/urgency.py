"""Is this critical: must somebody act at once, because data are exposed or lost, all stands still, money or health?

Two decisions of one kind: intake asks words alone (so that it can skip the debounce without waiting for the encoder), the
analyzer asks words and the sentence vector.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intelligence.local.alarms import ALARMS, without_sender
from intelligence.local.grams import plain
from intelligence.local.model import Weights, load
from intelligence.local.text import text_features

WEIGHTS: Final = Path(__file__).parent / "weights" / "critical.npz"
BY_WORDS: Final = "critical by words"
BY_MEANING: Final = "critical"

# Cues that occur together, and what they say is at stake; the first that holds is told.
_STAKES: Final[tuple[tuple[frozenset[str], str], ...]] = (
    (frozenset({"intruder"}), "somebody may have broken in"),
    (frozenset({"exposed"}), "data may be visible to others"),
    (frozenset({"safety", "stopped"}), "people's safety"),
    (frozenset({"gone", "data of value"}), "data may be lost"),
    (frozenset({"money at large", "scope", "now"}), "money is going the wrong way"),
    (frozenset({"scope", "stopped"}), "work has stopped for many"),
    (frozenset({"stopped", "now"}), "work has stopped"),
)
_WORD: Final = re.compile(r"\w[\w'’-]*")
_LEAST_WORDS: Final = 5


@cache
def _weights() -> Weights:
    return load(WEIGHTS)


def critical_chance(text: str, vector: NDArray[np.float32] | None = None) -> float:
    """The calibrated probability that a text is critical, from its words and, if given, its vector (384,)."""
    return _chance(text, vector)[0]


def looks_critical(text: str) -> bool:
    """Whether a message is critical by its words; cheap (about a millisecond)."""
    chance, least = _chance(text, None)
    return chance >= least


def is_critical(text: str, vector: NDArray[np.float32]) -> bool:
    """Whether a ticket is critical by its words and the unit vector of its problem text."""
    chance, least = _chance(text, vector)
    return chance >= least


def driving_sentence(sentences: Sequence[str]) -> str | None:
    """The sentence whose own words are the most critical, as it was given; None of none.

    "All of us." and "Kind regards" tell nothing to who reads them alone: shorter ones only where there is no other.
    """
    whole = [sentence for sentence in sentences if len(_WORD.findall(sentence)) >= _LEAST_WORDS]
    return max(whole or sentences, key=critical_chance, default=None)


def stake(text: str) -> str | None:
    """What is at stake by the words of a text ("data may be visible to others"), None where no cue names it."""
    shown = plain(without_sender(text))
    found = {name for name, value in zip(ALARMS.names, ALARMS.values(shown), strict=True) if value}
    return next((words for cues, words in _STAKES if found.issuperset(cues)), None)


def _chance(text: str, vector: NDArray[np.float32] | None) -> tuple[float, float]:
    """The probability and the shipped threshold of the decision that the given vector allows.

    With a vector it is the mean of both decisions: they err on different texts, and the mean ranks better than either.
    """
    weights = _weights()
    size = len(weights.blocks["vector"])
    known = vector if vector is not None and len(vector) == size and vector.any() else None
    head = weights.heads[BY_WORDS if known is None else BY_MEANING]
    if not any(character.isalpha() for character in text):
        return 0.0, head.thresholds[0]
    read = text_features(
        without_sender(text), weights.vocabularies, ALARMS, np.zeros(size, np.float32) if known is None else known
    )
    logits = weights.logits(read)
    asked = (BY_WORDS,) if known is None else (BY_WORDS, BY_MEANING)
    return float(np.mean([weights.probabilities(logits, name)[0] for name in asked])), head.thresholds[0]
