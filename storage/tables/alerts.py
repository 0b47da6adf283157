# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
"""Tables of alerts, of what was kept silent, and of public answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import JSON, Column, Field, UniqueConstraint

from intelligence import model
from storage.tables.row import Row, enum_field, json_field


class AlertRow(Row, table=True):
    """One episode: one parent message, edited in place, growth in its thread."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("workspace_id", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    key: str
    theme_id: int | None = Field(default=None, foreign_key="themes.id", index=True)
    ticket_id: int | None = Field(default=None, foreign_key="tickets.id")
    kind: model.PatternKind = enum_field(model.PatternKind)
    audience: model.Audience = enum_field(model.Audience)
    state: model.AlertState = enum_field(model.AlertState, index=True)
    severity: model.Severity | None = enum_field(model.Severity, nullable=True)
    channel_id: str | None = None
    ts: str | None = None
    receipt: Any = json_field()
    ticket_ids: Any = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    count: int = 0
    owner: str | None = None
    snooze: Any = json_field(nullable=True)
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None


class AlertFeedbackRow(Row, table=True):
    __tablename__ = "alert_feedback"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    alert_id: int = Field(foreign_key="alerts.id", index=True)
    user_id: str
    verdict: str
    reason: str | None = None
    at: datetime


class SilenceRow(Row, table=True):
    """A pattern that was found and not sent, and why: the answer to "what did you keep from us?"."""

    __tablename__ = "silences"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(index=True)
    theme_id: int | None = Field(default=None, foreign_key="themes.id")
    kind: model.PatternKind = enum_field(model.PatternKind)
    reason: str
    receipt: Any = json_field()
    at: datetime


class AnswerRow(Row, table=True):
    """A public "is this known?" answer in a thread, remembered so that the next question edits it."""

    __tablename__ = "answers"
    workspace_id: str = Field(primary_key=True)
    channel_id: str = Field(primary_key=True)
    thread_ts: str = Field(primary_key=True)
    ts: str | None = None
    theme_id: int | None = Field(default=None, foreign_key="themes.id")
    verdict: model.Verdict = enum_field(model.Verdict)
    asked_by: str
    at: datetime
