"""Ticket notifications that other apps post: each becomes one ticket, however many messages tell of it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from bot.deps import Deps
from bot.flows import helpdesk, ingest
from bot.flows.reading import enqueue_reading
from integrations.slack import Notification, SlackMessage, TicketRef, parse_notification, ticket_ref
from intelligence.gate import judge
from intelligence.model import Role, Source
from storage import messages, own_issues, people, tickets, tombstones, workspaces

_SOURCES = {source.value: source for source in Source}
_DONE = frozenset({"done", "closed", "solved", "resolved", "completed", "archived"})


def take(
    deps: Deps, session: Session, workspace: str, channel: workspaces.Channel, message: SlackMessage, *, live: bool
) -> ingest.Taken:
    """Store an app's message as (part of) the ticket it names; one without a ticket URL makes none."""
    found = parse_notification(message.payload)
    if found is None or found.ref is None:
        return ingest.Taken(None, "an app's message without a ticket")
    now = deps.clock.now()
    ref = found.ref
    if _is_ours(session, workspace, ref, found.title):
        return ingest.Taken(None, "an issue that we opened")
    source = _SOURCES.get(ref.provider, Source.NOTIFICATION)
    external = "/".join(ref.key)
    marks = [tombstones.ticket(source, external)]
    if found.requester:
        marks.append(tombstones.person(Source.NOTIFICATION, found.requester.lower()))
    if tombstones.refused(session, workspace, message.at, marks):
        return ingest.Taken(None, ingest.FORGOTTEN)
    ticket_id = tickets.find(session, workspace, source, external)
    fresh = ticket_id is None
    if ticket_id is None:
        ticket_id = _open(session, workspace, channel, message, found, source, ref.url, now, live=live)
        tickets.add_ref(session, workspace, source, external, ticket_id, url=ref.url)
        tickets.add_ref(session, workspace, Source.SLACK, message.key, ticket_id)
    text = "\n\n".join(part for part in (found.title if fresh else "", found.body) if part)
    added = messages.add(
        session,
        workspace,
        ticket_id,
        messages.NewMessage(
            Source.SLACK,
            message.key,
            Role.CUSTOMER if fresh else Role.BOT,
            text[: ingest.MAX_TEXT],
            message.at,
            author=found.requester or message.app_id,
            channel=channel.id,
            visibility=channel.visibility,
            permalink=ref.url,
        ),
        now,
    )
    if added is None:
        return ingest.Taken(ticket_id, "stored before")
    if found.status.lower() in _DONE:
        tickets.resolve(session, ticket_id, now)
    enqueue_reading(deps, session, workspace, ticket_id, because=message.key, text=text)
    helpdesk.announce(deps, session, workspace, source, external, because=message.key)
    return ingest.Taken(ticket_id, new_ticket=fresh)


def _is_ours(session: Session, workspace: str, ref: TicketRef, title: str) -> bool:
    """Whether it tells of an issue that we opened in the tracker: that is our work, and no customer's."""
    told = (ticket_ref(url) for url in own_issues.addresses(session, workspace, ref.external_id))
    return any(one is not None and one.key == ref.key for one in told) or own_issues.being_opened(
        session, workspace, title
    )


def _open(
    session: Session,
    workspace: str,
    channel: workspaces.Channel,
    message: SlackMessage,
    found: Notification,
    source: Source,
    url: str,
    now: datetime,
    *,
    live: bool,
) -> int:
    account = customer = None
    if found.organisation:
        key = found.organisation.lower()
        account = people.account_id(session, workspace, key, now, name=found.organisation)
    if found.requester:
        customer = people.customer_id(
            session, workspace, Source.NOTIFICATION, found.requester.lower(), now, name=found.requester, account=account
        )
        account = account or people.account_of(session, customer)
    return tickets.open_ticket(
        session,
        workspace,
        tickets.NewTicket(
            source,
            message.at,
            subject=found.title,
            request=judge(f"{found.title}\n{found.body}").verdict,
            customer_id=customer,
            account_id=account,
            segments=people.segments(session, account),
            area=channel.area,
            channel=channel.id,
            visibility=channel.visibility,
            url=url,
            history=not live and now - message.at > ingest.HISTORY_AGE,
        ),
        now,
    )
