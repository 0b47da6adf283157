"""What flows answer about changing themes: forms and previews before an edit, proposals of the machine, the lineage.

`version` is the newest edit that the person has seen: who saves on top of a newer one is told, and loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.answers import LineageEntry as LineageEntry
from bot.answers import Proposal as Proposal
from bot.answers import Quote
from intelligence.model import Theme


class Edit(StrEnum):
    """Kinds of events in a theme's lineage that an edit writes."""

    RENAMED = "renamed"
    PLANNED = "planned"
    MERGED = "merged"
    SPLIT = "split"
    MOVED = "moved"
    DISMISSED = "dismissed"  # a proposal of the machine, for good
    TOOK_BACK = "took_back"


NEW_THEME = "new"  # where a ticket may move to


@dataclass(frozen=True, slots=True)
class EditForm:
    """A theme as it stands before its title or plan is changed."""

    theme: Theme
    tickets: int
    version: int


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do: `tickets` move, `stays_out` do not because somebody said that they do not belong."""

    kept: Theme
    absorbed: Theme
    tickets: int
    stays_out: int
    alerts: int
    watchers: int
    kept_quotes: tuple[Quote, ...]
    absorbed_quotes: tuple[Quote, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Part:
    """Tickets that could leave a theme together; `number` counts from 1."""

    number: int
    title: str
    tickets: int
    customers: int
    unknown: int
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class SplitPreview:
    """The parts of a theme, of which one may leave; `event` keeps which tickets they are. `chosen` is a part's number
    where the person has named one."""

    theme: Theme
    tickets: int
    parts: tuple[Part, ...]
    event: int
    version: int
    chosen: int | None = None


@dataclass(frozen=True, slots=True)
class MoveForm:
    """A ticket that should get another theme, with the nearest ones; `home` is where it is now."""

    ticket_id: int
    excerpt: str
    home: Theme | None
    nearest: tuple[Theme, ...]
