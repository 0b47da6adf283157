"""Which headline names a theme: what it is worth by its shape, its words, its customers and its nearness."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from typing import Final

import numpy as np

from intelligence.similarity import Floats, listed, unit
from intelligence.themes.headlines import Headline, headlines
from intelligence.themes.phrases import Token, clauses
from intelligence.themes.spelling import Spelling
from intelligence.themes.vocabulary import TROUBLE

_RARE: Final = 0.93  # what is left of a headline's worth for each word that nobody else has
_FEW: Final = 6  # with fewer texts every word is rare
_PRIVATE: Final = re.compile(r"\d\d")  # "cp-31035", unless several customers write it: "error 4012"
_SHARED: Final = 3
Encode = Callable[[Sequence[str]], Floats]

_TITLE_TEXTS: Final = 40  # texts nearest to the middle that may lend their words to the title
_ENCODED: Final = 20  # candidates whose nearness is measured: this is what naming costs
LEAD: Final = 2  # people say first what it is about: clauses after these ...
LATER: Final = 0.5  # ... count this much
_BREVITY: Final = 0.5  # 0 would add words for ever, 1 would keep only the strongest
_WORDS: Final = 0.45
_CUSTOMERS: Final = 0.3
_NEARNESS: Final = 0.9
_CONTRAST: Final = 0.5  # 0 would ignore the other themes' middles
_SEVERAL: Final = 0.12  # of the texts hold a word that is not one customer's own
_LENGTHS: Final = {1: 1.0, 2: 0.93, 7: 0.95, 8: 0.88}
_WRONG: Final = 1.06  # a headline that says what is wrong
_MOSTLY: Final = 0.6  # of its words
_ALONE: Final = 0.3  # what a word or a headline is worth that one customer has
KEPT: Final = 0.9  # a title stays while it is worth this much of the best


@dataclass(frozen=True, slots=True)
class Candidate:
    """A headline and what it is worth."""

    headline: Headline
    worth: float


@dataclass(frozen=True)
class Reading:
    """A theme's texts as clauses, how much each word says about this theme, and where its texts lie.

    `weights` are class-based TF-IDF (Grootendorst 2022); `shares` the share of texts that hold a word. `middle` and
    `others` (the middles of other themes, one a row) are unit vectors, or None without an encoder.
    """

    clauses: list[list[list[Token]]]
    closeness: list[float]
    weights: dict[str, float]
    shares: dict[str, float]
    middle: Floats | None = None
    others: Floats | None = None

    @cached_property
    def headlines(self) -> list[list[Headline]]:
        """The headlines of each text."""
        return [[one for clause in text for one in headlines(clause)] for text in self.clauses]

    @cached_property
    def vocabularies(self) -> list[frozenset[str]]:
        """The words of each text."""
        return [frozenset(token.key for clause in text for token in clause if token.content) for text in self.clauses]

    @cached_property
    def spelling(self) -> Spelling:
        """How customers write the words."""
        return Spelling(self.clauses)

    @cached_property
    def holders(self) -> Counter[str]:
        """In how many texts a word stands."""
        return Counter(word for text in self.vocabularies for word in text)


def ranked(reading: Reading, encode: Encode | None, current: str | None = None) -> list[Headline]:
    """Headlines of a theme, best first. `current` comes first while it is nearly as good as the best."""
    found = _candidates(reading)
    if not found:
        return []
    best = sorted(found, key=lambda one: (-one.worth, one.headline.text))
    if current is not None:
        best = _with_current(best, reading, current)
    near = best[:_ENCODED]
    if encode is not None and reading.middle is not None:
        near = _neared(near, reading, encode)
        near.sort(key=lambda one: (-one.worth, one.headline.text))
    order = [one.headline for one in (*near, *best[_ENCODED:])]
    if current is not None:
        order = _kept(order, near, current)
    return order


def _with_current(best: list[Candidate], reading: Reading, current: str) -> list[Candidate]:
    """The title of today is a candidate like the others, as long as it is made of the theme's words."""
    if any(_same(one.headline.text, current) for one in best[:_ENCODED]):
        return best
    again = [
        replace(one, text=reading.spelling.respelled(one.text))
        for clause in clauses(current)
        for one in headlines(clause)
        if _same(one.text, current)
    ]
    return [*_weighed(again, reading), *best]


