"""Features of a single text, for the decisions that must not wait for the encoder."""

from __future__ import annotations

from typing import Final

import numpy as np

from intelligence.local.features import Features, Voices, cue_values
from intelligence.local.grams import plain
from intelligence.local.model import Weights

NO_VECTOR: Final = np.zeros(0, np.float32)


def text_voices(text: str) -> Voices:
    """A text as a conversation in which only the customer spoke, once."""
    return Voices(text, plain(text), "", "", 1, 0, customer_last=False, resolved=False)


def text_features(text: str, weights: Weights) -> Features:
    """Words, characters and cues of one text."""
    heard = text_voices(text)
    sparse = {name: vocabulary.vector(heard.customer) for name, vocabulary in weights.vocabularies.items()}
    return Features(sparse, cue_values(heard), NO_VECTOR)
