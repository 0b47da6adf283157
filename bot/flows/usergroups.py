"""Roles by Slack's user groups: who is in a group is asked of Slack every hour and kept, so that no ticket waits for it."""

from __future__ import annotations

from typing import Final

import structlog
from sqlmodel import Session

from bot.deps import Deps
from bot.flows import agents
from bot.history import SlackHistory
from bot.messenger import Outgoing, Refused
from bot.preferences import ADMINS, AGENTS, EDITORS, groups
from bot.worker import Finish, nothing
from storage import queue, workspaces

log = structlog.get_logger(__name__)

JOB: Final = "usergroups"
ROLES: Final = (ADMINS, EDITORS, AGENTS)
_SCOPE: Final = (
    "I cannot read the user group {group}: {error}. Add the permission `usergroups:read` to the app (OAuth & Permissions), "
    "install it again, and name the group once more. Until then nobody has a role by it."
)


def ask(deps: Deps, session: Session, workspace: str, *, by: str) -> None:
    """Enqueue a look at the groups that roles name, because `by` has just named one."""
    now = deps.clock.now()
    key = f"{JOB}:{workspace}:{now.isoformat()}"
    queue.enqueue(session, JOB, {"workspace": workspace, "by": by}, key=key, lane=f"{JOB}:{workspace}", now=now)


def look(deps: Deps, history: SlackHistory, workspace: str, *, by: str | None = None, finish: Finish = nothing) -> int:
    """Keep who is in each named group; how many groups were read. One that cannot be read keeps its last members, and
    `by` is told why. Raises TryLater where Slack is away.
    """
    with deps.db.read() as session:
        chosen = {one for role in ROLES for one in groups(agents.named(deps, session, workspace, role))}
    found: dict[str, list[str]] = {}
    for group in sorted(chosen):
        try:
            found[group] = sorted(history.group(group))
        except Refused as refused:
            log.warning("usergroup_not_read", group=group, error=refused.code)
            if by is not None:
                told = _SCOPE.format(group=f"<!subteam^{group}>", error=refused.code)
                deps.messenger_of(workspace).direct(by, Outgoing("", told))
    with deps.db.write() as session:
        for group, members in found.items():
            workspaces.put_state(session, workspace, agents.group_key(group), members, deps.clock.now())
        finish(session)
    return len(found)
