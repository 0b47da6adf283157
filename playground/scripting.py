"""Synchronous, thread-safe verbs for tests and for the demo: set the stage, act as people, make trouble."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from playground.channels import Channel, Message
from playground.delivery import Delivery
from playground.interactions import Interactions
from playground.oauth import query_of
from playground.observing import Observing
from playground.people import App, User, UserKind
from playground.people_acts import PeopleActs
from playground.server_thread import ServerThread
from playground.views import View
from playground.workspace import UserGroup


class Scripting(Observing):
    """What a script can do. `Playground` adds the construction and the life cycle."""

    _interactions: Interactions
    _acts: PeopleActs
    _server: ServerThread

    # -- the stage ----------------------------------------------------------------------------------------------
    def add_user(
        self,
        name: str,
        real_name: str = "",
        kind: UserKind = "customer",
        is_bot: bool = False,
        team_id: str | None = None,
        title: str = "",
        tz: str = "Europe/Berlin",
    ) -> str:
        """A person (of a partner's workspace when `team_id` differs); returns the user id."""
        team = team_id or self.workspace.team_id
        shown = real_name or name.replace(".", " ").title()
        user = User(self.workspace.new_id("U"), name, shown, team, kind, title, is_bot, tz=tz)
        return self.workspace.add_user(user).id

    def add_channel(
        self, name: str, private: bool = False, shared: bool = False, members: Iterable[str] = (), topic: str = ""
    ) -> str:
        """A channel whose members are exactly these ids (add `bot_user_id` for the bot); returns its id."""
        people = list(members)
        channel_id, created = self.workspace.new_id("C"), int(self.workspace.clock())
        creator = people[0] if people else self.slack.app.user_id
        kind = "private" if private else "channel"
        channel = Channel(channel_id, name, kind, created, creator, people, topic=topic, is_shared=shared)
        return self.workspace.add_channel(channel).id

    def open_im(self, user: str) -> str:
        """The direct message between a person and the bot; returns the channel id."""
        return self.slack.direct_message(user).id

    def add_app(self, name: str, app_id: str | None = None, *, classic: bool = False) -> App:
        """Another installed app; a `classic` one posts like an incoming webhook (`bot_message`, no user)."""
        new = self.workspace.new_id
        return self.workspace.add_app(App(app_id or new("A"), name, new("B"), new("U"), classic))

    def add_usergroup(self, handle: str, users: Iterable[str], name: str = "") -> str:
        group = UserGroup(self.workspace.new_id("S"), handle, name or handle, tuple(users))
        with self.workspace.lock:
            self.workspace.groups[group.id] = group
        return group.id

    def add_command(self, command: str, description: str = "", usage_hint: str = "") -> None:
        """Register a slash command; once one is registered, any other is refused as Slack's client does."""
        about = {"command": command, "description": description, "usage_hint": usage_hint}
        self._interactions.commands[command] = about

    def add_shortcut(self, name: str, callback_id: str, type: str = "message") -> None:
        """Register a `message` or `global` shortcut; once one is registered, any other is refused."""
        self._interactions.shortcuts[callback_id] = {"name": name, "callback_id": callback_id, "type": type}

    def load(self, channel: str, messages: Iterable[Message]) -> int:
        """Bulk history (`user` or `bot_id`, `text` as stored, `ts`, `thread_ts` ...): readable, but no events."""
        return self.workspace.load(channel, messages)

    # -- people and other apps ----------------------------------------------------------------------------------
    def say(
        self,
        user: str,
        channel: str,
        text: str,
        thread_ts: str | None = None,
        ts: str | None = None,
        *,
        wait: bool = False,
        raw: bool = False,
        broadcast: bool = False,
        files: list[dict[str, Any]] | None = None,
    ) -> Message:
        """Post as a person; events go out in the background unless `wait`. `raw` text is stored unescaped.

        Raises Refused where Slack's client would (archived channel, private channel of others).
        """
        said = self._acts.say(user, channel, text, thread_ts, ts, raw=raw, broadcast=broadcast, files=files)
        if wait:
            self.settle()
        return said

    def edit(self, user: str, channel: str, ts: str, text: str) -> Message:
        return self._acts.edit(user, channel, ts, text)

    def delete(self, user: str, channel: str, ts: str) -> None:
        """Delete a message; a root with replies becomes a tombstone (a `message_changed`), as in Slack."""
        self._acts.delete(user, channel, ts)

    def react(self, user: str, channel: str, ts: str, name: str, remove: bool = False) -> None:
        self._acts.react(user, channel, ts, name, remove=remove)

    def unfurl(self, channel: str, ts: str, attachment: Message) -> Message:
        """Attach a link preview: `message_changed` with the same text and no `edited`."""
        return self._acts.unfurl(channel, ts, attachment)

    def invite(self, user_inviter: str, channel: str, user_invited: str) -> bool:
        """Add somebody (or the bot) to a channel; False when already there."""
        return self._acts.invite(user_inviter, channel, user_invited)

    def kick(self, channel: str, user: str) -> bool:
        return self.workspace.leave(channel, user)

    def archive(self, user: str, channel: str, *, archived: bool = True) -> None:
        self._acts.archive(user, channel, archived=archived)

    def rename_channel(self, user: str, channel: str, name: str) -> None:
        self._acts.rename(user, channel, name)

    def set_topic(self, user: str, channel: str, topic: str) -> None:
        self._acts.set_topic(user, channel, topic)

    def post_as_app(
        self,
        app: App,
        channel: str,
        text: str = "",
        blocks: list[dict[str, Any]] | None = None,
        attachments: list[dict[str, Any]] | None = None,
        thread_ts: str | None = None,
        **fields: Any,
    ) -> Message:
        """A message of another app (a ticket notification); `fields` are added to it as they are."""
        parts = {"text": text, "blocks": blocks, "attachments": attachments, "thread_ts": thread_ts, **fields}
        return self._acts.post_as_app(app, channel, {k: v for k, v in parts.items() if v is not None})

    # -- interactions: each returns the app's acknowledgement payload ---------------------------------------------
    def slash(
        self, user: str, channel: str, command: str, text: str = "", thread_ts: str | None = None
    ) -> dict[str, Any]:
        """Run a slash command. Raises OperationTimeout, DispatchFailed, or Refused (in a thread, unknown command)."""
        return self._server.run(self._interactions.slash(user, channel, command, text, thread_ts))

    def click(
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        value: Any = None,
        block_id: str | None = None,
        ephemeral: bool = False,
        state: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Press or choose in a message; `value` is the choice. An ephemeral one is found by itself."""
        if ephemeral and self.workspace.find_whisper(user, ts) is None:
            raise LookupError(f"{user} sees no ephemeral message {ts}")
        container = {"type": "message", "channel": channel, "ts": ts}
        return self._server.run(self._interactions.act(user, container, action_id, value, block_id, state))

    def view_action(
        self,
        user: str,
        view_id: str,
        action_id: str,
        value: Any = None,
        block_id: str | None = None,
        *,
        state: dict[str, dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Press or choose in a modal or home tab; `state` is what its other fields hold, as for `submit`."""
        container = {"type": "view", "view_id": view_id}
        return self._server.run(self._interactions.act(user, container, action_id, value, block_id, state))

    def submit(self, user: str, view_id: str, values: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
        """Submit a modal: {block_id: {action_id: text, option value, list of them, or a full state}}."""
        return self._server.run(self._interactions.submit(user, view_id, values or {}))

    def close(self, user: str, view_id: str) -> None:
        self._server.run(self._interactions.close(user, view_id))

    def options(self, user: str, container: dict[str, Any], action_id: str, query: str) -> list[dict[str, Any]]:
        """Ask the app for the options of an external select."""
        return self._server.run(self._interactions.options(user, container, action_id, query))

    def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> dict[str, Any]:
        return self._server.run(self._interactions.message_shortcut(user, channel, ts, callback_id))

    def global_shortcut(self, user: str, callback_id: str) -> dict[str, Any]:
        return self._server.run(self._interactions.global_shortcut(user, callback_id))

    def open_home(self, user: str, timeout: float = 3.0) -> View | None:
        """Open the home tab and return the view published because of it, or the old one after `timeout` seconds."""
        before = self.home_of(user)
        self._interactions.open_home(user)
        try:
            self.wait_for(lambda _: self.home_of(user) is not before, timeout)
        except TimeoutError:
            return before
        return self.home_of(user)

    # -- trouble ------------------------------------------------------------------------------------------------
    def refresh_connections(self, reason: str = "refresh_requested") -> None:
        """Ask every Socket Mode connection to be renewed (`refresh_requested` or `warning`)."""
        self._server.run(self._deliveries.sockets.refresh(reason))

    def send_event(self, event: dict[str, Any], event_id: str | None = None) -> Delivery:
        """Send any event, well-formed or not, or one again under the same `event_id`."""
        return self._deliveries.post_event(event, event_id)

    def hold_events(self) -> None:
        """Keep events back until `release_events`."""
        self._deliveries.hold()

    def release_events(self, *, backwards: bool = False) -> None:
        """Send what was held, in order or backwards."""
        self._deliveries.release(backwards=backwards)

    def revoke(self, token: str) -> None:
        """From now on this token is answered `token_revoked`."""
        self.slack.credentials.revoked.add(token)

    def authorize(self, user: str, url: str) -> str:
        """A person of this workspace allows what an authorize address asks for; the address their browser goes to.

        Raises SlackError for an address that Slack refuses.
        """
        return self.slack.grants.allow(self.slack, user, query_of(url))

    def uninstall(self, *, tell: bool = True) -> None:
        """Take the app out of the workspace; its token is dead. With `tell` the app hears of it, as Slack promises."""
        self.slack.uninstall()
        told = {"tokens": {"oauth": [], "bot": [self.slack.app.user_id]}}
        for name, fields in (("tokens_revoked", told), ("app_uninstalled", {})):
            if tell and self._deliveries.subscribes(name):
                self._deliveries.post_event({"type": name, "event_ts": self.workspace.new_ts(), **fields})

    def set_scopes(self, scopes: Sequence[str] | None) -> None:
        """Reinstall the app with other scopes (None: all)."""
        self.slack.credentials.scopes = None if scopes is None else tuple(scopes)
