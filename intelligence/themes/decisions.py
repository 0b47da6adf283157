"""What the online assignment can decide about one ticket, and what people have already decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Joined:
    """The ticket belongs to a theme that exists. `similarity` is the cosine to the theme's nearest members, `threshold`
    what it had to reach, `runner_up` the next best theme and `margin` the lead over it (1.0 where there is none)."""

    theme: int
    similarity: float
    threshold: float
    runner_up: int | None = None
    margin: float = 1.0


@dataclass(frozen=True, slots=True)
class Born:
    """A theme was born: `members` are all its ticket ids in time order, the asking ticket among them."""

    theme: int
    members: tuple[int, ...]
    similarity: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """No theme is close enough yet. `nearest` and `similarity` say what came closest; zeros and None for empty text."""

    nearest: int | None = None
    similarity: float = 0.0


Decision = Joined | Born | Waiting


@dataclass(frozen=True, slots=True)
class Links:
    """People's decisions, which always win: `must` puts a ticket into a theme, `cannot` holds (ticket, theme) pairs
    that were refused, `apart` pairs of themes (smaller id first) that somebody said are not the same."""

    must: Mapping[int, int] = field(default_factory=dict[int, int])
    cannot: frozenset[tuple[int, int]] = frozenset()
    apart: frozenset[tuple[int, int]] = frozenset()

    def forbid(self, ticket: int, theme: int) -> bool:
        return (ticket, theme) in self.cannot or self.must.get(ticket, theme) != theme

    def keep_apart(self, one: int, other: int) -> bool:
        return (min(one, other), max(one, other)) in self.apart
