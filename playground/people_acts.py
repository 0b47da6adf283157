"""What people and other apps do that needs no answer from the app under test: talk, edit, react, invite."""

from __future__ import annotations

import uuid
from typing import Any

from playground.channels import Channel, Message
from playground.errors import Refused, SlackError
from playground.mrkdwn import rich_text, typed
from playground.people import App
from playground.slack import Slack


class PeopleActs:
    """The clients of people in the workspace, with what Slack's client would refuse."""

    def __init__(self, slack: Slack) -> None:
        self._slack, self._workspace = slack, slack.workspace

    def _place(self, user: str, channel_id: str) -> Channel:
        channel = self._workspace.channels[channel_id]
        if channel.is_archived:
            raise Refused("this channel is archived")
        if user not in channel.members and channel.kind != "channel":
            raise Refused("you are not in this channel")
        return channel

    def say(
        self,
        user: str,
        channel_id: str,
        text: str,
        thread_ts: str | None = None,
        ts: str | None = None,
        *,
        raw: bool = False,
        broadcast: bool = False,
        files: list[dict[str, Any]] | None = None,
    ) -> Message:
        """Post as a person; typing into a public channel joins it."""
        with self._workspace.lock:
            channel = self._place(user, channel_id)
            if user not in channel.members:
                self._workspace.join(channel_id, user)
            stored = text if raw else self._typed(text)
            person = self._workspace.users[user]
            message: Message = {
                "user": user,
                "text": stored,
                "client_msg_id": str(uuid.uuid4()),
                "team": person.team_id,
                "blocks": rich_text(stored, uuid.uuid4().hex[:5]),
            }
            if person.team_id != self._workspace.team_id:
                message |= {"user_team": person.team_id, "source_team": person.team_id}
            message |= {"ts": ts} if ts else {}
            if thread_ts:
                message |= self._reply_fields(channel, thread_ts, broadcast=broadcast)
            if files:
                message |= {"files": files, "subtype": "file_share", "upload": False}
            return self._workspace.post(channel_id, message)

    def _typed(self, text: str) -> str:
        return typed(text, {*self._workspace.users, *self._workspace.channels})

    @staticmethod
    def _reply_fields(channel: Channel, thread_ts: str, *, broadcast: bool) -> Message:
        root = channel.messages.get(thread_ts)
        if root is None:
            raise Refused("this thread is gone")
        fields: Message = {"thread_ts": root.get("thread_ts", thread_ts)}
        parent = channel.messages.get(fields["thread_ts"], root).get("user")
        fields |= {"parent_user_id": parent} if parent else {}
        return fields | ({"subtype": "thread_broadcast"} if broadcast else {})

    def _own(self, user: str, channel_id: str, ts: str) -> Message:
        message = self._workspace.channels[channel_id].messages.get(ts)
        if message is None:
            raise Refused("this message is gone")
        if message.get("user") != user:
            raise Refused("only its author can change a message")
        return message

    def edit(self, user: str, channel_id: str, ts: str, text: str, *, raw: bool = False) -> Message:
        with self._workspace.lock:
            self._own(user, channel_id, ts)
            stored = text if raw else self._typed(text)
            edited = {"user": user, "ts": self._workspace.new_ts()}
            fields = {"text": stored, "blocks": rich_text(stored, uuid.uuid4().hex[:5]), "edited": edited}
            return self._workspace.change(channel_id, ts, fields)

    def delete(self, user: str, channel_id: str, ts: str) -> None:
        """Delete an own message, or anybody's as an admin."""
        with self._workspace.lock:
            if self._workspace.users[user].kind != "admin" or ts not in self._workspace.channels[channel_id].messages:
                self._own(user, channel_id, ts)
            self._workspace.remove(channel_id, ts)

    def react(self, user: str, channel_id: str, ts: str, name: str, *, remove: bool = False) -> None:
        with self._workspace.lock:
            if ts not in self._workspace.channels[channel_id].messages:
                raise Refused("this message is gone")
            self._workspace.react(channel_id, ts, name.strip(":"), user, add=not remove)

    def unfurl(self, channel_id: str, ts: str, attachment: Message) -> Message:
        """What Slack does to a message with a link: a change without an edit."""
        with self._workspace.lock:
            attachments = self._workspace.channels[channel_id].messages[ts].get("attachments", [])
            return self._workspace.change(channel_id, ts, {"attachments": [*attachments, attachment]})

    def post_as_app(self, app: App, channel_id: str, message: Message) -> Message:
        """A message of another app, with the marks that Slack gives it."""
        with self._workspace.lock:
            marks: Message = {"bot_id": app.bot_id, "app_id": app.id}
            if app.classic:
                marks |= {"subtype": "bot_message", "username": app.name}
            else:
                profile = app.profile(self._workspace.team_id, int(self._workspace.clock()))
                marks |= {"user": app.user_id, "bot_profile": profile}
            channel = self._workspace.channels[channel_id]
            if message.get("thread_ts"):
                message = message | self._reply_fields(channel, message["thread_ts"], broadcast=False)
            return self._workspace.post(channel_id, marks | message)

    def invite(self, inviter: str, channel_id: str, invited: str) -> bool:
        with self._workspace.lock:
            self._place(inviter, channel_id)
            try:
                self._slack.user(invited)
            except SlackError as error:
                raise Refused(f"nobody here is called {invited!r}") from error
            return self._workspace.join(channel_id, invited, inviter)

    def open_im(self, user: str, other: str) -> str:
        """The direct message between a person and the app's bot; other pairs are not part of the playground."""
        if self._slack.app.user_id not in (user, other):
            raise Refused("direct messages are possible with the app only")
        return self._slack.direct_message(other if user == self._slack.app.user_id else user).id

    def archive(self, user: str, channel_id: str, *, archived: bool = True) -> None:
        with self._workspace.lock:
            channel = self._workspace.channels[channel_id]
            if channel.is_archived == archived:
                return
            subtype = "channel_archive" if archived else "channel_unarchive"
            said = f"<@{user}> {'archived' if archived else 'un-archived'} the channel"
            channel.is_archived = archived
            self._workspace.emit("archived" if archived else "unarchived", channel_id, user=user)
            if channel.kind == "channel":
                self._workspace.post(channel_id, {"subtype": subtype, "user": user, "text": said})

    def rename(self, user: str, channel_id: str, name: str) -> None:
        with self._workspace.lock:
            channel = self._workspace.channels[channel_id]
            old, channel.name = channel.name, name
            self._workspace.emit("renamed", channel_id, user=user)
            said = f"<@{user}> has renamed the channel from {old!r} to {name!r}"
            notice = {"subtype": "channel_name", "user": user, "old_name": old, "name": name, "text": said}
            self._workspace.post(channel_id, notice)

    def set_topic(self, user: str, channel_id: str, topic: str) -> None:
        with self._workspace.lock:
            self._workspace.channels[channel_id].topic = topic
            said = f"<@{user}> set the channel topic: {topic}"
            self._workspace.post(channel_id, {"subtype": "channel_topic", "user": user, "topic": topic, "text": said})
            self._workspace.emit("topic", channel_id)
