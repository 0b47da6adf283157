"""When things happen: calendar weeks, the weekday and hour profile, office hours."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random

WEEK = timedelta(days=7)
_WEEKDAYS = (1.25, 1.15, 1.1, 1.0, 0.85, 0.14, 0.1)
_HOURS = (1, 1, 1, 1, 2, 3, 7, 20, 48, 62, 64, 55, 36, 45, 58, 52, 44, 30, 17, 11, 8, 6, 4, 2)
_OPENS, _CLOSES = 8, 18


@dataclass(frozen=True)
class Window:
    """A half-open stretch of time."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Calendar:
    """The story's weeks, Monday to Monday in the zone of `end`; the last one is under way at `end`."""

    end: datetime
    weeks: int

    @property
    def start(self) -> datetime:
        """The first Monday."""
        return self.week(self.weeks).start

    def week(self, back: int) -> Window:
        """The week so many weeks before the current one; 0 is the current one, cut at `end`."""
        midnight = datetime.combine(self.end.date(), time(), self.end.tzinfo)
        monday = midnight - timedelta(days=self.end.weekday()) - back * WEEK
        return Window(monday, min(monday + WEEK, self.end))

    def moment(self, back: int, weekday: int, hour: int, minute: int) -> datetime:
        """A time of day on a weekday (Monday is 0) of the week so many weeks back."""
        return self.week(back).start + timedelta(days=weekday, hours=hour, minutes=minute)


def busyness(moment: datetime) -> float:
    """How much is written in the hour of this moment, in arbitrary units."""
    return _WEEKDAYS[moment.weekday()] * _HOURS[moment.hour]


def share_of_week(window: Window) -> float:
    """Which part of a usual week's tickets falls into a window of at most a week."""
    return sum(_hourly(window)) / (sum(_WEEKDAYS) * sum(_HOURS))


def moments(window: Window, count: int, rng: Random) -> list[datetime]:
    """So many moments in a window, denser in busy hours, sorted. A window without an hour has none."""
    weights = _hourly(window)
    if not sum(weights):
        return []
    hours = rng.choices(range(len(weights)), weights, k=count)
    found = (window.start + timedelta(hours=hour, seconds=rng.uniform(0, 3599)) for hour in hours)
    return sorted(moment for moment in found if moment < window.end)


def in_office(moment: datetime, rng: Random) -> datetime:
    """The moment itself in office hours, else some minutes after the office next opens."""
    if moment.weekday() < 5 and _OPENS <= moment.hour < _CLOSES:
        return moment
    day = moment.date() if moment.hour < _OPENS else moment.date() + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return datetime.combine(day, time(_OPENS), moment.tzinfo) + timedelta(minutes=rng.uniform(1, 95))


def _hourly(window: Window) -> list[float]:
    hours = max(0, -(-int((window.end - window.start).total_seconds()) // 3600))
    return [busyness(window.start + timedelta(hours=hour)) for hour in range(hours)]
