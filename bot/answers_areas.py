"""What `areas` answers: the list, one area before it is changed, what a change would move, and what the history suggests."""

from __future__ import annotations

from dataclasses import dataclass

from bot.answers import Quote
from intelligence.areas import Move
from intelligence.model import Area


@dataclass(frozen=True, slots=True)
class AreaLine:
    """An area with its tickets of the last days, and the names of the channels whose tickets are in it."""

    area: Area
    tickets: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reassigning:
    """Stored readings that get their areas anew: `looked` tickets so far, `moved` of them changed."""

    days: int
    looked: int
    moved: int
    over: bool


@dataclass(frozen=True, slots=True)
class AreasView:
    """The areas in people's order; of `total` tickets of the last `days` so many are `unassigned`. `unlisted`: names
    that imports brought, or that were removed, with their tickets.
    """

    lines: tuple[AreaLine, ...]
    days: int
    total: int
    unassigned: int
    unlisted: tuple[tuple[str, int], ...]
    run: Reassigning | None = None


@dataclass(frozen=True, slots=True)
class AreaForm:
    """An area (None: a new one) as its window shows it; `version` is the newest change of any area, `preview` what the
    person's changes so far would move."""

    area: Area | None
    tickets: int
    days: int
    version: int
    preview: AreaEffect | None = None


@dataclass(frozen=True, slots=True)
class AreaEffect:
    """What would move of the last days' tickets; `looked` at so many of them, `cut` where that is not all."""

    moves: tuple[Move, ...]
    looked: int
    days: int
    cut: bool = False


@dataclass(frozen=True, slots=True)
class AreaPreview:
    """A change before it is made: what it is, its effect, what else follows, and the request line that does it."""

    text: str
    effect: AreaEffect
    notes: tuple[str, ...]
    line: str


@dataclass(frozen=True, slots=True)
class ProposedArea:
    """An area that the history suggests: `titles` of its largest themes, some tickets of it, and the line that adds it."""

    name: str
    words: tuple[str, ...]
    tickets: int
    imported: bool
    titles: tuple[str, ...]
    quotes: tuple[Quote, ...]
    line: str


@dataclass(frozen=True, slots=True)
class AreaProposals:
    """Areas that the last `days` suggest, those with most tickets first, of `unassigned` tickets in no listed area."""

    proposals: tuple[ProposedArea, ...]
    days: int
    tickets: int
