"""Documentation gaps: questions that a page should have answered.

A model answers `prompts/documentation_gaps.v1.md`; without one the question is the customer's own. Whether a page
exists is known from the imported pages and from the links that agents gave, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from intelligence.mining.mention import Mention, Phrase, lines, phrases, tally


class DocWork(StrEnum):
    """What a docs writer has to do, the smallest work first."""

    QUICK_FIX = "quick fix"
    RESTRUCTURE = "restructure"
    NEW_DOC = "new doc"


class NotFound(StrEnum):
    """Why a page that exists did not help."""

    OTHER_WORDS = "other words"
    BURIED = "buried"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page that answers, as imported or as agents linked it: how many tickets got the link."""

    url: str
    title: str
    linked: int = 0
    heading: str = ""


@dataclass(frozen=True, slots=True)
class DocFacts:
    """What was asked, whether a page could have answered, why it was not found, and what to write.

    `preventable` is how many tickets a good page would have spared; `searches` are help-centre queries of the period
    about it: (query, times, times without a result or a click).
    """

    work: DocWork
    questions: tuple[Phrase, ...]
    page: KnownPage | None
    not_found: NotFound
    reason: str
    title: str
    outline: tuple[Phrase, ...]
    preventable: int
    links: tuple[tuple[str, int], ...]
    searches: tuple[tuple[str, int, int], ...] = ()


def aggregate(mentions: Sequence[Mention], name: str, *, page: KnownPage | None = None) -> DocFacts:
    """One entry of the documentation backlog from its tickets and the page that comes nearest."""
    links = tally(m.fields["linked"] for m in mentions if m.fields.get("linked"))
    questions = phrases(mentions, "question", limit=5)
    not_found = NotFound.MISSING if page is None else NotFound.BURIED
    return DocFacts(
        _work(mentions, page),
        questions[:3],
        page,
        not_found,
        "",
        name,
        lines(mentions, "outline", limit=5) or questions,
        len(mentions),
        links[:3],
    )


def _work(mentions: Sequence[Mention], page: KnownPage | None) -> DocWork:
    if page is None:
        return DocWork.NEW_DOC
    told = [m.fields["kind"] for m in mentions if m.fields.get("kind") in {"quick fix", "restructure"}]
    return DocWork.QUICK_FIX if told.count("quick fix") * 2 > len(told) else DocWork.RESTRUCTURE
