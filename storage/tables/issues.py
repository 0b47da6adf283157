# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
"""Tables of what was written into other systems, and to reporters of what is fixed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Column, Field, UniqueConstraint

from intelligence import model
from storage.columns import enum_column
from storage.tables.row import Row, json_field, text_field


class TrackedIssueRow(Row, table=True):
    """A theme's issue: the intent is written first (`state` wanted), so that a crash never opens two. `target` is what
    it is for: main, or docs for what a page should answer; `place` where it is, as a tracker's name and repository,
    team or project. `noted` is the count that the issue shows, in the note `note`;
    `needs` the customer requests there, by account id. `stage` and `planned` are the tracker's words for where it
    stands and when it comes; `page` is the help page that it is about.
    """

    __tablename__ = "tracked_issues"
    __table_args__ = (
        UniqueConstraint("workspace_id", "theme_id", "target"),
        UniqueConstraint("workspace_id", "marker"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    theme_id: int = Field(foreign_key="themes.id", index=True)
    target: str = "main"
    place: str | None = None
    marker: str
    title: str = text_field()
    state: str = "wanted"
    ref: str | None = None
    key: str | None = None
    url: str | None = None
    status: str | None = None
    stage: str | None = None
    planned: str | None = None
    page: str | None = None
    note: str | None = None
    noted: int | None = None
    attempts: int = 0
    error: str | None = text_field(nullable=True)
    by: str
    needs: Any = json_field()
    at: datetime


class LoopDraftRow(Row, table=True):
    """What one reporter is to be told of a fix: once per theme, release and person. `state`: waiting, sent, skipped or
    withdrawn. Holds no words: they are read from the ticket when they are shown.
    """

    __tablename__ = "loop_drafts"
    __table_args__ = (UniqueConstraint("workspace_id", "theme_id", "release", "person"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    theme_id: int = Field(foreign_key="themes.id", index=True)
    release: str
    person: str
    ticket_id: int = Field(foreign_key="tickets.id")
    state: str = "waiting"
    by: str | None = None
    made_at: datetime
    decided_at: datetime | None = None


class HelpdeskNoteRow(Row, table=True):
    """The internal note on a helpdesk's ticket: the intent is written first (`state` wanted), under a mark by which the
    note is found again. `said` is a digest of what it tells, `tag` what stands there now, `retagged` what is to.
    """

    __tablename__ = "helpdesk_notes"
    workspace_id: str = Field(primary_key=True)
    source: model.Source = Field(default=None, sa_column=Column(enum_column(model.Source)(), primary_key=True))
    external_id: str = Field(primary_key=True)
    ticket_id: int = Field(foreign_key="tickets.id", index=True)
    mark: str
    said: str
    tag: str | None = None
    retagged: str | None = None
    state: str = "wanted"
    attempts: int = 0
    error: str | None = text_field(nullable=True)
    at: datetime
