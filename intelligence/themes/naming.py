"""Names for themes, from the customers' own words and without a model.

A title is a stretch of a real text near the middle of the theme whose words are frequent here and rare elsewhere:
class-based TF-IDF (Grootendorst 2022) chooses the words, the customer's own order makes them readable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from intelligence.similarity import listed
from intelligence.themes.phrases import LONGEST, Token, clauses, headline, sentence_case, spans

_TITLE_TEXTS: Final = 40  # texts nearest to the middle that may lend their words to the title
_JUDGED: Final = 150  # candidate titles whose support among the tickets is counted
_LEAD: Final = 2  # people say first what it is about: clauses after these ...
_LATER: Final = 0.5  # ... count this much
_SUPPORT: Final = 0.25  # 0 would ignore in how many tickets the words of a title stand together
_VAGUE: Final = 0.5  # what a title of a single word is worth
_CONTRASTED: Final = 40  # ... and of which the other themes are asked
_CONTRAST: Final = 0.5  # 0 would ignore in which other theme the words of a title stand together
_SUBJECT: Final = 0.8  # a word this strong beside the title's strongest is put before it: "Excel: download CSV"
_PHRASES: Final = 6
_BREVITY: Final = 0.4  # 0 would add words for ever, 1 would keep only the strongest
_COMPANION: Final = 0.25  # ... and this strong beside a title of one word: "Refund and payments"
_BETWEEN: Final = 3  # words that may stand between two in a title: "Rows per user"
_AGREED: Final = 3  # customers that use a phrase: more do not make it a better title
_KIN: Final = 3  # letters
_LOOSE_WORD: Final = 0.12  # cost of a word that carries no meaning
_EXCLUDED: Final = 3


@dataclass(frozen=True, slots=True)
class Words:
    """One ticket's redacted problem text and its similarity to its theme."""

    text: str
    similarity: float = 0.0


@dataclass(frozen=True, slots=True)
class ThemeName:
    """`title` has at most eight words and is unique; `phrases` are what customers say, most telling first."""

    title: str
    description: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A theme's texts as clauses, and how much each word says about this theme."""

    clauses: list[list[list[Token]]]
    closeness: list[float]
    weights: dict[str, float]
    shares: dict[str, float]
    held: frozenset[frozenset[str]]  # the content words of each different clause


def name_themes(
    themes: Mapping[int, Sequence[Words]], *, taken: Collection[str] = (), background: Sequence[str] = ()
) -> dict[int, ThemeName]:
    """Name themes by their texts: {theme: ThemeName}. Titles differ from each other and from `taken` (case ignored).

    `background` are texts of other tickets: with few themes to compare with they tell which words are ordinary here.
    A theme without a readable word is called "Theme without words", numbered where there are several.
    """
    readings = _read(themes, background)
    used = {title.casefold() for title in taken}
    names: dict[int, ThemeName] = {}
    for theme in sorted(themes, key=lambda one: (-len(themes[one]), one)):
        reading = readings[theme]
        phrases = _phrases(reading)
        title = _unique(
            _titles(reading, [one.held for other, one in readings.items() if other != theme]), phrases, used
        )
        used.add(title.casefold())
        names[theme] = ThemeName(title, "", phrases)
    return {theme: _described(theme, names, readings) for theme in themes}


def _read(themes: Mapping[int, Sequence[Words]], background: Sequence[str]) -> dict[int, _Reading]:
    parsed = {theme: [list(clauses(words.text)) for words in texts] for theme, texts in themes.items()}
    shares = {theme: _shares(texts) for theme, texts in parsed.items()}
    ordinary = _shares([list(clauses(text)) for text in background])
    total: dict[str, float] = {}
    for of_theme in shares.values():
        for word, share in of_theme.items():
            total[word] = total.get(word, 0.0) + share
    readings: dict[int, _Reading] = {}
    for theme, texts in parsed.items():
        own = shares[theme]
        others = max(1, len(themes) - 1)
        weights = {
            word: share * float(np.log1p(share / ((total[word] - share) / others + ordinary.get(word, 0.0) + 0.02)))
            for word, share in own.items()
        }
        readings[theme] = _Reading(texts, [words.similarity for words in themes[theme]], weights, own, _held(texts))
    return readings


