"""Runs jobs from the queue: threads in production, one call at a time in tests, imports and replays.

A handler does its work and calls `finish(session)` inside its last write transaction; the fencing token is checked
there, so a worker that lost its lease changes nothing. What a handler raises decides what happens to the job.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from bot.deps import Deps
from bot.errors import TicketIntelError
from bot.job_times import JobTimes
from bot.messenger import TryLater
from storage import queue, wake
from storage.queue import Job, LeaseLost

log = structlog.get_logger(__name__)

Finish = Callable[[Session], None]
Handler = Callable[[Deps, Job, Finish], None]
ManyHandler = Callable[[Deps, Sequence[Job], Finish], None]

BATCH = 64
ON_ITS_WAY = timedelta(seconds=5)
IDLE_SECONDS = 0.25
IDLE_WHILE_TOLD = 1.0  # where the database tells of new work, polls are for what became due


def nothing(_session: Session) -> None:
    """The `finish` of a flow that was called directly, not from the queue."""


@dataclass(frozen=True, slots=True)
class Work:
    """How a job is done: one at a time, or, where `many` is given, all claimed ones of that name together.

    `outside`: it writes where no token fences it, for example to Slack, and looks whether an earlier try arrived. When it
    is taken over that try may be on its way, and is given the time to arrive.
    """

    one: Handler
    many: ManyHandler | None = None
    outside: bool = False


Registry = Mapping[str, Work]


class Worker:
    """Claims and runs jobs. `run_due` works in the caller's thread, `start`/`stop` in threads of its own."""

    def __init__(self, deps: Deps, registry: Registry, *, threads: int = 2, lease: timedelta = queue.LEASE) -> None:
        self._deps = deps
        self._registry = registry
        self._threads = threads
        self._lease = lease
        self.times = JobTimes()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._claiming = threading.Lock()
        self._running: list[threading.Thread] = []
        self._mine: set[str] = set()  # tokens of the claims that are worked on; copied before they are looked through

    def start(self) -> None:
        """Begin to work in background threads."""
        for number in range(self._threads):
            thread = threading.Thread(target=self._loop, name=f"worker-{number}", daemon=True)
            thread.start()
            self._running.append(thread)
        if not self._deps.db.is_sqlite:
            listener = threading.Thread(target=self._listen, name="worker-wake", daemon=True)
            listener.start()
            self._running.append(listener)

    def stop(self, timeout: float = 10.0) -> None:
        """Finish what is running, claim nothing more."""
        self._stop.set()
        self._wake.set()
        for thread in self._running:
            thread.join(timeout)
        self._running.clear()

    def wake(self) -> None:
        """New work was enqueued by this process: look now rather than at the next poll."""
        self._wake.set()

    def run_due(self, *, until: datetime | None = None) -> int:
        """Run everything that is due now (or at `until`) until nothing is left; how many jobs ran."""
        ran = 0
        while done := self._round(until):
            ran += done
        return ran

    def _listen(self) -> None:
        """Hear of what other processes enqueue."""
        wake.listen(self._deps.db, self.wake, self._stop, lost=lambda why: log.warning("wake_lost", error=why))

    def _loop(self) -> None:
        idle = IDLE_SECONDS if self._deps.db.is_sqlite else IDLE_WHILE_TOLD
        while not self._stop.is_set():
            try:
                worked = self._round(None)
            except (
                Exception
            ):  # the loop must outlive a locked database or a network fault; it is logged and tried again
                log.exception("worker_round_failed")
                worked = 0
                self._stop.wait(1.0)
            if not worked:
                self._wake.wait(idle)
                self._wake.clear()

    def _round(self, until: datetime | None) -> int:
        now = until or self._deps.clock.now()
        with self._deps.db.read() as session:
            if not queue.any_due(session, now, mine=self._mine.copy()):
                return 0
        with self._claiming:
            jobs = self._claim(now, all_of_it=until is not None)
        if jobs:
            try:
                with self._held(jobs[0].token):
                    self._run(jobs)
            finally:
                self._mine.discard(jobs[0].token)
        return len(jobs)

    def _claim(self, now: datetime, *, all_of_it: bool) -> list[Job]:
        """Take what is due, and note it as ours before another thread can look: a clock that jumps forward makes every
        lease seem over.
        """
        limit = BATCH if self._threads <= 1 or all_of_it else BATCH // self._threads
        with self._deps.db.write() as session:
            jobs = queue.claim(session, now, limit=limit, lease=self._lease, mine=self._mine.copy())
        self._mine.update(job.token for job in jobs[:1])
        return jobs

    @contextmanager
    def _held(self, token: str) -> Iterator[None]:
        """Renew the leases of a claim while the block runs: a slow model may take longer than one lease for it."""
        over = threading.Event()
        beat = threading.Thread(target=self._renew, args=(token, over), name="lease", daemon=True)
        beat.start()
        try:
            yield
        finally:
            over.set()
            beat.join()

    def _renew(self, token: str, over: threading.Event) -> None:
        while not over.wait(self._lease.total_seconds() / 3):
            try:
                with self._deps.db.write() as session:
                    queue.renew_claim(session, token, self._deps.clock.now(), self._lease)
            except OperationalError as error:  # a locked database: the lease lasts for two more tries
                log.warning("lease_not_renewed", error=type(error).__name__)

    def _run(self, jobs: Sequence[Job]) -> None:
        groups: dict[str, list[Job]] = {}
        for job in jobs:
            groups.setdefault(job.job, []).append(job)
        for name, group in groups.items():
            self._run_group(name, group)

    def _run_group(self, name: str, jobs: list[Job]) -> None:
        work = self._registry.get(name)
        if work is None:
            for job in jobs:
                self._failed(job, f"no handler for {name}", final=True)
        elif work.many is not None and len(jobs) > 1:
            self._run_many(work, work.many, jobs)
        else:
            for job in jobs:
                if work.outside and job.taken_over:
                    self._failed(job, "whoever had it may be doing it now", retry_after=ON_ITS_WAY)
                else:
                    self._run_one(work.one, job)

    def _run_many(self, work: Work, many: ManyHandler, jobs: list[Job]) -> None:
        def finish(session: Session) -> None:
            for job in jobs:
                queue.finish(session, job, self._deps.clock.now())

        began = self._deps.clock.now()
        try:
            many(self._deps, jobs, finish)
            self.times.add(jobs[0].job, "done", self._since(began), runs=len(jobs))
        except LeaseLost:
            log.warning("lease_lost", job=jobs[0].job, count=len(jobs))
        except Exception:  # one bad job must not take the others with it: each is tried alone
            log.exception("batch_failed", job=jobs[0].job, count=len(jobs))
            for job in jobs:
                self._run_one(work.one, job)

    def _run_one(self, handler: Handler, job: Job) -> None:
        began = self._deps.clock.now()
        self.times.add(job.job, self._outcome(handler, job), self._since(began))

    def _since(self, began: datetime) -> float:
        return (self._deps.clock.now() - began).total_seconds()

    def _outcome(self, handler: Handler, job: Job) -> str:
        try:
            handler(self._deps, job, partial(self._finish, job))
            return "done"
        except LeaseLost:
            log.warning("lease_lost", job=job.job, key=job.key)
        except TryLater as later:
            self._failed(job, str(later), retry_after=later.after, away=True)
            return "later"
        except TicketIntelError as error:
            self._failed(job, error.sentence)
        except Exception as error:  # any fault of a job is recorded with the job and logged with its traceback
            log.exception("job_failed", job=job.job, key=job.key, attempt=job.attempts)
            self._failed(job, f"{type(error).__name__}")
        return "failed"

    def _finish(self, job: Job, session: Session) -> None:
        queue.finish(session, job, self._deps.clock.now())

    def _failed(
        self,
        job: Job,
        error: str,
        *,
        retry_after: timedelta | None = None,
        away: bool = False,
        final: bool = False,
    ) -> None:
        now = self._deps.clock.now()
        try:
            with self._deps.db.write() as session:
                state = queue.fail(session, job, now, error, retry_after=retry_after, away=away, final=final)
        except LeaseLost:
            return
        log.info("job_will_return" if state == "queued" else "job_dead", job=job.job, key=job.key, error=error)
