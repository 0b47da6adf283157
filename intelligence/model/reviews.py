"""People's words on readings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from intelligence.model.analyses import Level, Subcategory


class Draw(StrEnum):
    """Why a reading was reviewed: drawn at random (the estimate), because it was uncertain, or flagged by somebody."""

    RANDOM = "random"
    UNCERTAIN = "uncertain"
    FLAG = "flag"


class ReviewVerdict(StrEnum):
    RIGHT = "right"
    FIXED = "fixed"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The labels that people review."""

    subcategory: Subcategory
    area: str | None
    frustration: Level
    urgency: Level


@dataclass(frozen=True, slots=True)
class Review:
    """A person's word on one reading. `was` is what the machine had said; `said` is None where nobody can tell.

    A `blind` review is a second reading by somebody who saw neither the machine's label nor the first reader's: it
    measures agreement and changes nothing.
    """

    id: int
    ticket_id: int
    reviewer: str
    draw: Draw
    blind: bool
    verdict: ReviewVerdict
    was: LabelSet
    said: LabelSet | None
    at: datetime
    card_id: int | None = None
    undone: bool = False
