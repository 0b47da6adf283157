"""Read what was said before we came, or while we were away: resumable, and once per message.

A stretch of time is read slice by slice, oldest first, so that messages meet the grouping rules in the order they were
said. Each slice is one job; its last write enqueues the next, so the cursor is as durable as the queue. Messages have
the same keys as their events: what was heard before is not stored again, what was edited meanwhile becomes a revision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session

from bot.addressing import said_by_us, said_to_us
from bot.deps import Deps
from bot.flows import gone, ingest
from bot.history import SlackHistory
from bot.messenger import Refused
from bot.worker import Finish, nothing
from integrations.slack import SlackRefusal, message_event
from intelligence.model import READ_ROLES
from storage import queue, slack_messages, workspaces

log = structlog.get_logger(__name__)

RE_READ = timedelta(days=7)  # a catch-up looks again at open tickets of the last week: their edits, their replies
MOST_PAGES = 5  # of one slice; a busier stretch is cut in half
EDITS_WITHIN = 86_400.0  # seconds: replies are rarely edited later than a day after they were written
ROUNDING = 0.000_001  # seconds: the last message heard counts as heard
CHUNK = 50  # messages stored in one transaction
FIRST_WIDTH, LEAST_WIDTH, MOST_WIDTH = 24.0, 0.25, 24.0 * 14  # hours
FEW = 150  # messages in a slice: the next may be twice as wide

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is left to read of a channel: from `start` until `until` (Unix seconds), `width` hours at a time.

    `heard` is the time up to which we had listened: threads that grew after it are read too. 0 reads all threads.
    """

    workspace: str
    channel: str
    run: str
    start: float
    until: float
    heard: float = 0.0
    width: float = FIRST_WIDTH

    @property
    def end(self) -> float:
        return min(self.until, self.start + self.width * 3600)


def start_backfill(deps: Deps, session: Session, workspace: str, channel: str, *, days: int) -> bool:
    """Enqueue the reading of a channel's past; False if the same was asked for before."""
    now = deps.clock.now()
    start = (now - timedelta(days=days)).timestamp()
    run = f"backfill:{now:%Y-%m-%d}:{days}"
    return _enqueue(deps, session, Stretch(workspace, channel, run, start, now.timestamp()))


def start_catch_up(deps: Deps, workspace: str, *, because: str, since: datetime | None = None) -> int:
    """Enqueue the repair of every channel that is read: from what was heard last, and its open tickets; how many.

    `since`: when a gap began after which we have heard again, so that the last word heard does not tell of it.
    """
    now = deps.clock.now()
    begun = 0
    with deps.db.write() as session:
        for channel in workspaces.channels(session, workspace, *READ_ROLES):
            heard = _heard(channel)
            if not channel.member or heard is None:
                continue
            heard = min(heard, since.timestamp()) if since else heard
            threads = slack_messages.open_threads(session, workspace, channel.id)
            opened = [float(ts) for ts, last in threads if now - last < RE_READ]
            start = min([heard, *opened]) - 1
            run = f"catch_up:{because}"
            begun += _enqueue(deps, session, Stretch(workspace, channel.id, run, start, now.timestamp(), heard))
    return begun


def _heard(channel: workspaces.Channel) -> float | None:
    """Up to when we heard everything: the last message, or the choice of a channel that has been silent since."""
    if channel.last_ts is not None:
        return float(channel.last_ts)
    return channel.chosen_at.timestamp() if channel.chosen_at else None


def _enqueue(deps: Deps, session: Session, stretch: Stretch) -> bool:
    place = f"{stretch.workspace}:{stretch.channel}"
    return queue.enqueue(
        session,
        "read_slice",
        asdict(stretch),
        key=f"{stretch.run}:{place}:{stretch.start:.6f}:{stretch.width}",
        lane=f"history:{place}",
        now=deps.clock.now(),
    )


