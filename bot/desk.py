"""What Slack's listeners need beside Deps: who we are there, who may see what, and the ways to answer one person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.deps import Deps
from bot.errors import NotAllowed
from bot.flows import agents
from bot.history import SlackHistory
from bot.installations import Identity, Installation, Installations, Memberships
from bot.messenger import Blocks, NotInstalled, Outgoing, Refused
from bot.sealing import WrongKey
from bot.slack_messenger import SlackMessenger
from bot.verbs.parts import Persona, Right
from bot.verbs.table import BY_NAME
from intelligence.model import ChannelRole, Scope, Visibility
from storage import workspaces

log = structlog.get_logger(__name__)

WORKING_ROLES = tuple(role for role in ChannelRole if role is not ChannelRole.NOTHING)


@dataclass(frozen=True, slots=True)
class Desk:
    """Deps with Slack around them. `wake` tells this process's worker that there is new work."""

    deps: Deps
    installation: Installation
    wake: Callable[[], None]

    @property
    def here(self) -> Identity:
        return self.installation.here

    @property
    def messenger(self) -> SlackMessenger:
        return self.installation.messenger

    @property
    def history(self) -> SlackHistory:
        return self.installation.history

    @property
    def memberships(self) -> Memberships:
        return self.installation.memberships

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
        if right is Right.EDIT and self.works_here(user):
            return
        raise NotAllowed(who=right.value, action=action or f"use `{verb}`", whom="an admin")

    def may(self, user: str, verb: str) -> bool:
        """Whether `check` lets this person pass."""
        try:
            self.check(user, verb)
        except NotAllowed:
            return False
        return True

    def works_here(self, user: str) -> bool:
        """Whether somebody is an admin, an agent, or in an internal channel that was chosen for something."""
        if user in self.admins():
            return True
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


@dataclass(frozen=True, slots=True)
class Desks:
    """The desk of every workspace that the app is in. `wake` tells this process's worker that there is new work."""

    deps: Deps
    installations: Installations
    wake: Callable[[], None]

    @property
    def home(self) -> str:
        """The workspace that helpdesks, tracker and programs of the settings belong to."""
        found = self.installations.workspaces()
        return self.deps.settings.workspace if self.deps.settings.several or not found else found[0]

    def of(self, workspace: str) -> Desk:
        """Raises NotInstalled."""
        return Desk(self.deps.within(workspace), self.installations.of(workspace), self.wake)

    def all(self) -> list[Desk]:
        """Those of all workspaces; one that is leaving just now is left out."""
        found: list[Desk] = []
        for workspace in self.installations.workspaces():
            try:
                found.append(self.of(workspace))
            except (NotInstalled, WrongKey) as error:
                log.error("no_desk", workspace=workspace, reason=str(error))
        return found
