"""A message as Slack takes it: blocks within their limits, and a text for notifications and for where blocks fail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks.parts import Block, whole

MOST_BLOCKS = 40
MOST_CHARACTERS = 9_000
MOST_TEXT = 1_500
KEPT_AT_END = 2  # buttons and footer


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is sent. `text` is mrkdwn: words of others in it are escaped."""

    text: str
    blocks: tuple[Block, ...] = ()


def rendered(text: str, blocks: Iterable[Block | None]) -> Rendered:
    """Put a message together; parts that are None are left out, and what is too much goes from before the end."""
    kept = [block for block in blocks if block is not None]
    while len(kept) > KEPT_AT_END + 1 and (len(kept) > MOST_BLOCKS or characters(kept) > MOST_CHARACTERS - MOST_TEXT):
        del kept[-KEPT_AT_END - 1]
    return Rendered(whole(text, MOST_TEXT) if text.strip() else "–", tuple(kept))


def characters(value: Any) -> int:
    """Every character of the strings in a block."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(characters(entry) for entry in value.values())
    if isinstance(value, Sequence):
        return sum(characters(entry) for entry in value)
    return 0
