"""Channels and their history."""

from __future__ import annotations

from typing import Any

from playground.channels import Channel
from playground.errors import SlackError
from playground.slack import Slack
from playground.web_api.registry import Args, cursor_for, method, page_of, position_in

SCOPE_OF = {"channel": "channels", "private": "groups", "im": "im"}
TYPE_OF = {"public_channel": "channel", "private_channel": "private", "im": "im", "mpim": "mpim"}


def readable(slack: Slack, args: Args, right: str) -> Channel:
    """The channel, when the app has `<kind>:<right>`. Raises SlackError."""
    channel = slack.channel(args.text("channel"))
    slack.require_scopes((f"{SCOPE_OF[channel.kind]}:{right}",))
    return channel


def _limits(args: Args) -> tuple[str, str, bool]:
    return args.text("oldest"), args.text("latest"), args.flag("inclusive")


def _within(channel: Channel, order: list[str], args: Args) -> list[str]:
    oldest, latest, inclusive = _limits(args)
    try:
        return channel.within(order, "" if oldest == "0" else oldest, latest, inclusive=inclusive)
    except ValueError as error:
        raise SlackError("invalid_ts_oldest" if oldest else "invalid_ts_latest") from error


@method("conversations.history")
def history(slack: Slack, args: Args) -> dict[str, Any]:
    """Newest first; a cursor names the newest message of the next page."""
    channel = readable(slack, args, "history")
    if not slack.is_member(channel):
        raise SlackError("not_in_channel")
    found = _within(channel, channel.top_level, args)[::-1]
    position = position_in(args.text("cursor"), "next_ts")
    if position:
        found = [ts for ts in found if ts <= position]
    limit = args.limit()
    page = found[:limit]
    metadata = args.flag("include_all_metadata")
    reply: dict[str, Any] = {
        "messages": [channel.shown(ts, metadata=metadata) for ts in page],
        "has_more": len(found) > limit,
        "pin_count": len(channel.pinned),
    }
    if len(found) > limit:
        reply["response_metadata"] = {"next_cursor": cursor_for("next_ts", found[limit])}
    return reply


@method("conversations.replies")
def replies(slack: Slack, args: Args) -> dict[str, Any]:
    """Oldest first; the root comes first on every page."""
    channel = readable(slack, args, "history")
    if not slack.is_member(channel):
        raise SlackError("not_in_channel")
    asked = channel.messages.get(args.required("ts"))
    if asked is None:
        raise SlackError("thread_not_found")
    root = asked.get("thread_ts", asked["ts"])
    found = _within(channel, channel.replies(root), args)
    position = position_in(args.text("cursor"), "next_ts")
    found = [ts for ts in found if ts >= position]
    limit = max(args.limit(default=1000, most=1000) - 1, 1)
    metadata = args.flag("include_all_metadata")
    first = [root] if root in channel.messages else []
    reply: dict[str, Any] = {
        "messages": [channel.shown(ts, metadata=metadata) for ts in first + found[:limit]],
        "has_more": len(found) > limit,
    }
    if len(found) > limit:
        reply["response_metadata"] = {"next_cursor": cursor_for("next_ts", found[limit])}
    return reply


@method("conversations.info")
def info(slack: Slack, args: Args) -> dict[str, Any]:
    channel = readable(slack, args, "read")
    return {"channel": channel.as_slack(slack.workspace.team_id, slack.app.user_id)}


@method("conversations.list")
def list_conversations(slack: Slack, args: Args) -> dict[str, Any]:
    kinds = [TYPE_OF.get(t.strip()) for t in args.text("types", "public_channel").split(",")]
    if None in kinds:
        raise SlackError("invalid_types")
    for kind in kinds:
        slack.require_scopes((f"{SCOPE_OF.get(str(kind), 'mpim')}:read",))
    visible = [
        channel.id
        for channel in slack.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "channel" or slack.is_member(channel))
        and not (args.flag("exclude_archived") and channel.is_archived)
    ]
    ids, more = page_of(visible, args, "channel")
    channels = slack.workspace.channels
    return {"channels": [channels[i].as_slack(slack.workspace.team_id, slack.app.user_id) for i in ids], **more}


@method("users.conversations")
def users_conversations(slack: Slack, args: Args) -> dict[str, Any]:
    """The channels of a person, or of the bot itself."""
    member = args.text("user", slack.app.user_id)
    reply = list_conversations(slack, Args({**args.values, "limit": 999, "cursor": ""}))
    mine = [c["id"] for c in reply["channels"] if member in slack.workspace.channels[c["id"]].members]
    ids, more = page_of(mine, args, "channel")
    return {"channels": [c for c in reply["channels"] if c["id"] in ids], **more}


@method("conversations.members")
def members(slack: Slack, args: Args) -> dict[str, Any]:
    channel = readable(slack, args, "read")
    ids, more = page_of(list(channel.members), args, "user")
    return {"members": ids, **more}


@method("conversations.open", "im:write")
def open_conversation(slack: Slack, args: Args) -> dict[str, Any]:
    users = [u for u in args.text("users").split(",") if u]
    if len(users) != 1:
        raise SlackError("users_list_not_supplied" if not users else "not_enough_users")
    slack.user(users[0])
    channel = slack.direct_message(users[0])
    return {"channel": {"id": channel.id, **({"user": users[0], "is_im": True} if args.flag("return_im") else {})}}


@method("conversations.join", "channels:join")
def join(slack: Slack, args: Args) -> dict[str, Any]:
    channel = slack.channel(args.text("channel"))
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    slack.workspace.join(channel.id, slack.app.user_id)
    return {"channel": channel.as_slack(slack.workspace.team_id, slack.app.user_id)}


@method("conversations.leave", "channels:manage", "groups:write")
def leave(slack: Slack, args: Args) -> dict[str, Any]:
    channel = slack.channel(args.text("channel"))
    return {} if slack.workspace.leave(channel.id, slack.app.user_id) else {"not_in_channel": True}


@method("pins.list", "pins:read")
def pins_list(slack: Slack, args: Args) -> dict[str, Any]:
    channel = slack.channel(args.text("channel"))
    return {
        "items": [
            {"type": "message", "channel": channel.id, "created": channel.created, "message": channel.shown(ts)}
            for ts in channel.pinned
            if ts in channel.messages
        ]
    }
