"""Helpdesks in: a delivery, a poll or a backfill names tickets; each is fetched and stored. No vendor is known here.

Polling is the source of truth and looks back a little further each time; webhooks only make it fast. The same state of
a ticket is fetched once, because its version is part of the job's key.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

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
    Helpdesk,
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

OVERLAP = timedelta(minutes=10)  # vendors list what changed with some delay
REFUSED_PAUSE = timedelta(minutes=10)  # until somebody mends the credentials
LATER = 5  # priority of what a backfill brings: behind all that is new
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
        lane = _lane(workspace, webhook.source, read.external_id)
        queue.enqueue(session, "helpdesk_event", args, key=f"helpdesk_event:{row}", now=now, lane=lane, priority=-1)
    return Receipt(True)


def _kept(headers: Headers) -> list[tuple[str, str]]:
    """Headers that say what a delivery is about; signatures are not kept."""
    return [(name, value) for name, value in headers.items() if name.endswith(("-event", "-topic"))]


def _lane(workspace: str, source: Source, external_id: str) -> str:
    return f"helpdesk:{workspace}:{source}:{external_id}"


def take_event(deps: Deps, delivery_id: int, *, finish: Finish = nothing) -> ingest.Taken:
    """Turn a stored delivery into its ticket; runs twice without harm. Raises TryLater or HelpdeskRefused."""
    with deps.db.read() as session:
        delivery = inbox.get(session, delivery_id)
    if delivery is None or delivery.processed_at is not None:
        with deps.db.write() as session:
            finish(session)
        return ingest.Taken(None, "dealt with before")
    source = Source(str(delivery.payload["source"]))
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
    deps: Deps, workspace: str, source: Source, external_id: str, *, finish: Finish = nothing
) -> ingest.Taken:
    """Fetch and store one ticket. Raises TryLater or HelpdeskRefused."""
    fetched = _fetch(deps, source, external_id)
    with deps.db.write() as session:
        taken = _take(deps, session, workspace, source, Change(external_id), fetched)
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
        raise _as_ours(error, source) from error


def _as_ours(error: HelpdeskError, source: Source) -> Exception:
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
    return _enqueue_fetch(deps, session, workspace, source, Change(external_id, because), priority=0)


def _enqueue_fetch(
    deps: Deps, session: Session, workspace: str, source: Source, change: Change, *, priority: int
) -> bool:
    if helpdesk_tickets.is_buried(session, workspace, source, change.external_id):
        return False
    return queue.enqueue(
        session,
        "helpdesk_fetch",
        {"workspace": workspace, "source": source.value, "external_id": change.external_id},
        key=f"helpdesk_fetch:{workspace}:{source}:{change.external_id}@{change.version}",
        lane=_lane(workspace, source, change.external_id),
        now=deps.clock.now(),
        priority=priority,
    )


@dataclass(frozen=True, slots=True)
class Walk:
    """What is left to list of a helpdesk's changes since a time: a poll (`backfill` False) or a backfill."""

    workspace: str
    source: str
    run: str
    since: str
    began: str
    cursor: str | None = None
    listed: int = 0
    backfill: bool = False


def start_poll(deps: Deps, workspace: str, *, because: str) -> int:
    """Enqueue a look at every helpdesk for what changed since the last one; how many. The first begins now."""
    now = deps.clock.now()
    with deps.db.write() as session:
        for source in deps.helpdesks.desks:
            heard = workspaces.setting(session, workspace, _heard_key(source))
            since = datetime.fromisoformat(heard) if heard else now
            walk = Walk(workspace, source.value, f"poll:{because}", (since - OVERLAP).isoformat(), now.isoformat())
            _enqueue_page(deps, session, walk)
    return len(deps.helpdesks.desks)


