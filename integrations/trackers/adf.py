"""Our Markdown as Atlassian Document Format: headings, lists, quotes, code and links; everything else is text.

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlsplit

Node = dict[str, Any]

_INLINE: Final = re.compile(r"`(?P<code>[^`\n]+)`|\[(?P<label>(?:[^\[\]\\\n]|\\.)+)\]\((?P<url>https?://[^\s()]+)\)")
_ESCAPED: Final = re.compile(r"\\([\\`*_{}\[\]|~#+-])")
_HEADING: Final = re.compile(r"(#{1,6}) +(.+)")


def document(markdown: str) -> Node:
    """A document; an empty text is an empty paragraph, because Jira refuses a document without content."""
    content = [node for block in re.split(r"\n{2,}", markdown) for node in _block(block.strip("\n"))]
    return {"type": "doc", "version": 1, "content": content or [{"type": "paragraph", "content": []}]}


def _block(block: str) -> Iterator[Node]:
    """The nodes of lines without an empty one between them: neighbours of one kind belong together."""
    lines = [line for line in block.split("\n") if line.strip()]
    for kind, group in groupby(lines, key=_kind):
        yield from _NODES[kind](list(group))


def _kind(line: str) -> str:
    if _HEADING.fullmatch(line):
        return "heading"
    return "item" if line.startswith("- ") else "quote" if line.startswith(">") else "text"


def _headings(lines: list[str]) -> Iterator[Node]:
    for line in lines:
        marks, _, words = line.partition(" ")
        if said := _inline(words.strip()):
            yield {"type": "heading", "attrs": {"level": len(marks)}, "content": said}


def _list(lines: list[str]) -> Iterator[Node]:
    entries = [entry for line in lines for entry in _paragraph([line[2:]])]
    if entries:
        yield {"type": "bulletList", "content": [{"type": "listItem", "content": [entry]} for entry in entries]}


def _quote(lines: list[str]) -> Iterator[Node]:
    said = [line[1:].strip() for line in lines]
    if paragraphs := [node for line in said if line for node in _paragraph([line])]:
        yield {"type": "blockquote", "content": paragraphs}


def _paragraph(lines: list[str]) -> Iterator[Node]:
    if said := _inline(" ".join(lines)):
        yield {"type": "paragraph", "content": said}


_NODES: Final[dict[str, Callable[[list[str]], Iterator[Node]]]] = {
    "heading": _headings,
    "item": _list,
    "quote": _quote,
    "text": _paragraph,
}


def _inline(markdown: str) -> list[Node]:
    """Text with code and links; a text node may not be empty."""
    made: list[Node] = []
    end = 0
    for found in _INLINE.finditer(markdown):
        made += _text(markdown[end : found.start()])
        if found["code"]:
            made += _text(found["code"], {"type": "code"})
        else:
            made += _text(found["label"], _link(found["url"]))
        end = found.end()
    return made + _text(markdown[end:])


def _link(url: str) -> Node | None:
    return {"type": "link", "attrs": {"href": url}} if urlsplit(url).hostname else None


def _text(markdown: str, mark: Node | None = None) -> list[Node]:
    words = html.unescape(_ESCAPED.sub(r"\1", markdown))
    node: Node = {"type": "text", "text": words}
    return [node | ({"marks": [mark]} if mark else {})] if words else []
