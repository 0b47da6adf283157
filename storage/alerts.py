"""Alert episodes, what people said of them, and what was kept silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import AlertState, Audience, PatternKind, Receipt, Severity
from storage.tables import AlertFeedbackRow, AlertRow, AnswerRow, SilenceRow
from storage.upsert import insert_new, put

LIVING = (AlertState.OPEN, AlertState.SNOOZED, AlertState.SHADOW)


@dataclass(frozen=True, slots=True)
class Episode:
    """One alert from its first message to its close; `count` is the theme's tickets when it was last drawn."""

    id: int
    key: str
    theme_id: int | None
    ticket_id: int | None
    kind: PatternKind
    audience: Audience
    state: AlertState
    severity: Severity | None
    channel: str | None
    ts: str | None
    receipt: Receipt
    ticket_ids: tuple[int, ...]
    count: int
    owner: str | None
    snooze: Mapping[str, Any] | None
    opened_at: datetime
    updated_at: datetime


def _receipt(data: Mapping[str, Any]) -> Receipt:
    return Receipt(**{**data, "notes": tuple(data.get("notes", ()))})


def _episode(row: AlertRow) -> Episode:
    assert row.id is not None
    return Episode(
        row.id,
        row.key,
        row.theme_id,
        row.ticket_id,
        row.kind,
        row.audience,
        row.state,
        row.severity,
        row.channel_id,
        row.ts,
        _receipt(row.receipt),
        tuple(row.ticket_ids),
        row.count,
        row.owner,
        row.snooze,
        row.opened_at,
        row.updated_at,
    )


def open_episode(
    session: Session,
    workspace: str,
    key: str,
    *,
    kind: PatternKind,
    audience: Audience,
    receipt: Receipt,
    now: datetime,
    theme_id: int | None = None,
    ticket_id: int | None = None,
    ticket_ids: tuple[int, ...] = (),
    count: int = 0,
    severity: Severity | None = None,
    state: AlertState = AlertState.OPEN,
    channel: str | None = None,
) -> int | None:
    """Open an episode once per key; its id, or None if that episode exists."""
    values = {
        "workspace_id": workspace,
        "key": key,
        "theme_id": theme_id,
        "ticket_id": ticket_id,
        "kind": kind,
        "audience": audience,
        "state": state,
        "severity": severity,
        "channel_id": channel,
        "receipt": asdict(receipt),
        "ticket_ids": list(ticket_ids),
        "count": count,
        "opened_at": now,
        "updated_at": now,
    }
    if not insert_new(session, AlertRow, values, unique=["workspace_id", "key"]):
        return None
    return session.exec(select(AlertRow.id).where(AlertRow.workspace_id == workspace, AlertRow.key == key)).one()


def get(session: Session, workspace: str, alert_id: int) -> Episode | None:
    row = session.get(AlertRow, alert_id)
    return None if row is None or row.workspace_id != workspace else _episode(row)


def by_key(session: Session, workspace: str, key: str) -> int | None:
    """The episode with this key, if it was ever opened."""
    return session.exec(select(AlertRow.id).where(AlertRow.workspace_id == workspace, AlertRow.key == key)).first()


def living(session: Session, workspace: str, theme_id: int) -> Episode | None:
    """The newest episode of the theme itself (not of one of its tickets) that is not over."""
    return next((one for one in all_living(session, workspace, theme_id) if one.ticket_id is None), None)


def all_living(session: Session, workspace: str, theme_id: int) -> list[Episode]:
    """Every episode of the theme and of its critical tickets that is not over, newest first."""
    rows = session.exec(
        select(AlertRow)
        .where(AlertRow.workspace_id == workspace, AlertRow.theme_id == theme_id, col(AlertRow.state).in_(LIVING))
        .order_by(col(AlertRow.id).desc())
    ).all()
    return [_episode(row) for row in rows]


def since(session: Session, workspace: str, start: datetime) -> list[Episode]:
    """Episodes opened since a time, newest first."""
    rows = session.exec(
        select(AlertRow)
        .where(AlertRow.workspace_id == workspace, col(AlertRow.opened_at) >= start)
        .order_by(col(AlertRow.id).desc())
    ).all()
    return [_episode(row) for row in rows]


def of_theme(session: Session, workspace: str, theme_id: int) -> list[Episode]:
    """Every episode of a theme, newest first."""
    rows = session.exec(
        select(AlertRow)
        .where(AlertRow.workspace_id == workspace, AlertRow.theme_id == theme_id)
        .order_by(col(AlertRow.id).desc())
    ).all()
    return [_episode(row) for row in rows]


