# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
"""Tables of what was read of tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict
from sqlmodel import JSON, Column, Field, Index, UniqueConstraint

from intelligence import model
from storage.columns import Float16Vector, enum_column
from storage.tables.row import Row, enum_field, json_field, text_field


class AnalysisRow(Row, table=True):
    __tablename__ = "analyses"
    __table_args__ = (
        Index("ix_analyses_ticket_id_current", "ticket_id", "current"),
        UniqueConstraint("workspace_id", "ticket_id", "content_key"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    ticket_id: int = Field(foreign_key="tickets.id")
    content_key: str
    current: bool = True
    primary: model.PrimaryCategory = enum_field(model.PrimaryCategory)
    subcategory: model.Subcategory = enum_field(model.Subcategory)
    confidence: float = 0.0
    sub_confidence: float = 0.0
    unsure: bool = False
    alternatives: Any = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    area: str | None = None
    frustration: model.Level = enum_field(model.Level)
    urgency: model.Level = enum_field(model.Level)
    churn_risk: model.ChurnRisk = enum_field(model.ChurnRisk)
    satisfaction: model.Satisfaction = enum_field(model.Satisfaction)
    loyalty: Any = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    cause: model.CauseKind = enum_field(model.CauseKind)
    cause_phrase: str | None = text_field(nullable=True)
    goal: str | None = text_field(nullable=True)
    critical: bool = False
    evidence: Any = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    drivers: Any = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    summary: str | None = text_field(nullable=True)
    analyzer: str
    model: str
    prompt_version: str = ""
    reads: bool = True
    tokens_in: int = 0
    tokens_out: int = 0
    fallback: str | None = None
    machine: Any = json_field(nullable=True)
    corrected_by: str | None = None
    created_at: datetime


class SignalRow(Row, table=True):
    __tablename__ = "signals"
    __table_args__ = (Index("ix_signals_workspace_id_kind", "workspace_id", "kind"),)
    analysis_id: int = Field(primary_key=True, foreign_key="analyses.id")
    kind: model.SignalKind = Field(default=None, sa_column=Column(enum_column(model.SignalKind)(), primary_key=True))
    workspace_id: str
    ticket_id: int = Field(foreign_key="tickets.id", index=True)
    probability: float
    fields: Any = json_field()


class VectorRow(Row, table=True):
    __tablename__ = "vectors"
    __table_args__ = (Index("ix_vectors_workspace_id_model", "workspace_id", "model"),)
    ticket_id: int = Field(primary_key=True, foreign_key="tickets.id")
    model: str = Field(primary_key=True)
    workspace_id: str
    text_hash: str
    embedding: NDArray[np.float32] = Field(sa_column=Column(Float16Vector, nullable=False))
    model_config = ConfigDict(arbitrary_types_allowed=True)  # type: ignore[assignment]
