"""Definitions that corrections suggest to sharpen: where people turn one label into another again and again.

Nothing is composed: the proposal is the shipped definition, our own words, and single words that customers of several
corrected tickets share. A person reads it before it counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from intelligence.model import Subcategory
from intelligence.prompts.edition import LONGEST_DEFINITION
from intelligence.redact import MASK
from intelligence.taxonomy import DEFINITIONS

FEWEST: Final = 3  # corrections of one kind before a definition is doubted
SHARED: Final = 3  # customers who must use a word: one alone tells of themselves
MOST_WORDS: Final = 4
_LIFT: Final = 2.0  # times as common in the corrected tickets as in those that are rightly the other label
_WORD: Final = re.compile(r"(?<![^\W_])[^\W\d_]{3,20}(?![^\W_])")


_COMMON_WORDS: Final = """
the and you your for with this that have has had not but can could are was were will would our from they them there
their all any how why what when where which who into out about just still also very more been does did please hello
thanks thank help need want get got its it's than then too use using after before again only one two now hi dear
der die das und ich wir sie ist nicht ein eine mit auf für den dem des von bitte hallo danke
"""
_COMMON: Final = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class Word:
    """A person's word on one ticket with its customer's text, masked; `was` is what the machine had said, `who` the
    customer, or the ticket where nobody is known.
    """

    was: Subcategory
    said: Subcategory
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A sharper definition of `said`, because so many tickets were taken for `was`."""

    said: Subcategory
    was: Subcategory
    tickets: int
    before: str
    after: str
    words: tuple[str, ...]


def proposals(words: Sequence[Word], live: Mapping[Subcategory, str], *, most: int = 5) -> tuple[Proposal, ...]:
    """One proposal for each label, by its commonest confusion; the most corrected first. `live` are the definitions
    that were sharpened before: nothing is proposed that they say already.
    """
    confused = Counter((word.was, word.said) for word in words if word.was is not word.said)
    found: dict[Subcategory, Proposal] = {}
    for (was, said), n in sorted(confused.items(), key=lambda entry: (-entry[1], entry[0])):
        if n < FEWEST or said in found:
            continue
        before = live.get(said, DEFINITIONS[said].meaning)
        telling = _telling(words, was, said)
        after = _sharper(said, was, telling)
        if after != before:
            found[said] = Proposal(said, was, n, before, after, telling)
    return tuple(found.values())[:most]


def _sharper(said: Subcategory, was: Subcategory, words: Sequence[str]) -> str:
    where = f"where they say {', '.join(words)}" if words else "when in doubt"
    return f"{DEFINITIONS[said].meaning}; {where}, this rather than {was.value}"[:LONGEST_DEFINITION]


def _telling(words: Sequence[Word], was: Subcategory, said: Subcategory) -> tuple[str, ...]:
    """Words that set the corrected tickets apart from those that are rightly the other label."""
    ours = _texts([word for word in words if word.was is was and word.said is said])
    theirs = _texts([word for word in words if word.said is was])
    if len(theirs) < SHARED:
        return ()
    common = Counter(word for text in ours for word in text)
    elsewhere = Counter(word for text in theirs for word in text)

    def lift(word: str) -> float:
        return ((common[word] + 0.5) / (len(ours) + 1)) / ((elsewhere[word] + 0.5) / (len(theirs) + 1))

    good = [word for word, n in common.items() if n >= SHARED and lift(word) >= _LIFT]
    good.sort(key=lambda word: (-common[word] * lift(word), word))
    return tuple(good[:MOST_WORDS])


def _texts(words: Sequence[Word]) -> list[frozenset[str]]:
    """The words of each customer, once however often they wrote."""
    said: dict[str, frozenset[str]] = {}
    for word in words:
        said[word.who] = said.get(word.who, frozenset()) | _words(word.text)
    return list(said.values())


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(MASK.sub(" ", text).lower())) - _COMMON
