"""How product areas are said: the same words in Slack and in the terminal. No markup, no escaping."""

from __future__ import annotations

from bot.answers_areas import AreaEffect, AreasView, Reassigning
from bot.words import count, percent
from intelligence.areas import Move

UNASSIGNED = "unassigned"
MOST_MOVES = 6


def summary(view: AreasView) -> str:
    """ "420 tickets of 30 days, 12% unassigned"."""
    told = f"{count(view.total, 'ticket')} of {view.days} days"
    return (
        f"{told}, {percent(view.unassigned / view.total)} unassigned"
        if view.total
        else f"No tickets in {view.days} days"
    )


def move(one: Move) -> str:
    """ "14 tickets from unassigned to Billing"."""
    return f"{count(one.tickets, 'ticket')} from {one.source or UNASSIGNED} to {one.target or UNASSIGNED}"


def effect(found: AreaEffect) -> tuple[str, ...]:
    """What a change would move, a line each."""
    looked = f"the newest {count(found.looked, 'ticket')}" if found.cut else count(found.looked, "ticket")
    total = sum(one.tickets for one in found.moves)
    if not total:
        return (f"It would move none of {looked} of {found.days} days.",)
    lines = [f"It would move {total:,} of {looked} of {found.days} days:"]
    lines += [move(one) for one in found.moves[:MOST_MOVES]]
    rest = sum(one.tickets for one in found.moves[MOST_MOVES:])
    return (*lines, f"{count(rest, 'ticket')} in other ways") if rest else tuple(lines)


def unlisted(view: AreasView) -> str:
    """Names that are in tickets and not in the list; "" without any."""
    if not view.unlisted:
        return ""
    told = ", ".join(f"{name} {number:,}" for name, number in view.unlisted[:6])
    more = len(view.unlisted) - 6
    return f"Not in this list, from imports or removed: {told}{f' and {more} more' if more > 0 else ''}"


def run(found: Reassigning | None) -> str:
    """How far stored readings have followed; "" where nothing is to say."""
    if found is None:
        return ""
    told = f"{count(found.moved, 'ticket')} of {found.looked:,} moved"
    if found.over:
        return f"Readings of {found.days} days have followed the last change: {told}"
    return f"Readings of {found.days} days are following the last change: {told} so far"
