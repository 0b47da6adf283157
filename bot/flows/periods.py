"""Periods of time as people name them: 7d, 24h, 2026-W02, month."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.answers import Period
from bot.errors import BadInput

_RELATIVE = re.compile(r"^(\d{1,3})([hdw])$")
_WEEK = re.compile(r"^(\d{4})-w(\d{2})$", re.IGNORECASE)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(days=7)}
_NAMED = {"today": "1d", "week": "7d", "month": "30d", "quarter": "90d"}


def parse(text: str, now: datetime, zone: ZoneInfo) -> Period:
    """A period ending now ("7d", "week") or a whole ISO week in the team's zone ("2026-W02").

    Raises BadInput for anything else, with examples.
    """
    word = _NAMED.get(text.lower(), text)
    if (found := _RELATIVE.match(word.lower())) and int(found[1]) > 0:
        return Period(text, now - int(found[1]) * _UNITS[found[2]], now)
    if found := _WEEK.match(word):
        try:
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        except ValueError:
            raise BadInput(
                problem=f"{text} is no week of that year.", fix="Weeks run from W01 to W52 or W53."
            ) from None
        start = datetime(monday.year, monday.month, monday.day, tzinfo=zone)
        next_monday = monday + timedelta(days=7)
        end = datetime(next_monday.year, next_monday.month, next_monday.day, tzinfo=zone)
        return Period(text.upper(), start, end)
    raise BadInput(problem=f'"{text}" is no period.', fix="Use 24h, 7d, 30d, a week like 2026-W02, or month.")


def before(period: Period) -> Period:
    """The period of the same length right before this one."""
    return Period(f"before {period.name}", period.start - (period.end - period.start), period.start)