def read_slice(deps: Deps, history: SlackHistory, stretch: Stretch, *, finish: Finish = nothing) -> int:
    """Read and store one slice and enqueue the next; how many messages it held. Runs twice without harm.

    Raises TryLater when Slack wants us to wait. A channel that may not be read ends the stretch with a log line.
    """
    whole = True
    try:
        found, whole = _gather(history, stretch)
    except Refused as refused:
        log.warning("channel_not_read", channel=stretch.channel, error=refused.code)
        found = ()
        stretch = replace(stretch, start=stretch.until)
    if not whole and stretch.width > LEAST_WIDTH:
        with deps.db.write() as session:
            _enqueue(deps, session, replace(stretch, width=stretch.width / 2))
            finish(session)
        return 0
    _store(deps, stretch.workspace, stretch.channel, found)
    with deps.db.write() as session:
        if whole and stretch.heard:
            end = min(stretch.end, stretch.heard + ROUNDING)
            gone.forget_roots(deps, session, stretch.workspace, stretch.channel, found, stretch.start, end)
        for root in found:
            if _grew(root, stretch.heard):
                _enqueue_thread(deps, session, stretch, str(root["ts"]))
        if stretch.end < stretch.until:
            width = min(MOST_WIDTH, stretch.width * 2) if len(found) < FEW else stretch.width
            _enqueue(deps, session, replace(stretch, start=stretch.end, width=width))
        finish(session)
    return len(found)


def _gather(history: SlackHistory, stretch: Stretch) -> tuple[Sequence[Raw], bool]:
    """The slice's root messages, oldest first, and whether these are all: too many for one job are cut."""
    found: list[Raw] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = history.channel(
            stretch.channel, oldest=f"{stretch.start:.6f}", latest=f"{stretch.end:.6f}", cursor=cursor
        )
        found += page.messages
        cursor = page.more
        if cursor is None:
            break
    return sorted(found, key=lambda message: str(message.get("ts", ""))), cursor is None


def _grew(root: Raw, heard: float) -> bool:
    """Whether a thread may hold replies, or edits of replies, that we did not hear: it spoke shortly before or
    after.
    """
    return bool(root.get("reply_count")) and float(root.get("latest_reply") or 0) >= heard - EDITS_WITHIN


def _enqueue_thread(deps: Deps, session: Session, stretch: Stretch, ts: str) -> None:
    queue.enqueue(
        session,
        "read_thread",
        {"workspace": stretch.workspace, "channel": stretch.channel, "ts": ts},
        key=f"thread:{stretch.run}:{stretch.workspace}:{stretch.channel}/{ts}",
        now=deps.clock.now(),
    )


def read_thread(
    deps: Deps, history: SlackHistory, workspace: str, channel: str, ts: str, *, finish: Finish = nothing
) -> int:
    """Read and store one thread; how many messages it holds. Raises TryLater."""
    found: list[Raw] = []
    cursor: str | None = None
    whole = True
    try:
        while True:
            page = history.thread(channel, ts, cursor=cursor)
            found += page.messages
            cursor = page.more
            if cursor is None:
                break
    except Refused as refused:
        log.warning("thread_not_read", channel=channel, error=refused.code)
        whole = False
    _store(deps, workspace, channel, sorted(found, key=lambda message: str(message.get("ts", ""))))
    with deps.db.write() as session:
        if whole:
            gone.forget_replies(deps, session, workspace, channel, ts, found)
        finish(session)
    return len(found)


def _store(deps: Deps, workspace: str, channel: str, messages: Sequence[Raw]) -> None:
    with deps.db.read() as session:
        space = workspaces.get(session, workspace)
    us = (space.bot_user_id if space else None) or ""
    for start in range(0, len(messages), CHUNK):
        with deps.db.write() as session:
            for message in messages[start : start + CHUNK]:
                if said_by_us(message, us) or said_to_us(message, us):
                    continue
                parsed = message_event({**message, "type": "message", "channel": channel})
                if not isinstance(parsed, SlackRefusal):
                    ingest.take_message(deps, session, workspace, parsed, live=False)


def estimate(history: SlackHistory, channel: str, since: datetime, until: datetime) -> tuple[int, int, bool]:
    """Threads, and those with replies, of a stretch; False as third when it holds more than were counted."""
    roots = threads = 0
    cursor: str | None = None
    oldest, latest = f"{since.astimezone(UTC).timestamp():.6f}", f"{until.astimezone(UTC).timestamp():.6f}"
    for _ in range(MOST_PAGES * 2):
        page = history.channel(channel, oldest=oldest, latest=latest, cursor=cursor)
        roots += len(page.messages)
        threads += sum(bool(message.get("reply_count")) for message in page.messages)
        cursor = page.more
        if cursor is None:
            return roots, threads, True
    return roots, threads, False
