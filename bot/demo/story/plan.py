"""Which intent is written about when: the arcs and bursts laid over the calendar."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from bot.demo.story.arcs import ARCS, BURSTS, Arc, Burst, Segment
from bot.demo.story.timetable import Calendar, Window, moments, share_of_week

SEGMENTS = {arc.intent: arc.segment for arc in ARCS if arc.segment is not None}
_VARIATION = 0.2


@dataclass(frozen=True)
class PlannedTicket:
    """A ticket to be written."""

    at: datetime
    intent: str

    @property
    def segment(self) -> Segment | None:
        """The accounts that the intent prefers."""
        return SEGMENTS.get(self.intent)


def plan_tickets(calendar: Calendar, scale: float, rng: Random) -> list[PlannedTicket]:
    """Every ticket of the story in time order."""
    planned = [
        PlannedTicket(at, arc.intent)
        for arc in ARCS
        for back in range(calendar.weeks, -1, -1)
        for at in moments(calendar.week(back), _count(arc, calendar, back, scale, rng), rng)
    ]
    for burst in BURSTS:
        planned += _burst(burst, calendar, scale, rng)
    return sorted(planned, key=lambda ticket: (ticket.at, ticket.intent))


def _count(arc: Arc, calendar: Calendar, back: int, scale: float, rng: Random) -> int:
    rate = arc.rate(back) * scale
    if back == 0:
        rate *= share_of_week(calendar.week(0))
    if not arc.exact:
        rate *= rng.uniform(1 - _VARIATION, 1 + _VARIATION)
    whole = int(rate)
    if arc.exact and back:
        return round(rate)
    return whole + (rng.random() < rate - whole)


def _burst(burst: Burst, calendar: Calendar, scale: float, rng: Random) -> list[PlannedTicket]:
    if burst.back > calendar.weeks:
        return []
    start = calendar.moment(burst.back, burst.weekday, burst.hour, 0)
    full = Window(start, start + timedelta(days=burst.days) - timedelta(hours=burst.hour))
    window = Window(start, min(full.end, calendar.end))
    if window.end <= window.start:
        return []
    elapsed = share_of_week(window) / share_of_week(full)
    # A broken release hits a small desk's customers as it does a large one's: a burst shrinks less than the rest.
    tickets = burst.tickets * (scale**0.5 if scale < 1 else scale)
    count = max(1, round(tickets)) if elapsed == 1 else round(tickets * elapsed)
    return [PlannedTicket(at, burst.intent) for at in moments(window, count, rng)]
