"""Helpdesks in: a delivery, a notification or a list of changes names tickets; each is fetched and stored. No vendor is
known here. The same state of a ticket is fetched once, because its version is part of the job's key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from bot.deps import Deps
from bot.errors import HelpdeskRefused
from bot.flows import helpdesk_tickets, ingest
from bot.messenger import TryLater
from bot.worker import Finish, nothing
from integrations.helpdesks.port import (
    AccessDenied,
    Change,
    Headers,
    HelpdeskError,
    HelpdeskTicket,
    Nothing,
    NotThere,
    Payload,
    Unavailable,
    WebhookSource,
)
from intelligence.model import Source
from storage import inbox, queue, tickets, workspaces

log = structlog.get_logger(__name__)

REFUSED_PAUSE = timedelta(minutes=10)  # until somebody mends the credentials
KIND = "webhook"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a delivery: `refusal` says why it makes no ticket; `new` is False for a redelivery."""

    new: bool
    refusal: str | None = None


def receive(
    deps: Deps, workspace: str, webhook: WebhookSource, delivery: str, headers: Headers, payload: Payload
) -> Receipt:
    """Store a verified delivery and enqueue its work, in one transaction. Raises SQLAlchemyError: it must come again."""
    now = deps.clock.now()
    read = webhook.read(headers, payload)
    key = f"{KIND}:{webhook.source}:{delivery}"
    told = {"source": webhook.source.value, "headers": dict(_kept(headers)), "body": dict(payload)}
    with deps.db.intake() as session:
        row = inbox.receive(session, workspace, key, KIND, told, now)
        if row is None:
            return Receipt(False)
        if isinstance(read, Nothing):
            inbox.processed(session, row, now, refusal=read.reason)
            return Receipt(True, read.reason)
        if helpdesk_tickets.is_buried(session, workspace, webhook.source, read.external_id):
            inbox.processed(session, row, now, refusal=ingest.FORGOTTEN)
            return Receipt(True, ingest.FORGOTTEN)
        args = {"delivery": row}
        place = lane(workspace, webhook.source, read.external_id)
        queue.enqueue(session, "helpdesk_event", args, key=f"helpdesk_event:{row}", now=now, lane=place, priority=-1)
    return Receipt(True)


def _kept(headers: Headers) -> list[tuple[str, str]]:
    """Headers that say what a delivery is about; signatures are not kept."""
    return [(name, value) for name, value in headers.items() if name.endswith(("-event", "-topic"))]


def lane(workspace: str, source: Source, external_id: str) -> str:
    """One thing at a time is done about a ticket."""
    return f"helpdesk:{workspace}:{source}:{external_id}"


def take_event(deps: Deps, delivery_id: int, *, finish: Finish = nothing) -> ingest.Taken:
    """Turn a stored delivery into its ticket; runs twice without harm. Raises TryLater or HelpdeskRefused."""
    with deps.db.read() as session:
        delivery = inbox.get(session, delivery_id)
    if delivery is None or delivery.processed_at is not None:
        with deps.db.write() as session:
            finish(session)
        return ingest.Taken(None, "dealt with before")
    deps, source = deps.within(delivery.workspace), Source(str(delivery.payload["source"]))
    webhook = deps.helpdesks.webhook(source)
    read = webhook.read(delivery.payload["headers"], delivery.payload["body"]) if webhook else Nothing("not set up now")
    fetched = None
    if isinstance(read, Change) and read.ticket is None and not read.deleted:
        fetched = _fetch(deps, source, read.external_id)
    with deps.db.write() as session:
        taken = _take(deps, session, delivery.workspace, source, read, fetched)
        inbox.processed(session, delivery_id, deps.clock.now(), refusal=taken.refusal)
        finish(session)
    return taken


