"""Product areas."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Area:
    """A product area of the workspace: the words and examples that mark it, and who owns it."""

    name: str
    words: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    owner: str | None = None
    channel: str | None = None
