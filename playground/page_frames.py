"""The values of the page protocol: channels, messages and the first frame, as one person sees them."""

from __future__ import annotations

from typing import Any

from playground.channels import Channel, Message, micros
from playground.slack import Slack

Frame = dict[str, Any]

HISTORY_PAGE = 50


def sees(user: str, channel: Channel) -> bool:
    """Public channels are open to everybody, private ones and direct messages to their members."""
    return channel.kind == "channel" or user in channel.members


def channel_value(slack: Slack, channel: Channel, user: str) -> Frame:
    read = slack.workspace.last_read.get((user, channel.id), channel.read_until)
    unread = channel.within(channel.top_level, read, "", inclusive=False)
    return {
        "id": channel.id,
        "name": channel.name or slack.workspace.users[_other(slack, channel, user)].name,
        "kind": channel.kind,
        "topic": channel.topic,
        "is_shared": channel.is_shared,
        "is_archived": channel.is_archived,
        "members": list(channel.members),
        "unread": sum(channel.messages[ts].get("user") != user for ts in unread),
        "latest_ts": channel.top_level[-1] if channel.top_level else "0",
    }


def _other(slack: Slack, channel: Channel, user: str) -> str:
    return next((m for m in channel.members if m != user), slack.app.user_id)


def message_value(channel: Channel, message: Message) -> Message:
    return message | ({"streaming": True} if message["ts"] in channel.streaming else {})


def history(channel: Channel, cursor: str = "") -> Frame:
    """The newest page before `cursor` (a timestamp), oldest message first."""
    order = channel.within(channel.top_level, "", cursor, inclusive=False)
    page = order[-HISTORY_PAGE:]
    messages = [message_value(channel, channel.shown(ts)) for ts in page]
    more = len(order) > len(page)
    return {
        "type": "history",
        "channel": channel.id,
        "messages": messages,
        "has_more": more,
        "cursor": page[0] if more else "",
    }


def thread(channel: Channel, ts: str) -> Frame:
    """A root and its replies, oldest first."""
    found = [ts] * (ts in channel.messages) + sorted(channel.replies(ts), key=micros)
    messages = [message_value(channel, channel.shown(t)) for t in found]
    return {"type": "thread", "channel": channel.id, "ts": ts, "messages": messages}


def pinned(slack: Slack, user: str) -> list[Frame]:
    return [
        {"channel": channel.id, "ts": ts}
        for channel in slack.workspace.channels.values()
        if sees(user, channel)
        for ts in channel.pinned
    ]
