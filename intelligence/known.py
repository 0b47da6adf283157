"""Is this a known pattern? Ranks themes for a text and says with a calibrated probability whether one of them is it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from math import exp, log, log1p, sqrt
from typing import Final

from intelligence.model import Verdict
from intelligence.themes.phrases import clauses

FEATURES: Final = ("nearest", "words", "size", "margin", "contrast")
_LENT: Final = 3  # members of a theme that speak for it
_RANKED: Final = 5  # themes that are weighed
_SHOWN: Final = 3
_RIVALS: Final = 10
_FEW_WORDS: Final = 3  # content words below which nothing can be told
_LARGE: Final = 12  # a theme of more tickets is not more likely for it
_TEXT: Final = 2_000  # characters read of each text
_PHRASES: Final = 5
_FAR: Final = 0.3  # similarity that stands for "no other theme"


@dataclass(frozen=True, slots=True)
class Member:
    """A ticket near the question: its theme, its cosine to the question, and its problem text."""

    theme: int
    similarity: float
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A theme that the question may belong to."""

    theme: int
    probability: float
    similarity: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """The verdict with the probability of the best candidate; `matched` are phrases that question and theme share,
    `differs` what the question says and the theme's nearest tickets do not."""

    verdict: Verdict
    probability: float
    candidates: tuple[Candidate, ...] = ()
    matched: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """The shipped logistic regression over FEATURES, and the probabilities from which a verdict is given."""

    coefficients: tuple[float, ...]
    intercept: float
    known: float
    probably: float

    def probability(self, features: Sequence[float]) -> float:
        score = self.intercept + sum(w * x for w, x in zip(self.coefficients, features, strict=True))
        return 1 / (1 + exp(-max(-30.0, min(30.0, score))))


@cache
def shipped_weights() -> Weights:
    """The weights that come with the product (benchmarks/fit_known.py makes them)."""
    stored = json.loads((files("intelligence") / "weights" / "known.json").read_text(encoding="utf-8"))
    return Weights(
        tuple(float(stored["coefficients"][name]) for name in FEATURES),
        float(stored["intercept"]),
        float(stored["known"]),
        float(stored["probably"]),
    )


def recognise(
    text: str, members: Sequence[Member], *, sizes: Mapping[int, int], weights: Weights | None = None
) -> Recognition:
    """Answer for a question text. `members` are its nearest tickets with a theme, the question itself left out; a few
    of each of the nearest dozens of themes are enough. `sizes` are tickets per theme."""
    weights = weights or shipped_weights()
    question = phrase_keys(text)
    if sum(" " not in key for key in question) < _FEW_WORDS:
        return Recognition(Verdict.NOT_ENOUGH_TEXT, 0.0)
    if not members:
        return Recognition(Verdict.NEW, 0.0)
    described = theme_features(question, members, sizes)
    scored = sorted(
        ((weights.probability(features), features[0], theme) for theme, features in described.items()), reverse=True
    )
    candidates = tuple(Candidate(theme, probability, near) for probability, near, theme in scored[:_SHOWN])
    best = candidates[0]
    verdict = _verdict(best.probability, weights)
    shared, missing = _comparison(text, question, [m for m in members if m.theme == best.theme])
    return Recognition(verdict, best.probability, candidates, shared, missing)


def theme_features(
    question: frozenset[str], members: Sequence[Member], sizes: Mapping[int, int]
) -> dict[int, tuple[float, ...]]:
    """FEATURES of the nearest themes:

    nearest: cosine of the nearest member; words: cosine of TF-IDF words and word pairs with the likest member; size:
    log of its tickets (at most 12); margin: lead over the next theme; contrast: lead over the mean of the ten next.
    """
    by_theme: dict[int, list[Member]] = {}
    for member in sorted(members, key=lambda m: -m.similarity):
        by_theme.setdefault(member.theme, []).append(member)
    nearest = {theme: found[0].similarity for theme, found in by_theme.items()}
    ranked = sorted(nearest, key=lambda theme: (-nearest[theme], theme))
    texts = {theme: [phrase_keys(m.text) for m in found[:_LENT]] for theme, found in by_theme.items()}
    rarity = _Rarity([keys for found in texts.values() for keys in found])
    result: dict[int, tuple[float, ...]] = {}
    for theme in ranked[:_RANKED]:
        rivals = [nearest[other] for other in ranked if other != theme] or [_FAR]
        result[theme] = (
            nearest[theme],
            max(rarity.overlap(question, keys) for keys in texts[theme]),
            log1p(min(_LARGE, sizes.get(theme, len(by_theme[theme])))),
            nearest[theme] - rivals[0],
            nearest[theme] - sum(rivals[:_RIVALS]) / len(rivals[:_RIVALS]),
        )
    return result


@lru_cache(maxsize=8_192)  # an alert that grows, and a question asked again, compare the same texts
def phrase_keys(text: str) -> frozenset[str]:
    """The content words of a text and its pairs of neighbouring ones, folded."""
    found: set[str] = set()
    for clause in clauses(text[:_TEXT]):
        keys = [token.key for token in clause if token.content]
        found.update(keys)
        found.update(f"{first} {second}" for first, second in pairwise(keys))
    return frozenset(found)


class _Rarity:
    """How telling a word is among the texts at hand: its inverse document frequency."""

    def __init__(self, texts: Sequence[frozenset[str]]) -> None:
        self._texts = len(texts)
        self._counts = Counter(key for keys in texts for key in keys)

    def of(self, key: str) -> float:
        return max(0.1, log((self._texts + 1) / (self._counts[key] + 0.5)))

    def overlap(self, one: frozenset[str], other: frozenset[str]) -> float:
        shared = self._squares(one & other)
        return shared / max(sqrt(self._squares(one) * self._squares(other)), 1e-9)

    def _squares(self, keys: Iterable[str]) -> float:
        return sum(self.of(key) ** 2 for key in keys)


def _verdict(probability: float, weights: Weights) -> Verdict:
    if probability >= weights.known:
        return Verdict.KNOWN
    return Verdict.PROBABLY if probability >= weights.probably else Verdict.NEW


def _comparison(
    text: str, question: frozenset[str], members: Sequence[Member]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Phrases of the question, as it spells them: those that the theme's nearest tickets share, and single words that
    none of them has; the longest first, none inside another."""
    theirs: Counter[str] = Counter()
    for member in members[:_LENT]:
        theirs.update(phrase_keys(member.text))
    spelled = _spelled(text)
    shared = sorted((key for key in question if theirs[key]), key=lambda key: (-key.count(" "), -theirs[key], key))
    own = [key for key in spelled if key in question and not theirs[key] and " " not in key]
    return _told(shared, spelled), _told(own, spelled)


def _told(keys: Iterable[str], spelled: Mapping[str, str]) -> tuple[str, ...]:
    told: list[str] = []
    covered: set[str] = set()
    for key in keys:
        if set(key.split()) <= covered or key not in spelled:
            continue
        told.append(spelled[key])
        covered.update(key.split())
        if len(told) == _PHRASES:
            break
    return tuple(told)


def _spelled(text: str) -> dict[str, str]:
    """Each word and pair of the text as it was first written, in order."""
    found: dict[str, str] = {}
    for clause in clauses(text[:_TEXT]):
        places = [place for place, token in enumerate(clause) if token.content]
        for place in places:
            found.setdefault(clause[place].key, clause[place].text.lower())
        for first, second in pairwise(places):
            written = " ".join(token.text.lower() for token in clause[first : second + 1])
            found.setdefault(f"{clause[first].key} {clause[second].key}", written)
    return found
