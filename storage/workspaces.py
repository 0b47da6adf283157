"""Workspaces, their settings, channels and audit trail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import ChannelRole, QuotePolicy, Visibility
from storage.tables import AuditRow, ChannelRow, ModelUsageRow, SettingRow, WorkspaceRow
from storage.upsert import changed, insert_new, put


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Slack workspace, or the local one. In shadow, alerts go to the admin alone."""

    id: str
    name: str
    bot_user_id: str | None
    timezone: str
    shadow: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    """A Slack channel and what a person chose it to be for (None: nobody chose, so nothing is read)."""

    id: str
    name: str
    visibility: Visibility
    role: ChannelRole | None
    quotes: QuotePolicy
    area: str | None
    member: bool
    last_ts: str | None
    chosen_by: str | None
    chosen_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    actor: str
    action: str
    subject: str
    data: Mapping[str, Any]
    at: datetime


def ensure(session: Session, workspace: str, now: datetime, *, name: str = "", timezone: str = "UTC") -> Workspace:
    """The workspace, made on first sight (in shadow)."""
    values = {
        "id": workspace,
        "name": name or workspace,
        "timezone": timezone,
        "shadow": True,
        "next_theme": 1,
        "memory_version": 0,
    }
    insert_new(session, WorkspaceRow, {**values, "created_at": now}, unique=["id"])
    found = get(session, workspace)
    assert found is not None
    return found


def get(session: Session, workspace: str) -> Workspace | None:
    row = session.get(WorkspaceRow, workspace)
    if row is None:
        return None
    return Workspace(row.id, row.name, row.bot_user_id, row.timezone, row.shadow, row.created_at)


def all_ids(session: Session) -> list[str]:
    """Every workspace, in order of id."""
    return list(session.exec(select(WorkspaceRow.id).order_by(WorkspaceRow.id)).all())


def update(session: Session, workspace: str, **values: Any) -> None:
    """Change a workspace's name, bot user, time zone or shadow mode."""
    session.execute(sa.update(WorkspaceRow).where(col(WorkspaceRow.id) == workspace).values(**values))


def setting(session: Session, workspace: str, key: str, default: Any = None) -> Any:
    """A stored setting's value."""
    row = session.get(SettingRow, (workspace, key))
    return default if row is None else row.value


def set_by(session: Session, workspace: str, key: str) -> tuple[str | None, datetime] | None:
    """Who set it and when; None if nobody did."""
    row = session.get(SettingRow, (workspace, key))
    return None if row is None else (row.updated_by, row.updated_at)


def set_setting(session: Session, workspace: str, key: str, value: Any, *, by: str | None, now: datetime) -> None:
    """Store a setting and audit the change."""
    values = {"workspace_id": workspace, "key": key, "value": value, "updated_at": now, "updated_by": by}
    put(session, SettingRow, values, unique=["workspace_id", "key"])
    audit(session, workspace, by or "system", "setting", key, {"value": value}, now)


def put_state(session: Session, workspace: str, key: str, value: Any, now: datetime) -> None:
    """Store what a job must remember between runs; not a person's setting, so it is not audited."""
    values = {"workspace_id": workspace, "key": key, "value": value, "updated_at": now, "updated_by": None}
    put(session, SettingRow, values, unique=["workspace_id", "key"])


def drop_state(session: Session, workspace: str, key: str) -> None:
    """Forget what a job remembered."""
    where = (col(SettingRow.workspace_id) == workspace, col(SettingRow.key) == key)
    session.execute(sa.delete(SettingRow).where(*where))


def audit(
    session: Session, workspace: str, actor: str, action: str, subject: str, data: Mapping[str, Any], now: datetime
) -> None:
    """Remember who changed what, and when."""
    session.add(AuditRow(workspace_id=workspace, actor=actor, action=action, subject=subject, data=dict(data), at=now))


def audit_trail(session: Session, workspace: str, *, limit: int = 20) -> list[AuditEntry]:
    """The newest changes first."""
    rows = session.exec(
        select(AuditRow).where(AuditRow.workspace_id == workspace).order_by(col(AuditRow.id).desc()).limit(limit)
    )
    return [AuditEntry(r.actor, r.action, r.subject, r.data, r.at) for r in rows]


def audit_since(session: Session, workspace: str, start: datetime, actions: Collection[str]) -> list[AuditEntry]:
    """Changes of these kinds since a time, oldest first."""
    rows = session.exec(
        select(AuditRow)
        .where(AuditRow.workspace_id == workspace, col(AuditRow.at) >= start, col(AuditRow.action).in_(list(actions)))
        .order_by(col(AuditRow.id))
    )
    return [AuditEntry(r.actor, r.action, r.subject, r.data, r.at) for r in rows]


def _channel(row: ChannelRow) -> Channel:
    return Channel(
        row.channel_id,
        row.name,
        row.visibility,
        row.role,
        row.quotes,
        row.area,
        row.member,
        row.last_ts,
        row.chosen_by,
        row.chosen_at,
    )


def channel(session: Session, workspace: str, channel_id: str) -> Channel | None:
    row = session.get(ChannelRow, (workspace, channel_id))
    return None if row is None else _channel(row)


