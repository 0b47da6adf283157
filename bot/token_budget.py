"""How many tokens a day the model may cost, over all threads, processes and workspaces; counted by workspace."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.clock import Clock
from storage import workspaces
from storage.engine import Database


class CapReached(Exception):
    """The day's tokens are used up."""


@dataclass(slots=True)
class Spent:
    """What one request cost; filled in by who made it. Nothing known yet counts as nothing spent."""

    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(slots=True)
class _Meter:
    """What is under way in this process."""

    tokens: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class TokenBudget:
    """A daily cap in UTC days, 0 for none at all. What is under way counts by its estimate, so that threads together
    stay below the cap; other processes' use is read from the database.
    """

    def __init__(
        self, db: Database, clock: Clock, *, workspace: str, name: str, cap: int, meter: _Meter | None = None
    ) -> None:
        self._db = db
        self._clock = clock
        self._workspace = workspace
        self._name = name
        self._cap = cap
        self._meter = meter or _Meter()

    def counted_on(self, workspace: str) -> TokenBudget:
        """The same budget, whose requests are counted on another workspace."""
        return TokenBudget(
            self._db, self._clock, workspace=workspace, name=self._name, cap=self._cap, meter=self._meter
        )

    @contextmanager
    def spend(self, estimate: int, *, name: str | None = None) -> Iterator[Spent]:
        """Make one request within the budget, counted under `name`, else the budget's own. Raises CapReached where the
        estimate does not fit any more.
        """
        day = self._clock.now().date().isoformat()
        self._reserve(day, estimate)
        spent = Spent()
        try:
            yield spent
        finally:
            # Written before the reservation goes, so that no thread sees the gap.
            try:
                with self._db.write() as session:
                    cost = (spent.tokens_in, spent.tokens_out)
                    workspaces.add_usage(session, self._workspace, day, name or self._name, *cost)
            finally:
                with self._meter.lock:
                    self._meter.tokens -= estimate

    def _reserve(self, day: str, estimate: int) -> None:
        with self._meter.lock:
            with self._db.read() as session:
                used = workspaces.tokens_of_day(session, day)
            if used + self._meter.tokens + estimate > self._cap:
                raise CapReached
            self._meter.tokens += estimate
