# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
"""Tables of the help pages, and of searches in them."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict
from sqlmodel import Column, Field, UniqueConstraint

from storage.columns import Float16Vector
from storage.tables.row import Row, text_field


class DocPageRow(Row, table=True):
    """A help page that was imported: what documentation gaps are compared with."""

    __tablename__ = "doc_pages"
    __table_args__ = (UniqueConstraint("workspace_id", "url"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    url: str = text_field()
    title: str = text_field()
    imported_at: datetime


class DocSectionRow(Row, table=True):
    """A stretch of a page below one heading, with its vector."""

    __tablename__ = "doc_sections"
    page_id: int = Field(primary_key=True, foreign_key="doc_pages.id")
    place: int = Field(primary_key=True)
    workspace_id: str = Field(index=True)
    model: str
    heading: str = text_field()
    text: str = text_field()
    embedding: NDArray[np.float32] = Field(sa_column=Column(Float16Vector, nullable=False))
    model_config = ConfigDict(arbitrary_types_allowed=True)  # type: ignore[assignment]


class HelpSearchRow(Row, table=True):
    """A search in the help centre: `results` and `clicked` are None where the source does not tell."""

    __tablename__ = "help_searches"
    __table_args__ = (UniqueConstraint("workspace_id", "at", "query"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    at: datetime
    query: str = text_field()
    results: int | None = None
    clicked: str | None = text_field(nullable=True)
