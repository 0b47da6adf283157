# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (scikit-learn and scipy are untyped: this is the one file of training that imports them)
"""Fitting a linear model's heads with scikit-learn; reading never imports this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from intelligence.local.features import Features
from intelligence.local.grams import Vocabulary
from intelligence.local.model import Head, Weights

Floats = NDArray[Any]  # scikit-learn computes in double precision, weights are stored in single
Target = Mapping[str, float]  # label -> how much this row counts for it

_SOFTEN: Final = 0.1  # added to a cue's deviation, so that a cue seen three times does not shout


@dataclass(frozen=True, slots=True)
class Question:
    """A head to be fitted: one target per row (None: not labelled), the scale of each block, and how to balance.

    `balance` raises rare labels: 0 leaves frequencies as they are, 1 gives every label the same mass. `strength` is the
    inverse of the L2 penalty, `sharpen` a factor of the logits and `priors` how much likelier each label is in real
    support than in the balanced examples (both calibrate), `weights` how much each row counts. An `ordinal` question's
    labels are steps from low to high, and its targets name every step that a row reaches.
    """

    name: str
    labels: tuple[str, ...]
    exclusive: bool
    targets: Sequence[Target | None]
    scales: Mapping[str, float]
    strength: float = 0.3
    balance: float = 1.0
    sharpen: float = 1.0
    thresholds: tuple[float, ...] = ()
    priors: Mapping[str, float] = field(default_factory=dict[str, float])
    weights: Sequence[float] | None = None
    ordinal: bool = False


@dataclass(frozen=True, slots=True)
class Design:
    """The rows to learn from as matrices by block; `center` and `spread` standardise the cues."""

    blocks: Mapping[str, Any]
    center: Floats
    spread: Floats


def design(rows: Sequence[Features], vocabularies: Mapping[str, Vocabulary], *, standardise: bool = True) -> Design:
    """Stack features into one (sparse) matrix per block; cues that are only 0 or 1 need no standardising."""
    from scipy import sparse

    cues = np.stack([row.cues for row in rows])
    if standardise:
        center, spread = cues.mean(axis=0), cues.std(axis=0) + _SOFTEN
    else:
        center, spread = np.zeros(cues.shape[1], np.float32), np.ones(cues.shape[1], np.float32)
    blocks: dict[str, Any] = {
        "cues": sparse.csr_matrix((cues - center) / spread),
        "vector": sparse.csr_matrix(np.stack([row.vector for row in rows])),
        "answer": sparse.csr_matrix(np.stack([row.answer for row in rows])),
    }
    for name, vocabulary in vocabularies.items():
        found = [row.sparse[name] for row in rows]
        ends = np.cumsum([0] + [len(columns) for columns, _ in found])
        columns = np.concatenate([columns for columns, _ in found])
        values = np.concatenate([values for _, values in found])
        blocks[name] = sparse.csr_matrix((values, columns, ends), shape=(len(rows), len(vocabulary)))
    return Design(blocks, center, spread)


def fit(
    made: Design,
    questions: Sequence[Question],
    vocabularies: Mapping[str, Vocabulary],
    numbers: Mapping[str, float],
) -> Weights:
    """Fit every question and put the answers side by side in one set of matrices."""
    outputs = sum(len(question.labels) for question in questions)
    blocks = {name: np.zeros((block.shape[1], outputs), np.float32) for name, block in made.blocks.items()}
    bias = np.zeros(outputs, np.float32)
    heads: dict[str, Head] = {}
    start = 0
    for question in questions:
        head = Head(question.name, question.labels, start, question.exclusive, question.thresholds, question.ordinal)
        matrices, bias[head.columns] = fit_head(made, question)
        for name, matrix in matrices.items():
            blocks[name][:, head.columns] = matrix
        heads[head.name] = head
        start += len(question.labels)
    return Weights(heads, vocabularies, blocks, bias, numbers)


def fit_head(made: Design, question: Question) -> tuple[dict[str, Floats], Floats]:
    """Weights by block, each (features, labels) for raw (not standardised) features, and the bias (labels,)."""
    from scipy import sparse

    used = {name: scale for name, scale in question.scales.items() if made.blocks[name].shape[1]}
    whole = sparse.hstack([made.blocks[name] * scale for name, scale in used.items()]).tocsr()
    rows = [(i, target) for i, target in enumerate(question.targets) if target is not None]
    whole = whole[[i for i, _ in rows]]
    targets = [target for _, target in rows]
    weights = np.ones(len(rows)) if question.weights is None else np.array([question.weights[i] for i, _ in rows])
    solve = _softmax if question.exclusive else _separate
    coefficients, bias = solve(whole, targets, question, weights)
    matrices: dict[str, Floats] = {}
    column = 0
    for name, scale in used.items():
        width = made.blocks[name].shape[1]
        matrices[name] = (coefficients[column : column + width] * scale * question.sharpen).astype(np.float32)
        column += width
    bias = bias * question.sharpen + np.log([question.priors.get(label, 1.0) for label in question.labels])
    if "cues" in matrices:
        matrices["cues"] = (matrices["cues"] / made.spread[:, np.newaxis]).astype(np.float32)
        bias = bias - made.center @ matrices["cues"]
    return matrices, bias.astype(np.float32)


def _softmax(whole: Any, targets: Sequence[Target], question: Question, weights: Floats) -> tuple[Floats, Floats]:
    """Multinomial logistic regression on soft targets: a row with two acceptable labels counts for both."""
    from sklearn.linear_model import LogisticRegression

    picked = [(i, label, share) for i, target in enumerate(targets) for label, share in target.items()]
    shares = np.array([share * weights[i] for i, _, share in picked])
    labels = np.array([question.labels.index(label) for _, label, _ in picked])
    shares = shares * _balance(labels, shares, len(question.labels), question.balance).take(labels)
    model: Any = LogisticRegression(C=question.strength, max_iter=500)
    model.fit(whole[[i for i, _, _ in picked]], labels, sample_weight=shares)
    coefficients = np.zeros((whole.shape[1], len(question.labels)))
    bias = np.full(len(question.labels), -10.0)
    if len(model.classes_) == 2:
        coefficients[:, model.classes_[1]], bias[model.classes_] = model.coef_[0], [0, model.intercept_[0]]
    else:
        coefficients[:, model.classes_], bias[model.classes_] = model.coef_.T, model.intercept_
    return coefficients, bias


def _separate(whole: Any, targets: Sequence[Target], question: Question, weights: Floats) -> tuple[Floats, Floats]:
    """One yes-or-no logistic regression per label."""
    from sklearn.linear_model import LogisticRegression

    coefficients = np.zeros((whole.shape[1], len(question.labels)))
    bias = np.zeros(len(question.labels))
    for column, label in enumerate(question.labels):
        truth = np.array([target.get(label, 0.0) >= 0.5 for target in targets]).astype(int)
        if truth.min() == truth.max():
            bias[column] = 10.0 if truth[0] else -10.0
            continue
        balance = _balance(truth, np.ones(len(truth)), 2, question.balance).take(truth) * weights
        model: Any = LogisticRegression(C=question.strength, max_iter=500)
        model.fit(whole, truth, sample_weight=balance)
        coefficients[:, column], bias[column] = model.coef_[0], model.intercept_[0]
    return coefficients, bias


def _balance(labels: NDArray[np.int64], shares: Floats, count: int, power: float) -> Floats:
    mass = np.bincount(labels, weights=shares, minlength=count)
    mean = mass.sum() / max(1, (mass > 0).sum())
    factors: Floats = np.where(mass > 0, (mean / np.maximum(mass, 1e-9)) ** power, 0.0)
    return factors