def _shares(texts: list[list[list[Token]]]) -> dict[str, float]:
    """The share of texts in which a content word occurs, at most 1; half a text where it comes late.

    A clause that several tickets repeat word for word (a form, a signature) counts once.
    """
    different: dict[tuple[str, ...], float] = {}
    for text in texts:
        for place, clause in enumerate(text):
            told = tuple(token.key for token in clause if token.content)
            different[told] = max(different.get(told, 0.0), 1.0 if place < _LEAD else _LATER)
    counts: dict[str, float] = {}
    for told, worth in different.items():
        for word in set(told):
            counts[word] = counts.get(word, 0.0) + worth
    return {word: min(1.0, count / len(texts)) for word, count in counts.items()}


def _held(texts: list[list[list[Token]]]) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(token.key for token in clause if token.content) for text in texts for clause in text)


def _titles(reading: _Reading, others: Sequence[frozenset[frozenset[str]]]) -> list[str]:
    """Candidate titles, best first: of the same words in several orders, the order that most customers use."""
    spelled: dict[frozenset[str], Counter[str]] = {}
    scored: dict[frozenset[str], float] = {}
    for place in listed(np.argsort(-np.array(reading.closeness), kind="stable")[:_TITLE_TEXTS]):
        for clause in reading.clauses[place]:
            for span in spans(clause):
                title = headline(span)
                if len(title.split()) <= LONGEST and (score := _score(span, reading)):
                    words = frozenset(token.key for token in span if token.content)
                    spelled.setdefault(words, Counter())[title] += 1
                    scored[words] = max(scored.get(words, 0.0), score)
    supported = _contrasted(_supported(scored, reading), reading, others)
    best = sorted(supported, key=lambda words: (-supported[words], sorted(words)))
    return [_with_subject(spelled[words].most_common(1)[0][0], words, reading) for words in best]


def _supported(scored: dict[frozenset[str], float], reading: _Reading) -> dict[frozenset[str], float]:
    """The likeliest titles, weighed by how many different clauses hold all of their words."""
    least = 2 if len(reading.clauses) > 3 and len(reading.held) > 3 else 1
    supported: dict[frozenset[str], float] = {}
    for words in sorted(scored, key=lambda words: (-scored[words], sorted(words)))[:_JUDGED]:
        together = sum(words <= clause for clause in reading.held)
        if together >= least:
            supported[words] = scored[words] * min(1.0, together / len(reading.clauses)) ** _SUPPORT
    return supported


def _contrasted(
    supported: dict[frozenset[str], float], reading: _Reading, others: Sequence[frozenset[frozenset[str]]]
) -> dict[frozenset[str], float]:
    """The best titles, weighed down where another theme's clauses hold all of their words as well."""
    best = sorted(supported, key=lambda words: (-supported[words], sorted(words)))[:_CONTRASTED]
    contrasted: dict[frozenset[str], float] = {}
    for words in best:
        own = _share(words, reading.held)
        foreign = max((_share(words, held) for held in others), default=0.0)
        contrasted[words] = supported[words] * (own / (own + foreign)) ** _CONTRAST
    return contrasted


def _share(words: frozenset[str], held: frozenset[frozenset[str]]) -> float:
    return sum(words <= clause for clause in held) / max(1, len(held))


