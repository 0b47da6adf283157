"""What is to be said to people, kept until the other side has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.tables import OutboxRow
from storage.upsert import insert_new


@dataclass(frozen=True, slots=True)
class Letter:
    """One outgoing call: `lane` (a channel) keeps order, `subject` says what it is about (alert:12)."""

    id: int
    workspace: str
    key: str
    lane: str
    method: str
    payload: Mapping[str, Any]
    subject: str
    attempts: int
    written_at: datetime


def write(
    session: Session,
    workspace: str,
    key: str,
    *,
    lane: str,
    method: str,
    payload: Mapping[str, Any],
    now: datetime,
    subject: str = "",
    not_before: datetime | None = None,
) -> int | None:
    """Put a letter in, once per key; its id, or None if the key was used before."""
    values = {
        "workspace_id": workspace,
        "key": key,
        "lane": lane,
        "method": method,
        "payload": dict(payload),
        "subject": subject,
        "state": "waiting",
        "attempts": 0,
        "not_before": not_before or now,
        "created_at": now,
    }
    if not insert_new(session, OutboxRow, values, unique=["workspace_id", "key"]):
        return None
    return session.exec(select(OutboxRow.id).where(OutboxRow.workspace_id == workspace, OutboxRow.key == key)).one()


def get(session: Session, letter_id: int) -> Letter | None:
    """A letter that still waits to be sent; None once it was sent, refused or withdrawn."""
    row = session.get(OutboxRow, letter_id)
    if row is None or row.id is None or row.state != "waiting":
        return None
    about = (row.lane, row.method, row.payload, row.subject, row.attempts)
    return Letter(row.id, row.workspace_id, row.key, *about, row.created_at)


def tried(session: Session, letter_id: int) -> int:
    """Count a try before it is made, so that a retry knows to look whether the last one arrived; how many there were
    before, those of others since this letter was read included.
    """
    counted = (
        sa.update(OutboxRow)
        .where(col(OutboxRow.id) == letter_id)
        .values(attempts=col(OutboxRow.attempts) + 1)
        .returning(col(OutboxRow.attempts))
    )
    return session.execute(counted).scalar_one() - 1


def amend(session: Session, letter_id: int, payload: Mapping[str, Any]) -> None:
    """Keep what a letter in several steps has reached, so that its next try goes on from there."""
    session.execute(sa.update(OutboxRow).where(col(OutboxRow.id) == letter_id).values(payload=dict(payload)))


def sent(session: Session, letter_id: int, response: Mapping[str, Any], now: datetime) -> None:
    """Record that the other side has it; the payload (text) is dropped."""
    session.execute(
        sa.update(OutboxRow)
        .where(col(OutboxRow.id) == letter_id)
        .values(state="sent", response=dict(response), sent_at=now, payload={}, error=None)
    )


def refused(session: Session, letter_id: int, error: str, now: datetime) -> None:
    """Record that the other side will never take it."""
    session.execute(
        sa.update(OutboxRow)
        .where(col(OutboxRow.id) == letter_id)
        .values(state="refused", error=error[:300], sent_at=now)
    )


def withdrawn(session: Session, letter_id: int, reason: str, now: datetime) -> None:
    """Record that the letter became pointless before it was sent."""
    session.execute(
        sa.update(OutboxRow)
        .where(col(OutboxRow.id) == letter_id)
        .values(state="withdrawn", error=reason[:300], sent_at=now, payload={})
    )


def waiting(session: Session, workspace: str | None = None) -> int:
    """How many letters are not sent yet."""
    query = select(sa.func.count()).select_from(OutboxRow).where(col(OutboxRow.state) == "waiting")
    if workspace is not None:
        query = query.where(col(OutboxRow.workspace_id) == workspace)
    return int(session.exec(query).one())


def state_of(session: Session, workspace: str, key: str) -> tuple[str, Mapping[str, Any] | None] | None:
    """State and response of the letter with this key."""
    row = session.exec(select(OutboxRow).where(OutboxRow.workspace_id == workspace, OutboxRow.key == key)).first()
    return None if row is None else (row.state, row.response)


def refusals(session: Session, workspace: str, *, limit: int = 20) -> list[tuple[str, str, str]]:
    """The newest letters that were refused: method, lane, error."""
    where = (OutboxRow.workspace_id == workspace, col(OutboxRow.state) == "refused")
    rows = session.exec(select(OutboxRow).where(*where).order_by(col(OutboxRow.id).desc()).limit(limit)).all()
    return [(r.method, r.lane, r.error or "") for r in rows]


def newer(session: Session, letter: Letter) -> bool:
    """Whether a later letter of the same method about the same subject waits: what edits in place can skip this one."""
    query = select(OutboxRow.id).where(
        OutboxRow.workspace_id == letter.workspace,
        OutboxRow.subject == letter.subject,
        OutboxRow.method == letter.method,
        OutboxRow.state == "waiting",
        col(OutboxRow.id) > letter.id,
    )
    return session.exec(query.limit(1)).first() is not None
