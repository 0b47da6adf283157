"""Names for themes, from the customers' own words and without a model.

A title is a headline out of a real sentence (`headlines`): what it is about and what is wrong or wanted. Of a theme's
headlines `titles` chooses the one whose words are frequent here and rare elsewhere and whose meaning, where there is an
encoder, lies nearest to the middle of the theme.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from intelligence.similarity import Floats
from intelligence.themes.phrases import Token, clauses
from intelligence.themes.titles import LATER, LEAD, Encode, Reading, middle_of_theme, ranked

_PHRASES: Final = 6
_PHRASE: Final = 4  # words
_EXCLUDED: Final = 3


@dataclass(frozen=True, slots=True)
class Words:
    """One ticket's redacted problem text, its similarity to its theme, and its vector where there is one."""

    text: str
    similarity: float = 0.0
    vector: Floats | None = None


@dataclass(frozen=True, slots=True)
class ThemeName:
    """`title` has at most eight words and is unique; `phrases` are what customers say, most telling first."""

    title: str
    description: str
    phrases: tuple[str, ...]


def name_themes(
    themes: Mapping[int, Sequence[Words]],
    *,
    taken: Collection[str] = (),
    background: Sequence[str] = (),
    encode: Encode | None = None,
    elsewhere: Floats | None = None,
    current: Mapping[int, str] | None = None,
) -> dict[int, ThemeName]:
    """Name themes by their texts: {theme: ThemeName}. Titles differ from each other and from `taken` (case ignored).

    `background` are texts of other tickets: with few themes to compare with they tell which words are ordinary here.
    `encode` measures titles where the words have vectors; `elsewhere` are the middles of other themes, one a row.
    `current` are titles that the themes have: each stays while no other is clearly better.
    A theme without a readable word is called "Theme without words", numbered where there are several.
    """
    readings = _read(themes, background, elsewhere)
    used = {title.casefold() for title in taken}
    names: dict[int, ThemeName] = {}
    for theme in sorted(themes, key=lambda one: (-len(themes[one]), one)):
        phrases = _phrases(readings[theme])
        best = ranked(readings[theme], encode, (current or {}).get(theme))
        said = [readings[theme].spelling.respelled(phrase) for phrase in phrases]
        title = _unique([*(one.text for one in best), *said], used)
        used.add(title.casefold())
        names[theme] = ThemeName(title, "", phrases)
    return {theme: _described(theme, names, readings) for theme in themes}


def _read(
    themes: Mapping[int, Sequence[Words]], background: Sequence[str], elsewhere: Floats | None
) -> dict[int, Reading]:
    parsed = {theme: [list(clauses(words.text)) for words in texts] for theme, texts in themes.items()}
    shares = {theme: _shares(texts) for theme, texts in parsed.items()}
    middles = {theme: _middle(texts) for theme, texts in themes.items()}
    ordinary = _shares([list(clauses(text)) for text in background])
    total: dict[str, float] = {}
    for of_theme in shares.values():
        for word, share in of_theme.items():
            total[word] = total.get(word, 0.0) + share
    readings: dict[int, Reading] = {}
    for theme, texts in parsed.items():
        own = shares[theme]
        others = max(1, len(themes) - 1)
        weights = {
            word: share * float(np.log1p(share / ((total[word] - share) / others + ordinary.get(word, 0.0) + 0.02)))
            for word, share in own.items()
        }
        closeness = [words.similarity for words in themes[theme]]
        readings[theme] = Reading(texts, closeness, weights, own, middles[theme], _others(theme, middles, elsewhere))
    return readings


def _middle(texts: Sequence[Words]) -> Floats | None:
    known = [words.vector for words in texts if words.vector is not None]
    return middle_of_theme(known) if known else None


def _others(theme: int, middles: Mapping[int, Floats | None], elsewhere: Floats | None) -> Floats | None:
    """The middles of the other themes."""
    rows = [middle for other, middle in middles.items() if other != theme and middle is not None]
    rows += [] if elsewhere is None else list(elsewhere)
    return np.stack(rows) if rows else None


