"""What changed at the helpdesks, listed page by page: a poll every few minutes, or a backfill of the past.

Polling is the source of truth and looks back a little further each time; webhooks only make it fast.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session

from bot.deps import Deps
from bot.flows import helpdesk
from bot.messenger import TryLater
from bot.worker import Finish, nothing
from integrations.helpdesks.port import AccessDenied, Helpdesk, HelpdeskError, NotThere
from intelligence.model import Source
from storage import queue, workspaces

log = structlog.get_logger(__name__)

OVERLAP = timedelta(minutes=10)  # vendors list what changed with some delay
LATER = 5  # priority of what a backfill brings: behind all that is new


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
            raise TryLater(str(error), helpdesk.REFUSED_PAUSE) from error
        log.warning("helpdesk_not_polled", source=walk.source, reason=str(error))
        page = None
    except HelpdeskError as error:
        raise helpdesk.as_ours(error, source) from error
    with deps.db.write() as session:
        if page is not None:
            for change in page.changes:
                priority = LATER if walk.backfill else 0
                helpdesk.enqueue_fetch(deps, session, walk.workspace, source, change, priority=priority)
            on = replace(walk, cursor=page.more, listed=walk.listed + page.standing)
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
        found, cursor = found + page.standing, page.more
        if cursor is None:
            return found, True
    return found, False