def in_state(session: Session, workspace: str, *states: AlertState) -> list[Episode]:
    """Episodes in these states, oldest first."""
    rows = session.exec(
        select(AlertRow)
        .where(AlertRow.workspace_id == workspace, col(AlertRow.state).in_(states))
        .order_by(col(AlertRow.id))
    ).all()
    return [_episode(row) for row in rows]


def update(session: Session, alert_id: int, now: datetime, **values: Any) -> None:
    """Change columns of an episode; a Receipt is stored as its fields."""
    if isinstance(values.get("receipt"), Receipt):
        values["receipt"] = asdict(values["receipt"])
    session.execute(sa.update(AlertRow).where(col(AlertRow.id) == alert_id).values(updated_at=now, **values))


def counted(session: Session, alert_id: int, count: int) -> None:
    """Note how many tickets the theme has. That is no new sight of a pattern: `updated_at`, from which the cool-down
    runs, stays, or a theme with steady background would stay silent for ever after its first alert.
    """
    session.execute(sa.update(AlertRow).where(col(AlertRow.id) == alert_id).values(count=count))


def feedback(
    session: Session, workspace: str, alert_id: int, user_id: str, verdict: str, reason: str | None, now: datetime
) -> None:
    """Keep what a person said of an alert."""
    session.add(
        AlertFeedbackRow(
            workspace_id=workspace, alert_id=alert_id, user_id=user_id, verdict=verdict, reason=reason, at=now
        )
    )


def praised(session: Session, workspace: str, alert_id: int, user_id: str) -> bool:
    """Whether this person said that the alert was useful."""
    asked = select(AlertFeedbackRow.id).where(
        AlertFeedbackRow.workspace_id == workspace,
        AlertFeedbackRow.alert_id == alert_id,
        AlertFeedbackRow.user_id == user_id,
        AlertFeedbackRow.verdict == "useful",
    )
    return session.exec(asked).first() is not None


def feedback_since(session: Session, workspace: str, start: datetime) -> list[tuple[int, str, str | None]]:
    """(alert, verdict, reason) said since a time."""
    rows = session.exec(
        select(AlertFeedbackRow).where(AlertFeedbackRow.workspace_id == workspace, col(AlertFeedbackRow.at) >= start)
    ).all()
    return [(r.alert_id, r.verdict, r.reason) for r in rows]


def silenced(
    session: Session,
    workspace: str,
    kind: PatternKind,
    reason: str,
    receipt: Receipt,
    now: datetime,
    theme_id: int | None,
) -> None:
    """Remember a pattern that was found and not sent, and why."""
    session.add(
        SilenceRow(workspace_id=workspace, theme_id=theme_id, kind=kind, reason=reason, receipt=asdict(receipt), at=now)
    )


def silences(session: Session, workspace: str, start: datetime) -> list[tuple[int | None, PatternKind, str, datetime]]:
    """What was not sent since a time, newest first: theme, kind, reason, time."""
    rows = session.exec(
        select(SilenceRow)
        .where(SilenceRow.workspace_id == workspace, col(SilenceRow.at) >= start)
        .order_by(col(SilenceRow.id).desc())
    ).all()
    return [(r.theme_id, r.kind, r.reason, r.at) for r in rows]


def sent(session: Session) -> dict[str, int]:
    """Alerts that were posted, by kind."""
    query = select(AlertRow.kind, sa.func.count()).where(col(AlertRow.ts).is_not(None)).group_by(col(AlertRow.kind))
    return {PatternKind(kind).value: int(n) for kind, n in session.exec(query).all()}


def answered(session: Session, workspace: str, channel: str, thread_ts: str) -> tuple[str | None, int | None] | None:
    """The public answer in a thread, if there is one: its ts and theme."""
    row = session.get(AnswerRow, (workspace, channel, thread_ts))
    return None if row is None else (row.ts, row.theme_id)


def answer(session: Session, workspace: str, channel: str, thread_ts: str, **values: Any) -> None:
    """Remember (or replace) the public answer in a thread: ts, theme_id, verdict, asked_by, at."""
    keys = {"workspace_id": workspace, "channel_id": channel, "thread_ts": thread_ts}
    put(session, AnswerRow, {**keys, **values}, unique=list(keys))


def dismissed_since(session: Session, workspace: str, theme_id: int, start: datetime) -> str | None:
    """The reason for which a person closed this theme's alert since a time, if somebody did."""
    query = (
        select(AlertFeedbackRow.reason)
        .join(AlertRow, col(AlertRow.id) == col(AlertFeedbackRow.alert_id))
        .where(
            AlertRow.workspace_id == workspace,
            AlertRow.theme_id == theme_id,
            AlertFeedbackRow.verdict == "not_useful",
            col(AlertFeedbackRow.at) >= start,
        )
        .order_by(col(AlertFeedbackRow.id).desc())
        .limit(1)
    )
    return session.exec(query).first()
