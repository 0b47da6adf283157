"""Slack's escaped mrkdwn as the words a person reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

# https://docs.slack.dev/messaging/formatting-message-text: exactly these three are escaped.
_ENTITIES: Final = re.compile(r"&(amp|lt|gt);")
_CHARACTERS: Final = {"amp": "&", "lt": "<", "gt": ">"}
_TOKEN: Final = re.compile(r"<([@#!]?)([^<>|\n]{1,3000})(?:\|([^<>\n]{0,3000}))?>")
_LINK: Final = re.compile(r"<((?:https?|mailto|tel)[^<>|\s]{1,3000})(?:\|([^<>\n]{0,3000}))?>")


def unescape(text: str) -> str:
    """Undo Slack's escaping of &, < and > (once: "&amp;lt;" is the text "&lt;")."""
    return _ENTITIES.sub(lambda entity: _CHARACTERS[entity[1]], text)


def plain_text(mrkdwn: str, users: Mapping[str, str] | None = None) -> str:
    """Links become their labels, mentions names, entities characters; emphasis marks stay as typed.

    `users` maps user ids to display names; an unknown user reads "@someone" so that no id is taken for a word.
    """
    names = users or {}
    return unescape(_TOKEN.sub(lambda token: _spoken(token, names), mrkdwn))


def links(mrkdwn: str) -> list[tuple[str, str]]:
    """(address, label) of every link in escaped mrkdwn; the label is empty where there is none."""
    return [(unescape(match[1]), unescape(match[2] or "")) for match in _LINK.finditer(mrkdwn)]


def _spoken(token: re.Match[str], names: Mapping[str, str]) -> str:
    sigil, target, label = token[1], token[2], token[3]
    if sigil == "@":
        return "@" + (names.get(target) or label or "someone")
    if sigil == "#":
        return "#" + (label or "channel")
    if sigil == "!":
        return _special(target, label)
    if label:
        return label
    return target.removeprefix("mailto:").removeprefix("tel:")


def _special(target: str, label: str | None) -> str:
    """<!here>, <!subteam^S1|@support>, <!date^1700000000^{date}|14 Nov>."""
    if label:
        return label
    name = target.partition("^")[0]
    return "@group" if name == "subteam" else f"@{name}"
