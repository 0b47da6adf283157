"""From a stored delivery to a ticket: who said it, to whom it belongs, and whether it asks for anything.

One message makes at most one stored message, however often it is delivered: by event, by mention, by redelivery, by
catch-up or by backfill, always under the key "channel/ts".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session

from bot.deps import Deps
from bot.flows import agents, notifications
from bot.flows.permalinks import permalink
from bot.flows.reading import enqueue_reading
from bot.flows.releasing import note_release
from bot.worker import Finish, nothing
from integrations.slack import Change, SlackMessage, SlackRefusal, message_event
from intelligence.gate import judge
from intelligence.model import READ_ROLES, ChannelRole, DecidedBy, RequestVerdict, Role, Source, Visibility
from intelligence.releases import named_version
from intelligence.segments import banded
from storage import inbox, memberships, messages, people, slack_messages, tickets, tombstones, turns, workspaces

log = structlog.get_logger(__name__)

HISTORY_AGE = timedelta(days=1)
MAX_TEXT = 40_000
FORGOTTEN = "of a customer who was forgotten"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a message did: the ticket it belongs to, or why it made none."""

    ticket_id: int | None
    refusal: str | None = None
    new_ticket: bool = False


def take_delivery(deps: Deps, delivery_id: int, *, finish: Finish = nothing) -> Taken:
    """Turn one stored Slack event into its ticket; runs twice without harm."""
    with deps.db.write() as session:
        delivery = inbox.get(session, delivery_id)
        if delivery is None or delivery.processed_at is not None:
            finish(session)
            return Taken(None, "dealt with before")
        taken = take_event(deps.within(delivery.workspace), session, delivery.workspace, delivery.payload)
        inbox.processed(session, delivery_id, deps.clock.now(), refusal=taken.refusal)
        finish(session)
    if taken.refusal:
        log.debug("delivery_refused", delivery=delivery_id, reason=taken.refusal)
    return taken


def take_event(deps: Deps, session: Session, workspace: str, payload: Mapping[str, Any]) -> Taken:
    """Handle the `event` of a Slack envelope within the caller's transaction."""
    event = payload.get("event")
    if not isinstance(event, Mapping):
        return Taken(None, "malformed: no event object")
    kind = event.get("type")
    if kind in {"message", "app_mention"}:
        parsed = message_event(event)
        if isinstance(parsed, SlackRefusal):
            return Taken(None, f"{parsed.reason}: {parsed.detail}")
        return take_message(deps, session, workspace, parsed)
    if kind in {"reaction_added", "reaction_removed"}:
        return _reaction(deps, session, workspace, event)
    return Taken(None, f"no use for {kind}")


def take_message(deps: Deps, session: Session, workspace: str, message: SlackMessage, *, live: bool = True) -> Taken:
    """Store one Slack message. `live` is False for catch-up and backfill: what is older than a day is then history."""
    turns.take_turn(session, turns.arrivals(workspace))
    channel = workspaces.channel(session, workspace, message.channel)
    if channel is None or channel.role not in READ_ROLES:
        return Taken(None, "the channel was not chosen to be read")
    workspaces.read_up_to(session, workspace, message.channel, message.ts)
    if channel.role is ChannelRole.RELEASES:
        return _release(deps, session, workspace, message)
    if tombstones.refused(session, workspace, message.at, _marks(message)):
        return Taken(None, FORGOTTEN)
    if message.change is Change.DELETED:
        return _delete(deps, session, workspace, message)
    known = messages.find(session, workspace, Source.SLACK, message.key)
    if known is not None:
        return _revise(deps, session, known, message)
    if message.is_bot:
        if channel.role is not ChannelRole.NOTIFICATIONS and not _allowed_app(deps, workspace, message):
            return Taken(None, "another bot's message")
        return notifications.take(deps, session, workspace, channel, message, live=live)
    if channel.role is ChannelRole.NOTIFICATIONS and message.is_root:
        return Taken(None, "a person's note in a notification channel")
    if not message.is_root:
        return _reply(deps, session, workspace, channel, message, live=live)
    return _root(deps, session, workspace, channel, message, live=live)


def _release(deps: Deps, session: Session, workspace: str, message: SlackMessage) -> Taken:
    """A version that is announced; nothing else of such a channel is kept."""
    name = named_version(message.text) if message.is_root and message.change is Change.POSTED else None
    if name is None:
        return Taken(None, "no version went out")
    fresh = note_release(deps, session, workspace, name, message.at, by=message.user or None, source="channel")
    return Taken(None, f"release {name}" if fresh else f"release {name} was known")


def _marks(message: SlackMessage) -> list[tombstones.Mark]:
    """Under which ids a message of a forgotten customer would come again."""
    threads = {f"{message.channel}/{message.thread_ts or message.ts}", message.key}
    marks = [tombstones.message(Source.SLACK, message.key), *(tombstones.ticket(Source.SLACK, t) for t in threads)]
    return [*marks, tombstones.person(Source.SLACK, message.user)] if message.user else marks


