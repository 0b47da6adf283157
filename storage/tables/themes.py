# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
"""Tables of themes, who belongs to them and what happened to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import JSON, Column, Field, Index, UniqueConstraint

from intelligence import model
from storage.tables.row import Row, enum_field, json_field, text_field


class ThemeRow(Row, table=True):
    __tablename__ = "themes"
    __table_args__ = (UniqueConstraint("workspace_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    number: int
    title: str
    title_by: model.DecidedBy = enum_field(model.DecidedBy)
    description: str = text_field()
    phrases: Any = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    state: model.ThemeState = enum_field(model.ThemeState, index=True)
    provisional: bool = True
    severity: model.Severity | None = enum_field(model.Severity, nullable=True)
    severity_reason: str | None = None
    area: str | None = None
    owner: str | None = None
    issue_key: str | None = None
    issue_url: str | None = None
    roadmap: str | None = None
    created_at: datetime
    first_at: datetime
    last_at: datetime
    resolved_at: datetime | None = None
    resolved_release: str | None = None
    merged_into: int | None = Field(default=None, foreign_key="themes.id")
    history: bool = False


class MembershipRow(Row, table=True):
    __tablename__ = "memberships"
    __table_args__ = (
        Index("ix_memberships_theme_id_kind", "theme_id", "kind"),
        Index(
            "uq_memberships_home",
            "workspace_id",
            "ticket_id",
            unique=True,
            sqlite_where=sa.text("kind = 'home'"),
            postgresql_where=sa.text("kind = 'home'"),
        ),
    )
    ticket_id: int = Field(primary_key=True, foreign_key="tickets.id")
    theme_id: int = Field(primary_key=True, foreign_key="themes.id")
    workspace_id: str
    kind: model.MembershipKind = enum_field(model.MembershipKind)
    decided_by: model.DecidedBy = enum_field(model.DecidedBy)
    decided_who: str | None = None
    similarity: float = 0.0
    quote: str | None = text_field(nullable=True)
    at: datetime


class ThemeLinkRow(Row, table=True):
    """A person's word about a ticket and a theme: must (belongs) or cannot (never again)."""

    __tablename__ = "theme_links"
    ticket_id: int = Field(primary_key=True, foreign_key="tickets.id")
    theme_id: int = Field(primary_key=True, foreign_key="themes.id")
    workspace_id: str
    must: bool
    by: str
    at: datetime


class ThemePairRow(Row, table=True):
    """Two themes (smaller id first) that a person said are not the same."""

    __tablename__ = "theme_pairs"
    one_id: int = Field(primary_key=True, foreign_key="themes.id")
    other_id: int = Field(primary_key=True, foreign_key="themes.id")
    workspace_id: str
    by: str
    at: datetime


class ThemeEventRow(Row, table=True):
    """Lineage: birth, rename, merge, split, move, state changes; `undone_at` keeps what was taken back."""

    __tablename__ = "theme_events"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    theme_id: int = Field(foreign_key="themes.id", index=True)
    kind: str
    actor: str
    data: Any = json_field()
    at: datetime
    undone_at: datetime | None = None


class WatchRow(Row, table=True):
    __tablename__ = "watches"
    workspace_id: str = Field(primary_key=True)
    theme_id: int = Field(primary_key=True, foreign_key="themes.id")
    user_id: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)
    at: datetime


class ReleaseRow(Row, table=True):
    __tablename__ = "releases"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    name: str
    at: datetime
    source: str = "verb"
    by: str | None = None