def fetch_ticket(
    deps: Deps, workspace: str, source: Source, external_id: str, *, deleted: bool = False, finish: Finish = nothing
) -> ingest.Taken:
    """Fetch and store one ticket, or erase one that was listed as deleted. Raises TryLater or HelpdeskRefused."""
    fetched = None if deleted else _fetch(deps, source, external_id)
    with deps.db.write() as session:
        taken = _take(deps, session, workspace, source, Change(external_id, deleted=deleted), fetched)
        finish(session)
    return taken


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What the helpdesk showed: a ticket, the fact that it was deleted (None), or nothing (`missing`)."""

    ticket: HelpdeskTicket | None
    missing: bool = False


def _fetch(deps: Deps, source: Source, external_id: str) -> _Fetched:
    desk = deps.helpdesks.desk(source)
    if desk is None:
        return _Fetched(None, missing=True)
    try:
        return _Fetched(desk.fetch(external_id))
    except NotThere:
        return _Fetched(None, missing=True)
    except HelpdeskError as error:
        raise as_ours(error, source) from error


def as_ours(error: HelpdeskError, source: Source) -> Exception:
    """Waiting for them costs a job no try; what they refuse for good is a fault that a person sees."""
    if isinstance(error, Unavailable):
        return TryLater(str(error), error.after)
    if isinstance(error, AccessDenied):
        return TryLater(str(error), REFUSED_PAUSE)
    return HelpdeskRefused(name=source.value, reason=str(error))


def _take(
    deps: Deps, session: Session, workspace: str, source: Source, read: Change | Nothing, fetched: _Fetched | None
) -> ingest.Taken:
    if isinstance(read, Nothing):
        return ingest.Taken(None, read.reason)
    workspaces.ensure(session, workspace, deps.clock.now(), timezone=deps.settings.timezone)
    if read.ticket is not None:
        return _take_told(deps, session, workspace, read.ticket)
    if read.deleted or (fetched is not None and fetched.ticket is None and not fetched.missing):
        return helpdesk_tickets.erase(deps, session, workspace, source, read.external_id)
    if fetched is None or fetched.ticket is None:
        return ingest.Taken(None, "the helpdesk does not show this ticket")
    return helpdesk_tickets.store(deps, session, workspace, fetched.ticket)


def _take_told(deps: Deps, session: Session, workspace: str, ticket: HelpdeskTicket) -> ingest.Taken:
    """A ticket told in full may come late: an older state never replaces a newer one."""
    if helpdesk_tickets.is_buried(session, workspace, ticket.source, ticket.external_id):
        return ingest.Taken(None, ingest.FORGOTTEN)
    key = f"helpdesk:{ticket.source}:{ticket.external_id}"
    newest = workspaces.setting(session, workspace, key)
    if newest is not None and ticket.as_of < datetime.fromisoformat(newest):
        return ingest.Taken(
            tickets.find(session, workspace, ticket.source, ticket.external_id), "older than what is stored"
        )
    workspaces.put_state(session, workspace, key, ticket.as_of.isoformat(), deps.clock.now())
    return helpdesk_tickets.store(deps, session, workspace, ticket)


def announce(deps: Deps, session: Session, workspace: str, source: Source, external_id: str, because: str) -> bool:
    """A notification in Slack told of a ticket: fetch it if its helpdesk is set up here. False if it is not."""
    desk = deps.helpdesks.desk(source)
    if desk is None or not desk.owns(external_id):
        return False
    return enqueue_fetch(deps, session, workspace, source, Change(external_id, because), priority=0)


def enqueue_fetch(
    deps: Deps, session: Session, workspace: str, source: Source, change: Change, *, priority: int
) -> bool:
    """Ask for one state of a ticket, once. Nothing for a forgotten customer's, nor for a deletion of what is not here."""
    if helpdesk_tickets.is_buried(session, workspace, source, change.external_id):
        return False
    if change.deleted and tickets.find(session, workspace, source, change.external_id) is None:
        return False
    told = {"workspace": workspace, "source": source.value, "external_id": change.external_id}
    how = ":deleted" if change.deleted else ""
    return queue.enqueue(
        session,
        "helpdesk_fetch",
        told | {"deleted": change.deleted},
        key=f"helpdesk_fetch:{workspace}:{source}:{change.external_id}@{change.version}{how}",
        lane=lane(workspace, source, change.external_id),
        now=deps.clock.now(),
        priority=priority,
    )
