# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
"""Tables of tickets and their messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Column, Field, Index, UniqueConstraint

from intelligence import model
from storage.columns import enum_column
from storage.tables.row import Row, enum_field, json_field, text_field


class TicketRow(Row, table=True):
    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_workspace_id_at", "workspace_id", "at"),
        Index("ix_tickets_workspace_id_state", "workspace_id", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    source: model.Source = enum_field(model.Source)
    at: datetime
    updated_at: datetime
    state: model.TicketState = enum_field(model.TicketState)
    request: model.RequestVerdict = enum_field(model.RequestVerdict)
    request_by: model.DecidedBy = enum_field(model.DecidedBy)
    subject: str = text_field()
    customer_id: int | None = Field(default=None, foreign_key="customers.id", index=True)
    account_id: int | None = Field(default=None, foreign_key="accounts.id", index=True)
    segments: Any = json_field()
    area: str | None = None
    area_by: model.DecidedBy | None = enum_field(model.DecidedBy, nullable=True)
    channel_id: str | None = None
    thread_ts: str | None = None
    visibility: model.Visibility = enum_field(model.Visibility)
    url: str | None = None
    history: bool = False
    placeholder: bool = False
    resolved_at: datetime | None = None
    last_message_at: datetime | None = None
    merged_into: int | None = Field(default=None, foreign_key="tickets.id")
    redacted_at: datetime | None = None


class TicketRefRow(Row, table=True):
    __tablename__ = "ticket_refs"
    workspace_id: str = Field(primary_key=True)
    source: model.Source = Field(default=None, sa_column=Column(enum_column(model.Source)(), primary_key=True))
    external_id: str = Field(primary_key=True)
    ticket_id: int = Field(foreign_key="tickets.id", index=True)
    url: str | None = None


class MessageRow(Row, table=True):
    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "external_id"),
        Index("ix_messages_ticket_id_at", "ticket_id", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    ticket_id: int = Field(foreign_key="tickets.id")
    source: model.Source = enum_field(model.Source)
    external_id: str
    channel_id: str | None = None
    visibility: model.Visibility = enum_field(model.Visibility)
    role: model.Role = enum_field(model.Role)
    author: str = ""
    customer_id: int | None = Field(default=None, foreign_key="customers.id")
    text: str = text_field()
    at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    permalink: str | None = None
    private_note: bool = False


class MessageRevisionRow(Row, table=True):
    __tablename__ = "message_revisions"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    message_id: int = Field(foreign_key="messages.id", index=True)
    text: str = text_field()
    replaced_at: datetime
