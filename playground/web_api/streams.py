"""Streamed replies: start in a thread, append Markdown, stop with blocks."""

from __future__ import annotations

from typing import Any

from playground.channels import Channel
from playground.errors import SlackError, invalid
from playground.slack import Slack
from playground.web_api.chat import metadata_of, threaded, writable
from playground.web_api.registry import Args, method

MOST_MARKDOWN = 12_000


def _markdown(args: Args) -> str:
    """The Markdown of `markdown_text` and of `chunks`. Raises SlackError invalid_chunks, msg_too_long."""
    chunks = args.json("chunks") or []
    if not isinstance(chunks, list) or any(not isinstance(c, dict) or "type" not in c for c in chunks):
        raise SlackError("invalid_chunks")
    text = args.text("markdown_text") + "".join(
        str(chunk.get("text", "")) for chunk in chunks if chunk["type"] == "markdown_text"
    )
    if len(text) > MOST_MARKDOWN:
        raise SlackError("msg_too_long")
    return text


def _streaming(slack: Slack, args: Args) -> tuple[Channel, str]:
    channel = slack.channel(args.text("channel"))
    ts = args.required("ts")
    if ts not in channel.messages:
        raise SlackError("message_not_found")
    if ts not in channel.streaming:
        raise SlackError("message_not_in_streaming_state")
    return channel, ts


@method("chat.startStream", "chat:write")
def start_stream(slack: Slack, args: Args) -> dict[str, Any]:
    channel = writable(slack, args)
    if not args.text("thread_ts"):
        raise invalid("invalid_arguments", ["missing required field: thread_ts [json-pointer:/thread_ts]"])
    if channel.kind != "im":
        for name in ("recipient_user_id", "recipient_team_id"):
            if not args.text(name):
                raise SlackError(f"missing_{name}")
        slack.user(args.text("recipient_user_id"))
    message = {"text": _markdown(args), **threaded(channel, args)}
    ts = slack.workspace.new_ts()
    channel.streaming.add(ts)
    slack.post_as_bot(channel, {"ts": ts, **message}, quiet=True)
    return {"channel": channel.id, "ts": ts}


@method("chat.appendStream", "chat:write")
def append_stream(slack: Slack, args: Args) -> dict[str, Any]:
    channel, ts = _streaming(slack, args)
    text = channel.messages[ts]["text"] + _markdown(args)
    slack.workspace.change(channel.id, ts, {"text": text}, quiet=True)
    return {"channel": channel.id, "ts": ts}


@method("chat.stopStream", "chat:write")
def stop_stream(slack: Slack, args: Args) -> dict[str, Any]:
    channel, ts = _streaming(slack, args)
    slack.check_blocks(args.json("blocks"))
    text = channel.messages[ts]["text"] + _markdown(args)
    if not text and not args.json("blocks"):
        raise SlackError("no_text")
    fields = {"text": text, "blocks": args.json("blocks") or None} | metadata_of(args)
    channel.streaming.discard(ts)
    message = slack.workspace.change(channel.id, ts, fields, quiet=True)
    return {"channel": channel.id, "ts": ts, "message": message}
