"""Messages of the app: post, update, delete, whisper, link."""

from __future__ import annotations

from typing import Any

from playground.channels import Channel, Message
from playground.errors import SlackError, invalid
from playground.slack import Slack
from playground.web_api.registry import Args, method

MOST_UPDATED_TEXT = 4_000
PASSED_ON = ("unfurl_links", "unfurl_media", "username", "icon_emoji")


def writable(slack: Slack, args: Args) -> Channel:
    """The channel to post to. Raises SlackError channel_not_found, is_archived, not_in_channel."""
    channel = slack.channel(args.text("channel"))
    if channel.is_archived:
        raise SlackError("is_archived")
    public = channel.kind == "channel" and slack.credentials.scopes is not None
    if not slack.is_member(channel) and not (public and slack.has_scope("chat:write.public")):
        raise SlackError("not_in_channel")
    return channel


def own_message(slack: Slack, channel: Channel, ts: str, error: str) -> Message:
    """A message that the app may change. Raises SlackError message_not_found or `error`."""
    message = channel.messages.get(ts)
    if message is None or message.get("subtype") == "tombstone":
        raise SlackError("message_not_found")
    if message.get("bot_id") != slack.app.bot_id:
        raise SlackError(error)
    return message


def threaded(channel: Channel, args: Args) -> Message:
    """The thread fields of a reply. Raises SlackError thread_not_found, cannot_reply_to_message."""
    root_ts = args.text("thread_ts")
    if not root_ts:
        return {}
    root = channel.messages.get(root_ts)
    if root is None:
        raise SlackError("thread_not_found")
    if root.get("thread_ts", root_ts) != root_ts:
        raise SlackError("cannot_reply_to_message")
    parent = root.get("user")
    fields: Message = {"thread_ts": root_ts} | ({"parent_user_id": parent} if parent else {})
    return fields | ({"subtype": "thread_broadcast"} if args.flag("reply_broadcast") else {})


def metadata_of(args: Args) -> Message:
    """Message metadata as stored. Raises SlackError invalid_metadata_format."""
    metadata = args.json("metadata")
    if metadata is None:
        return {}
    if not isinstance(metadata, dict) or not {"event_type", "event_payload"} <= metadata.keys():
        raise SlackError("invalid_metadata_format")
    return {"metadata": metadata}


@method("chat.postMessage", "chat:write")
def post_message(slack: Slack, args: Args) -> dict[str, Any]:
    channel = writable(slack, args)
    key = (channel.id, args.text("client_msg_id"))
    if key[1] and key in slack.sent and slack.sent[key] in channel.messages:
        ts = slack.sent[key]
        return {"channel": channel.id, "ts": ts, "message": channel.shown(ts)}
    content = slack.content(args.values) | threaded(channel, args) | metadata_of(args)
    if slack.limiter and (seconds := slack.limiter.wait_for(channel.id)):
        raise SlackError("ratelimited", status=429, headers={"Retry-After": str(seconds)})
    extra = {name: args.json(name) for name in PASSED_ON if name in args.values}
    if key[1]:
        extra["client_msg_id"] = key[1]
    message = slack.post_as_bot(channel, content | extra)
    slack.sent[key] = message["ts"]
    return {"channel": channel.id, "ts": message["ts"], "message": message}


@method("chat.update", "chat:write")
def update(slack: Slack, args: Args) -> dict[str, Any]:
    channel = slack.channel(args.text("channel"))
    ts = args.required("ts")
    own_message(slack, channel, ts, "cant_update_message")
    if channel.is_archived:
        raise SlackError("is_archived")
    content = slack.content(args.values, most_text=MOST_UPDATED_TEXT)
    if "blocks" in content:
        content["blocks"] = content["blocks"] or None
    elif "text" in args.values:
        content["blocks"] = None  # text without blocks takes the blocks away; only attachments are kept
    if "text" not in args.values and "markdown_text" not in args.values:
        del content["text"]
    if not content.get("blocks"):
        content["edited"] = {"user": slack.app.user_id, "ts": slack.workspace.new_ts()}
    message = slack.workspace.change(channel.id, ts, content | metadata_of(args))
    return {"channel": channel.id, "ts": ts, "text": message.get("text", ""), "message": message}


@method("chat.delete", "chat:write")
def delete(slack: Slack, args: Args) -> dict[str, Any]:
    channel = slack.channel(args.text("channel"))
    own_message(slack, channel, args.required("ts"), "cant_delete_message")
    slack.workspace.remove(channel.id, args.text("ts"))
    return {"channel": channel.id, "ts": args.text("ts")}


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(slack: Slack, args: Args) -> dict[str, Any]:
    channel = writable(slack, args)
    user = args.required("user")
    if user not in slack.workspace.users or user not in channel.members:
        raise SlackError("user_not_in_channel")
    message = slack.whisper_as_bot(channel.id, user, slack.content(args.values) | threaded(channel, args))
    return {"message_ts": message["ts"]}


@method("chat.getPermalink")
def get_permalink(slack: Slack, args: Args) -> dict[str, Any]:
    channel = slack.channel(args.text("channel"))
    ts = args.required("message_ts")
    if ts not in channel.messages:
        raise SlackError("message_not_found")
    root = channel.messages[ts].get("thread_ts")
    suffix = f"?thread_ts={root}&cid={channel.id}" if root and root != ts else ""
    link = f"{slack.base_url}/archives/{channel.id}/p{ts.replace('.', '')}{suffix}"
    return {"channel": channel.id, "permalink": link}


@method("blocks.validate")
def blocks_validate(slack: Slack, args: Args) -> dict[str, Any]:
    """Check exactly one of blocks, a message or a view, without posting it."""
    given = [name for name in ("blocks", "message", "view") if args.json(name) is not None]
    if len(given) != 1:
        raise invalid("invalid_arguments", ["exactly one of blocks, message or view is required"])
    value = args.json(given[0])
    if given[0] == "view":
        slack.views.checked(value, str(value.get("type")) if isinstance(value, dict) else "modal")
    else:
        slack.content({"blocks": value} if given[0] == "blocks" else dict(value))
    return {}
