"""Is this critical? Decided from words alone, so that intake can skip the debounce without waiting for the encoder."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from intelligence.local.model import Weights, load
from intelligence.local.text import text_features

WEIGHTS: Final = Path(__file__).parent / "weights" / "critical.npz"


@cache
def _weights() -> Weights:
    return load(WEIGHTS)


def critical_chance(text: str) -> float:
    """The calibrated probability that somebody must act at once: data exposed or lost, all stopped, money or health."""
    if not any(character.isalpha() for character in text):
        return 0.0
    weights = _weights()
    return float(weights.probabilities(weights.logits(text_features(text, weights)), "critical")[0])


def looks_critical(text: str) -> bool:
    """Whether a message is critical by its words; cheap (about a millisecond)."""
    return critical_chance(text) >= _weights().numbers["critical_from"]
