"""The app comes into a workspace, and goes: what is known of it stays, and nothing is posted while it is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlmodel import Session

from bot.deps import Deps
from bot.flows import agents, catching_up, permalinks
from bot.installations import Identity, Installation, Installations
from bot.messenger import NotInstalled, Refused, TryLater
from bot.preferences import ADMINS
from bot.scopes import SCOPES
from bot.sealing import Seal
from bot.slack_client import DEAD_TOKENS
from bot.worker import Finish, nothing
from storage import installations, queue, workspaces
from storage.installations import Granted, Stored

log = structlog.get_logger(__name__)

CHECK: Final = "installation_check"


def introduce(deps: Deps, session: Session, here: Identity) -> None:
    """Make the workspace's row on first sight (in shadow), and keep its name, our user id and its address."""
    now = deps.clock.now()
    workspaces.ensure(session, here.team, now, name=here.name, timezone=deps.settings.timezone)
    workspaces.update(session, here.team, name=here.name, bot_user_id=here.bot_user)
    if workspaces.setting(session, here.team, permalinks.KEY) != here.url:
        workspaces.set_setting(session, here.team, permalinks.KEY, here.url, by=None, now=now)


def install(deps: Deps, here: Identity, granted: Granted) -> Stored:
    """A workspace installed the app, or did so again. Whoever did it first becomes its administrator; what was said
    while the app was away is read.
    """
    now = deps.clock.now()
    with deps.db.write() as session:
        again = installations.get(session, here.team) is not None
        introduce(deps, session, here)
        stored = installations.install(session, here.team, granted, now)
        workspaces.audit(session, here.team, granted.by or "slack", "installed", granted.app_id, {"again": again}, now)
        if granted.by and not agents.known_admins(deps, session, here.team):
            workspaces.set_setting(session, here.team, ADMINS, [granted.by], by=granted.by, now=now)
    log.info("installed", workspace=here.team, again=again, version=stored.version)
    doubt(deps, here.team, because=f"installed:{stored.version}")
    catching_up.start_catch_up(deps, here.team, because=f"installed:{stored.version}")
    return stored


@dataclass(frozen=True, slots=True)
class Shown:
    """An installation as people see it: without its token, with the permissions that it lacks."""

    workspace: str
    name: str
    installed_by: str
    installed_at: datetime
    gone_at: datetime | None
    gone_because: str | None
    missing: tuple[str, ...]


def shown(deps: Deps) -> list[Shown]:
    """Every installation, those that are gone too."""
    with deps.db.read() as session:
        found = installations.listing(session)
    return [
        Shown(
            one.workspace,
            one.name,
            one.installed_by,
            one.installed_at,
            one.gone_at,
            one.gone_because,
            tuple(sorted(set(SCOPES) - one.scopes)) if one.token else (),
        )
        for one in found
    ]


def seal_again(deps: Deps, seal: Seal) -> tuple[int, int]:
    """Seal with the first key what another one sealed: how many of how many. Raises WrongKey, having changed nothing."""
    with deps.db.write() as session:
        held = [(one, one.token) for one in installations.listing(session) if one.token is not None]
        old = [(one, seal.again(token, about=one.workspace)) for one, token in held if not seal.is_newest(token)]
        for one, token in old:
            installations.resealed(session, one.workspace, one.version, token)
    return len(old), len(held)


def doubt(deps: Deps, workspace: str, *, because: str) -> bool:
    """Enqueue the question whether the app is still there; False if it was asked for the same reason before."""
    key = f"{CHECK}:{workspace}:{because}"
    with deps.db.write() as session:
        return queue.enqueue(session, CHECK, {"workspace": workspace}, key=key, now=deps.clock.now(), priority=-1)


def check(deps: Deps, slack: Installations, workspace: str, *, finish: Finish = nothing) -> None:
    """Ask Slack how a stored installation stands. A dead token is thrown away; permissions are kept as they are now.

    Slack is asked, and no event believed: the news of an uninstall may come after the app was installed again.
    Raises TryLater while Slack does not answer.
    """
    with deps.db.read() as session:
        stored = installations.get(session, workspace)
    found: frozenset[str] | str | None = None
    joined: frozenset[str] | None = None
    if stored is not None and stored.token is not None:
        try:
            there = slack.of(workspace)
            found = there.standing()
            joined = None if isinstance(found, str) else _joined(there)
        except NotInstalled:
            found = None
    if isinstance(found, str) and found not in DEAD_TOKENS:
        raise TryLater(f"auth.test: {found}")
    with deps.db.write() as session:
        if stored is not None and found is not None:
            _keep(deps, session, stored, found)
        if joined is not None:
            _keep_memberships(session, workspace, joined)
        finish(session)


def _joined(there: Installation) -> frozenset[str] | None:
    """The channels that we are in; None where Slack does not say."""
    try:
        return frozenset(facts.id for facts in there.history.joined())
    except Refused as refused:
        log.warning("channels_unknown", workspace=there.here.team, error=refused.code)
        return None


def _keep_memberships(session: Session, workspace: str, joined: frozenset[str]) -> None:
    """An app that is taken out is out of its channels too, and nobody tells it."""
    for channel in workspaces.channels(session, workspace):
        if channel.member != (channel.id in joined):
            workspaces.put_channel(session, workspace, channel.id, member=channel.id in joined)
            log.info("membership_changed", workspace=workspace, channel=channel.id, member=channel.id in joined)


def _keep(deps: Deps, session: Session, stored: Stored, found: frozenset[str] | str) -> None:
    now, workspace = deps.clock.now(), stored.workspace
    if isinstance(found, str):
        if installations.gone(session, workspace, stored.version, found, now):
            workspaces.audit(session, workspace, "slack", "uninstalled", stored.app_id, {"because": found}, now)
            log.warning("uninstalled", workspace=workspace, because=found)
    elif found and found != stored.scopes and installations.scoped(session, workspace, stored.version, found):
        log.info("scopes_changed", workspace=workspace, scopes=sorted(found))
