"""Answers that are asked for again by a button: the next page, one theme of a list, the same for everybody."""

from __future__ import annotations

from slack_bolt import Args

from bot.blocks import modals
from bot.desk import Desk
from bot.listeners import answering
from bot.listeners.replies import channel_of, reply, user_of, value_of
from bot.slack_client import slack_errors


def show(desk: Desk, args: Args) -> None:
    """The answer in the place of the one whose button was pressed."""
    reply(desk, args, answering.private(desk, user_of(args), channel_of(args), value_of(args)), replace=True)


def open_beside(desk: Desk, args: Args) -> None:
    """The answer beside it."""
    reply(desk, args, answering.private(desk, user_of(args), channel_of(args), value_of(args)))


def share(desk: Desk, args: Args) -> None:
    """The answer for everybody in the channel, with what they may see."""
    reply(desk, args, answering.public(desk, user_of(args), channel_of(args), value_of(args)), public=True)


def copy(desk: Desk, args: Args) -> None:
    """The answer as Markdown in a window, to be taken anywhere."""
    text = answering.markdown(desk, user_of(args), value_of(args))
    with slack_errors("views.open"):
        args.client.views_open(trigger_id=args.body["trigger_id"], view=modals.copy_markdown(text))
