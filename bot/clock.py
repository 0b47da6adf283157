"""Time as a value that is handed over: the real clock, and one that tests and replays turn by hand."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time in UTC."""

    def now(self) -> datetime: ...


class MovableClock(Clock, Protocol):
    """A clock that a replay moves."""

    def set(self, to: datetime) -> None: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SimulatedClock:
    """A clock that stands still until it is moved; it never goes back."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs a timezone-aware start")
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def set(self, to: datetime) -> None:
        """Move to a time; an earlier one is ignored, because events may arrive out of order."""
        with self._lock:
            self._now = max(self._now, to.astimezone(UTC))

    def advance(self, by: timedelta) -> None:
        """Move forward."""
        with self._lock:
            self._now += by
