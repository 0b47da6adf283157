"""What Slack delivered and we could not store: read from the channels once storing works again.

A delivery without an acknowledgement comes again three times, for about six minutes; then Slack gives it up, and an open
socket tells nobody. The first failure opens a gap, further ones belong to it; the gap closes with one catch-up. That is
a write itself, so that it succeeds when storing works again and not before.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.connection import STEADY, Rhythm
from bot.desk import Desks
from bot.flows import catching_up
from storage.engine import reason_of

log = structlog.get_logger(__name__)

AT_MOST = timedelta(days=7)  # Slack gives a delivery up within an hour or so; a time that is older is none to believe

UNTOLD = timedelta(minutes=1)  # before a failure that does not say when it was said


class Unstored:
    """The open gaps of every workspace, and the thread that closes them."""

    def __init__(self, desks: Desks, rhythm: Rhythm = STEADY) -> None:
        self._desks = desks
        self._rhythm = rhythm
        self._since: dict[str, datetime] = {}
        self._lock = threading.Lock()
        self._open = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="unstored", daemon=True)

    def note(self, workspace: str, body: Mapping[str, Any] = MappingProxyType({})) -> None:
        """A delivery of this workspace could not be stored; `body` is Slack's envelope, where it is known."""
        self._put(workspace, _said_at(body, self._desks.deps.clock.now()))

    def close_gaps(self) -> bool:
        """Start the catch-up over every open gap; whether all are closed. A gap stays open while nothing can be written."""
        with self._lock:
            gaps, self._since = self._since, {}
            self._open.clear()
        for workspace, since in gaps.items():
            try:
                self._catch_up(workspace, since)
            except SQLAlchemyError as error:
                log.warning("gap_still_open", workspace=workspace, since=since.isoformat(), error=reason_of(error))
                self._put(workspace, since)
        with self._lock:
            return not self._since

    def start(self) -> None:
        """Close gaps in the background."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what is open now is read by the catch-up of the next start."""
        self._stop.set()
        self._open.set()
        if self._thread.is_alive():
            self._thread.join(self._rhythm.again)

    def _put(self, workspace: str, since: datetime) -> None:
        with self._lock:
            self._since[workspace] = min(since, self._since.get(workspace, since))
            self._open.set()

    def _catch_up(self, workspace: str, since: datetime) -> None:
        because = f"unstored:{since:%Y%m%dT%H%M%S%f}"
        channels = catching_up.start_catch_up(self._desks.deps, workspace, because=because, since=since)
        self._desks.wake()
        log.info("gap_closed", workspace=workspace, since=since.isoformat(), channels=channels)

    def _watch(self) -> None:
        """Look soon after the first failure; after a catch-up let a while pass, in which an overload that goes on adds to
        one gap.
        """
        while not self._stop.is_set():
            self._open.wait()
            if self._stop.wait(self._rhythm.store):
                return
            if self.close_gaps():
                self._stop.wait(self._rhythm.between_gaps)


def _said_at(body: Mapping[str, Any], now: datetime) -> datetime:
    """When what a delivery tells happened, by Slack's clock: its third try comes minutes later."""
    told = body.get("event_time")
    if not isinstance(told, int) or not 0 < told < now.timestamp():
        return now - UNTOLD
    return max(datetime.fromtimestamp(told, UTC), now - AT_MOST)
