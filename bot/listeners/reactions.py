"""Reactions: what they do to a ticket is the `ingest` job's; here an emoji may ask "is this a known pattern?"."""

from __future__ import annotations

from slack_bolt import Args

from bot.desk import Desk
from bot.listeners import recognising
from bot.listeners.places import place_of
from bot.listeners.replies import user_of


def added(desk: Desk, args: Args) -> None:
    """The configured emoji on a message asks about its thread."""
    event = args.event or {}
    item = event.get("item") or {}
    emoji = desk.deps.settings.known_emoji
    if not emoji or event.get("reaction") != emoji.strip(":") or item.get("type") != "message":
        return
    user, place = user_of(args), place_of(desk, item)
    if place.customers_read and not desk.works_here(user):
        return  # a reaction does not tell whose workspace it comes from
    recognising.answer_in_thread(desk, user, place)
