"""Shortcuts: "Is this a known pattern?" on a message, and the same question from anywhere."""

from __future__ import annotations

from slack_bolt import Args

from bot.blocks import known as known_blocks
from bot.blocks import modals
from bot.desk import Desk
from bot.floor import floored
from bot.listeners import recognising
from bot.listeners.places import stored_as_shared
from bot.listeners.replies import reply, user_of
from bot.slack_client import slack_errors


def known(desk: Desk, args: Args) -> None:
    """About one message, also where we are no member; to the asker alone."""
    shortcut = args.shortcut or {}
    channel, message = str(shortcut["channel"]["id"]), shortcut["message"]
    shared = stored_as_shared(desk, channel)
    answer = recognising.about_message(desk, user_of(args), channel, message)
    reply(desk, args, known_blocks.known(floored(answer) if shared else answer, customers_read=shared))


def ask(_desk: Desk, args: Args) -> None:
    """Open a modal that takes the text to ask about."""
    with slack_errors("views.open"):
        args.client.views_open(trigger_id=args.body["trigger_id"], view=modals.ask())
