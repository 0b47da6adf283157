"""Drive the production flows on a simulated clock: demo history, evaluation and backtests are one engine.

Events are given in time order; between them every job that falls due runs, each 02:00 included, as it would have in
real life. Nothing here knows what the flows do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import MovableClock
from bot.deps import Deps
from bot.worker import Finish, Registry, Work, Worker
from storage import queue
from storage.queue import Job

NIGHT_HOUR = 2
MAX_IDLE_JUMP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ReplayEvent:
    """Something that happens at a time: `apply` puts it in (an inbox row, a playground message, a stored ticket)."""

    at: datetime
    apply: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Replayed:
    events: int
    jobs: int
    nights: int


def _unsent(deps: Deps, _job: Job, finish: Finish) -> None:
    with deps.db.write() as session:
        finish(session)


def _unsent_many(deps: Deps, jobs: Sequence[Job], finish: Finish) -> None:
    _unsent(deps, jobs[0], finish)


#: Where a message would be sent: what is looked at is the decision, and that was made before.
UNSENT = Work(_unsent, _unsent_many)

Progress = Callable[[int], None]


def replay(
    deps: Deps,
    events: Iterable[ReplayEvent],
    clock: MovableClock,
    registry: Registry,
    *,
    workspace: str,
    until: datetime | None = None,
    progress: Progress | None = None,
    step: timedelta = MAX_IDLE_JUMP,
) -> Replayed:
    """Apply the events in order and run what falls due between them; at the end everything due at `until` has run.

    `deps.clock` must be `clock`. Jobs run when the clock has moved by `step` or a night begins, so that tickets of the
    same minutes are read as one batch.
    """
    if deps.clock is not clock:
        raise ValueError("the flows must live by the clock that is being replayed")
    engine = _Engine(deps, clock, Worker(deps, registry, threads=1), workspace)
    done = 0
    for event in events:
        engine.advance(event.at, step)
        event.apply()
        done += 1
        if progress is not None:
            progress(done)
    engine.advance(until or clock.now(), timedelta(0))
    engine.drain()
    return Replayed(done, engine.jobs, engine.nights)


class _Engine:
    """Moves the clock and keeps the order of jobs, nights and events."""

    def __init__(self, deps: Deps, clock: MovableClock, worker: Worker, workspace: str) -> None:
        self._deps = deps
        self._clock = clock
        self._worker = worker
        self._workspace = workspace
        self._night = self._next_night(clock.now())
        self._last_run = clock.now()
        self.jobs = 0
        self.nights = 0

    def advance(self, to: datetime, step: timedelta) -> None:
        while self._night <= to:
            self._clock.set(self._night)
            self._run()
            self._enqueue_night()
            self._run()
            self._night = self._next_night(self._night)
        if to - self._last_run >= step:
            self._clock.set(to)
            self._run()
        self._clock.set(to)

    def drain(self) -> None:
        """Run what is due now and what it makes due shortly (debounced readings, delayed edits)."""
        self._run()
        for _ in range(20):
            with self._deps.db.read() as session:
                due = queue.next_run_at(session)
            if due is None or due > self._clock.now() + timedelta(hours=1):
                return
            self._clock.set(due)
            self._run()

    def _run(self) -> None:
        self._last_run = self._clock.now()
        self.jobs += self._worker.run_due()

    def _enqueue_night(self) -> None:
        local = self._night.astimezone(self._deps.settings.zone)
        with self._deps.db.write() as session:
            queue.enqueue(
                session,
                "nightly",
                {"workspace": self._workspace},
                key=f"schedule:nightly:{self._workspace}:{local:%Y-%m-%dT%H:%M}",
                lane=f"themes:{self._workspace}",
                now=self._clock.now(),
            )
        self.nights += 1

    def _next_night(self, after: datetime) -> datetime:
        zone = self._deps.settings.zone
        local = after.astimezone(zone)
        night = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
        while night.astimezone(after.tzinfo) <= after:
            night = (night + timedelta(days=1)).replace(hour=NIGHT_HOUR)
        return night
