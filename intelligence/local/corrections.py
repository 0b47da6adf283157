"""Learning from corrections without a restart and without retraining.

A correction says which sub-category a ticket really is. Below three corrections to a label, its examples act as a
prototype: only tickets that resemble them move. From three on, a small logistic regression over the shipped model's own
output, the sentence vector and the cues learns a bias and a direction for each label. Both end as a change of the
category heads' weights: reading stays one matrix product. Labels that people confirmed are learned like those they
changed: without them a correction pulls its neighbours along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intelligence.local.features import Features
from intelligence.local.model import ANSWERED, CATEGORY, Weights
from intelligence.model import PrimaryCategory, Subcategory
from intelligence.taxonomy import primary_of

Floats = NDArray[np.float32]

ENOUGH: Final = 3  # corrections of a label from which a regression says more than a prototype
_PROTOTYPE: Final = 3.0  # logits that a ticket equal to the prototype gains
_FAR: Final = 0.45  # cosine at which a prototype says nothing
_ROUNDS: Final = 200
_RATE: Final = 0.5
_PENALTY: Final = 0.02
_REACH: Final = 4.0  # scale of the vector against the bias: how local a learned change is
_CUES: Final = 0.25  # scale of the cues against the vector, so that both have a length of about one
_MAX_SHIFT: Final = 1.5  # a label's bias never moves further: twenty corrections must not drown the rest


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person decided about one ticket, with the features it was read by."""

    read: Features
    subcategory: Subcategory


@dataclass(frozen=True, slots=True)
class Lesson:
    """What corrections change in both category heads: `vector` (dim, labels) on the sentence vector, `cues`
    (cues, labels) on the cues, `shift` (labels,) on the bias.
    """

    vector: Floats
    cues: Floats
    shift: Floats


def adapt(weights: Weights, corrections: Sequence[Correction]) -> Weights:
    """The weights after these corrections; the same corrections give the same weights, none gives them unchanged.

    Always start from the shipped weights: corrections are replayed as a whole, so that undoing one is leaving it out.
    """
    lesson = learn(weights, corrections)
    return weights if lesson is None else taught(weights, lesson)


def learn(weights: Weights, corrections: Sequence[Correction]) -> Lesson | None:
    """What these corrections change; None where they change nothing (none, or read by another embedder)."""
    usable = [c for c in corrections if len(c.read.vector) == len(weights.blocks["vector"]) and c.read.vector.any()]
    if not usable:
        return None
    head = weights.heads[CATEGORY]
    counts = Counter(c.subcategory for c in usable)
    frequent = [c for c in usable if counts[c.subcategory] >= ENOUGH]
    lesson = _regress(weights, frequent) if frequent else _nothing(weights)
    for label, count in counts.items():
        if count < ENOUGH:
            alike = [c for c in usable if c.subcategory is label]
            _add_prototype(lesson.vector, lesson.shift, head.labels.index(label.value), alike)
    return lesson


def _nothing(weights: Weights) -> Lesson:
    labels = len(weights.heads[CATEGORY].labels)
    vector, cues = (np.zeros((len(weights.blocks[name]), labels), np.float32) for name in ("vector", "cues"))
    return Lesson(vector, cues, np.zeros(labels, np.float32))


def taught(weights: Weights, lesson: Lesson) -> Weights:
    """The weights with a lesson in them; unchanged where the lesson is for vectors, cues or labels of another size."""
    heads = [weights.heads[name] for name in (CATEGORY, ANSWERED)]
    blocks = dict(weights.blocks)
    for name, change in (("vector", lesson.vector), ("cues", lesson.cues)):
        if change.shape != (len(blocks[name]), len(heads[0].labels)):
            return weights
        blocks[name] = blocks[name].copy()
        for head in heads:
            blocks[name][:, head.columns] += change
    bias = weights.bias.copy()
    for head in heads:
        bias[head.columns] += lesson.shift
    return replace(weights, blocks=blocks, bias=bias)


def held_back(weights: Weights, corrections: Sequence[Correction], *, folds: int = 5) -> tuple[int, int]:
    """How many corrections are read rightly before and after learning, each judged by a lesson that did not know it."""
    before = after = 0
    for fold in range(folds):
        lesson = learn(weights, [c for n, c in enumerate(corrections) if n % folds != fold])
        changed = weights if lesson is None else taught(weights, lesson)
        for correction in corrections[fold::folds]:
            before += says(weights, correction.read) is correction.subcategory
            after += says(changed, correction.read) is correction.subcategory
    return before, after


def says(weights: Weights, read: Features) -> Subcategory:
    """The label that the analyzer gives: the best sub-category of the best primary category."""
    head = weights.category_head(read)
    chances = weights.probabilities(weights.logits(read), head.name)
    ranked = {Subcategory(label): float(p) for label, p in zip(head.labels, chances, strict=True)}
    primary = max(PrimaryCategory, key=lambda p: sum(ranked[s] for s in ranked if primary_of(s) is p))
    return max((s for s in ranked if primary_of(s) is primary), key=lambda s: ranked[s])


def _add_prototype(directions: Floats, shift: Floats, column: int, examples: Sequence[Correction]) -> None:
    """A linear score that is `_PROTOTYPE` at the prototype and zero at the cosine `_FAR`."""
    center = np.mean([c.read.vector for c in examples], axis=0)
    center = center / max(float(np.linalg.norm(center)), 1e-9)
    slope = _PROTOTYPE / (1 - _FAR)
    directions[:, column] += slope * center
    shift[column] -= slope * _FAR


def _regress(weights: Weights, corrections: Sequence[Correction]) -> Lesson:
    """Gradient descent on the cross-entropy of the corrected labels, starting from the shipped logits."""
    head = weights.heads[CATEGORY]
    seen = np.stack([np.concatenate([c.read.vector, _CUES * c.read.cues]) for c in corrections])
    base = np.stack([weights.logits(c.read)[weights.category_head(c.read).columns] for c in corrections])
    truth = np.zeros_like(base)
    truth[np.arange(len(corrections)), [head.labels.index(c.subcategory.value) for c in corrections]] = 1
    directions = np.zeros((seen.shape[1], len(head.labels)), np.float32)
    shift = np.zeros(len(head.labels), np.float32)
    for _ in range(_ROUNDS):
        logits = base + seen @ directions + shift
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        gap = (truth - raised / raised.sum(axis=1, keepdims=True)) / len(corrections)
        directions += _RATE * (_REACH * seen.T @ gap - _PENALTY * directions)
        shift = np.clip(shift + _RATE * (gap.sum(axis=0) - _PENALTY * shift), -_MAX_SHIFT, _MAX_SHIFT)
    dim = len(weights.blocks["vector"])
    return Lesson(directions[:dim].astype(np.float32), _CUES * directions[dim:].astype(np.float32), shift)
