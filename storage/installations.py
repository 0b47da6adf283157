"""Where the app is installed, with what token and permissions. Tokens come and go sealed: no key is in this package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.tables import InstallationRow, UsedStateRow
from storage.upsert import changed, insert_new, put


@dataclass(frozen=True, slots=True)
class Granted:
    """What a workspace granted: who we are there, what we may do, and the sealed token."""

    name: str
    url: str
    app_id: str
    bot_user: str
    bot_id: str
    scopes: frozenset[str]
    token: str
    by: str
    enterprise: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """An installation. `version` grows with every change of its token; without a token it is gone."""

    workspace: str
    enterprise: str | None
    name: str
    url: str
    app_id: str
    bot_user: str
    bot_id: str
    scopes: frozenset[str]
    token: str | None
    version: int
    installed_by: str
    installed_at: datetime
    gone_at: datetime | None
    gone_because: str | None


def install(session: Session, workspace: str, granted: Granted, now: datetime) -> Stored:
    """Store an installation, or renew the one that is there."""
    before = get(session, workspace)
    values = {
        "workspace_id": workspace,
        "enterprise_id": granted.enterprise,
        "app_id": granted.app_id,
        "name": granted.name,
        "url": granted.url,
        "bot_user_id": granted.bot_user,
        "bot_id": granted.bot_id,
        "scopes": ",".join(sorted(granted.scopes)),
        "token": granted.token,
        "version": before.version + 1 if before else 1,
        "installed_by": granted.by,
        "installed_at": now,
        "gone_at": None,
        "gone_because": None,
    }
    put(session, InstallationRow, values, unique=["workspace_id"])
    found = get(session, workspace)
    assert found is not None
    return found


def get(session: Session, workspace: str) -> Stored | None:
    """The installation, also one that is gone."""
    rows = session.exec(select(InstallationRow).where(InstallationRow.workspace_id == workspace)).all()
    return _stored(rows[0]) if rows else None


def listing(session: Session) -> list[Stored]:
    """Every installation in order of its workspace, those that are gone too."""
    return [_stored(row) for row in session.exec(select(InstallationRow).order_by(InstallationRow.workspace_id)).all()]


def gone(session: Session, workspace: str, version: int, because: str, now: datetime) -> bool:
    """Mark an installation and throw its dead token away; False if it was renewed meanwhile, or is gone already."""
    return _change(session, workspace, version, token=None, gone_at=now, gone_because=because)


def resealed(session: Session, workspace: str, version: int, token: str) -> bool:
    """Keep the same token under another key; False if it was renewed meanwhile."""
    return _change(session, workspace, version, token=token)


def scoped(session: Session, workspace: str, version: int, scopes: frozenset[str]) -> bool:
    """Keep what Slack says that we may do now; False if the installation was renewed meanwhile."""
    return _change(session, workspace, version, scopes=",".join(sorted(scopes)))


def _change(session: Session, workspace: str, version: int, **values: object) -> bool:
    row = InstallationRow
    held = (col(row.workspace_id) == workspace, col(row.version) == version, col(row.token).is_not(None))
    return changed(session.execute(sa.update(row).where(*held).values(version=version + 1, **values))) == 1


def use_state(session: Session, digest: str, now: datetime, *, kept: timedelta) -> bool:
    """Use a state up; False if it was used before. What is older than `kept` is forgotten: it has expired anyway."""
    session.execute(sa.delete(UsedStateRow).where(col(UsedStateRow.used_at) < now - kept))
    return insert_new(session, UsedStateRow, {"digest": digest, "used_at": now}, unique=["digest"])


def _stored(row: InstallationRow) -> Stored:
    return Stored(
        row.workspace_id,
        row.enterprise_id,
        row.name,
        row.url,
        row.app_id,
        row.bot_user_id,
        row.bot_id,
        frozenset(filter(None, row.scopes.split(","))),
        row.token,
        row.version,
        row.installed_by,
        row.installed_at,
        row.gone_at,
        row.gone_because,
    )
