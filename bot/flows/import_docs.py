"""Bring help pages and help-centre searches, so that documentation gaps know what is written already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from bot.deps import Deps
from bot.errors import FileUnreadable
from integrations.files.help_pages import (
    ImportedPage,
    ImportedSearch,
    Refused,
    holds_searches,
    read_pages,
    read_searches,
)
from integrations.files.tables import UnreadableFileError
from intelligence.mining.pages import HelpSearch, split
from storage import docs, workspaces

_CHUNK: Final = 50
_TOLD: Final = 5
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class DocsImported:
    """What an import of pages or searches did: `what` is "page" or "search"."""

    path: str
    what: str
    stored: int
    known: int
    refused: int
    total: int
    problems: tuple[str, ...] = ()


def _silent(_stage: str, _done: int) -> None:
    pass


def import_docs(deps: Deps, workspace: str, path: Path, *, progress: Progress = _silent) -> DocsImported:
    """Store the pages of a sitemap, a Markdown folder or a CSV, or the searches of a CSV; again changes nothing.

    Raises FileUnreadable where the file cannot be used, or nothing in it can.
    """
    try:
        if holds_searches(path):
            return _searches(deps, workspace, path)
        return _pages(deps, workspace, path, progress)
    except UnreadableFileError as error:
        fix = "Give a sitemap (.xml), a folder of Markdown, or a CSV with url,title,text; searches: at,query,results,clicked."
        raise FileUnreadable(path=path, reason=error, fix=fix) from error


def _pages(deps: Deps, workspace: str, path: Path, progress: Progress) -> DocsImported:
    found = read_pages(path)
    stored, refused = 0, list[Refused]()
    while chunk := list(islice(found, _CHUNK)):
        good = [page for page in chunk if isinstance(page, ImportedPage)]
        refused += [entry for entry in chunk if isinstance(entry, Refused)]
        _store(deps, workspace, good)
        stored += len(good)
        progress("stored", stored)
    _nothing_good(path, stored, refused)
    with deps.db.read() as session:
        total = docs.count(session, workspace)
    return DocsImported(str(path), "page", stored, 0, len(refused), total, _told(refused))


def _store(deps: Deps, workspace: str, pages: Sequence[ImportedPage]) -> None:
    """Encode outside the transaction: it would keep intake waiting."""
    parts = [split(page.title, page.text) for page in pages]
    texts = [
        f"{page.title}. {heading}. {text}" for page, own in zip(pages, parts, strict=True) for heading, text in own
    ]
    vectors = iter(deps.embedder.encode(texts)) if texts else iter(())
    now = deps.clock.now()
    with deps.db.write() as session:
        workspaces.ensure(session, workspace, now)
        for page, own in zip(pages, parts, strict=True):
            sections = [docs.NewSection(heading, text, next(vectors)) for heading, text in own]
            docs.put_page(session, workspace, page.url, page.title, deps.embedder.model, sections, now)


def _searches(deps: Deps, workspace: str, path: Path) -> DocsImported:
    read = list(read_searches(path, deps.settings.zone))
    good = [entry for entry in read if isinstance(entry, ImportedSearch)]
    refused = [entry for entry in read if isinstance(entry, Refused)]
    _nothing_good(path, len(good), refused)
    with deps.db.write() as session:
        workspaces.ensure(session, workspace, deps.clock.now())
        made = [HelpSearch(s.at, s.query, s.results, s.clicked) for s in good]
        new = sum(docs.add_search(session, workspace, search) for search in made)
    return DocsImported(str(path), "search", new, len(good) - new, len(refused), new, _told(refused))


def _nothing_good(path: Path, good: int, refused: Sequence[Refused]) -> None:
    if not good:
        why = f"nothing in it can be used ({refused[0].where}: {refused[0].reason})" if refused else "it is empty"
        raise FileUnreadable(path=path, reason=why, fix="Check that it is the right file.")


def _told(refused: Sequence[Refused]) -> tuple[str, ...]:
    return tuple(f"{entry.where}: {entry.reason}" for entry in refused[:_TOLD])
