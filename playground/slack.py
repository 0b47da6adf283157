"""Slack's own side of things, put together: state, rights, rules and the record of what the app did."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from playground.block_rules import check_attachments, check_blocks
from playground.blocks import completed
from playground.channels import Channel, Message
from playground.errors import SlackError, invalid
from playground.faults import Faults, RateLimiter
from playground.files import Files
from playground.oauth import Grants
from playground.people import App, User
from playground.tickets import ResponseUrls, Triggers
from playground.views import Views
from playground.workspace import Workspace

MOST_TEXT = 40_000


@dataclass(frozen=True, slots=True)
class Call:
    """One Web API call or response_url post of the app, with what it was answered."""

    method: str
    args: dict[str, Any]
    status: int
    reply: dict[str, Any]
    at: float

    @property
    def ok(self) -> bool:
        return bool(self.reply.get("ok"))

    @property
    def error(self) -> str | None:
        return self.reply.get("error")


@dataclass(slots=True)
class Credentials:
    bot_token: str
    app_token: str
    signing_secret: str
    scopes: tuple[str, ...] | None = None
    revoked: set[str] = field(default_factory=set)


class Slack:
    """What the Web API, the deliveries and the page share."""

    def __init__(
        self,
        workspace: Workspace,
        app: App,
        credentials: Credentials,
        clock: Callable[[], float],
        *,
        rate_limit: bool,
        file_looks: int,
        trigger_seconds: float,
        on_switch: Callable[[str, bool], None],
    ) -> None:
        self.workspace, self.app, self.credentials, self.clock = workspace, app, credentials, clock
        self.base_url = ""
        self.triggers = Triggers(clock, trigger_seconds)
        self.response_urls = ResponseUrls(clock)
        self.views = Views(workspace, app.id, app.bot_id)
        self.files = Files(workspace, file_looks)
        self.faults = Faults(on_switch)
        self.limiter = RateLimiter(clock) if rate_limit else None
        self.calls: list[Call] = []
        self.problems: list[str] = []
        self.sent: dict[tuple[str, str], str] = {}
        self.new_socket_url: Callable[[], str] = lambda: ""
        self.installed = True
        self.grants = Grants(clock)

    # -- the record ---------------------------------------------------------------------------------------------
    def record(self, method: str, args: dict[str, Any], status: int, reply: dict[str, Any]) -> None:
        with self.workspace.lock:
            self.calls.append(Call(method, args, status, reply, self.clock()))
            if reply.get("error") in ("invalid_blocks", "invalid_arguments", "invalid_attachments"):
                self.problems.append(f"{method}: {reply['error']} {reply.get('errors', '')}")
            self.workspace.changed.notify_all()

    def problem(self, sentence: str) -> None:
        """Something the app got wrong that no answer tells it about (a bad block in an acknowledgement)."""
        with self.workspace.lock:
            self.problems.append(sentence)
            self.workspace.emit("toast", level="error", text=sentence)

    # -- rights -------------------------------------------------------------------------------------------------
    def require_scopes(self, alternatives: Collection[str]) -> None:
        """Raises SlackError missing_scope unless the app has one of the scopes."""
        granted = self.credentials.scopes
        if granted is None or not alternatives or any(scope in granted for scope in alternatives):
            return
        raise SlackError("missing_scope", needed=",".join(alternatives), provided=",".join(granted))

    def has_scope(self, scope: str) -> bool:
        return self.credentials.scopes is None or scope in self.credentials.scopes

    # -- installing ---------------------------------------------------------------------------------------------
    def install(self, scopes: Collection[str]) -> None:
        """Let the app in. Installed again it keeps its token and what it was granted before."""
        with self.workspace.lock:
            credentials = self.credentials
            if not self.installed or credentials.bot_token in credentials.revoked:
                credentials.bot_token = f"xoxb-{self.workspace.team_id.lower()}-{secrets.token_hex(8)}"
                credentials.scopes = ()
            before = credentials.scopes or ()
            credentials.scopes = tuple(dict.fromkeys((*before, *scopes)))
            self.installed = True

    def uninstall(self) -> None:
        """Throw the app out: its token is dead, and its bot is in no channel any more."""
        with self.workspace.lock:
            self.credentials.revoked.add(self.credentials.bot_token)
            self.installed = False
            for channel in self.workspace.channels.values():
                if self.app.user_id in channel.members and channel.kind != "im":
                    channel.members.remove(self.app.user_id)

    # -- finding ------------------------------------------------------------------------------------------------
    def user(self, user_id: str) -> User:
        found = self.workspace.users.get(user_id)
        if found is None:
            raise SlackError("user_not_found")
        return found

    def channel(self, name: str, *, seen_by_bot: bool = True) -> Channel:
        """A channel by id or name, or the direct message with a user id. Raises SlackError channel_not_found."""
        channels = self.workspace.channels
        found = channels.get(name) or next((c for c in channels.values() if c.name == name.lstrip("#")), None)
        if found is None and name in self.workspace.users:
            found = self.direct_message(name)
        hidden = found and found.kind == "private" and self.app.user_id not in found.members
        if found is None or (seen_by_bot and hidden):
            raise SlackError("channel_not_found")
        return found

    def direct_message(self, user_id: str) -> Channel:
        """The conversation between a person and the bot, opened when there is none."""
        with self.workspace.lock:
            for channel in self.workspace.channels.values():
                if channel.kind == "im" and channel.partner == user_id:
                    return channel
            members = [user_id, self.app.user_id]
            created = int(self.clock())
            channel = Channel(self.workspace.new_id("D"), "", "im", created, user_id, members, partner=user_id)
            return self.workspace.add_channel(channel)

    def is_member(self, channel: Channel) -> bool:
        return self.app.user_id in channel.members

    # -- the app's messages -------------------------------------------------------------------------------------
    def content(self, args: dict[str, Any], *, most_text: int = MOST_TEXT) -> Message:
        """Checked text, blocks and attachments of a message. Raises SlackError."""
        text, blocks, attachments = args.get("text"), args.get("blocks"), args.get("attachments")
        markdown = args.get("markdown_text")
        if markdown is not None:
            if text or blocks:
                raise SlackError("markdown_text_conflict")
            text, blocks = markdown, [{"type": "markdown", "text": markdown}]
        if text is not None and not isinstance(text, str):
            raise invalid("invalid_arguments", ["must be a string [json-pointer:/text]"])
        if not (text or blocks or attachments):
            raise SlackError("no_text")
        if text and len(text) > most_text:
            raise SlackError("msg_too_long")
        self.check_blocks(blocks)
        problems = check_attachments(attachments) if attachments is not None else []
        if problems:
            raise invalid("invalid_attachments", [str(p) for p in problems])
        found: Message = {"text": text or ""}
        if blocks is not None:
            found["blocks"] = completed(blocks)
        if attachments is not None:
            found["attachments"] = [{"id": i, "fallback": "", **a} for i, a in enumerate(attachments, start=1)]
        return found

    def check_blocks(self, blocks: Any) -> None:
        """Raises SlackError invalid_blocks, also for a slack_file that is unknown or still being processed."""
        if blocks is None:
            return
        problems = [str(p) for p in check_blocks(blocks)]
        if not problems:
            problems = [
                f"invalid slack file [json-pointer:{pointer}]"
                for pointer, file_id in slack_files(blocks, "/blocks")
                if not self.files.looked_at(file_id)
            ]
        if problems:
            raise invalid("invalid_blocks", problems)

    def by_bot(self, message: Message) -> Message:
        """A message with the marks of the app under test."""
        profile = self.app.profile(self.workspace.team_id, int(self.clock()))
        return {
            "user": self.app.user_id,
            "bot_id": self.app.bot_id,
            "app_id": self.app.id,
            "bot_profile": profile,
            **message,
        }

    def post_as_bot(self, channel: Channel, message: Message, *, quiet: bool = False) -> Message:
        return self.workspace.post(channel.id, self.by_bot(message), quiet=quiet)

    def whisper_as_bot(self, channel_id: str, user_id: str, message: Message) -> Message:
        return self.workspace.whisper(channel_id, user_id, self.by_bot(message))


def slack_files(value: Any, pointer: str) -> list[tuple[str, str]]:
    """Pointers and ids of every `slack_file` inside blocks (a file given by url counts as its id in the path)."""
    if isinstance(value, list):
        return [found for i, entry in enumerate(value) for found in slack_files(entry, f"{pointer}/{i}")]
    if not isinstance(value, dict):
        return []
    found = [hit for name, entry in value.items() for hit in slack_files(entry, f"{pointer}/{name}")]
    reference = value.get("slack_file")
    if isinstance(reference, dict):
        file_id = reference.get("id") or next(iter(str(reference.get("url")).split("/files/")[1:]), "").split("/")[0]
        found.append((f"{pointer}/slack_file", file_id))
    return found