def _allowed_app(deps: Deps, workspace: str, message: SlackMessage) -> bool:
    return bool({message.app_id, message.bot_id} & deps.settings.ids_in(workspace, "ticket_apps"))


def _is_history(deps: Deps, at: datetime, *, live: bool) -> bool:
    return not live and deps.clock.now() - at > HISTORY_AGE


def _root(
    deps: Deps, session: Session, workspace: str, channel: workspaces.Channel, message: SlackMessage, *, live: bool
) -> Taken:
    if not message.text.strip():
        return Taken(None, "no text")
    now = deps.clock.now()
    window = timedelta(minutes=deps.settings.grouping_minutes)
    ref = f"{message.channel}/{message.ts}"
    ticket_id = tickets.find(session, workspace, Source.SLACK, ref)
    if ticket_id is None:
        since = message.at - window
        ticket_id = slack_messages.recent_root(session, workspace, message.channel, message.user, since, message.at)
    fresh = ticket_id is None
    customer = _customer(session, workspace, channel, message, now)
    if ticket_id is None:
        verdict = judge(message.text).verdict
        ticket_id = tickets.open_ticket(
            session,
            workspace,
            tickets.NewTicket(
                Source.SLACK,
                message.at,
                request=verdict,
                customer_id=customer.id,
                account_id=customer.account_id,
                segments=customer.segments,
                area=channel.area,
                channel=channel.id,
                thread_ts=message.ts,
                visibility=channel.visibility,
                history=_is_history(deps, message.at, live=live),
            ),
            now,
        )
    else:
        _fill_placeholder(session, ticket_id, message, customer, now)
    tickets.add_ref(session, workspace, Source.SLACK, ref, ticket_id)
    _add(session, workspace, ticket_id, channel, message, Role.CUSTOMER, customer.id, now)
    if not fresh:
        _judge_again(deps, session, ticket_id)
    enqueue_reading(deps, session, workspace, ticket_id, because=message.key, text=message.text)
    return Taken(ticket_id, new_ticket=fresh)


def _reply(
    deps: Deps, session: Session, workspace: str, channel: workspaces.Channel, message: SlackMessage, *, live: bool
) -> Taken:
    now = deps.clock.now()
    ref = f"{message.channel}/{message.thread_ts}"
    ticket_id = tickets.find(session, workspace, Source.SLACK, ref)
    if ticket_id is None:
        ticket_id = tickets.open_ticket(
            session,
            workspace,
            tickets.NewTicket(
                Source.SLACK,
                message.at,
                channel=channel.id,
                thread_ts=message.thread_ts,
                visibility=channel.visibility,
                area=channel.area,
                history=_is_history(deps, message.at, live=live),
                placeholder=True,
            ),
            now,
        )
        tickets.add_ref(session, workspace, Source.SLACK, ref, ticket_id)
    role = agents.role_of(deps, session, workspace, channel, message, ticket_id)
    customer = _customer(session, workspace, channel, message, now) if role is Role.CUSTOMER else None
    if customer is not None and customer.account_id is None:
        people.join_account(session, customer.id, tickets.account_of(session, ticket_id))
    added = _add(session, workspace, ticket_id, channel, message, role, customer.id if customer else None, now)
    if added is None:
        return Taken(ticket_id, "stored before")
    if role is Role.CUSTOMER:
        if not agents.is_thanks(message.text):
            tickets.reopen(session, ticket_id, now)
        _judge_again(deps, session, ticket_id)
    enqueue_reading(deps, session, workspace, ticket_id, because=message.key, text=message.text)
    return Taken(ticket_id)


@dataclass(frozen=True, slots=True)
class _Person:
    id: int
    account_id: int | None
    segments: Mapping[str, str]


def _customer(
    session: Session, workspace: str, channel: workspaces.Channel, message: SlackMessage, now: datetime
) -> _Person:
    """The author as a customer. In a shared channel the author's own team is the account; a "Customer: X" line names it
    in an internal one; else the account is what is known of the person, or unknown."""
    account: int | None = None
    named = agents.named_customer(message.text)
    if channel.visibility is Visibility.SHARED and message.user_team:
        account = people.account_id(session, workspace, f"slack:{message.user_team}", now, name=channel.name)
    elif named:
        account = people.account_id(session, workspace, named.lower(), now, name=named)
    customer = people.customer_id(session, workspace, Source.SLACK, message.user, now, account=account)
    account = account or people.account_of(session, customer)
    return _Person(customer, account, people.segments(session, account))


