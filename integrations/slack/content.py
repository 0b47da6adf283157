"""Everything a Slack message shows, in reading order: text, blocks, rich text, attachments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from integrations.slack.json_values import Object, object_at, objects_at, scalar_at, text_at
from integrations.slack.text import plain_text, unescape

_MAX_DEPTH: Final = 12
_MENTIONS: Final = {"user": "<@{}>", "usergroup": "<!subteam^{}>", "channel": "<#{}>"}


class Part(StrEnum):
    """What a piece of a message is for, by its place in the layout."""

    TITLE = "title"
    BUTTON = "button"
    BODY = "body"
    FIELD = "field"
    CONTEXT = "context"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a message: escaped mrkdwn, with the key of a field and the address of a linked title or button."""

    part: Part
    mrkdwn: str
    key: str = ""
    url: str = ""


def flatten(message: Object, users: Mapping[str, str] | None = None) -> str:
    """Return a message as plain text, one piece a line; what several layers repeat is said once."""
    lines: list[str] = []
    for piece in pieces(message):
        if piece.part in {Part.FALLBACK, Part.BUTTON} and lines:
            continue
        line = plain_text(piece.mrkdwn, users).strip()
        if piece.part is Part.FIELD and piece.key:
            line = f"{unescape(piece.key)}: {line}"
        if line and not _already_said(line, lines):
            lines.append(line)
    return "\n".join(lines)


def pieces(message: Object) -> Iterator[Piece]:
    """Yield what a message shows. Never raises, whatever the JSON holds."""
    if text := text_at(message, "text"):
        yield Piece(Part.BODY, text)
    yield from _blocks(message)
    for attachment in objects_at(message, "attachments"):
        yield from _attachment(attachment)


def _already_said(line: str, lines: list[str]) -> bool:
    """Slack's top-level text repeats the blocks; emphasis marks and line ends are all that differs."""
    words = _bare(line)
    return any(words in _bare(said) for said in lines)


def _bare(line: str) -> str:
    return " ".join(line.translate({ord(mark): " " for mark in "*_~`"}).split())


def _blocks(holder: Object, key: str = "blocks") -> Iterator[Piece]:
    for block in objects_at(holder, key):
        kind = text_at(block, "type")
        if kind == "rich_text":
            text = "".join(_rich_text(block, 0)).strip()
            yield Piece(Part.BODY, text)
        elif kind == "header":
            yield Piece(Part.TITLE, text_at(block, "text", "text"))
        elif kind == "context":
            yield from (Piece(Part.CONTEXT, _text_of(element)) for element in objects_at(block, "elements"))
        elif kind == "actions":
            yield from map(_button, objects_at(block, "elements"))
        else:
            yield from _section(block)


def _section(block: Object) -> Iterator[Piece]:
    """Sections, and any block kind made after this was written that shows text the way sections do."""
    if text := text_at(block, "text", "text") or text_at(block, "text"):
        yield Piece(Part.BODY, text)
    for entry in objects_at(block, "fields"):
        yield Piece(Part.FIELD, text_at(entry, "text"))
    if accessory := object_at(block, "accessory"):
        yield _button(accessory)


def _button(element: Object) -> Piece:
    return Piece(Part.BUTTON, text_at(element, "text", "text"), url=text_at(element, "url"))


def _text_of(element: Object) -> str:
    return text_at(element, "text") or text_at(element, "text", "text")


def _rich_text(node: Object, depth: int) -> Iterator[str]:
    """Rich text as escaped mrkdwn. Its own text is *not* escaped by Slack, so it is escaped here."""
    kind = text_at(node, "type")
    if kind == "text":
        yield _escaped(text_at(node, "text"))
    elif kind == "link":
        address, label = text_at(node, "url"), text_at(node, "text")
        yield f"<{address}|{_escaped(label)}>" if label else f"<{address}>"
    elif kind in _MENTIONS:
        yield _MENTIONS[kind].format(text_at(node, f"{kind}_id"))
    elif kind == "emoji":
        yield f":{text_at(node, 'name')}:"
    elif kind == "broadcast":
        yield f"<!{text_at(node, 'range')}>"
    if depth < _MAX_DEPTH:
        for child in objects_at(node, "elements"):
            yield from _rich_text(child, depth + 1)
    if kind in {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}:
        yield "\n"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attachment(attachment: Object) -> Iterator[Piece]:
    if text := text_at(attachment, "pretext"):
        yield Piece(Part.CONTEXT, text)
    if text_at(attachment, "title") or text_at(attachment, "title_link"):
        yield Piece(Part.TITLE, text_at(attachment, "title"), url=text_at(attachment, "title_link"))
    if text := text_at(attachment, "text"):
        yield Piece(Part.BODY, text)
    for entry in objects_at(attachment, "fields"):
        yield Piece(Part.FIELD, scalar_at(entry, "value"), key=text_at(entry, "title").strip())
    yield from _blocks(attachment)
    for forwarded in objects_at(attachment, "message_blocks"):
        yield from _blocks(object_at(forwarded, "message"))
    yield from map(_button, objects_at(attachment, "actions"))
    if text := text_at(attachment, "author_name"):
        yield Piece(Part.CONTEXT, text, key="author")
    if text := text_at(attachment, "footer"):
        yield Piece(Part.CONTEXT, text)
    if text := text_at(attachment, "fallback"):
        yield Piece(Part.FALLBACK, text, url=text_at(attachment, "from_url"))
