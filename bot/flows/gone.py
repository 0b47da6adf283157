"""What was deleted while we were not listening: stored, within what was just read completely, and not there any more.

Slack never delivers those deletions. Only a catch-up concludes so, only about messages that were heard before the gap,
and never about old ones: Slack hides what is older than 90 days on its free plan, and hidden is not deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session

from bot.deps import Deps
from bot.flows import ingest
from intelligence.model import Source
from storage import messages, slack_messages

log = structlog.get_logger(__name__)

NOT_OLDER_THAN = timedelta(days=30)
Raw = Mapping[str, Any]


def forget_roots(
    deps: Deps, session: Session, workspace: str, channel: str, found: Sequence[Raw], start: float, end: float
) -> int:
    """`found` are all messages that the channel shows between two times (Unix seconds, both excluded): forget what is
    stored and missing, and the replies of roots that have none any more; how many messages that were.
    """
    start = max(start, (deps.clock.now() - NOT_OLDER_THAN).timestamp())
    if start >= end:
        return 0
    since, until = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
    shown = {f"{channel}/{message.get('ts')}" for message in found if not _is_tombstone(message)}
    stored = slack_messages.root_keys(session, workspace, channel, since, until)
    gone = [key for key in stored if key not in shown and start < _seconds(key) < end]
    for message in found:
        if not message.get("reply_count"):
            gone += slack_messages.reply_keys(session, workspace, f"{channel}/{message.get('ts')}")
    return _forget(deps, session, workspace, gone)


def forget_replies(deps: Deps, session: Session, workspace: str, channel: str, ts: str, found: Sequence[Raw]) -> int:
    """`found` is a whole thread: forget replies that are stored and missing; how many."""
    shown = {f"{channel}/{message.get('ts')}" for message in found}
    recent = (deps.clock.now() - NOT_OLDER_THAN).timestamp()
    stored = slack_messages.reply_keys(session, workspace, f"{channel}/{ts}")
    return _forget(deps, session, workspace, [key for key in stored if key not in shown and _seconds(key) > recent])


def _forget(deps: Deps, session: Session, workspace: str, keys: Iterable[str]) -> int:
    forgotten = 0
    for key in keys:
        known = messages.find(session, workspace, Source.SLACK, key)
        if known is not None and not known.deleted:
            ingest.forget_message(deps, session, workspace, key, known)
            forgotten += 1
    if forgotten:
        log.info("deleted_while_away", messages=forgotten)
    return forgotten


def _is_tombstone(message: Raw) -> bool:
    return message.get("subtype") == "tombstone"


def _seconds(key: str) -> float:
    return float(key.partition("/")[2])
