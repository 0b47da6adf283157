# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (SciPy's hierarchy module is untyped)
"""Which tickets ask for the same: by meaning, by the words they share, and by what else ties them.

Average linkage (Sokal and Michener 1958) over a mixed similarity: sentence vectors bring other wordings of one wish
together, shared rare words keep two wishes about one object apart. Deterministic, and without a number of groups to
guess. Measured on replayed histories with known wishes; see docs/mining.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np

from intelligence.similarity import Floats, unit
from intelligence.themes.phrases import clauses

MOST: Final = 2_500  # tickets compared with each other: 25 MB of distances; those before join the nearest group
_MEANING: Final = 0.8
_COMMON: Final = 0.3  # a word in more of the tickets than this tells nothing
_JOINS: Final = 0.45  # cosine to a group's middle from which an older ticket belongs to it


@dataclass(frozen=True, slots=True)
class Closeness:
    """How a technique compares: weights of shared words, of a shared home theme and of a shared key (a linked page),
    and the distance below which groups join.
    """

    words: float
    theme: float
    key: float
    cut: float


@dataclass(frozen=True, slots=True)
class Ask:
    """One ticket to group: its vector (dim,), its text, its home theme and its key, where it has them."""

    ticket_id: int
    vector: Floats
    text: str
    theme: int | None = None
    key: str | None = None


def group(asks: Sequence[Ask], closeness: Closeness) -> list[list[int]]:
    """Positions of `asks` that belong together, the largest group first; tickets that are alone are groups of one.

    `asks` are in time order: of more than `MOST` the newest are compared, the older ones join or stay alone.
    """
    if not asks:
        return []
    older = max(0, len(asks) - MOST)
    near = asks[older:]
    members: dict[int, list[int]] = defaultdict(list)
    for place, label in enumerate(_linked(near, closeness)):
        members[label].append(place + older)
    groups = list(members.values())
    _join_older(asks, older, groups)
    return sorted(groups, key=lambda one: (-len(one), one[0]))


def closeness_to_middle(asks: Sequence[Ask], places: Sequence[int]) -> dict[int, float]:
    """The cosine of each member to the mean of its group, by position."""
    if len(places) < 2:
        return dict.fromkeys(places, 1.0)
    vectors = unit(np.stack([asks[place].vector for place in places]))
    middle = unit(vectors.mean(axis=0)[np.newaxis])[0]
    return {place: float(cosine) for place, cosine in zip(places, vectors @ middle, strict=True)}


def _linked(asks: Sequence[Ask], closeness: Closeness) -> list[int]:
    if len(asks) == 1:
        return [0]
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distances = np.maximum(1.0 - _similarity(asks, closeness), 0.0).astype(np.float64)
    np.fill_diagonal(distances, 0.0)
    tree = linkage(squareform(distances, checks=False), "average")
    labels = fcluster(tree, closeness.cut, "distance")
    return [int(label) for label in labels]


def _similarity(asks: Sequence[Ask], closeness: Closeness) -> Floats:
    vectors = unit(np.stack([ask.vector for ask in asks]))
    total: Floats = np.float32(_MEANING) * (vectors @ vectors.T)
    words = word_vectors([ask.text for ask in asks])
    total += np.float32(closeness.words) * (words @ words.T)
    for weight, values in (
        (closeness.theme, [ask.theme for ask in asks]),
        (closeness.key, [ask.key for ask in asks]),
    ):
        if weight:
            total += np.float32(weight) * _same(values)
    return (total + total.T) * np.float32(0.5)


def word_vectors(texts: Sequence[str]) -> Floats:
    """TF-IDF of content words, shape (n, vocabulary), unit rows: words of two to 30% of the texts (at least three)."""
    told = [{token.key for clause in clauses(text) for token in clause if token.content} for text in texts]
    held: dict[str, int] = defaultdict(int)
    for words in told:
        for word in words:
            held[word] += 1
    most = max(3.0, _COMMON * len(texts))
    columns = {word: place for place, word in enumerate(sorted(w for w, n in held.items() if 2 <= n <= most))}
    matrix = np.zeros((len(texts), max(1, len(columns))), np.float32)
    for row, words in enumerate(told):
        for word in words & columns.keys():
            matrix[row, columns[word]] = log(len(texts) / held[word])
    return unit(matrix)


def _same(values: Sequence[object]) -> Floats:
    """1 where two have the same value, 0 where they differ or one has none."""
    numbers: Mapping[object, int] = {value: place for place, value in enumerate(dict.fromkeys(values))}
    codes = np.array([numbers[value] if value is not None else -1 - place for place, value in enumerate(values)])
    return (codes[:, None] == codes[None, :]).astype(np.float32)


def _join_older(asks: Sequence[Ask], older: int, groups: list[list[int]]) -> None:
    if not older:
        return
    middles = unit(np.stack([np.mean([asks[i].vector for i in places], axis=0) for places in groups]))
    solid = np.array([len(places) > 1 for places in groups])
    cosines = np.where(solid, unit(np.stack([ask.vector for ask in asks[:older]])) @ middles.T, -1.0)
    for place, row in enumerate(cosines):
        best = int(row.argmax())
        if row[best] >= _JOINS:
            groups[best].append(place)
        else:
            groups.append([place])
