"""The alarm clock: it only enqueues, under keys that make every tick one job however many processes ring.

A key holds the local wall time, so that a night with two 02:00s runs once. Every few seconds, counted by what no clock
moves, it looks which tick of each schedule is the newest: at the start that is the one that was missed, and after a
jump of the clock, forward or back, the one of the time that it is now.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import structlog
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy.exc import SQLAlchemyError

from bot.deps import Deps
from bot.helpdesks import polls
from bot.installations import Installations
from bot.settings import Settings
from storage import queue
from storage.engine import reason_of

log = structlog.get_logger(__name__)

LOOK_SECONDS = 5.0
STOP_SECONDS = 30.0  # as long as a look may wait for the database


@dataclass(frozen=True, slots=True)
class Tick:
    """A job by the team's wall clock. `missed_within` is how far back a start looks for a tick that nobody rang."""

    job: str
    hour: str
    minute: str
    missed_within: timedelta
    weekday: str = "*"


Places = Callable[[Tick], Sequence[str]]

RETENTION = Tick("retention", "4", "0", timedelta(days=1))
TICKS = (
    Tick("nightly", "2", "0", timedelta(days=1)),
    Tick("look_again", "3", "0", timedelta(days=1)),
    Tick("quiet", "*", "17", timedelta(hours=1)),
    RETENTION,
    Tick("wake", "*", "7", timedelta(hours=1)),
    Tick("usergroups", "*", "47", timedelta(hours=1)),
)

ISSUES = Tick("issue_poll", "*", "3-59/5", timedelta(hours=1))
NOTES = Tick("helpdesk_notes", "*", "4-59/15", timedelta(hours=1))
INSTALLED = Tick("installation_check", "5", "0", timedelta(days=1))
POLL = Tick("poll", "*", "*/5", timedelta(hours=1))
OF_ONE = (POLL, ISSUES, NOTES)  # for the workspace that helpdesks and tracker belong to


def ticks_of(settings: Settings) -> tuple[Tick, ...]:
    """What rings in this installation: the fixed ticks, the poll of helpdesks and the reports if wanted."""
    always = (*TICKS, POLL) if polls(settings) else TICKS
    if settings.tracker != "none":
        always = (*always, ISSUES)
    if settings.helpdesk_notes and polls(settings):
        always = (*always, NOTES)
    if settings.several:
        always = (*always, INSTALLED)
    if settings.report_at == "off":
        return always
    weekday, _, at = settings.report_at.partition(" ")
    hour, _, minute = at.partition(":")
    return (*always, Tick("reports", str(int(hour)), str(int(minute)), timedelta(days=7), weekday))


def places(slack: Installations, settings: Settings) -> Places:
    """Where a tick rings: in every workspace that the app is in. Helpdesks and tracker are polled for the one that they
    belong to; what is to be forgotten by age is forgotten also where the app is gone.
    """

    def of(tick: Tick) -> list[str]:
        found = slack.workspaces(gone=tick is RETENTION)
        return [w for w in found if settings.about(w)] if tick in OF_ONE else found

    return of


def last_due(trigger: CronTrigger, zone: tzinfo, since: datetime, now: datetime) -> datetime | None:
    """The newest time in (since, now] at which the trigger fires, in its zone; steps in UTC, so a fold ends too."""
    newest: datetime | None = None
    at = since + timedelta(microseconds=1)
    while True:
        fires: datetime | None = trigger.get_next_fire_time(None, at.astimezone(zone))
        if fires is None or fires > now:
            return newest
        newest = max(newest, fires) if newest else fires
        at = max(at, fires.astimezone(UTC)) + timedelta(minutes=1)


def trigger_of(tick: Tick, zone: tzinfo) -> CronTrigger:
    return CronTrigger(day_of_week=tick.weekday, hour=tick.hour, minute=tick.minute, timezone=zone)


class Schedule:
    """A thread that looks, because a timer that sleeps until 02:00 does not hear that the clock was set. A shared job store
    of APScheduler rang 20 times for 8 ticks with three processes; of it only the arithmetic of cron is used.
    """

    def __init__(self, deps: Deps, where: Places, wake: Callable[[], None], *, look: float = LOOK_SECONDS) -> None:
        self._deps = deps
        self._places = where
        self._wake = wake
        self._look = look
        self._zone = deps.settings.zone
        self._ticks = ticks_of(deps.settings)
        self._rung: dict[Tick, datetime] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="schedule", daemon=True)

    def start(self) -> None:
        """Enqueue what was missed, then ring."""
        self.ring_missed()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def ring_missed(self) -> int:
        """Enqueue the newest tick of each schedule that did not ring here, in every workspace; how many were new."""
        return sum(self._ring_due(tick) for tick in self._ticks)

    def _watch(self) -> None:
        while not self._stop.wait(self._look):
            try:
                self.ring_missed()
            except SQLAlchemyError as error:  # a locked database: what did not ring is rung at the next look
                log.warning("schedule_not_rung", error=reason_of(error))

    def _ring_due(self, tick: Tick) -> int:
        now = self._deps.clock.now()
        due = last_due(trigger_of(tick, self._zone), self._zone, now - tick.missed_within, now)
        if due is None or due == self._rung.get(tick):
            return 0
        rung = sum(self.enqueue(tick.job, due, workspace) for workspace in self._places(tick))
        self._rung[tick] = due
        return rung

    def enqueue(self, job: str, at: datetime, workspace: str) -> bool:
        """Enqueue one tick of a workspace; False if it was enqueued before."""
        local = at.astimezone(self._zone)
        with self._deps.db.write() as session:
            fresh = queue.enqueue(
                session,
                job,
                {"workspace": workspace, "due": at.isoformat()},
                key=f"schedule:{job}:{workspace}:{local:%Y-%m-%dT%H:%M}",
                # The nightly pass moves tickets between themes, as assigning does: one at a time.
                lane=f"themes:{workspace}" if job == "nightly" else None,
                now=self._deps.clock.now(),
                priority=5,
            )
        if fresh:
            self._wake()
        return fresh
