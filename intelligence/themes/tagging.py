"""The parts that the words of one clause play: `vocabulary` says what a word may be, its neighbours what it is here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from intelligence.themes.phrases import Token
from intelligence.themes.vocabulary import CALENDAR, DENYING, LIGHT, NOUNS_TOO, Part, lexical


class Tagged(NamedTuple):
    """A word in its place: as written, folded, whether it means something of its own, its part, its verb if it has one.

    `denied` is set for "doesn't", "can't" and the like.
    """

    text: str
    key: str
    content: bool
    part: Part
    verb: str | None
    denied: bool


_OPEN: Final = frozenset({Part.NOUN, Part.VERB, Part.PAST, Part.ING})
_BEFORE_NOUN: Final = frozenset({Part.POINTER, Part.PREPOSITION, Part.ADJECTIVE})
_BEFORE_VERB: Final = frozenset({Part.TO, Part.MODAL, Part.DO, Part.PRONOUN, Part.NOT})
_NAMES: Final = frozenset({Part.NOUN, Part.ING})
_OPENING: Final = frozenset({Part.BREAK, Part.ADVERB})  # "please", "when": a sentence begins behind these
_OBJECT: Final = frozenset({Part.POINTER, Part.PRONOUN})


def tagged(clause: Sequence[Token]) -> list[Tagged]:
    """The clause with the part of every word."""
    lower = [token.text.lower().replace("’", "'") for token in clause]
    likely = [_alone(token.text, word) for token, word in zip(clause, lower, strict=True)]
    found: list[Tagged] = []
    for place, token in enumerate(clause):
        part, verb = likely[place]
        if part in _OPEN:
            before = found[-1] if found else None
            after = likely[place + 1] if place + 1 < len(clause) else None
            part = _here(part, verb, lower[place], before, after)
        elif part is Part.POINTER and lower[place] in {"that", "this", "these", "those", "each", "all", "some", "any"}:
            after = likely[place + 1][0] if place + 1 < len(clause) else None
            part = part if after in {*_OPEN, Part.ADJECTIVE, Part.POINTER} else Part.PRONOUN
        found.append(Tagged(token.text, token.key, token.content, part, verb, bool(DENYING.search(lower[place]))))
    return found


def _alone(text: str, word: str) -> tuple[Part, str | None]:
    if word in CALENDAR or text in {"May", "March"}:
        return Part.BREAK, None
    if text in {"IT", "US"}:
        return Part.NOUN, None
    return lexical(word)


def _here(
    part: Part, verb: str | None, word: str, before: Tagged | None, after: tuple[Part, str | None] | None
) -> Part:
    """What a noun or a verb is between these neighbours."""
    next_part = after[0] if after else None
    if before is None or before.part in _OPENING:
        return _first(part, verb, word, next_part)
    if before.part in _BEFORE_NOUN or (before.part is Part.JOIN and part is Part.NOUN):
        return _described(part, next_part)
    if before.part is Part.LINK:
        return Part.PAST if part is Part.PAST else Part.ING if part is Part.ING else Part.NOUN
    if before.part in {Part.DO, Part.MODAL, Part.TO} and part is Part.PAST and next_part in _OPEN:
        return Part.ADJECTIVE
    if before.part in _BEFORE_VERB and verb is not None and part is not Part.ING:
        return Part.PAST if part is Part.PAST else Part.VERB
    if before.part in _NAMES:
        return _after_noun(part, verb, word, next_part)
    if before.part in {Part.VERB, Part.PAST} and part is Part.PAST and next_part in _OPEN:
        return Part.ADJECTIVE
    if before.part in {Part.VERB, Part.PAST} and part is Part.VERB:
        return Part.NOUN
    return part


def _first(part: Part, verb: str | None, word: str, after: Part | None) -> Part:
    """At the beginning: "export the table" orders, "export button" names."""
    if verb is not None and word == verb:
        pure = verb not in NOUNS_TOO
        if pure or after in _OBJECT or after in {Part.TO, Part.PARTICLE}:
            return Part.VERB
        return Part.NOUN
    if part is Part.PAST and after in _OPEN:
        return Part.ADJECTIVE
    return part


def _described(part: Part, after: Part | None) -> Part:
    """After "the", "of" or an adjective stands what is named: "the shared folder", "the failed payment"."""
    if part is Part.PAST:
        return Part.ADJECTIVE if after in {*_OPEN, Part.ADJECTIVE} else Part.PAST
    return Part.NOUN if part is Part.VERB else part


def _after_noun(part: Part, verb: str | None, word: str, after: Part | None) -> Part:
    """ "login fails" tells, "bank transfers" names; "card stolen" tells, "report scheduled daily" too."""
    if part in {Part.PAST, Part.ING} or verb is None:
        return part
    if part is Part.NOUN:  # a verb that may be a noun: only with an object or an adverb behind it
        telling = word != verb and (after in _OBJECT or after in {Part.ADVERB, Part.MANNER, Part.NOT, Part.ADJECTIVE})
        return Part.VERB if telling else Part.NOUN
    return Part.VERB


def begins_well(word: Tagged) -> bool:
    """Whether a title may begin with this verb."""
    return word.verb not in LIGHT and word.content
