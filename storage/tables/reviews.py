# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
"""Tables of people's words on readings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, UniqueConstraint

from intelligence import model
from storage.tables.row import Row, enum_field, json_field, text_field


class ReviewCardRow(Row, table=True):
    """A ticket of a week's sample. A `blind` card is a second reading of it by somebody else. `holder` has it on their
    screen until `held_until`, so that two people are not asked the same at once.
    """

    __tablename__ = "review_cards"
    __table_args__ = (UniqueConstraint("workspace_id", "ticket_id", "blind"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    week: str = Field(index=True)
    ticket_id: int = Field(foreign_key="tickets.id", index=True)
    draw: model.Draw = enum_field(model.Draw)
    blind: bool = False
    holder: str | None = None
    held_until: datetime | None = None
    answered_at: datetime | None = None


class ReviewRow(Row, table=True):
    """A person's word on one reading: `was` is what the machine had said, `said` what the person says."""

    __tablename__ = "reviews"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(index=True)
    ticket_id: int = Field(foreign_key="tickets.id", index=True)
    analysis_id: int | None = Field(default=None, foreign_key="analyses.id")
    card_id: int | None = Field(default=None, foreign_key="review_cards.id")
    reviewer: str
    draw: model.Draw = enum_field(model.Draw)
    blind: bool = False
    verdict: model.ReviewVerdict = enum_field(model.ReviewVerdict)
    was: Any = json_field()
    said: Any = json_field(nullable=True)
    at: datetime
    undone_at: datetime | None = None


class MissedRow(Row, table=True):
    """A pattern that a person says was not seen, in their words (masked), and the theme it turned out to be."""

    __tablename__ = "missed"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(index=True)
    text: str = text_field()
    theme_id: int | None = Field(default=None, foreign_key="themes.id")
    similar: int = 0
    by: str
    at: datetime
    undone_at: datetime | None = None
