"""A change in the workspace -> the events that Slack sends to the app about it."""

from __future__ import annotations

import uuid
from typing import Any

from playground.channels import EVENT_KIND, MEMBER_KIND, Channel, Message
from playground.slack import Slack
from playground.workspace import Change

Event = dict[str, Any]

#: Subscribed unless the constructor is given the app's own list; `message.*` are split by kind of channel.
DEFAULT_EVENTS = (
    "message.channels",
    "message.groups",
    "message.im",
    "app_mention",
    "app_home_opened",
    "reaction_added",
    "reaction_removed",
    "member_joined_channel",
    "member_left_channel",
    "channel_archive",
    "channel_unarchive",
    "channel_rename",
    "group_archive",
    "group_unarchive",
    "group_rename",
    "app_uninstalled",
    "tokens_revoked",
)
SUBSCRIPTION = {"channel": "message.channels", "private": "message.groups", "im": "message.im"}
MENTIONING = (None, "file_share", "thread_broadcast", "bot_message")
WITHOUT_TEAM = ("bot_message", "file_share", "thread_broadcast", "channel_topic")
NOT_IN_EVENTS = ("metadata", "reactions", "reply_count", "reply_users", "reply_users_count", "latest_reply")
NOT_IN_ROOTS = ("metadata", "reactions", "subscribed", "is_locked", "unfurl_links")
ONLY_IN_HISTORY = ("is_locked", "subscribed", "is_locked", "unfurl_links")


def events_of(slack: Slack, change: Change) -> list[Event]:
    """The events of one change that the app may see: none from channels where the bot is no member."""
    if change.kind not in MAKERS or change.data.get("quiet"):
        return []
    channel = slack.workspace.channels[change.channel]
    if not slack.is_member(channel):
        return []
    return MAKERS[change.kind](slack, channel, change.data)


def subscription_of(event: Event, channel: Channel | None) -> str:
    """The name under which an app subscribes to an event."""
    return SUBSCRIPTION[channel.kind] if event["type"] == "message" and channel else event["type"]


def envelope(slack: Slack, event: Event, event_id: str | None = None) -> dict[str, Any]:
    """The outer `event_callback` object."""
    channel = slack.workspace.channels.get(str(event.get("channel") or event.get("item", {}).get("channel")))
    bot = {
        "enterprise_id": None,
        "team_id": slack.workspace.team_id,
        "user_id": slack.app.user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": "playground-verification-token",
        "team_id": slack.workspace.team_id,
        "context_team_id": slack.workspace.team_id,
        "context_enterprise_id": None,
        "api_app_id": slack.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id or f"Ev{uuid.uuid4().hex[:12].upper()}",
        "event_time": int(slack.clock()),
        "authorizations": [bot],
        "is_ext_shared_channel": bool(channel and channel.is_shared),
        "event_context": f"4-{uuid.uuid4().hex}",
    }


def _inner(message: Message) -> Message:
    return {k: v for k, v in message.items() if k not in NOT_IN_EVENTS and k not in ONLY_IN_HISTORY}


def _message(slack: Slack, channel: Channel, data: dict[str, Any]) -> list[Event]:
    message = _inner(data["message"])
    place = {"channel": channel.id, "event_ts": message["ts"], "channel_type": EVENT_KIND[channel.kind]}
    event: Event = {**message, **place}
    if event.get("subtype") in WITHOUT_TEAM:
        event.pop("team", None)
    if event.get("subtype") == "thread_broadcast":
        event["root"] = {k: v for k, v in channel.shown(event["thread_ts"]).items() if k not in NOT_IN_ROOTS}
    mentioned = f"<@{slack.app.user_id}>" in (event.get("text") or "") and channel.kind != "im"
    by_bot_itself = event.get("bot_id") == slack.app.bot_id
    if not mentioned or by_bot_itself or event.get("subtype") not in MENTIONING:
        return [event]
    left_out = ("channel_type", "parent_user_id", "root", "subtype")
    return [event, {k: v for k, v in event.items() if k not in left_out} | {"type": "app_mention"}]


def _hidden(slack: Slack, channel: Channel, subtype: str, fields: Event) -> list[Event]:
    ts = slack.workspace.new_ts()
    place = {"channel": channel.id, "ts": ts, "event_ts": ts, "channel_type": EVENT_KIND[channel.kind]}
    return [{"type": "message", "subtype": subtype, "hidden": True, **place, **fields}]


def _message_changed(slack: Slack, channel: Channel, data: dict[str, Any]) -> list[Event]:
    fields = {"message": _inner(data["message"]), "previous_message": _inner(data["previous"])}
    return _hidden(slack, channel, "message_changed", fields)


def _message_deleted(slack: Slack, channel: Channel, data: dict[str, Any]) -> list[Event]:
    fields = {"deleted_ts": data["ts"], "previous_message": _inner(data["previous"])}
    return _hidden(slack, channel, "message_deleted", fields)


def _reaction(kind: str) -> Any:
    def make(slack: Slack, channel: Channel, data: dict[str, Any]) -> list[Event]:
        item = {"type": "message", "channel": channel.id, "ts": data["ts"]}
        event = {"type": kind, "user": data["user"], "reaction": data["name"], "item": item}
        return [event | {"item_user": data["author"], "event_ts": slack.workspace.new_ts()}]

    return make


def _member(kind: str) -> Any:
    def make(slack: Slack, channel: Channel, data: dict[str, Any]) -> list[Event]:
        event = {
            "type": kind,
            "user": data["user"],
            "channel": channel.id,
            "channel_type": MEMBER_KIND[channel.kind],
            "team": slack.workspace.users[data["user"]].team_id,
            "event_ts": slack.workspace.new_ts(),
        }
        return [event | ({"inviter": data["inviter"]} if data.get("inviter") else {})]

    return make


def _archive(kind: str) -> Any:
    def make(slack: Slack, channel: Channel, data: dict[str, Any]) -> list[Event]:
        private = channel.kind == "private"
        event: Event = {"type": f"{'group' if private else 'channel'}_{kind}", "channel": channel.id}
        event |= {"user": data["user"], "event_ts": slack.workspace.new_ts()}
        return [event | ({"is_moved": 0} if private else {})]

    return make


def _rename(slack: Slack, channel: Channel, _data: dict[str, Any]) -> list[Event]:
    private = channel.kind == "private"
    about: Event = {"id": channel.id, "name": channel.name, "name_normalized": channel.name, "created": channel.created}
    about |= {"is_channel": not private, "is_mpim": False}
    kind = "group_rename" if private else "channel_rename"
    return [{"type": kind, "channel": about, "event_ts": slack.workspace.new_ts()}]


MAKERS: dict[str, Any] = {
    "message": _message,
    "message_changed": _message_changed,
    "message_deleted": _message_deleted,
    "reaction_added": _reaction("reaction_added"),
    "reaction_removed": _reaction("reaction_removed"),
    "member_joined": _member("member_joined_channel"),
    "member_left": _member("member_left_channel"),
    "archived": _archive("archive"),
    "unarchived": _archive("unarchive"),
    "renamed": _rename,
}
