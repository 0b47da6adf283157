"""Help pages and help-centre searches from files: a sitemap, a folder of Markdown, or CSV."""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from integrations.files.dates import DateReader
from integrations.files.tables import Row, UnreadableFileError, header, rows

MOST_BYTES: Final = 25_000_000  # a help centre of ten thousand pages is smaller
MOST_PAGES: Final = 20_000
PAGE_COLUMNS: Final = ("url", "title", "text")
SEARCH_COLUMNS: Final = ("at", "query")
_LOCATION: Final = re.compile(r"<loc>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]{1,2000})", re.IGNORECASE)
_HEADING: Final = re.compile(r"^\s{0,3}#\s+(.{1,200}?)\s*#*\s*$", re.MULTILINE)
_FRONT: Final = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_FRONT_TITLE: Final = re.compile(r"^title:\s*[\"']?(.{1,200}?)[\"']?\s*$", re.MULTILINE)
_GONE: Final = re.compile(
    r"^\W*(?:(?:error|http|status)\W{0,3})?(?:404|410)\b|\b(?:page|article|document) (?:(?:was|is|could|can) ?)?(?:not|n't|no longer)"
    r" (?:be )?(?:found|here|exists?|available)\b|^\W*not found\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ImportedPage:
    """A page as it was found; `text` is "" where only the address is known."""

    url: str
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class ImportedSearch:
    """A search as it was found; None where the file does not tell."""

    at: datetime
    query: str
    results: int | None = None
    clicked: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """What could not be used: where it stands, and why."""

    where: str
    reason: str


def holds_searches(path: Path) -> bool:
    """Whether a file is one of searches. Raises UnreadableFileError."""
    _check_size(path)
    return path.is_file() and path.suffix.lower() != ".xml" and set(SEARCH_COLUMNS) <= set(_columns(path))


def read_pages(path: Path) -> Iterator[ImportedPage | Refused]:
    """The pages of a sitemap file, a folder of Markdown, or a CSV of url,title,text; gone ones are refused.

    Raises UnreadableFileError for what is none of these, or more than 25 MB.
    """
    _check_size(path)
    if path.is_dir():
        found = _markdown(path)
    elif path.suffix.lower() == ".xml":
        found = _sitemap(path)
    else:
        found = _table(path)
    return (_gone(page) if isinstance(page, ImportedPage) else page for page in found)


def read_searches(path: Path, zone: tzinfo = UTC) -> Iterator[ImportedSearch | Refused]:
    """The searches of a CSV of at,query,results,clicked. Raises UnreadableFileError."""
    _check_size(path)
    columns = _columns(path)
    missing = [name for name in SEARCH_COLUMNS if name not in columns]
    if missing:
        raise UnreadableFileError(f"it has no column {' and no column '.join(missing)}")
    found = list(rows(path))
    dates = DateReader.for_values((_cell(row, "at") for row in found[:500]), zone)
    return (_search(row, dates) for row in found)


def _search(row: Row, dates: DateReader) -> ImportedSearch | Refused:
    at, query = dates.read(_cell(row, "at")), _cell(row, "query")
    if row.problem or at is None or not query:
        reason = row.problem or (f'"{_cell(row, "at")[:40]}" is no date' if at is None else "no query")
        return Refused(f"line {row.line}", reason)
    results = _cell(row, "results")
    if results and not results.isdigit():
        return Refused(f"line {row.line}", f'"{results[:40]}" is no number of results')
    return ImportedSearch(at, query[:300], int(results) if results else None, _cell(row, "clicked")[:2000] or None)


def _check_size(path: Path) -> None:
    if not path.exists():
        raise UnreadableFileError("there is no such file or folder")
    size = sum(file.stat().st_size for file in _files(path)) if path.is_dir() else path.stat().st_size
    if size > MOST_BYTES:
        raise UnreadableFileError(f"it holds {size / 1e6:,.0f} MB, and {MOST_BYTES / 1e6:,.0f} MB is the most")


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in {".md", ".mdx"} and file.is_file())


def _markdown(folder: Path) -> Iterator[ImportedPage | Refused]:
    files = _files(folder)
    if not files:
        raise UnreadableFileError("the folder holds no Markdown file (.md, .mdx)")
    for file in files[:MOST_PAGES]:
        name = file.relative_to(folder).with_suffix("").as_posix()
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (UnicodeDecodeError, OSError):
            yield Refused(file.name, "it is not UTF-8 text")
            continue
        front = _FRONT.match(text)
        named = _FRONT_TITLE.search(front[1]) if front else None
        body = text[front.end() :] if front else text
        heading = _HEADING.search(body)
        title = named[1] if named else heading[1] if heading else _spoken(name)
        yield ImportedPage(name, title, body)


def _sitemap(path: Path) -> Iterator[ImportedPage | Refused]:
    text = path.read_text(encoding="utf-8", errors="replace")
    if "<sitemapindex" in text:
        raise UnreadableFileError("it is a list of sitemaps: save one of those it names, and import that")
    found = list(dict.fromkeys(html.unescape(url) for url in _LOCATION.findall(text)))
    if not found:
        raise UnreadableFileError("it names no page (<loc>)")
    for url in found[:MOST_PAGES]:
        yield ImportedPage(url, _spoken(urlsplit(url).path))


def _table(path: Path) -> Iterator[ImportedPage | Refused]:
    columns = _columns(path)
    missing = [name for name in PAGE_COLUMNS[:2] if name not in columns]
    if missing:
        told = f"it has no column {' and no column '.join(missing)}; it has {', '.join(list(columns)[:8]) or 'none'}"
        raise UnreadableFileError(told)
    return _table_pages(rows(path))


def _table_pages(found: Iterable[Row]) -> Iterator[ImportedPage | Refused]:
    for row in found:
        url, title = _cell(row, "url"), _cell(row, "title")
        if row.problem or not url or not title:
            yield Refused(f"line {row.line}", row.problem or f"no {'url' if not url else 'title'}")
        else:
            yield ImportedPage(url[:2000], title[:300], _cell(row, "text"))


def _gone(page: ImportedPage) -> ImportedPage | Refused:
    """A page that says that it is not there is none."""
    if _GONE.search(page.title[:120]) or _GONE.search(page.text[:160]):
        return Refused(page.url, "the page says that it is not there (404)")
    return page


def _columns(path: Path) -> dict[str, str]:
    """The file's columns by their lower-case names."""
    try:
        return {name.strip().lower(): name for name in header(path)}
    except csv.Error as error:
        raise UnreadableFileError(f"it is no CSV ({error})") from error


def _cell(row: Row, name: str) -> str:
    return next((str(value).strip() for key, value in row.cells.items() if key.strip().lower() == name and value), "")


def _spoken(address: str) -> str:
    """The last part of an address in words: "…/set-up_integrations.html" is "set up integrations"."""
    parts = [part for part in unquote(address).split("/") if part and part != "index"]
    last = re.sub(r"\.\w{2,5}$", "", parts[-1]) if parts else "start page"
    return re.sub(r"^\d+\s+", "", re.sub(r"[-_+]+", " ", last)).strip() or "start page"
