"""What a person types -> what Slack stores: escaped text with mention tokens, and the rich_text block beside it."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

#: Mentions that the composer has already resolved. Whoever is unknown stays text.
MENTION = re.compile(r"<(?P<kind>[@#])(?P<id>[A-Z0-9]+)(?:\|[^<>|]*)?>")
BROADCAST = re.compile(r"(?<![\w@<!])@(here|channel|everyone)\b")
LINK = re.compile(r"\bhttps?://[^\s<>|]*[^\s<>|.,;:!?)\]'\"]")
EMAIL = re.compile(r"(?<![\w@/.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?![\w@])")

TOKEN = re.compile(
    r"<@(?P<user>\w+)>|<#(?P<channel>\w+)(?:\|[^>]*)?>|<!(?P<range>here|channel|everyone)(?:\|[^>]*)?>"
    r"|<(?P<url>(?:https?|mailto):[^|>]+)(?:\|(?P<label>[^>]*))?>|:(?P<emoji>[a-z0-9_+'-]+):"
    r"|`(?P<code>[^`\n]+)`|(?<!\w)\*(?P<bold>[^*\n]+)\*(?!\w)|(?<!\w)_(?P<italic>[^_\n]+)_(?!\w)"
    r"|(?<!\w)~(?P<strike>[^~\n]+)~(?!\w)"
)
STYLES = ("code", "bold", "italic", "strike")


def escape(text: str) -> str:
    """Escape the three characters that mean something to Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def typed(text: str, known: Container[str]) -> str:
    """Text typed by a person, as Slack stores it.

    Mentions of `known` ids stay tokens, @here and its kin become broadcasts, links and addresses are wrapped,
    everything else is escaped: a typed `<!channel>` is text.
    """
    parts: list[str] = []
    end = 0
    for match in MENTION.finditer(text):
        if match["id"] not in known:
            continue
        parts += [_plain(text[end : match.start()]), f"<{match['kind']}{match['id']}>"]
        end = match.end()
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    text = LINK.sub(lambda found: f"<{found[0]}>", escape(text))
    text = EMAIL.sub(lambda found: f"<mailto:{found[0]}|{found[0]}>", text)
    return BROADCAST.sub(lambda found: f"<!{found[1]}>", text)


def rich_text(text: str, block_id: str) -> list[dict[str, Any]]:
    """The rich_text block that Slack puts beside a person's text; it repeats the text, so never add both up."""
    if not text:
        return []
    elements: list[dict[str, Any]] = []
    end = 0
    for match in TOKEN.finditer(text):
        if match.start() > end:
            elements.append({"type": "text", "text": unescape(text[end : match.start()])})
        elements.append(_element(match))
        end = match.end()
    if end < len(text):
        elements.append({"type": "text", "text": unescape(text[end:])})
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": block_id, "elements": [section]}]


def _element(match: re.Match[str]) -> dict[str, Any]:
    if match["user"]:
        return {"type": "user", "user_id": match["user"]}
    if match["channel"]:
        return {"type": "channel", "channel_id": match["channel"]}
    if match["range"]:
        return {"type": "broadcast", "range": match["range"]}
    if match["url"]:
        link = {"type": "link", "url": unescape(match["url"])}
        return link | {"text": unescape(match["label"])} if match["label"] else link
    if match["emoji"]:
        return {"type": "emoji", "name": match["emoji"]}
    style = next(name for name in STYLES if match[name])
    return {"type": "text", "text": unescape(match[style]), "style": {style: True}}
