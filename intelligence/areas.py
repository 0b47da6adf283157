"""Product areas of a workspace: which one a ticket is in and by whose word, what a change would move, and which areas
the history suggests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intelligence.similarity import listed, unit
from intelligence.themes.linkage import linked
from intelligence.themes.phrases import clauses

Floats = NDArray[np.float32]

_ALIKE: Final = 0.38  # mean cosine between two groups of themes above which they are one area
_WORDS: Final = 6  # proposed for one area
_SUPPORT: Final = 3  # tickets in which a word must stand to be proposed
_SHARE: Final = 0.12  # ... and this share of the area's
_TELLING: Final = 2.0  # ... and this many times the share that it has in the others
_ELSEWHERE: Final = 0.02  # share that every word is taken to have elsewhere
MOST_PROPOSED: Final = 8


@dataclass(frozen=True, slots=True)
class Held:
    """A stored ticket and what has been said of its area.

    `imported`: by an import or the helpdesk; `mapped`: by the mapping of its channel; `own`: by the machine's reading;
    `shown`: what counts now, by a person's word where `said`. `model`: a language model has read it.
    """

    ticket_id: int
    imported: str | None
    mapped: str | None
    own: str | None
    shown: str | None
    said: bool = False
    model: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """So many tickets go from one area to another; None is "unassigned"."""

    source: str | None
    target: str | None
    tickets: int


def decided(held: Held, known: Collection[str], nearest: Callable[[int], str | None]) -> str | None:
    """The area that is written into a ticket's reading: an imported one, else its channel's, else what a language
    model chose where that is still in the list, else the nearest.
    """
    if held.imported or held.mapped:
        return held.imported or held.mapped
    return held.own if held.model and held.own in known else nearest(held.ticket_id)


def moves(found: Iterable[tuple[Held, str | None]]) -> tuple[Move, ...]:
    """What changes for those who count, most tickets first; what a person said stays."""
    counted = Counter((held.shown, area) for held, area in found if not held.said and area != held.shown)
    order = sorted(counted, key=lambda pair: (-counted[pair], pair[0] or "", pair[1] or ""))
    return tuple(Move(source, target, counted[source, target]) for source, target in order)


@dataclass(frozen=True, slots=True)
class Subject:
    """What could be (part of) an area: a theme, or the tickets that an import gave one name.

    `texts` are what some of its tickets say, masked; `middle` (dim,) is the mean of their vectors.
    """

    key: int
    title: str
    tickets: int
    texts: tuple[str, ...]
    middle: Floats
    name: str | None = None  # as the import calls it


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An area that the history suggests: its name, words that mark it, and the keys of its subjects, largest first."""

    name: str
    words: tuple[str, ...]
    subjects: tuple[int, ...]
    tickets: int
    imported: bool = False


def suggest(subjects: Sequence[Subject], taken: Collection[str] = ()) -> tuple[Suggestion, ...]:
    """A handful of areas, those with most tickets first, with names that differ from each other and from `taken`.

    Subjects with a name of their own are areas already; the others are joined while they mean alike.
    """
    groups = [[one] for one in subjects if one.name] + _joined([one for one in subjects if not one.name])
    groups.sort(key=lambda group: (-sum(one.tickets for one in group), group[0].key))
    counts = [_counts(group) for group in groups]
    used = {name.casefold() for name in taken}
    made: list[Suggestion] = []
    for place, group in enumerate(groups):
        words = _words(counts[place], [other for at, other in enumerate(counts) if at != place])
        name = group[0].name or next((w for w in map(_capital, words) if w.casefold() not in used), None)
        if name is None or name.casefold() in used:
            continue
        used.add(name.casefold())
        ranked = sorted(group, key=lambda one: (-one.tickets, one.key))
        total = sum(one.tickets for one in group)
        made.append(Suggestion(name, words, tuple(o.key for o in ranked), total, group[0].name is not None))
    return tuple(made[:MOST_PROPOSED])


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _joined(subjects: Sequence[Subject]) -> list[list[Subject]]:
    if len(subjects) < 2:
        return [[one] for one in subjects]
    middles = unit(np.stack([one.middle for one in subjects]))
    labels = linked(np.arange(len(subjects), dtype=np.int64), middles, _ALIKE)
    groups: dict[int, list[Subject]] = {}
    for label, one in zip(listed(labels), subjects, strict=True):
        groups.setdefault(label, []).append(one)
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class _Counts:
    """In how many of `texts` each word stands, by its folded form, and how it is mostly written."""

    texts: int
    standing: Mapping[str, int]
    written: Mapping[str, str]


def _counts(group: Sequence[Subject]) -> _Counts:
    standing: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = {}
    texts = [text for one in group for text in one.texts]
    for text in texts:
        there: dict[str, str] = {}
        for clause in clauses(text):
            there |= {t.key: t.text for t in clause if t.content and t.key != "not" and ":" not in t.text}
        standing.update(there.keys())
        for key, form in there.items():
            forms.setdefault(key, Counter())[form if form.isupper() else form.lower()] += 1
    written = {key: max(counted.items(), key=lambda item: (item[1], item[0]))[0] for key, counted in forms.items()}
    return _Counts(len(texts), standing, written)


def _words(own: _Counts, others: Sequence[_Counts]) -> tuple[str, ...]:
    """The words that stand in many of the area's tickets and in few of the others'."""
    elsewhere = sum(other.texts for other in others)
    scores: dict[str, float] = {}
    for key, number in own.standing.items():
        share = number / own.texts
        rest = sum(other.standing.get(key, 0) for other in others) / elsewhere if elsewhere else 0.0
        ratio = share / (rest + _ELSEWHERE)
        if number >= min(_SUPPORT, own.texts) and share >= _SHARE and ratio >= _TELLING:
            scores[key] = share * log(ratio)
    best = sorted(scores, key=lambda key: (-scores[key], key))[:_WORDS]
    return tuple(own.written[key] for key in best)
