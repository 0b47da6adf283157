"""Setting up a channel: what it is for, and whether to read its past. Nothing is read before the choice."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers_workspace import ChannelView
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, actions, button, context, header, inline, moment, option, plain, section
from bot.words import QUOTE_WORDS, ROLE_WORDS, count
from intelligence.model import READ_ROLES, ChannelRole

CHOICES = (
    (ChannelRole.SUPPORT, "Support threads", "People ask for help here; I read the threads and group them."),
    (ChannelRole.NOTIFICATIONS, "Ticket notifications", "A helpdesk or tracker posts tickets here; I read its posts."),
    (ChannelRole.RELEASES, "Release notes", "Versions are announced here; I note when each went out, and no more."),
)
MOST_LISTED = 100
TEAMS = (
    (ChannelRole.PRODUCT, "Product"),
    (ChannelRole.ENGINEERING, "Engineering"),
    (ChannelRole.DOCS, "Docs"),
)


def listing(views: Sequence[ChannelView]) -> Rendered:
    """Every channel we know with what it is for; where to change it."""
    if not views:
        told = "I am in no channel yet. `/invite @Ticket Intel` where people ask for help."
        return rendered(told, [section(told)])
    lines = [f"*#{inline(view.name, 80) or view.channel_id}* {_purpose(view)}" for view in views[:MOST_LISTED]]
    blocks: list[Block] = [header("Channels")]
    blocks += [section("\n".join(lines[start : start + 10])) for start in range(0, len(lines), 10)]
    more = f"{count(len(views) - MOST_LISTED, 'more channel')}. " if len(views) > MOST_LISTED else ""
    blocks.append(context(f"{more}To change one, type `/ticket-intel channel` in it"))
    return rendered(f"{count(len(views), 'channel')}: {inline(views[0].name, 80)} {_purpose(views[0])}", blocks)


def _purpose(view: ChannelView) -> str:
    told = ROLE_WORDS[view.role] if view.role else "not chosen yet"
    facts = [told, count(view.tickets, "ticket")] if view.tickets else [told]
    return " · ".join([*facts, "I am not in it"] if not view.member else facts)


def choice(view: ChannelView) -> Rendered:
    """What is this channel for? To the person who invited the bot."""
    name = inline(view.name, 80) or "this channel"
    first = f"*What is #{name} for?* I read nothing before you choose."
    if view.role is not None:
        first = f"*#{name} is for {ROLE_WORDS[view.role]}.* {_read(view)}"
    blocks: list[Block] = [section(first)]
    for role, label, told in CHOICES:
        blocks.append(section(f"*{label}*\n{told}", _button("Choose", view, role)))
    blocks.append(section("*Alerts here*\nI post what is rising. For which team?", _teams(view)))
    nothing = "*Nothing*\nI stay silent and read nothing."
    blocks.append(section(nothing, _button("Choose", view, ChannelRole.NOTHING)))
    blocks.append(section(f"*What may be shown elsewhere?*\n{_quotes(view)}", _shown(view)))
    blocks.append(context("You can change it any time: `/ticket-intel channel`"))
    return rendered(f"What is #{name} for? Choose here, or type `/ticket-intel channel`.", blocks)


def _read(view: ChannelView) -> str:
    if not view.tickets:
        return "No tickets from it yet."
    last = f", last {moment(view.last_at)}" if view.last_at else ""
    return f"{count(view.tickets, 'ticket')} from it{last}."


def _quotes(view: ChannelView) -> str:
    return f"Of its tickets I show {QUOTE_WORDS.get(view.quotes, view.quotes)} in alerts and answers elsewhere."


def _shown(view: ChannelView) -> Block:
    options = [
        option(words[:1].upper() + words[1:], f"channel:{view.channel_id} quotes:{policy}")
        for policy, words in QUOTE_WORDS.items()
    ]
    chosen = next((one for one in options if one["value"].endswith(f":{view.quotes}")), options[1])
    return {"type": "static_select", "action_id": ids.CHANNEL_QUOTES, "options": options, "initial_option": chosen}


def _button(label: str, view: ChannelView, role: ChannelRole) -> Block:
    return button(label, ids.CHANNEL_ROLE, f"channel:{view.channel_id} role:{role}")


def _teams(view: ChannelView) -> Block:
    options = [option(label, f"channel:{view.channel_id} role:{role}") for role, label in TEAMS]
    return {
        "type": "static_select",
        "action_id": ids.CHANNEL_ROLE,
        "placeholder": plain("Choose a team", 150),
        "options": options,
    }


def chosen(view: ChannelView, *, threads: int | None = None, minutes: float | None = None) -> Rendered:
    """The choice is taken; for a source, the offer to read its past with what that takes (None: not known yet)."""
    role = view.role or ChannelRole.NOTHING
    told = f"*#{inline(view.name, 80)} is for {ROLE_WORDS[role]} now.*"
    if role not in READ_ROLES:
        return rendered(told, [section(told)])
    offer = f"{told} Read the last 90 days?"
    if threads is not None and minutes is not None:
        offer += f" {count(threads, 'thread')}, about {count(max(1, round(minutes)), 'minute')}."
    value = f"channel:{view.channel_id}"
    yes = button("Read them", ids.BACKFILL_YES, value, style="primary")
    buttons = actions(yes, button("Only from now on", ids.BACKFILL_NO, value))
    history = context("What lies in the past makes themes known; it never raises an alert")
    return rendered(offer, [section(offer), buttons, history])
