# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
"""The table of published reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, UniqueConstraint

from storage.tables.row import Row, json_field


class ReportRow(Row, table=True):
    """A published report: its values, so that it re-prints the same, and the tickets behind its themes, so that a fresh
    one can say what changed and why.
    """

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("workspace_id", "kind", "period"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    kind: str
    period: str
    start_at: datetime
    end_at: datetime
    report: Any = json_field()
    tickets: Any = json_field()
    published_at: datetime
    edited_at: datetime | None = None
