"""Which tickets ask for the same: by meaning, by the words they share, and by what else ties them.

Average linkage (Sokal and Michener 1958) over a mixed similarity: sentence vectors bring other wordings of one wish
together, shared rare words keep two wishes about one object apart. Deterministic, and without a number of groups to
guess. Measured on replayed histories with known wishes; see docs/mining.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intelligence.mining.linkage import average_linkage
from intelligence.similarity import Floats, unit
from intelligence.themes.phrases import clauses

MOST: Final = 2_500  # tickets compared with each other: 25 MB of distances; those before join the nearest group
_MEANING: Final = 0.8
_COMMON: Final = 0.3  # a word in more of the tickets than this tells nothing
_FEW: Final = 64  # tickets with a word: above that a column of the product is cheaper than their pairs
_TINY: Final = 1e-18
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
    return average_linkage(_similarity(asks, closeness), 1.0 - closeness.cut).tolist()


def _similarity(asks: Sequence[Ask], closeness: Closeness) -> Floats:
    """How much each two have in common, at most 1: one product for meaning and for words that many hold; what few hold is
    added where they meet, for most words stand in a handful of tickets.
    """
    held = _weighted(_holders([content_words(ask.text) for ask in asks], _COMMON), len(asks))
    often = [word for word in held if len(word.rows) > _FEW]
    features = np.zeros((len(asks), len(often) + asks[0].vector.size), np.float32)
    for column, word in enumerate(often):
        features[word.rows, column] = np.sqrt(np.float32(closeness.words)) * word.values
    features[:, len(often) :] = sqrt(_MEANING) * unit(np.stack([ask.vector for ask in asks]))
    total: Floats = features @ features.T
    for word in held:
        if len(word.rows) <= _FEW:
            _add(total, word, closeness.words)
    for weight, values in (
        (closeness.theme, [ask.theme for ask in asks]),
        (closeness.key, [ask.key for ask in asks]),
    ):
        if weight:
            for rows in _holders([() if value is None else (value,) for value in values]).values():
                _add(total, _Held(np.array(rows), np.ones(len(rows), np.float32)), weight)
    return np.minimum(total, np.float32(1.0), out=total)


@lru_cache(maxsize=16_384)  # the tickets of all backlogs: the next question compares nearly the same ones
def content_words(text: str) -> tuple[str, ...]:
    """The different words of a text that carry meaning, folded."""
    return tuple(sorted({token.key for clause in clauses(text) for token in clause if token.content}))


@dataclass(frozen=True, slots=True)
class _Held:
    """A word: the rows that hold it, and how much it counts in each."""

    rows: NDArray[np.int64]
    values: Floats


def _holders(sets: Sequence[Iterable[Hashable]], most: float = 1.0) -> Mapping[Hashable, list[int]]:
    """The rows of each value that two or more rows hold, and not more than this share of all (three always may)."""
    rows: dict[Hashable, list[int]] = defaultdict(list)
    for row, values in enumerate(sets):
        for value in values:
            rows[value].append(row)
    return {value: own for value, own in rows.items() if 2 <= len(own) <= max(3.0, most * len(sets))}


def _weighted(holders: Mapping[Hashable, list[int]], texts: int) -> list[_Held]:
    """TF-IDF of words, scaled so that the words of each text make a vector of length one."""
    rarity = {word: log(texts / len(rows)) for word, rows in holders.items()}
    squares = np.zeros(texts)
    for word, rows in holders.items():
        squares[rows] += rarity[word] ** 2
    scale = 1.0 / np.sqrt(np.maximum(squares, _TINY))
    return [_Held(np.array(rows), (rarity[word] * scale[rows]).astype(np.float32)) for word, rows in holders.items()]


def _add(total: Floats, held: _Held, weight: float) -> None:
    total[np.ix_(held.rows, held.rows)] += np.float32(weight) * np.outer(held.values, held.values)


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