def _shares(texts: list[list[list[Token]]]) -> dict[str, float]:
    """The share of texts in which a content word occurs, at most 1; half a text where it comes late.

    A clause that several tickets repeat word for word (a form, a signature) counts once.
    """
    different: dict[tuple[str, ...], float] = {}
    for text in texts:
        for place, clause in enumerate(text):
            told = tuple(token.key for token in clause if token.content)
            different[told] = max(different.get(told, 0.0), 1.0 if place < LEAD else LATER)
    counts: dict[str, float] = {}
    for told, worth in different.items():
        for word in set(told):
            counts[word] = counts.get(word, 0.0) + worth
    return {word: min(1.0, count / len(texts)) for word, count in counts.items()}


def _phrases(reading: Reading) -> tuple[str, ...]:
    """What several customers say in the same words (1-4 words), the most telling first, none inside another."""
    counts: Counter[tuple[str, ...]] = Counter()
    spelled: dict[tuple[str, ...], Counter[str]] = {}
    for text in reading.headlines:
        found = {one.keys: one.text for one in text if len(one.text.split()) <= _PHRASE}
        counts.update(found.keys())
        for keys, said in found.items():
            spelled.setdefault(keys, Counter())[said.lower()] += 1
    least = 2 if len(reading.clauses) > 2 else 1
    scored = {
        keys: count / len(reading.clauses) * sum(reading.weights.get(key, 0.0) for key in set(keys))
        for keys, count in counts.items()
        if count >= least
    }
    chosen: list[tuple[str, ...]] = []
    for keys in sorted(scored, key=lambda one: (-scored[one], one)):
        if all(set(keys) != set(other) and not set(keys) < set(other) for other in chosen):
            chosen.append(keys)
        if len(chosen) == _PHRASES:
            break
    return tuple(spelled[keys].most_common(1)[0][0] for keys in chosen)


def _unique(candidates: list[str], used: set[str]) -> str:
    for title in candidates:
        if title.casefold() not in used:
            return title
    stem = candidates[0] if candidates else "Theme without words"
    number = 2
    if stem.casefold() not in used:
        return stem
    while f"{stem} {number}".casefold() in used:
        number += 1
    return f"{stem} {number}"


def _described(theme: int, names: dict[int, ThemeName], readings: dict[int, Reading]) -> ThemeName:
    name = names[theme]
    sentences = [f"Customers write: {_listed(name.phrases[:4])}."] if name.phrases else []
    near = _nearest(theme, readings)
    if near is not None:
        own = readings[theme].shares
        foreign = [
            phrase
            for phrase in names[near].phrases
            if phrase not in name.phrases and any(own.get(word, 0.0) < 0.1 for word in _keys(phrase))
        ]
        if foreign:
            sentences.append(f"Not about: {_listed(foreign[:_EXCLUDED])} (see {names[near].title}).")
    return ThemeName(name.title, " ".join(sentences), name.phrases)


def _nearest(theme: int, readings: dict[int, Reading]) -> int | None:
    """The other theme that shares most of this one's telling words; None if nothing is shared."""
    own = readings[theme].weights
    shared = {
        other: sum(min(weight, reading.weights.get(word, 0.0)) for word, weight in own.items())
        for other, reading in readings.items()
        if other != theme
    }
    best = max(shared, key=lambda other: (shared[other], -other), default=None)
    return best if best is not None and shared[best] > 0 else None


def _keys(phrase: str) -> list[str]:
    return [token.key for clause in clauses(phrase) for token in clause if token.content]


def _listed(phrases: Sequence[str]) -> str:
    quoted = [f"“{phrase}”" for phrase in phrases]
    return ", ".join(quoted[:-1]) + f" and {quoted[-1]}" if len(quoted) > 1 else quoted[0]
