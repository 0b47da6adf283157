# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
"""Tables of workspaces: the app in them, their settings, channels and models."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, UniqueConstraint

from intelligence import model
from storage.tables.row import Row, enum_field, json_field, text_field


class WorkspaceRow(Row, table=True):
    __tablename__ = "workspaces"
    id: str = Field(primary_key=True)
    name: str = ""
    bot_user_id: str | None = None
    timezone: str = "UTC"
    shadow: bool = True
    next_theme: int = 1
    memory_version: int = 0
    created_at: datetime


class InstallationRow(Row, table=True):
    """The app in one workspace. `token` is sealed by whoever stores it; it goes with the installation."""

    __tablename__ = "installations"
    workspace_id: str = Field(primary_key=True)
    enterprise_id: str | None = None
    app_id: str = ""
    name: str = ""
    url: str = ""
    bot_user_id: str
    bot_id: str = ""
    scopes: str = ""
    token: str | None = text_field(nullable=True)
    version: int = 1
    installed_by: str = ""
    installed_at: datetime
    gone_at: datetime | None = None
    gone_because: str | None = None


class UsedStateRow(Row, table=True):
    """A state of the OAuth dance that came back, by its hash: it may not come back again."""

    __tablename__ = "oauth_states"
    digest: str = Field(primary_key=True)
    used_at: datetime


class SettingRow(Row, table=True):
    __tablename__ = "settings"
    workspace_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: Any = json_field(nullable=True)
    updated_at: datetime
    updated_by: str | None = None


class ChannelRow(Row, table=True):
    __tablename__ = "channels"
    workspace_id: str = Field(primary_key=True)
    channel_id: str = Field(primary_key=True)
    name: str = ""
    visibility: model.Visibility = enum_field(model.Visibility)
    role: model.ChannelRole | None = enum_field(model.ChannelRole, nullable=True)
    quotes: model.QuotePolicy = enum_field(model.QuotePolicy)
    area: str | None = None
    member: bool = True
    last_ts: str | None = None
    chosen_by: str | None = None
    chosen_at: datetime | None = None


class AuditRow(Row, table=True):
    __tablename__ = "audit"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(index=True)
    actor: str
    action: str
    subject: str
    data: Any = json_field()
    at: datetime


class ModelVersionRow(Row, table=True):
    __tablename__ = "model_versions"
    __table_args__ = (UniqueConstraint("workspace_id", "kind", "name", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    kind: str
    name: str
    version: str
    data: Any = json_field()
    live: bool = True
    created_at: datetime


class ModelUsageRow(Row, table=True):
    __tablename__ = "model_usage"
    workspace_id: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
