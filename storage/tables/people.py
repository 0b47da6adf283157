# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
"""Tables of customers and their accounts, and of what must not come back of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Column, Field, UniqueConstraint

from intelligence import model
from storage.columns import enum_column
from storage.tables.row import Row, json_field


class AccountRow(Row, table=True):
    __tablename__ = "accounts"
    # A forgotten account's or customer's number is never given to another: pseudonyms and jobs carry it.
    __table_args__ = (UniqueConstraint("workspace_id", "key"), {"sqlite_autoincrement": True})
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    key: str
    name: str
    plan: str | None = None
    attributes: Any = json_field()
    updated_at: datetime


class CustomerRow(Row, table=True):
    __tablename__ = "customers"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(index=True)
    account_id: int | None = Field(default=None, foreign_key="accounts.id", index=True)
    name: str = ""
    email: str | None = None
    created_at: datetime


class CustomerRefRow(Row, table=True):
    __tablename__ = "customer_refs"
    workspace_id: str = Field(primary_key=True)
    source: model.Source = Field(default=None, sa_column=Column(enum_column(model.Source)(), primary_key=True))
    external_id: str = Field(primary_key=True)
    customer_id: int = Field(foreign_key="customers.id", index=True)


class TombstoneRow(Row, table=True):
    """Something of a forgotten customer that must not come back: a keyed hash of its id, never the id."""

    __tablename__ = "tombstones"
    workspace_id: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    at: datetime
