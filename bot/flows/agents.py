"""Who is a support agent or an administrator, and what a name line in a message says."""

from __future__ import annotations

import re

from sqlmodel import Session

from bot.deps import Deps
from bot.preferences import ADMINS, AGENTS, EDITORS, groups
from integrations.slack import SlackMessage
from intelligence.model import Role, Visibility
from storage import messages, workspaces

_NAMED = re.compile(r"^\s*\*?(?:customer|account|company|client)\*?\s*:\*?\s*(?P<name>[^\n]{2,80})$", re.I | re.M)
_THANKS = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|great|perfect|awesome|brilliant|cool|super|yes|wow)\W+)*"
    r"(?:thanks?(?: you)?|thank you|thx|ty|cheers|(?:that|it) work(?:s|ed)|works now|solved|fixed)\b[^?]{0,80}$",
    re.I,
)
_BUT = re.compile(r"\b(?:but|however|still|again|except|although|not working)\b", re.I)


def known_agents(deps: Deps, session: Session, workspace: str) -> frozenset[str]:
    """Slack ids of the agents: the operator's list, and the one that `settings agents` keeps, groups by member."""
    return _people(session, workspace, named(deps, session, workspace, AGENTS))


def known_admins(deps: Deps, session: Session, workspace: str) -> frozenset[str]:
    """Slack ids of the administrators: the operator's list, and the one that `settings admins` keeps."""
    return _people(session, workspace, named(deps, session, workspace, ADMINS))


def known_editors(deps: Deps, session: Session, workspace: str) -> frozenset[str] | None:
    """Slack ids of those whom `settings editors` names; None where it names nobody, and working here is enough."""
    chosen = named(deps, session, workspace, EDITORS)
    return _people(session, workspace, chosen) if chosen else None


def named(deps: Deps, session: Session, workspace: str, role: str) -> frozenset[str]:
    """The people and user groups of a role, as they were named: the operator's, and those of `settings`."""
    operator: frozenset[str] = frozenset()
    if role == ADMINS:
        operator = deps.settings.ids_in(workspace, "admins")
    elif role == AGENTS:
        operator = deps.settings.ids_in(workspace, "agents")
    return operator | frozenset(workspaces.setting(session, workspace, role, []))


def group_key(group: str) -> str:
    """Where the members of a user group are kept between two looks at Slack."""
    return f"usergroup:{group}"


def _people(session: Session, workspace: str, chosen: frozenset[str]) -> frozenset[str]:
    """Groups as their members; a group that could not be read yet has none."""
    teams = groups(chosen)
    inside = (one for team in teams for one in workspaces.setting(session, workspace, group_key(team), []))
    return (chosen - frozenset(teams)) | frozenset(inside)


def is_agent(deps: Deps, session: Session, workspace: str, user: str) -> bool:
    return user in known_agents(deps, session, workspace)


def role_of(
    deps: Deps, session: Session, workspace: str, channel: workspaces.Channel, message: SlackMessage, ticket_id: int
) -> Role:
    """A reply's role: a bot; an agent by list; in a shared channel anybody of our own team; the rest are customers."""
    if message.is_bot:
        return Role.BOT
    if is_agent(deps, session, workspace, message.user):
        return Role.AGENT
    own_team = message.user_team is None or message.user_team == workspace
    if (
        channel.visibility is Visibility.SHARED
        and own_team
        and not messages.is_author(session, ticket_id, message.user)
    ):
        return Role.AGENT
    return Role.CUSTOMER


def named_customer(text: str) -> str | None:
    """The account that a "Customer: X" line names."""
    found = _NAMED.search(text)
    return found["name"].strip(" *_`") if found else None


def is_thanks(text: str) -> bool:
    """Whether a reply only thanks or confirms: it must not reopen a resolved ticket."""
    return bool(_THANKS.match(text.strip())) and not _BUT.search(text)
