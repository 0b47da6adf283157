"""The linear model behind the local analyzer: several heads that share their features, read with numpy alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from intelligence.local.features import Features
from intelligence.local.grams import Grams, Vocabulary, char_grams, word_grams

Floats = NDArray[np.float32]

_CUTS: Final[dict[str, Grams]] = {
    "words": word_grams,
    "chars": char_grams,
    "opening": word_grams,
    "agent": word_grams,
    "last": word_grams,
}
DENSE: Final = ("cues", "vector", "answer")
CATEGORY: Final = "subcategory"
ANSWERED: Final = "subcategory, answered"  # the same labels, for conversations in which an agent spoke


@dataclass(frozen=True, slots=True)
class Head:
    """One question asked of a conversation. Its outputs are the columns `start` to `start + len(labels)`.

    An `exclusive` head is a softmax over its labels; else each label is its own yes or no. An `ordinal` head's labels
    are steps from low to high and each output says "at least this". `thresholds` holds one shipped probability for each
    label of a head that decides by thresholds.
    """

    name: str
    labels: tuple[str, ...]
    start: int
    exclusive: bool
    thresholds: tuple[float, ...] = ()
    ordinal: bool = False

    @property
    def columns(self) -> slice:
        return slice(self.start, self.start + len(self.labels))


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything that training learned. `blocks` maps a block to its (features, outputs) matrix; `bias` is (outputs,).

    `numbers` are single shipped figures by name, such as the threshold below which a category is called unsure.
    """

    heads: Mapping[str, Head]
    vocabularies: Mapping[str, Vocabulary]
    blocks: Mapping[str, Floats]
    bias: Floats
    numbers: Mapping[str, float]

    def logits(self, read: Features) -> Floats:
        """The outputs of all heads, shape (outputs,), calibrated but not yet probabilities."""
        total = self.bias + sum(getattr(read, name) @ self.blocks[name] for name in DENSE)
        for name, (columns, values) in read.sparse.items():
            if len(columns):
                total = total + values @ self.blocks[name][columns]
        return np.asarray(total, np.float32)

    def probabilities(self, logits: Floats, head: str) -> Floats:
        """Probabilities of one head's labels, shape (labels,). Those of an ordinal head sum to one like a softmax's."""
        asked = self.heads[head]
        if asked.ordinal:
            return at_least(logits[asked.columns]) - np.append(at_least(logits[asked.columns])[1:], np.float32(0))
        return softmax(logits[asked.columns]) if asked.exclusive else sigmoid(logits[asked.columns])

    def category_head(self, read: Features) -> Head:
        """The head that says the sub-category: what an agent answered decides it as much as what was asked."""
        return self.heads[ANSWERED if read.answer.any() else CATEGORY]

    def shifted(self, bias: Floats) -> Weights:
        """The same weights with another bias."""
        return replace(self, bias=bias)


def at_least(logits: Floats) -> Floats:
    """P(this step or a higher one) for each step of an ordinal head, never rising (Frank and Hall 2001); shape as given."""
    return np.minimum.accumulate(sigmoid(logits))


def softmax(logits: Floats) -> Floats:
    """Probabilities that sum to one, shape as given."""
    raised = np.exp(logits - logits.max())
    return (raised / raised.sum()).astype(np.float32)


def sigmoid(logits: Floats) -> Floats:
    """Independent probabilities, shape as given."""
    return (1 / (1 + np.exp(-np.clip(logits, -30, 30)))).astype(np.float32)


def save(weights: Weights, path: Path) -> None:
    """Write weights as a compressed npz of half-precision matrices: no pickle, nothing in it can run."""
    description = {
        "heads": [[h.name, h.labels, h.start, h.exclusive, h.thresholds, h.ordinal] for h in weights.heads.values()],
        "numbers": dict(weights.numbers),
    }
    arrays: dict[str, NDArray[Any]] = {
        "bias": weights.bias.astype(np.float32),
        "about": _bytes(json.dumps(description)),
    }
    for name, block in weights.blocks.items():
        arrays[f"block.{name}"] = block.astype(np.float16)
    for name, vocabulary in weights.vocabularies.items():
        arrays[f"grams.{name}"] = _bytes("\n".join(vocabulary.grams))
        arrays[f"idf.{name}"] = vocabulary.idf.astype(np.float16)
    np.savez_compressed(path, allow_pickle=False, **arrays)


def load(path: Path) -> Weights:
    """Read weights written by `save`."""
    with np.load(path, allow_pickle=False) as stored:
        arrays: dict[str, NDArray[Any]] = {name: stored[name] for name in stored.files}
    about: dict[str, Any] = json.loads(_text(arrays["about"]))
    heads = [
        Head(name, tuple(labels), start, exclusive, tuple(thresholds), *ordinal)
        for name, labels, start, exclusive, thresholds, *ordinal in about["heads"]
    ]
    vocabularies = {
        name: Vocabulary(_text(arrays[f"grams.{name}"]).split("\n"), arrays[f"idf.{name}"].astype(np.float32), cut)
        for name, cut in _CUTS.items()
        if f"grams.{name}" in arrays
    }
    return Weights(
        heads={head.name: head for head in heads},
        vocabularies=vocabularies,
        blocks={k.removeprefix("block."): v.astype(np.float32) for k, v in arrays.items() if k.startswith("block.")},
        bias=arrays["bias"],
        numbers=about["numbers"],
    )


def labels_of(weights: Weights, head: str) -> Sequence[str]:
    """The labels of a head, in the order of its probabilities."""
    return weights.heads[head].labels


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)


def _text(array: NDArray[Any]) -> str:
    return array.tobytes().decode()
