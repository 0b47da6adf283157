"""Why a label was chosen: the words and cues that drove it, and the sentence that carries it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from intelligence.local.extract import Sentence
from intelligence.local.features import CUES
from intelligence.local.grams import plain
from intelligence.model import SignalKind, Subcategory

if TYPE_CHECKING:
    from intelligence.local.analyzer import Reading

_MAX_DRIVERS: Final = 6
_MIN_WORDS: Final = 3


def drivers(reading: Reading, sub: Subcategory) -> tuple[str, ...]:
    """At most six words or "cue: ..." names that spoke most for `sub` against the average sub-category."""
    head = reading.weights.category_head(reading.read)
    own = head.labels.index(sub.value)
    found: list[tuple[float, str]] = []
    for block in ("words", "agent"):
        columns, values = reading.read.sparse[block]
        rows = reading.weights.blocks[block][columns][:, head.columns]
        gains = values * (rows[:, own] - rows.mean(axis=1))
        grams = reading.weights.vocabularies[block].grams
        found += [(float(gain), grams[column]) for gain, column in zip(gains, columns, strict=True)]
    rows = reading.weights.blocks["cues"][:, head.columns]
    gains = reading.read.cues * (rows[:, own] - rows.mean(axis=1))
    found += [(float(gain), f"cue: {name}") for gain, name in zip(gains, CUES, strict=True)]
    ranked = sorted((item for item in found if item[0] > 0), key=lambda item: (-item[0], item[1]))
    return tuple(name for _, name in ranked[:_MAX_DRIVERS])


class KeySentences:
    """The customer's sentences of one reading, ready to be asked which of them speaks most for a label."""

    def __init__(self, heard: Sequence[Sentence], reading: Reading) -> None:
        self._weights = reading.weights
        self._category = reading.weights.category_head(reading.read)
        words = reading.weights.vocabularies["words"]
        self._said = [(s, *words.vector(plain(s.text)), len(s.text.split())) for s in heard if s.customer]

    def of(self, label: Subcategory | SignalKind) -> Sentence | None:
        """The sentence whose words speak most for `label`; None where the customer said nothing."""
        head = self._category if isinstance(label, Subcategory) else self._weights.heads["signals"]
        column = self._weights.blocks["words"][:, head.start + head.labels.index(label.value)]
        best: tuple[float, Sentence] | None = None
        for sentence, columns, values, length in self._said:
            # A greeting of two words may score high by chance and says nothing.
            known = float(values @ column[columns]) * math.sqrt(min(1.0, length / 8)) if len(columns) else -1.0
            score = known if length >= _MIN_WORDS else known - 1
            if best is None or score > best[0]:
                best = (score, sentence)
        return best[1] if best else None
