"""What arrived from outside, written before it is acknowledged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.tables import InboxRow
from storage.upsert import insert_new


@dataclass(frozen=True, slots=True)
class Delivery:
    """One stored delivery: `kind` is event, command, action, view, shortcut, options or webhook."""

    id: int
    workspace: str
    key: str
    kind: str
    payload: Mapping[str, Any]
    received_at: datetime
    processed_at: datetime | None


def receive(
    session: Session, workspace: str, key: str, kind: str, payload: Mapping[str, Any], now: datetime
) -> int | None:
    """Store a delivery; its id, or None if the same key was stored before (a redelivery)."""
    values = {"workspace_id": workspace, "key": key, "kind": kind, "payload": dict(payload), "received_at": now}
    if not insert_new(session, InboxRow, values, unique=["workspace_id", "key"]):
        return None
    return session.exec(select(InboxRow.id).where(InboxRow.workspace_id == workspace, InboxRow.key == key)).one()


def get(session: Session, delivery_id: int) -> Delivery | None:
    row = session.get(InboxRow, delivery_id)
    return None if row is None else _delivery(row)


def unanswered(session: Session, workspace: str, kinds: Collection[str], *, limit: int = 100) -> list[Delivery]:
    """Deliveries of these kinds that nobody has dealt with, oldest first: what a stop has left behind."""
    query = select(InboxRow).where(
        InboxRow.workspace_id == workspace, col(InboxRow.processed_at).is_(None), col(InboxRow.kind).in_(kinds)
    )
    return [_delivery(row) for row in session.exec(query.order_by(col(InboxRow.id)).limit(limit)).all()]


def _delivery(row: InboxRow) -> Delivery:
    assert row.id is not None
    return Delivery(row.id, row.workspace_id, row.key, row.kind, row.payload, row.received_at, row.processed_at)


def processed(session: Session, delivery_id: int, now: datetime, *, refusal: str | None = None) -> None:
    """Mark a delivery as dealt with; `refusal` says why it made no ticket. Its payload is dropped: messages hold the
    text.
    """
    session.execute(
        sa.update(InboxRow).where(col(InboxRow.id) == delivery_id).values(processed_at=now, refusal=refusal, payload={})
    )


def waiting(session: Session, workspace: str | None = None) -> tuple[int, datetime | None]:
    """How many deliveries wait (for one workspace, or for all), and since when the oldest does."""
    query = select(sa.func.count(), sa.func.min(InboxRow.received_at)).where(col(InboxRow.processed_at).is_(None))
    if workspace is not None:
        query = query.where(InboxRow.workspace_id == workspace)
    count, oldest = session.exec(query).one()
    return int(count), oldest


def refused(session: Session, workspace: str, *, limit: int = 20) -> list[tuple[str, str, datetime]]:
    """The newest deliveries that made no ticket: kind, reason, time."""
    rows = session.exec(
        select(InboxRow)
        .where(InboxRow.workspace_id == workspace, col(InboxRow.refusal).is_not(None))
        .order_by(col(InboxRow.id).desc())
        .limit(limit)
    ).all()
    return [(r.kind, r.refusal or "", r.received_at) for r in rows]
