"""Which help page would have answered, and why people did not find it.

A page is found by meaning and by shared words, section by section. Why it was not found is told by evidence alone:
the words customers use and the page does not, the depth at which the answer stands, and searches that came up empty.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import numpy as np

from intelligence.mining.documentation_gaps import KnownPage, NotFound
from intelligence.mining.mention import content
from intelligence.similarity import Floats

_HEADING: Final = re.compile(r"^\s{0,3}#{1,6}\s+(.{1,200}?)\s*#*\s*$", re.MULTILINE)
_SECTION: Final = 1_200  # characters of a section that are encoded and compared
_SECTIONS: Final = 60  # of one page: a longer one is a book
_SAME: Final = 0.42  # mixed similarity from which a page answers a question
_WORDS: Final = 0.25
_TELLING: Final = 5  # words of the customers that a title should hold some of
_DEEP: Final = 4  # parts of an address below which nobody looks
_DOCUMENT: Final = re.compile(
    r"(?:^|[./])(?:docs?|documentation|help|support|kb|knowledge|learn|guides?|manual|wiki|faq|academy|articles?|hc)(?=[./]|$)"
)
_SEARCH: Final = 2  # words that a search shares with the question


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a page below one heading, with its vector (dim,). The first (`place` 0) opens the page."""

    url: str
    title: str
    place: int
    heading: str
    text: str
    vector: Floats


@dataclass(frozen=True, slots=True)
class HelpSearch:
    """A search in the help centre; `results` and `clicked` are None where the source does not tell."""

    at: datetime
    query: str
    results: int | None = None
    clicked: str | None = None

    @property
    def failed(self) -> bool:
        """No results, or none that was opened."""
        return self.results == 0 or (self.results is not None and not self.clicked)


@dataclass(frozen=True, slots=True)
class Question:
    """What several tickets ask: the vector of it (dim,) and their texts."""

    vector: Floats
    texts: Sequence[str]

    def words(self) -> tuple[str, ...]:
        """The content words that most of the texts share, at least two of them, the commonest first."""
        held = Counter(word for text in self.texts for word in content(text))
        return tuple(word for word, n in held.most_common(2 * _TELLING) if n >= min(2, len(self.texts)))[:_TELLING]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a page was not found, with the evidence in a sentence."""

    why: NotFound
    reason: str


def split(title: str, text: str) -> list[tuple[str, str]]:
    """A page's (heading, text) sections; the first has the page's title as its heading."""
    found: list[tuple[str, str]] = []
    heading, start = title, 0
    for match in _HEADING.finditer(text):
        found.append((heading, text[start : match.start()].strip()))
        heading, start = match[1], match.end()
    found.append((heading, text[start:].strip()))
    kept = [(name, body[:_SECTION]) for place, (name, body) in enumerate(found) if body or name != title or place == 0]
    return kept[:_SECTIONS]


def best_page(question: Question, sections: Sequence[Section]) -> Section | None:
    """The section that answers best, or None where none comes near enough."""
    if not sections:
        return None
    cosines = np.stack([section.vector for section in sections]) @ question.vector
    asked = set(question.words())
    scores = [
        float(cosine) + _WORDS * _shared(asked, section) for cosine, section in zip(cosines, sections, strict=True)
    ]
    best = int(np.argmax(scores))
    return sections[best] if scores[best] >= _SAME else None


def linked_section(url: str, sections: Sequence[Section], question: Question) -> Section | None:
    """The section of a known address (as agents linked it) that is nearest to the question."""
    own = [section for section in sections if _address(section.url) == _address(url)]
    return max(own, key=lambda section: float(section.vector @ question.vector), default=None)


def diagnose(
    question: Question, section: Section | None, page: KnownPage | None, searches: Sequence[HelpSearch]
) -> Diagnosis:
    """Why people did not find the page, the strongest evidence first; MISSING where there is none."""
    empty = [search for search in searches if search.results == 0]
    if page is None:
        told = f", and {_times(len(empty))} for it came up empty" if empty else ""
        return Diagnosis(NotFound.MISSING, f"No known page answers this{told}.")
    if empty and 2 * len(empty) >= len(searches):
        return Diagnosis(NotFound.OTHER_WORDS, f"{_times(len(empty))} for it came up empty though the page exists.")
    if section is None:
        told = f"Agents linked it in {page.linked} of these tickets: it answers, and was not found."
        return Diagnosis(NotFound.BURIED, told)
    return _by_words(question, section, searches)


def is_page(url: str, sections: Sequence[Section]) -> bool:
    """Whether an address is a help page: a known one, or one that says so itself."""
    return bool(_DOCUMENT.search(_address(url))) or any(_address(section.url) == _address(url) for section in sections)


def about(question: Question, searches: Iterable[HelpSearch]) -> list[HelpSearch]:
    """The searches that share at least two telling words with the question (one, if they have only one)."""
    asked = set(question.words())
    found: list[HelpSearch] = []
    for search in searches:
        words = content(search.query)
        if words and len(words & asked) >= min(_SEARCH, len(words)):
            found.append(search)
    return found


def _by_words(question: Question, section: Section, searches: Sequence[HelpSearch]) -> Diagnosis:
    asked = question.words()
    titled = content(section.title)
    absent = [word for word in asked if word not in titled]
    if asked and len(absent) > len(asked) / 2:
        inside = content(f"{section.heading} {section.text}")
        if sum(word in inside for word in absent) * 2 > len(absent):
            where = f' below "{section.heading}"' if section.heading != section.title else " in the text"
            return Diagnosis(NotFound.BURIED, f'The answer stands{where}; the title is "{section.title}".')
        told = ", ".join(absent[:3])
        return Diagnosis(NotFound.OTHER_WORDS, f'Customers write {told}; the page is called "{section.title}".')
    depth = len([part for part in urlsplit(section.url).path.split("/") if part])
    if depth >= _DEEP:
        return Diagnosis(NotFound.BURIED, f"The title fits, but the page lies {depth} levels deep.")
    unopened = sum(search.failed for search in searches)
    if unopened:
        return Diagnosis(NotFound.BURIED, f"{_times(unopened)} for it ended without opening the page.")
    return Diagnosis(NotFound.BURIED, "The title fits; nothing near the question leads there.")


def _shared(asked: set[str], section: Section) -> float:
    held = content(f"{section.title} {section.heading} {section.text}")
    return len(asked & held) / len(asked) if asked else 0.0


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".rstrip("/").lower()


def _times(number: int) -> str:
    return f"{number} {'search' if number == 1 else 'searches'}"
