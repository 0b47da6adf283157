"""HTML cells as text: several helpdesks export descriptions as they were mailed."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

_IS_HTML: Final = re.compile(
    r"</?(?:p|div|br|span|table|ul|ol|li|body|html|strong|em|a)\b[^<>]{0,500}>|&nbsp;", re.IGNORECASE
)
_REMARK: Final = re.compile(r"<!--.*?-->", re.DOTALL)  # issue templates speak to the writer in them
_SILENT: Final = frozenset({"script", "style", "head", "title"})
_BREAKING: Final = frozenset({"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "blockquote"})


def text_of(cell: str) -> str:
    """Return the visible text of an HTML cell, and any other cell unchanged but for HTML's remarks."""
    if "<!--" in cell:
        cell = _REMARK.sub("", cell).strip()
    if not _IS_HTML.search(cell):
        return cell
    reader = _Reader()
    reader.feed(cell)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    """Collects text; block elements begin a new line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._silent += tag in _SILENT
        if tag in _BREAKING:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BREAKING:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data)