def channels(session: Session, workspace: str, *roles: ChannelRole) -> list[Channel]:
    """All channels, or those with one of the roles, in order of name."""
    query = select(ChannelRow).where(ChannelRow.workspace_id == workspace)
    if roles:
        query = query.where(col(ChannelRow.role).in_(roles))
    return [_channel(row) for row in session.exec(query.order_by(ChannelRow.name)).all()]


def put_channel(
    session: Session,
    workspace: str,
    channel_id: str,
    *,
    name: str | None = None,
    visibility: Visibility | None = None,
    member: bool | None = None,
) -> Channel:
    """Note what Slack says of a channel, keeping what a person chose. Private and shared ones start with masked
    quotes.
    """
    values = {
        "workspace_id": workspace,
        "channel_id": channel_id,
        "name": name or channel_id,
        "visibility": visibility or Visibility.PUBLIC,
        "quotes": QuotePolicy.MASKED,
        "member": True if member is None else member,
    }
    insert_new(session, ChannelRow, values, unique=["workspace_id", "channel_id"])
    known = {"name": name, "visibility": visibility, "member": member}
    fresh = {key: value for key, value in known.items() if value is not None}
    where = (col(ChannelRow.workspace_id) == workspace, col(ChannelRow.channel_id) == channel_id)
    if fresh:
        session.execute(sa.update(ChannelRow).where(*where).values(**fresh))
    found = channel(session, workspace, channel_id)
    assert found is not None
    return found


def choose_channel(
    session: Session,
    workspace: str,
    channel_id: str,
    *,
    role: ChannelRole,
    by: str,
    now: datetime,
    quotes: QuotePolicy | None = None,
    area: str | None = None,
) -> None:
    """Set what a channel is for, by a person's word, and audit it."""
    values: dict[str, Any] = {"role": role, "chosen_by": by, "chosen_at": now}
    if quotes is not None:
        values["quotes"] = quotes
    if area is not None:
        values["area"] = area or None
    where = (col(ChannelRow.workspace_id) == workspace, col(ChannelRow.channel_id) == channel_id)
    session.execute(sa.update(ChannelRow).where(*where).values(**values))
    audit(session, workspace, by, "channel", channel_id, {"role": role.value}, now)


def share_words(
    session: Session, workspace: str, channel_id: str, quotes: QuotePolicy, *, by: str, now: datetime
) -> None:
    """Set what of a channel's words may be shown elsewhere, by a person's word, and audit it."""
    where = (col(ChannelRow.workspace_id) == workspace, col(ChannelRow.channel_id) == channel_id)
    session.execute(sa.update(ChannelRow).where(*where).values(quotes=quotes))
    audit(session, workspace, by, "quotes", channel_id, {"quotes": quotes.value}, now)


def read_up_to(session: Session, workspace: str, channel_id: str, ts: str) -> bool:
    """Remember the newest message seen in a channel; an older one changes nothing."""
    result = session.execute(
        sa.update(ChannelRow)
        .where(
            col(ChannelRow.workspace_id) == workspace,
            col(ChannelRow.channel_id) == channel_id,
            sa.or_(col(ChannelRow.last_ts).is_(None), col(ChannelRow.last_ts) < ts),
        )
        .values(last_ts=ts)
    )
    return changed(result) == 1


def add_usage(session: Session, workspace: str, day: str, name: str, tokens_in: int, tokens_out: int) -> None:
    """Count one model request of a day (ISO date, UTC)."""
    keys = {"workspace_id": workspace, "day": day, "name": name}
    insert_new(session, ModelUsageRow, {**keys, "requests": 0, "tokens_in": 0, "tokens_out": 0}, unique=list(keys))
    session.execute(
        sa.update(ModelUsageRow)
        .where(*(col(getattr(ModelUsageRow, key)) == value for key, value in keys.items()))
        .values(
            requests=col(ModelUsageRow.requests) + 1,
            tokens_in=col(ModelUsageRow.tokens_in) + tokens_in,
            tokens_out=col(ModelUsageRow.tokens_out) + tokens_out,
        )
    )


def tokens_by_model(session: Session) -> dict[str, tuple[int, int]]:
    """Tokens in and out of all days, by model."""
    read, written = sa.func.sum(ModelUsageRow.tokens_in), sa.func.sum(ModelUsageRow.tokens_out)
    query = select(ModelUsageRow.name, read, written).group_by(ModelUsageRow.name)
    return {name: (int(r), int(w)) for name, r, w in session.exec(query).all()}


def tokens_of_day(session: Session, day: str) -> int:
    """Tokens in and out of all workspaces on a day (ISO date, UTC)."""
    total = sa.func.sum(col(ModelUsageRow.tokens_in) + col(ModelUsageRow.tokens_out))
    return int(session.exec(select(total).where(ModelUsageRow.day == day)).one() or 0)


def tokens_used(session: Session, workspace: str, day: str) -> int:
    """Tokens in and out of a day (ISO date, UTC)."""
    total = select(sa.func.sum(col(ModelUsageRow.tokens_in) + col(ModelUsageRow.tokens_out)))
    found = session.exec(total.where(ModelUsageRow.workspace_id == workspace, ModelUsageRow.day == day)).one()
    return int(found or 0)
