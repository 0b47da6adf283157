"""What a channel is for: a person chooses, nothing is read before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from bot.answers import Done
from bot.answers_workspace import ChannelView
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import catching_up
from bot.history import ChannelFacts, SlackHistory
from bot.words import QUOTE_WORDS
from intelligence.model import READ_ROLES, ChannelRole, QuotePolicy, Scope, Visibility
from storage import ticket_volumes, workspaces

BACKFILL_DAYS = 90
CALLS_A_MINUTE = 45  # what Slack grants an internal app for reading history, with some air
ALERT_ROLES = frozenset({ChannelRole.PRODUCT, ChannelRole.ENGINEERING, ChannelRole.DOCS})
EFFECTS = {
    ChannelRole.SUPPORT: "I read its threads as support tickets.",
    ChannelRole.NOTIFICATIONS: "I read the ticket notifications that other apps post.",
    ChannelRole.PRODUCT: "Alerts for product go here.",
    ChannelRole.ENGINEERING: "Alerts for engineering go here.",
    ChannelRole.DOCS: "Alerts for documentation go here.",
    ChannelRole.RELEASES: "I note the versions that are announced here.",
    ChannelRole.NOTHING: "I read nothing and post nothing.",
}


@dataclass(frozen=True, slots=True)
class BackfillOffer:
    """ "Read the last 90 days? 1,240 threads, about 6 minutes." `complete` is False where counting stopped early."""

    channel_id: str
    days: int
    threads: int
    minutes: int
    complete: bool


def noted(deps: Deps, workspace: str, facts: ChannelFacts) -> ChannelView:
    """Remember what Slack says of a channel, keeping what a person chose."""
    with deps.db.write() as session:
        workspaces.put_channel(
            session,
            workspace,
            facts.id,
            name=facts.name,
            visibility=facts.visibility,
            member=facts.member and not facts.archived,
        )
    return view(deps, workspace, facts.id)


def view(deps: Deps, workspace: str, channel_id: str) -> ChannelView:
    """What a channel is for, and what has come from it. Raises BadInput for one we never heard of."""
    with deps.db.read() as session:
        channel = _channel(session, workspace, channel_id)
        count, last = ticket_volumes.of_channel(session, Scope(workspace), channel_id)
    return ChannelView(
        channel.id, channel.name, channel.role, channel.quotes.value, channel.area, channel.member, count, last
    )


def choose(
    deps: Deps, workspace: str, channel_id: str, role: ChannelRole, *, by: str, quotes: QuotePolicy | None = None
) -> Done:
    """Set what a channel is for. What was said before stays unread unless a backfill is asked for.

    Raises BadInput for alerts in a channel that customers read: they tell of all sources.
    """
    with deps.db.write() as session:
        channel = _channel(session, workspace, channel_id)
        if role in ALERT_ROLES and channel.visibility is Visibility.SHARED:
            raise BadInput(
                problem=f"Customers read #{channel.name}; alerts tell of all customers.",
                fix="Choose an internal channel for alerts.",
            )
        now = deps.clock.now()
        workspaces.choose_channel(session, workspace, channel_id, role=role, by=by, now=now, quotes=quotes)
        if role in READ_ROLES:
            workspaces.read_up_to(session, workspace, channel_id, f"{now.timestamp():.6f}")
    return Done(f"#{channel.name}: {EFFECTS[role]}")


def share_words(deps: Deps, workspace: str, channel_id: str, quotes: QuotePolicy, *, by: str) -> Done:
    """Set what of a channel's words may be shown elsewhere; alerts and answers obey it at once."""
    with deps.db.write() as session:
        channel = _channel(session, workspace, channel_id)
        workspaces.share_words(session, workspace, channel_id, quotes, by=by, now=deps.clock.now())
    before = QUOTE_WORDS[channel.quotes.value]
    return Done(f"#{channel.name}: elsewhere I show {QUOTE_WORDS[quotes.value]} of it.", details=(f"Before: {before}",))


def membership(deps: Deps, workspace: str, channel_id: str, *, member: bool) -> None:
    """We joined or left a channel, or it was archived or taken out of the archive."""
    with deps.db.write() as session:
        workspaces.put_channel(session, workspace, channel_id, member=member)


def offer(deps: Deps, history: SlackHistory, channel_id: str, *, days: int = BACKFILL_DAYS) -> BackfillOffer:
    """How much a backfill would read and how long it takes. Raises TryLater or Refused."""
    now = deps.clock.now()
    roots, threads, complete = catching_up.estimate(history, channel_id, now - timedelta(days=days), now)
    return BackfillOffer(channel_id, days, roots, max(1, math.ceil(threads / CALLS_A_MINUTE)), complete)


def backfill(deps: Deps, workspace: str, channel_id: str, *, by: str, days: int = BACKFILL_DAYS) -> Done:
    """Read the channel's past in the background: history makes themes known, it never alerts."""
    with deps.db.write() as session:
        channel = _channel(session, workspace, channel_id)
        if channel.role not in READ_ROLES:
            raise BadInput(
                problem=f"#{channel.name} is not read.",
                fix="Choose Support threads, Ticket notifications or Release notes.",
            )
        begun = catching_up.start_backfill(deps, session, workspace, channel_id, days=days)
        workspaces.audit(session, workspace, by, "backfill", channel_id, {"days": days}, deps.clock.now())
    if not begun:
        return Done(f"The last {days} days of #{channel.name} are being read already.")
    return Done(f"Reading the last {days} days of #{channel.name}. `/ticket-intel themes 90d` fills while I read.")


def _channel(session: Session, workspace: str, channel_id: str) -> workspaces.Channel:
    channel = workspaces.channel(session, workspace, channel_id)
    if channel is None:
        raise BadInput(problem="I am not in this channel.", fix="Invite me first: `/invite @Ticket Intel`.")
    return channel