def _with_subject(title: str, words: frozenset[str], reading: _Reading) -> str:
    """The title, made clear by the theme's strongest other word: "Excel: download CSV", "Refund and payments"."""
    absent = [word for word in reading.weights if word != "not" and not any(_kin(word, other) for other in words)]
    subject = max(absent, key=lambda word: (reading.weights[word], word), default=None)
    strongest = max(reading.weights[word] for word in words)
    least = _SUBJECT if len(words) > 1 else _COMPANION
    if subject is None or reading.weights[subject] < least * strongest or len(title.split()) > LONGEST - 2:
        return title
    if len(words) == 1:
        return _together(words | {subject}, reading) or f"{title} and {_lowered(_spelled(subject, reading), reading)}"
    return f"{sentence_case(_spelled(subject, reading))}: {_lowered(title, reading)}"


def _together(words: frozenset[str], reading: _Reading) -> str | None:
    """How customers put these words together: the commonest of their phrases that holds them all and little else.

    A phrase out of a clause that denies something would say the opposite: "contactless refuses to work".
    """
    found: Counter[str] = Counter()
    for text in reading.clauses:
        for clause in text:
            told = {token.key for token in clause}
            if words <= told and ("not" in words or "not" not in told):
                found.update(headline(span) for span in spans(clause) if _holds_little_but(words, span))
    return min(found, key=lambda title: (-min(found[title], _AGREED), len(title.split()), title), default=None)


def _holds_little_but(words: frozenset[str], span: tuple[Token, ...]) -> bool:
    repeated = any(one.key == other.key for one, other in pairwise(span))
    return words <= {token.key for token in span} and len(span) <= len(words) + _BETWEEN and not repeated


def _kin(word: str, other: str) -> bool:
    """Whether two stems are forms of one word ("pay", "payment"): together they would say the same twice."""
    shorter = min(len(word), len(other))
    return (shorter >= _KIN and word[:shorter] == other[:shorter]) or word == other


def _spelled(word: str, reading: _Reading) -> str:
    """A word as most customers write it."""
    return Counter(
        token.text for text in reading.clauses for clause in text for token in clause if token.key == word
    ).most_common(1)[0][0]


def _lowered(title: str, reading: _Reading) -> str:
    """A title inside a sentence: its first word keeps a capital that customers write inside their own sentences."""
    first, space, rest = title.partition(" ")
    named = first[1:] != first[1:].lower() or any(
        token.text == first for text in reading.clauses for clause in text for token in clause[1:]
    )
    return title if named else first.lower() + space + rest


def _score(span: tuple[Token, ...], reading: _Reading) -> float:
    """How much a span says about its theme: the weights of its words, where later words of small weight only dilute."""
    content = list({token.key for token in span if token.content})
    if not content:
        return 0.0
    weights = np.sort([reading.weights.get(word, 0.0) for word in content])[::-1]
    told = float(weights.sum()) / (len(content) + 1) ** _BREVITY
    loose = sum(not token.content for token in span)
    repeated = len(span) - loose - len(content)
    return told * (1 - _LOOSE_WORD * (loose + 2 * repeated)) * (_VAGUE if len(content) == 1 else 1.0)


def _phrases(reading: _Reading) -> tuple[str, ...]:
    """What several customers say in the same words (1-4 words), the most telling first, none inside another."""
    counts: Counter[tuple[str, ...]] = Counter()
    spelled: dict[tuple[str, ...], Counter[str]] = {}
    for text in reading.clauses:
        found = {
            tuple(token.key for token in span): span for clause in text for span in spans(clause) if len(span) <= 4
        }
        counts.update(found.keys())
        for keys, span in found.items():
            spelled.setdefault(keys, Counter())[" ".join(token.text.lower() for token in span)] += 1
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


def _unique(titles: list[str], phrases: tuple[str, ...], used: set[str]) -> str:
    candidates = [*titles, *(phrase[:1].upper() + phrase[1:] for phrase in phrases)]
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


def _described(theme: int, names: dict[int, ThemeName], readings: dict[int, _Reading]) -> ThemeName:
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


def _nearest(theme: int, readings: dict[int, _Reading]) -> int | None:
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
