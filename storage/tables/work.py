# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
"""Tables of work: what came in, what goes out, what is to be done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, Index, UniqueConstraint

from storage.tables.row import Row, json_field


class InboxRow(Row, table=True):
    """What arrived, written before the ack. `key` is the delivery's own id, `second_key` the message's identity."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("workspace_id", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    key: str
    kind: str
    payload: Any = json_field()
    received_at: datetime
    processed_at: datetime | None = Field(default=None, index=True)
    refusal: str | None = None


class OutboxRow(Row, table=True):
    """What is to be said. `lane` keeps the order within a channel; `key` makes each message once."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_outbox_state_not_before", "state", "not_before"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    key: str
    lane: str
    method: str
    payload: Any = json_field()
    subject: str = ""
    state: str = "waiting"
    attempts: int = 0
    not_before: datetime
    response: Any = json_field(nullable=True)
    error: str | None = None
    created_at: datetime
    sent_at: datetime | None = None


class JobRow(Row, table=True):
    """The embedded queue. `token` fences a worker whose lease ran out; `lane` serialises."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_jobs_state_run_at", "state", "priority", "run_at"),
        Index("ix_jobs_lane_state", "lane", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str
    job: str
    args: Any = json_field()
    lane: str | None = None
    priority: int = 0
    run_at: datetime
    state: str = "queued"
    attempts: int = 0
    lease_until: datetime | None = None
    token: str | None = None
    error: str | None = None
    created_at: datetime
    planned_at: datetime | None = None  # when `run_at` was decided: later than now, that clock has gone back since
    finished_at: datetime | None = None
