# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
"""What all tables share: one MetaData, and the columns that many of them have."""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import JSON, Column, Field, SQLModel

from storage.columns import enum_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """All tables share one MetaData with named constraints, which Alembic's batch mode needs."""

    metadata: ClassVar[sa.MetaData] = sa.MetaData(naming_convention=NAMING)


def enum_field(enum: Any, *, nullable: bool = False, index: bool = False) -> Any:
    """A column of an enum's values; a row must say which unless it is nullable."""
    return Field(default=None, sa_column=Column(enum_column(enum)(), nullable=nullable, index=index))


def json_field(*, nullable: bool = False) -> Any:
    """A column of JSON, an empty object unless a row says more."""
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=nullable))


def text_field(*, nullable: bool = False) -> Any:
    """A column of text of any length."""
    return Field(default=None if nullable else "", sa_column=Column(sa.Text, nullable=nullable))
