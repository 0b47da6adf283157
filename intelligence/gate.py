"""The request gate: does a message ask for something, or is it thanks, chatter, a deploy note?

Words alone decide, in about a millisecond and without the encoder: most messages of a channel end here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from intelligence.local.model import Weights, load
from intelligence.local.requests import REQUESTS
from intelligence.local.text import text_features
from intelligence.model import RequestVerdict

WEIGHTS: Final = Path(__file__).parent / "weights" / "gate.npz"


@dataclass(frozen=True, slots=True)
class GateDecision:
    """`probability` is the calibrated chance that the text is a request; `verdict` is UNSURE between two bounds."""

    verdict: RequestVerdict
    probability: float


@cache
def _weights() -> Weights:
    return load(WEIGHTS)


def judge(text: str) -> GateDecision:
    """Decide on one message, or on all that a customer said so far. A text without a word is no request."""
    if not any(character.isalpha() for character in text):
        return GateDecision(RequestVerdict.NOT_REQUEST, 0.0)
    weights = _weights()
    logits = weights.logits(text_features(text, weights.vocabularies, REQUESTS))
    chance = float(weights.probabilities(logits, "request")[0])
    return GateDecision(_verdict(chance, weights), chance)


def _verdict(chance: float, weights: Weights) -> RequestVerdict:
    if chance >= weights.numbers["request_from"]:
        return RequestVerdict.REQUEST
    return RequestVerdict.NOT_REQUEST if chance < weights.numbers["not_request_below"] else RequestVerdict.UNSURE
