"""The state of the workspace and every way it can change. Knows no network: listeners hear each Change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from playground.channels import Channel, Message, micros
from playground.mrkdwn import rich_text
from playground.people import App, User

BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened. `kind` is the noun, `data` what the listeners of that kind need."""

    kind: str
    channel: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UserGroup:
    id: str
    handle: str
    name: str
    users: tuple[str, ...]


class Workspace:
    """Users, channels and messages behind one lock; `changed` is notified after every change."""

    def __init__(self, name: str, team_id: str, clock: Callable[[], float]) -> None:
        self.name, self.team_id, self.clock = name, team_id, clock
        self.domain = name.lower().replace(" ", "-")
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.users: dict[str, User] = {}
        self.apps: dict[str, App] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, UserGroup] = {}
        self.ephemerals: dict[str, list[Message]] = {}
        self.last_read: dict[tuple[str, str], str] = {}
        self._listeners: list[Callable[[Change], None]] = []
        self._sequence = 0
        self._last_micros = 0

    # -- hearing and naming -------------------------------------------------------------------------------------
    def listen(self, listener: Callable[[Change], None]) -> None:
        self._listeners.append(listener)

    def emit(self, kind: str, channel: str = "", **data: Any) -> None:
        """Tell every listener, then wake whoever waits for a condition."""
        with self.lock:
            change = Change(kind, channel, data)
            for listener in self._listeners:
                listener(change)
            self.changed.notify_all()

    def new_id(self, prefix: str) -> str:
        """An id that looks like Slack's: a letter and ten characters, the same for the same history."""
        with self.lock:
            self._sequence += 1
            number, digits = self._sequence, ""
            while number:
                number, digit = divmod(number, 36)
                digits = BASE36[digit] + digits
            return f"{prefix}0PG{digits:0>7}"

    def new_ts(self) -> str:
        """The clock as a message timestamp, never the same twice."""
        with self.lock:
            self._last_micros = max(round(self.clock() * 1_000_000), self._last_micros + 1)
            return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    # -- people and channels ------------------------------------------------------------------------------------
    def add_user(self, user: User) -> User:
        with self.lock:
            self.users[user.id] = user
            self.emit("user", user=user)
        return user

    def add_app(self, app: App) -> App:
        """Install an app together with its bot user."""
        with self.lock:
            self.apps[app.id] = app
            handle = app.name.lower().replace(" ", "-")
            self.add_user(
                User(app.user_id, handle, app.name, self.team_id, "app", "", True, app_id=app.id, bot_id=app.bot_id)
            )
        return app

    def add_channel(self, channel: Channel) -> Channel:
        with self.lock:
            self.channels[channel.id] = channel
            self.emit("channel_created", channel.id)
        return channel

    def join(self, channel_id: str, user_id: str, inviter: str | None = None) -> bool:
        """Add a member; False when already there."""
        with self.lock:
            channel = self.channels[channel_id]
            if user_id in channel.members:
                return False
            channel.members.append(user_id)
            self.emit("member_joined", channel_id, user=user_id, inviter=inviter)
            notice = {"subtype": "channel_join", "user": user_id, "text": f"<@{user_id}> has joined the channel"}
            self.post(channel_id, notice | ({"inviter": inviter} if inviter else {}))
        return True

    def leave(self, channel_id: str, user_id: str) -> bool:
        with self.lock:
            channel = self.channels[channel_id]
            if user_id not in channel.members:
                return False
            self.post(
                channel_id, {"subtype": "channel_leave", "user": user_id, "text": f"<@{user_id}> has left the channel"}
            )
            channel.members.remove(user_id)
            self.emit("member_left", channel_id, user=user_id)
        return True

    # -- messages -----------------------------------------------------------------------------------------------
    def post(self, channel_id: str, message: Message, *, quiet: bool = False) -> Message:
        """Store a message and return it as shown; `quiet` keeps it from being an event (streams begin empty)."""
        with self.lock:
            channel = self.channels[channel_id]
            stored = {"type": "message", "team": self.team_id, **message}
            stored.setdefault("ts", self.new_ts())
            self._last_micros = max(self._last_micros, micros(stored["ts"]))
            channel.insert([stored])
            shown = channel.shown(stored["ts"], metadata=True)
            self.emit("message", channel_id, message=shown, quiet=quiet)
        return shown

    def load(self, channel_id: str, messages: Iterable[Message]) -> int:
        """Bulk history: stored, never delivered as events, counted as read by everybody."""
        with self.lock:
            channel = self.channels[channel_id]
            ready = [self._historic(message) for message in messages]
            channel.insert(ready)
            newest = max((m["ts"] for m in ready), key=micros, default="0")
            channel.read_until = max(channel.read_until, newest, key=micros)
            self._last_micros = max(self._last_micros, micros(newest))
            self.emit("loaded", channel_id)
        return len(ready)

    def _historic(self, message: Message) -> Message:
        stored = {"type": "message", "team": self.team_id, **message}
        stored.setdefault("ts", self.new_ts())
        if "blocks" not in stored and "bot_id" not in stored:
            stored["blocks"] = rich_text(stored.get("text", ""), f"h{stored['ts']}")
        return stored

    def change(self, channel_id: str, ts: str, fields: Message, *, quiet: bool = False) -> Message:
        """Replace fields of a message (a value of None removes the field)."""
        with self.lock:
            channel = self.channels[channel_id]
            previous = channel.shown(ts)
            merged = {**channel.messages[ts], **fields}
            channel.messages[ts] = {k: v for k, v in merged.items() if v is not None}
            shown = channel.shown(ts, metadata=True)
            self.emit("message_changed", channel_id, message=shown, previous=previous, quiet=quiet)
        return shown

    def remove(self, channel_id: str, ts: str) -> None:
        """Delete a message. A root that has replies stays as a tombstone, which Slack reports as a change."""
        with self.lock:
            channel = self.channels[channel_id]
            if channel.replies(ts):
                kept = {k: None for k in channel.messages[ts] if k not in ("type", "ts", "team")}
                grave = {
                    "subtype": "tombstone",
                    "user": "USLACKBOT",
                    "text": "This message was deleted.",
                    "hidden": True,
                }
                self.change(channel_id, ts, {**kept, **grave, "thread_ts": ts})
                return
            previous = channel.shown(ts)
            channel.remove(ts)
            self.emit("message_deleted", channel_id, ts=ts, previous=previous)

    def react(self, channel_id: str, ts: str, name: str, user_id: str, *, add: bool) -> bool:
        """Add or remove a reaction; False when there was nothing to do."""
        with self.lock:
            message = self.channels[channel_id].messages[ts]
            users = {r["name"]: list(r["users"]) for r in message.get("reactions", [])}
            if (user_id in users.get(name, [])) == add:
                return False
            users.setdefault(name, []).append(user_id) if add else users[name].remove(user_id)
            message["reactions"] = [{"name": n, "users": u, "count": len(u)} for n, u in users.items() if u]
            kind = "reaction_added" if add else "reaction_removed"
            author = message.get("user") or message.get("bot_id", "")
            self.emit(kind, channel_id, ts=ts, name=name, user=user_id, author=author, reactions=message["reactions"])
        return True

    def whisper(self, channel_id: str, user_id: str, message: Message) -> Message:
        """A message that only one person sees, gone when they reload."""
        with self.lock:
            stored = {"type": "message", "ts": self.new_ts(), "ephemeral_to": user_id, "channel": channel_id, **message}
            self.ephemerals.setdefault(user_id, []).append(stored)
            self.emit("ephemeral", channel_id, user=user_id, message=stored)
        return stored

    def find_whisper(self, user_id: str, ts: str) -> Message | None:
        return next((m for m in self.ephemerals.get(user_id, []) if m["ts"] == ts), None)

    def replace_whisper(self, user_id: str, ts: str, fields: Message | None) -> None:
        """Change a person's ephemeral message, or remove it with None."""
        with self.lock:
            whispers = self.ephemerals.get(user_id, [])
            found = next((i for i, m in enumerate(whispers) if m["ts"] == ts), None)
            if found is None:
                return
            channel_id = whispers[found]["channel"]
            if fields is None:
                del whispers[found]
                self.emit("ephemeral_removed", channel_id, user=user_id, ts=ts)
                return
            whispers[found] = {k: v for k, v in {**whispers[found], **fields}.items() if v is not None}
            self.emit("ephemeral", channel_id, user=user_id, message=whispers[found])

    def pin(self, channel_id: str, ts: str) -> None:
        with self.lock:
            pinned = self.channels[channel_id].pinned
            if ts not in pinned:
                pinned.append(ts)
            self.emit("pins", channel_id)
