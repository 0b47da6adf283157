"""Reactions of the app and on its messages."""

from __future__ import annotations

import re
from typing import Any

from playground.channels import Channel
from playground.errors import SlackError
from playground.slack import Slack
from playground.web_api.registry import Args, method

EMOJI_NAME = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


def _item(slack: Slack, args: Args) -> tuple[Channel, str]:
    if not args.text("channel") or not args.text("timestamp"):
        raise SlackError("no_item_specified")
    channel = slack.channel(args.text("channel"))
    if args.text("timestamp") not in channel.messages:
        raise SlackError("message_not_found")
    return channel, args.text("timestamp")


def _react(slack: Slack, args: Args, *, add: bool) -> dict[str, Any]:
    name = args.text("name").strip(":")
    if not EMOJI_NAME.fullmatch(name):
        raise SlackError("invalid_name")
    channel, ts = _item(slack, args)
    if not slack.is_member(channel):
        raise SlackError("not_in_channel")
    if not slack.workspace.react(channel.id, ts, name, slack.app.user_id, add=add):
        raise SlackError("already_reacted" if add else "no_reaction")
    return {}


@method("reactions.add", "reactions:write")
def reactions_add(slack: Slack, args: Args) -> dict[str, Any]:
    return _react(slack, args, add=True)


@method("reactions.remove", "reactions:write")
def reactions_remove(slack: Slack, args: Args) -> dict[str, Any]:
    return _react(slack, args, add=False)


@method("reactions.get", "reactions:read")
def reactions_get(slack: Slack, args: Args) -> dict[str, Any]:
    channel, ts = _item(slack, args)
    return {"type": "message", "channel": channel.id, "message": channel.shown(ts)}