def _add(
    session: Session,
    workspace: str,
    ticket_id: int,
    channel: workspaces.Channel,
    message: SlackMessage,
    role: Role,
    customer: int | None,
    now: datetime,
) -> int | None:
    return messages.add(
        session,
        workspace,
        ticket_id,
        messages.NewMessage(
            Source.SLACK,
            message.key,
            role,
            message.text[:MAX_TEXT],
            message.at,
            author=message.user,
            customer_id=customer,
            channel=channel.id,
            visibility=channel.visibility,
            permalink=permalink(session, workspace, channel.id, message.ts, message.thread_ts),
            edited_at=message.edited_at,
        ),
        now,
    )


def _fill_placeholder(
    session: Session, ticket_id: int, message: SlackMessage, customer: _Person, now: datetime
) -> None:
    """The root came after its reply: the ticket is whole now."""
    if tickets.is_placeholder(session, ticket_id):
        tickets.update(
            session,
            ticket_id,
            now,
            placeholder=False,
            customer_id=customer.id,
            account_id=customer.account_id,
            segments=banded(customer.segments),
            request=judge(message.text).verdict,
        )


def _judge_again(deps: Deps, session: Session, ticket_id: int) -> None:
    """More words may make a request of what was none ("thanks" ... "but it still fails"); never the other way round."""
    if tickets.request_of(session, ticket_id) is RequestVerdict.REQUEST:
        return
    verdict = judge(messages.customer_text(session, ticket_id)).verdict
    if verdict is RequestVerdict.REQUEST:
        tickets.set_request(session, ticket_id, verdict, DecidedBy.MACHINE, deps.clock.now())


def _revise(deps: Deps, session: Session, known: messages.StoredMessage, message: SlackMessage) -> Taken:
    if message.change is not Change.EDITED and message.edited_at is None:
        return Taken(known.ticket_id, "stored before")
    if not messages.revise(session, known.id, message.text[:MAX_TEXT], deps.clock.now()):
        return Taken(known.ticket_id, "nothing changed")
    workspace = tickets.workspace_of(session, known.ticket_id)
    if known.role is Role.CUSTOMER:
        _judge_again(deps, session, known.ticket_id)
    because = f"{message.key}@{message.edited_at.timestamp() if message.edited_at else 'edit'}"
    enqueue_reading(deps, session, workspace, known.ticket_id, because=because, text=message.text)
    return Taken(known.ticket_id)


def _delete(deps: Deps, session: Session, workspace: str, message: SlackMessage) -> Taken:
    known = messages.find(session, workspace, Source.SLACK, message.key)
    if known is None:
        # The delete overtook its message: remember the key, so that the message is refused when it comes.
        messages.remember_deleted(session, workspace, Source.SLACK, message.key, deps.clock.now())
        return Taken(None, "deleted before it was read")
    return forget_message(deps, session, workspace, message.key, known)


def forget_message(deps: Deps, session: Session, workspace: str, key: str, known: messages.StoredMessage) -> Taken:
    """A stored message was deleted in Slack: its text goes, and its ticket is read again."""
    ticket_id = messages.redact(session, known.id, deps.clock.now())
    if ticket_id is None:
        return Taken(known.ticket_id, "deleted before")
    memberships.touched(session, workspace)
    enqueue_reading(deps, session, workspace, ticket_id, because=f"{key}@deleted", text="")
    return Taken(ticket_id)


RESOLVING = frozenset({"white_check_mark", "heavy_check_mark", "ballot_box_with_check"})
GATE_EMOJI = "ticket"


def _reaction(deps: Deps, session: Session, workspace: str, event: Mapping[str, Any]) -> Taken:
    """A check mark by an agent or the author resolves; the ticket emoji turns the request gate round."""
    item = event.get("item")
    if not isinstance(item, Mapping) or not isinstance(item.get("channel"), str):
        return Taken(None, "a reaction to something else")
    turns.take_turn(session, turns.arrivals(workspace))
    key = f"{item['channel']}/{item.get('ts')}"
    known = messages.find(session, workspace, Source.SLACK, key)
    name, user = event.get("reaction"), str(event.get("user", ""))
    if known is None or known.deleted:
        return Taken(None, "a reaction to a message that is not stored")
    ticket_id = tickets.surviving(session, known.ticket_id)
    now = deps.clock.now()
    added = event.get("type") == "reaction_added"
    if name == GATE_EMOJI:
        verdict = RequestVerdict.REQUEST if added else RequestVerdict.NOT_REQUEST
        tickets.set_request(session, ticket_id, verdict, DecidedBy.PERSON, now)
    elif name in RESOLVING and (
        agents.is_agent(deps, session, workspace, user) or messages.is_author(session, ticket_id, user)
    ):
        changed = tickets.resolve(session, ticket_id, now) if added else tickets.reopen(session, ticket_id, now)
        if not changed:
            return Taken(ticket_id, "nothing changed")
    else:
        return Taken(ticket_id, "a reaction without meaning for us")
    because = f"{key}@{name}:{event.get('event_ts', now.timestamp())}"
    enqueue_reading(deps, session, workspace, ticket_id, because=because, text="", at_once=True)
    return Taken(ticket_id)
