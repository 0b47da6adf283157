"""We are invited to a channel, or it goes away; a person says what it is for."""

from __future__ import annotations

from slack_bolt import Args

from bot.answers import Done
from bot.blocks import channel as blocks
from bot.blocks import done, ids
from bot.desk import Desk
from bot.flows import catching_up, channels
from bot.listeners.replies import reply, user_of, value_of
from intelligence.model import READ_ROLES, ChannelRole, QuotePolicy


def joined(desk: Desk, args: Args) -> None:
    """Ask the one who invited us what the channel is for; nothing is read before the answer."""
    event = args.event or {}
    if event.get("user") != desk.here.bot_user:
        return
    channel = str(event["channel"])
    view = channels.noted(desk.deps, desk.workspace, desk.history.facts(channel))
    if view.role in READ_ROLES:  # we were here before: what was said meanwhile is read
        catching_up.start_catch_up(desk.deps, desk.workspace, because=f"joined:{channel}:{event.get('event_ts')}")
        desk.wake()
    shown = blocks.choice(view)
    for person in [event["inviter"]] if event.get("inviter") else sorted(desk.admins()):
        desk.tell(str(person), shown.text, shown.blocks, channel=channel)


def left(desk: Desk, args: Args) -> None:
    """Somebody left; only our own leaving matters."""
    if (args.event or {}).get("user") == desk.here.bot_user:
        removed(desk, args)


def removed(desk: Desk, args: Args) -> None:
    """We are out, or the channel is archived: it is read no more and gets no alerts."""
    channels.membership(desk.deps, desk.workspace, str((args.event or {})["channel"]), member=False)


def returned(desk: Desk, args: Args) -> None:
    """Out of the archive: ask Slack whether we are still a member."""
    channels.noted(desk.deps, desk.workspace, desk.history.facts(str((args.event or {})["channel"])))


def renamed(desk: Desk, args: Args) -> None:
    """Keep the name that people know."""
    channels.noted(desk.deps, desk.workspace, desk.history.facts(str((args.event or {})["channel"]["id"])))


def chosen(desk: Desk, args: Args) -> None:
    """What the channel is for; then, for one that is read, whether its past should be."""
    named = ids.subject(value_of(args))
    desk.check(user_of(args), "channel")
    role = ChannelRole(named["role"])
    channels.choose(desk.deps, desk.workspace, named["channel"], role, by=user_of(args))
    view = channels.view(desk.deps, desk.workspace, named["channel"])
    offer = channels.offer(desk.deps, desk.history, named["channel"]) if role in READ_ROLES else None
    shown = blocks.chosen(view, threads=offer.threads, minutes=offer.minutes) if offer else blocks.chosen(view)
    reply(desk, args, shown, replace=True)


def words(desk: Desk, args: Args) -> None:
    """What of the channel's words may be shown elsewhere."""
    named = ids.subject(value_of(args))
    desk.check(user_of(args), "channel")
    policy = QuotePolicy(named["quotes"])
    told = channels.share_words(desk.deps, desk.workspace, named["channel"], policy, by=user_of(args))
    reply(desk, args, done.done(told))


def backfill(desk: Desk, args: Args) -> None:
    """Yes, read the past."""
    channel = ids.subject(value_of(args))["channel"]
    told = channels.backfill(desk.deps, desk.workspace, channel, by=user_of(args))
    desk.wake()
    reply(desk, args, done.done(told), replace=True)


def no_backfill(desk: Desk, args: Args) -> None:
    """No: from now on."""
    reply(desk, args, done.done(Done("I read from now on.")), replace=True)
