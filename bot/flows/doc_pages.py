"""The known help pages beside a documentation gap: which would have answered, why it was not found, what to write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from sqlmodel import Session

from bot.answers import Period
from bot.deps import Deps
from bot.flows.gathered import page_of
from intelligence.mining import documentation_gaps, pages
from intelligence.mining.documentation_gaps import DocFacts, KnownPage
from intelligence.mining.mention import Mention
from intelligence.model import Scope
from intelligence.similarity import unit
from storage import docs

_LEAST_LINKED = 2
_ASKED = 4  # texts that are encoded to find a page


class Library:
    """Pages and searches of one workspace, read once for all items of a backlog."""

    def __init__(self, deps: Deps, session: Session, scope: Scope, period: Period) -> None:
        self._deps = deps
        self._session = session
        self._workspace = scope.workspace
        self._period = period

    def facts(self, mentions: Sequence[Mention], texts: Sequence[str], name: str) -> DocFacts:
        """The entry of the backlog for these tickets; `texts` are their masked first words, the most typical first."""
        said = [text for text in texts if text.strip()]
        question = self._question([name, *said[:_ASKED]], said)
        page, section = self._page(question, mentions)
        searched = pages.about(question, self._searches)
        diagnosis = pages.diagnose(question, section, page, searched)
        made = documentation_gaps.aggregate(mentions, name, page=page)
        return replace(made, not_found=diagnosis.why, reason=diagnosis.reason, searches=_counted(searched))

    def _question(self, asked: Sequence[str], texts: Sequence[str]) -> pages.Question:
        vectors = self._deps.embedder.encode(list(asked))
        return pages.Question(unit(vectors.mean(axis=0)[None])[0], texts)

    def _page(
        self, question: pages.Question, mentions: Sequence[Mention]
    ) -> tuple[KnownPage | None, pages.Section | None]:
        """The page that agents linked most, else the one that comes nearest."""
        links = Counter(page_of(mention.fields.get("linked", "")) for mention in mentions)
        del links[None]
        for url, linked in links.most_common(3):
            if url is not None and linked >= _LEAST_LINKED and pages.is_page(url, self._sections):
                section = pages.linked_section(url, self._sections, question)
                title, heading = (section.title, section.heading) if section else ("", "")
                return KnownPage(url, title, linked, heading), section
        section = pages.best_page(question, self._sections)
        if section is None:
            return None, None
        return KnownPage(section.url, section.title, links[page_of(section.url)], section.heading), section

    @cached_property
    def _sections(self) -> list[pages.Section]:
        return docs.sections(self._session, self._workspace, self._deps.embedder.model)

    @cached_property
    def _searches(self) -> list[pages.HelpSearch]:
        return docs.searches(self._session, self._workspace, self._period.start, self._period.end)


def _counted(searched: Sequence[pages.HelpSearch]) -> tuple[tuple[str, int, int], ...]:
    times = Counter(search.query for search in searched)
    failed = Counter(search.query for search in searched if search.failed)
    return tuple((query, n, failed[query]) for query, n in times.most_common(3))
