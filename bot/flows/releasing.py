"""A version went out: said by a person, announced in a channel, or told by a webhook."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from bot.deps import Deps
from bot.flows import alert_wake
from storage import releases, workspaces


def note_release(
    deps: Deps, session: Session, workspace: str, name: str, at: datetime, *, by: str | None, source: str
) -> bool:
    """Remember a release once, so that themes that begin after it can point at it; False if the name is known.

    Alerts that were put off until the next release are looked at again.
    """
    if not releases.add(session, workspace, name, at, by=by, source=source):
        return False
    data = {"at": at.isoformat(), "source": source}
    workspaces.audit(session, workspace, by or source, "release", name, data, deps.clock.now())
    alert_wake.wake(deps, session, workspace)
    return True