def _kept(order: list[Headline], near: list[Candidate], current: str) -> list[Headline]:
    for one in near:
        if _same(one.headline.text, current) and one.worth >= KEPT * near[0].worth:
            return [one.headline, *(other for other in order if not _same(other.text, current))]
    return order


def _same(title: str, other: str) -> bool:
    return title.casefold() == other.casefold()


def _candidates(reading: Reading) -> list[Candidate]:
    found: dict[str, Headline] = {}
    for place in listed(np.argsort(-np.array(reading.closeness), kind="stable")[:_TITLE_TEXTS]):
        for one in reading.headlines[place]:
            if any(_PRIVATE.search(word) and reading.holders[word] < _SHARED for word in one.keys):
                continue
            folded = one.text.casefold()
            if folded not in found or found[folded].shape < one.shape:
                found[folded] = one
    return _weighed([replace(one, text=reading.spelling.respelled(one.text)) for one in found.values()], reading)


def _weighed(found: Sequence[Headline], reading: Reading) -> list[Candidate]:
    if not found:
        return []
    told = np.array([_told(one, reading) for one in found])
    most = max(float(told.max()), 1e-9)
    return [
        Candidate(one, _form(one, reading) * (_WORDS * float(said) / most + _CUSTOMERS * _supported(one, reading)))
        for one, said in zip(found, told, strict=True)
    ]


def _form(headline: Headline, reading: Reading) -> float:
    wrong = _WRONG if TROUBLE.search(headline.text) else 1.0
    own = sum(reading.holders[word] < 2 for word in set(headline.keys)) if len(reading.clauses) >= _FEW else 0
    return headline.shape * wrong * _RARE**own * _LENGTHS.get(len(headline.text.split()), 1.0)


def _told(headline: Headline, reading: Reading) -> float:
    """How much a headline says about its theme: the weights of its words, where words of small weight only dilute."""
    content = set(headline.keys)
    weights = sum(reading.weights.get(word, 0.0) for word in content)
    repeated = len(headline.keys) - len(content)
    return weights / (len(content) + 1) ** _BREVITY * (1 - 0.2 * repeated)


def _supported(headline: Headline, reading: Reading) -> float:
    """How far the words are several customers' and not one customer's own."""
    least = max(min(3.0, len(reading.clauses)), _SEVERAL * len(reading.clauses), 2.0)
    held = [_several(reading.holders[word], least) for word in set(headline.keys)]
    return (sum(held) / len(held) + min(held) + _several(_together(headline, reading), least)) / 3


def _several(customers: int, least: float) -> float:
    return min(1.0, max(0.0, (customers - 1 + _ALONE) / (least - 1 + _ALONE)))


def _together(headline: Headline, reading: Reading) -> int:
    """How many texts hold most of a headline's words."""
    content = frozenset(headline.keys)
    most = min(len(content), max(2, ceil(_MOSTLY * len(content))))
    return sum(len(content & text) >= most for text in reading.vocabularies)


def _neared(found: Sequence[Candidate], reading: Reading, encode: Encode) -> list[Candidate]:
    """The candidates with their nearness to the theme's middle, against that of the nearest other theme."""
    assert reading.middle is not None
    vectors = encode([one.headline.text for one in found])
    near = vectors @ reading.middle
    if reading.others is not None and len(reading.others):
        near = near - _CONTRAST * (vectors @ reading.others.T).max(axis=1)
    spread = max(float(near.max() - near.min()), 1e-6)
    scaled = (near - near.min()) / spread
    return [
        replace(one, worth=one.worth + _form(one.headline, reading) * _NEARNESS * float(place))
        for one, place in zip(found, scaled, strict=True)
    ]


def middle_of_theme(vectors: Sequence[Floats]) -> Floats:
    """The unit vector in the middle of a theme's texts."""
    return unit(np.mean(np.stack(vectors), axis=0, keepdims=True))[0]
