"""The app in each workspace: who we are there, and the way in and out. One by its token, or all that installed it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

import structlog
from slack_sdk import WebClient

from bot.errors import SlackRefused
from bot.history import SlackHistory
from bot.messenger import NotInstalled, Refused, TryLater
from bot.sealing import Seal
from bot.slack_client import build_client, slack_errors
from bot.slack_history import WebHistory
from bot.slack_messenger import SlackMessenger
from storage import installations
from storage.engine import Database
from storage.installations import Stored

log = structlog.get_logger(__name__)

MEMBERS_KEPT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot token belongs to. `team` is the workspace id of every row that comes from Slack."""

    team: str
    name: str
    bot_user: str
    bot_id: str
    url: str


def who_am_i(client: WebClient) -> Identity:
    """Ask Slack whose token this is. Raises SlackRefused for a bad token, TryLater when Slack cannot be reached."""
    try:
        with slack_errors("auth.test"):
            found = client.auth_test()
    except Refused as refused:
        raise SlackRefused(
            method="auth.test", error=refused.code, fix="Run `ticket-intel connect` with the bot token of this app."
        ) from refused
    return Identity(
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
        if kept is not None and timedelta(0) <= now - kept[0] < MEMBERS_KEPT:
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
class Installation:
    """The app in one workspace."""

    here: Identity
    client: WebClient
    messenger: SlackMessenger
    history: WebHistory
    memberships: Memberships

    def standing(self) -> frozenset[str] | str:
        """Ask Slack what the token may do: its scopes, or Slack's word for why it opens nothing. Raises TryLater."""
        try:
            with slack_errors("auth.test"):
                answer: Any = self.client.auth_test()
        except Refused as refused:
            return refused.code
        return granted_scopes(answer.headers)


def installed(here: Identity, client: WebClient) -> Installation:
    """The ways in and out that a token opens."""
    history = WebHistory(client)
    return Installation(here, client, SlackMessenger(client), history, Memberships(history))


class Installations(Protocol):
    """Where the app is installed. `of` raises NotInstalled where it is not (any more)."""

    def of(self, workspace: str) -> Installation: ...

    def workspaces(self, *, gone: bool = False) -> list[str]:
        """Those that the app is in; with `gone` also those that it was in."""
        ...


@dataclass(frozen=True, slots=True)
class OneInstallation:
    """The workspace that SLACK_BOT_TOKEN belongs to, whatever is asked for."""

    installation: Installation

    def of(self, workspace: str) -> Installation:
        return self.installation

    def workspaces(self, *, gone: bool = False) -> list[str]:
        return [self.installation.here.team]


class StoredInstallations:
    """Every workspace that installed the app. The database is asked each time, because another process may have taken
    the installation in, or heard of its end; what a token opens is built once for each version of it.
    """

    def __init__(self, db: Database, seal: Seal, api_url: str) -> None:
        self._db = db
        self._seal = seal
        self._build: Callable[[str], WebClient] = lambda token: build_client(token, api_url)
        self._kept: dict[str, tuple[int, Installation]] = {}
        self._lock = threading.Lock()

    def of(self, workspace: str) -> Installation:
        with self._db.read() as session:
            stored = installations.get(session, workspace)
        if stored is None or stored.token is None:
            with self._lock:
                self._kept.pop(workspace, None)
            raise NotInstalled(workspace)
        with self._lock:
            kept = self._kept.get(workspace)
        if kept is not None and kept[0] == stored.version:
            return kept[1]
        made = self._opened(stored, stored.token)
        with self._lock:
            self._kept[workspace] = (stored.version, made)
        return made

    def workspaces(self, *, gone: bool = False) -> list[str]:
        with self._db.read() as session:
            return [stored.workspace for stored in installations.listing(session) if gone or stored.token]

    def _opened(self, stored: Stored, token: str) -> Installation:
        """Raises WrongKey."""
        client = self._build(self._seal.open(token, about=stored.workspace).get_secret_value())
        url = _address(client, stored.url)
        return installed(Identity(stored.workspace, stored.name, stored.bot_user, stored.bot_id, url), client)


def granted_scopes(headers: Any) -> frozenset[str]:
    """The scopes that Slack names in its answers' X-OAuth-Scopes header; empty when it names none."""
    told = {str(key).lower(): value for key, value in dict(headers).items()}.get("x-oauth-scopes", "")
    return frozenset(part.strip() for part in str(told).split(",") if part.strip())
