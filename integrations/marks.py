"""The marks by which what we wrote in other systems is known again: after a crash, and so that our own words never come
back as a customer's.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from typing import Final

_MARK: Final = re.compile(r"ticket-intel[:-][0-9a-f]{32}(?![0-9a-f])")


def new_mark() -> str:
    return f"ticket-intel:{secrets.token_hex(16)}"


def hidden(mark: str) -> str:
    """As an HTML comment, which Markdown does not show."""
    return f"<!-- {mark} -->"


def label(mark: str) -> str:
    """As a label, where labels take no colons."""
    return mark.replace(":", "-")


def marked(text: object) -> bool:
    """Whether we wrote this text: it holds a hidden mark."""
    return isinstance(text, str) and "<!-- ticket-intel:" in text and _MARK.search(text) is not None


def shown(mark: str) -> str:
    """At the end of an internal note, where nothing can be hidden."""
    return f"[{mark}]"


def noted(text: str) -> bool:
    """Whether we wrote this internal note: it ends in a mark."""
    end = text.rstrip()[-60:]
    return end.endswith("]") and _MARK.fullmatch(end.rpartition("[")[2][:-1]) is not None


def labelled(labels: Iterable[object]) -> bool:
    """Whether one of these labels is one that we give to a single issue."""
    return any(isinstance(one, str) and _MARK.fullmatch(one) is not None for one in labels)