def start_backfill(deps: Deps, workspace: str, source: Source, since: datetime) -> bool:
    """Enqueue the reading of a helpdesk's past; False if the same was asked for on this day before."""
    now = deps.clock.now()
    run = f"backfill:{now:%Y-%m-%d}:{since:%Y-%m-%d}"
    with deps.db.write() as session:
        workspaces.ensure(session, workspace, now, timezone=deps.settings.timezone)
        walk = Walk(workspace, source.value, run, since.isoformat(), now.isoformat(), backfill=True)
        fresh = _enqueue_page(deps, session, walk)
        if fresh:
            _note_progress(deps, session, walk, total=None, done=False)
    return fresh


def _heard_key(source: Source) -> str:
    return f"helpdesk:{source}:heard"


def _backfill_key(source: str) -> str:
    return f"helpdesk:{source}:backfill"


def _enqueue_page(deps: Deps, session: Session, walk: Walk) -> bool:
    return queue.enqueue(
        session,
        "helpdesk_page",
        asdict(walk),
        key=f"{walk.run}:{walk.workspace}:{walk.source}:{walk.cursor or 'first'}",
        lane=f"helpdesk:{walk.workspace}:{walk.source}:pages",
        now=deps.clock.now(),
        priority=LATER if walk.backfill else 0,
    )


def read_page(deps: Deps, walk: Walk, *, finish: Finish = nothing) -> int:
    """List one page of changes, enqueue a fetch for each and then the next page; how many changes it held.

    Runs twice without harm. Raises TryLater; when the helpdesk refuses us, a poll ends with a log line and the next
    tick asks again from where the last one ended.
    """
    source = Source(walk.source)
    desk = deps.helpdesks.desk(source)
    try:
        page = desk.changes_since(datetime.fromisoformat(walk.since), walk.cursor) if desk else None
    except (AccessDenied, NotThere) as error:
        if walk.backfill:
            raise TryLater(str(error), REFUSED_PAUSE) from error
        log.warning("helpdesk_not_polled", source=walk.source, reason=str(error))
        page = None
    except HelpdeskError as error:
        raise _as_ours(error, source) from error
    with deps.db.write() as session:
        if page is not None:
            for change in page.changes:
                priority = LATER if walk.backfill else 0
                _enqueue_fetch(deps, session, walk.workspace, source, change, priority=priority)
            on = replace(walk, cursor=page.more, listed=walk.listed + len(page.changes))
            _go_on(deps, session, on, page.total)
        finish(session)
    return len(page.changes) if page is not None else 0


def _go_on(deps: Deps, session: Session, walk: Walk, total: int | None) -> None:
    if walk.cursor is not None:
        _enqueue_page(deps, session, walk)
    if walk.backfill:
        _note_progress(deps, session, walk, total, done=walk.cursor is None)
    elif walk.cursor is None:
        # Everything up to the run's beginning was listed; the next one looks back from there.
        workspaces.put_state(session, walk.workspace, _heard_key(Source(walk.source)), walk.began, deps.clock.now())


def _note_progress(deps: Deps, session: Session, walk: Walk, total: int | None, *, done: bool) -> None:
    value: dict[str, Any] = {"since": walk.since, "listed": walk.listed, "total": total, "done": done}
    workspaces.put_state(session, walk.workspace, _backfill_key(walk.source), value, deps.clock.now())


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill is: tickets listed, of how many if the vendor tells, and whether that was all."""

    source: str
    since: datetime
    listed: int
    total: int | None
    done: bool


def progress(deps: Deps, workspace: str, source: Source) -> Progress | None:
    """The last backfill of a helpdesk; None if there was none."""
    with deps.db.read() as session:
        found = workspaces.setting(session, workspace, _backfill_key(source.value))
    if found is None:
        return None
    since = datetime.fromisoformat(found["since"])
    return Progress(source.value, since, found["listed"], found["total"], found["done"])


def preview(desk: Helpdesk, since: datetime, *, most: int = 10_000) -> tuple[int, bool]:
    """How many tickets a backfill would bring, and whether these are all. Stores nothing. Raises HelpdeskError."""
    found, cursor = 0, None
    while found < most:
        page = desk.changes_since(since, cursor)
        if page.total is not None:
            return page.total, True
        found, cursor = found + len(page.changes), page.more
        if cursor is None:
            return found, True
    return found, False
