"""What Slack's listeners need beside Deps: who we are there, who may see what, and the ways to answer one person."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from slack_sdk import WebClient

from bot.deps import Deps
from bot.errors import NotAllowed, SlackRefused
from bot.flows import agents
from bot.history import SlackHistory
from bot.messenger import Blocks, Outgoing, Refused, TryLater
from bot.slack_client import slack_errors
from bot.slack_messenger import SlackMessenger
from bot.verbs import BY_NAME, Persona, Right
from intelligence.model import ChannelRole, Scope, Visibility
from storage import workspaces

log = structlog.get_logger(__name__)

MEMBERS_KEPT = timedelta(minutes=5)
WORKING_ROLES = tuple(role for role in ChannelRole if role is not ChannelRole.NOTHING)


@dataclass(frozen=True, slots=True)
class Installation:
    """Who the bot token belongs to. `team` is the workspace id of every row that comes from Slack."""

    team: str
    name: str
    bot_user: str
    bot_id: str
    url: str


def who_am_i(client: WebClient) -> Installation:
    """Ask Slack whose token this is. Raises SlackRefused for a bad token, TryLater when Slack cannot be reached."""
    try:
        with slack_errors("auth.test"):
            found = client.auth_test()
    except Refused as refused:
        raise SlackRefused(
            method="auth.test", error=refused.code, fix="Run `ticket-intel connect` with the bot token of this app."
        ) from refused
    return Installation(
        str(found["team_id"]),
        str(found.get("team") or found["team_id"]),
        str(found["user_id"]),
        str(found.get("bot_id") or ""),
        _address(client, str(found.get("url") or "")),
    )


def _address(client: WebClient, told: str) -> str:
    """Where messages can be opened: the workspace's own address, or the server of a Slack that is not Slack's."""
    host = urlsplit(client.base_url).hostname or ""
    return told if host == "slack.com" or host.endswith(".slack.com") else client.base_url.removesuffix("api/")


@dataclass
class Memberships:
    """Who is in which private channel, asked of Slack and remembered for minutes."""

    history: SlackHistory
    _known: dict[str, tuple[datetime, frozenset[str]]] = field(
        default_factory=dict[str, tuple[datetime, frozenset[str]]]
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, channel: str, now: datetime) -> frozenset[str]:
        """The members of a channel; nobody when Slack does not tell, so that a doubt never shows what is private."""
        with self._lock:
            kept = self._known.get(channel)
        if kept is not None and now - kept[0] < MEMBERS_KEPT:
            return kept[1]
        try:
            members = self.history.members(channel)
        except (Refused, TryLater) as error:
            log.warning("members_unknown", channel=channel, reason=str(error))
            return frozenset()
        with self._lock:
            self._known[channel] = (now, members)
        return members


@dataclass(frozen=True, slots=True)
class Desk:
    """Deps with Slack around them. `wake` tells this process's worker that there is new work."""

    deps: Deps
    here: Installation
    messenger: SlackMessenger
    history: SlackHistory
    memberships: Memberships
    wake: Callable[[], None]

    @property
    def workspace(self) -> str:
        return self.here.team

    def scope(self, user: str) -> Scope:
        """What this person may see: everything public, and the private or shared channels they are in."""
        now = self.deps.clock.now()
        with self.deps.db.read() as session:
            channels = workspaces.channels(session, self.workspace)
        closed = [c.id for c in channels if c.visibility is not Visibility.PUBLIC and c.role is not None]
        return Scope(self.workspace, user, frozenset(c for c in closed if user in self.memberships.of(c, now)))

    def admins(self) -> frozenset[str]:
        """Administrators: the operator's list, and the one that `settings admins` keeps."""
        with self.deps.db.read() as session:
            return agents.known_admins(self.deps, session, self.workspace)

    def persona(self, user: str) -> Persona:
        """Whose work the bare command should help with: by what we know of the person, an agent if nothing."""
        if user in self.admins():
            return Persona.ADMIN
        with self.deps.db.read() as session:
            if agents.is_agent(self.deps, session, self.workspace, user):
                return Persona.AGENT
            channels = workspaces.channels(session, self.workspace, ChannelRole.PRODUCT, ChannelRole.ENGINEERING)
        now = self.deps.clock.now()
        there = {c.role for c in channels if user in self.memberships.of(c.id, now)}
        if ChannelRole.PRODUCT in there:
            return Persona.PRODUCT
        return Persona.ENGINEER if there else Persona.AGENT

    def check(self, user: str, verb: str, *, action: str | None = None) -> None:
        """Raise NotAllowed unless this person may use the verb. Until an admin is named, everybody may do everything.

        Editing is for admins, agents, and those whom `settings editors` names: people or user groups. Where it names
        nobody, for whoever is in a channel that was chosen for something.
        """
        right = BY_NAME[verb].right
        admins = self.admins()
        if right is Right.READ or not admins or user in admins:
            return
        if right is Right.EDIT and self._works_here(user):
            return
        raise NotAllowed(who=right.value, action=action or f"use `{verb}`", whom="an admin")

    def may(self, user: str, verb: str) -> bool:
        """Whether `check` lets this person pass."""
        try:
            self.check(user, verb)
        except NotAllowed:
            return False
        return True

    def _works_here(self, user: str) -> bool:
        with self.deps.db.read() as session:
            if agents.is_agent(self.deps, session, self.workspace, user):
                return True
            editors = agents.known_editors(self.deps, session, self.workspace)
            channels = workspaces.channels(session, self.workspace, *WORKING_ROLES)
        if editors is not None:
            return user in editors
        now = self.deps.clock.now()
        return any(user in self.memberships.of(c.id, now) for c in channels if c.visibility is not Visibility.SHARED)

    def tell(
        self, user: str, text: str, blocks: Blocks = (), *, channel: str | None = None, thread_ts: str | None = None
    ) -> None:
        """Say something to one person: where they are, if we are a member there, else in their direct messages."""
        if channel is not None:
            try:
                self.messenger.whisper(user, Outgoing(channel, text, blocks, thread_ts))
                return
            except Refused as refused:
                log.info("whisper_refused", channel=channel, error=refused.code)
        self.messenger.direct(user, Outgoing("", text, blocks))
