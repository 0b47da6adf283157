"""Features of a single text, for the decisions that must not wait for the encoder."""

from __future__ import annotations

from collections.abc import Mapping

from intelligence.local.cue_set import CueSet
from intelligence.local.features import NO_VECTOR, Features, Floats
from intelligence.local.grams import Vocabulary, plain


def text_features(
    text: str, vocabularies: Mapping[str, Vocabulary], cues: CueSet, vector: Floats = NO_VECTOR
) -> Features:
    """The words, characters and cues of one text, and its vector where the decision uses one."""
    shown = plain(text)
    sparse = {name: vocabulary.vector(shown) for name, vocabulary in vocabularies.items()}
    return Features(sparse, cues.values(shown), vector, NO_VECTOR)
