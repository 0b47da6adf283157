"""The period of a report: whole weeks, fortnights, months and quarters of the team's wall clock.

A week begins on Monday 00:00 wherever the team is, so that one with a change of the clock has 167 or 169 hours.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import BadInput
from intelligence.reports.values import ReportKind, Span

_WEEK = re.compile(r"(\d{4})-W(\d{2})(?:-W(\d{2}))?", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.IGNORECASE)
_RUNNING = re.compile(r"(\d{1,3})([dw])", re.IGNORECASE)
_FIX = "Use week, month, quarter, agenda, or one of them by name: 2026-W02, 2026-01, 2026-Q1; 7d is the days until now."


def span_of(text: str, now: datetime, zone: ZoneInfo) -> Span:
    """The period that people mean: "week" is the last whole one, "2026-W02" that one, "7d" the days until now.

    Raises BadInput for anything else, and for a period that has not begun.
    """
    today = now.astimezone(zone).date()
    if text.lower() in set(ReportKind):
        return last_whole(ReportKind(text.lower()), today, zone)
    if found := _RUNNING.fullmatch(text):
        return _running(text.lower(), int(found[1]) * (7 if found[2].lower() == "w" else 1), now)
    span = _named(text, zone)
    if span.start > now:
        raise BadInput(problem=f"{span.name} has not begun.", fix=_FIX)
    return span


def last_whole(kind: ReportKind, today: date, zone: ZoneInfo) -> Span:
    """The newest period of this kind that is over at the beginning of this day."""
    monday = today - timedelta(days=today.weekday())
    if kind is ReportKind.WEEK:
        return _weeks(kind, monday - timedelta(weeks=1), 1, zone)
    if kind is ReportKind.AGENDA:
        # Fortnights are counted from a fixed Monday, so that 53-week years do not shift them.
        even = monday - timedelta(weeks=(monday.toordinal() // 7) % 2)
        return _weeks(kind, even - timedelta(weeks=2), 2, zone)
    if kind is ReportKind.MONTH:
        return _months(kind, _shifted(today, -1), 1, zone)
    first = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    return _months(kind, _shifted(first, -3), 3, zone)


def _named(text: str, zone: ZoneInfo) -> Span:
    try:
        if found := _WEEK.fullmatch(text):
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            if not found[3]:
                return _weeks(ReportKind.WEEK, monday, 1, zone)
            if (monday + timedelta(weeks=1)).isocalendar().week == int(found[3]):
                return _weeks(ReportKind.AGENDA, monday, 2, zone)
        if found := _QUARTER.fullmatch(text):
            return _months(ReportKind.QUARTER, date(int(found[1]), 3 * int(found[2]) - 2, 1), 3, zone)
        if found := _MONTH.fullmatch(text):
            return _months(ReportKind.MONTH, date(int(found[1]), int(found[2]), 1), 1, zone)
    except (ValueError, OverflowError):
        pass  # a week or month that the calendar does not have is said below
    raise BadInput(problem=f'"{text}" is no period of a report.', fix=_FIX)


def _running(name: str, days: int, now: datetime) -> Span:
    if days < 1:
        raise BadInput(problem=f'"{name}" is no period of a report.', fix=_FIX)
    kind = ReportKind.WEEK if days < 14 else ReportKind.MONTH if days < 60 else ReportKind.QUARTER
    length = timedelta(days=days)
    return Span(kind, name, now - length, now, now - 2 * length)


def _weeks(kind: ReportKind, monday: date, weeks: int, zone: ZoneInfo) -> Span:
    length = timedelta(weeks=weeks)
    year, week, _ = monday.isocalendar()
    name = f"{year}-W{week:02d}"
    if weeks > 1:
        name += f"-W{(monday + length - timedelta(weeks=1)).isocalendar().week:02d}"
    return Span(kind, name, *(_midnight(day, zone) for day in (monday, monday + length, monday - length)))


def _months(kind: ReportKind, first: date, months: int, zone: ZoneInfo) -> Span:
    start = first.replace(day=1)
    name = f"{start:%Y-%m}" if months == 1 else f"{start.year}-Q{(start.month + 2) // 3}"
    return Span(
        kind, name, *(_midnight(day, zone) for day in (start, _shifted(start, months), _shifted(start, -months)))
    )


def _shifted(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def days_of(span: Span, zone: ZoneInfo) -> tuple[date, date, date]:
    """First day, day after the last, and first day of the period before; a day begun before the start is left out."""

    def first(at: datetime) -> date:
        local = at.astimezone(zone)
        return local.date() if local.time() == time() else local.date() + timedelta(days=1)

    return first(span.start), first(span.end), first(span.before)


def whole(span: Span) -> bool:
    """Whether the period has a name of its own and can be published; "7d" is another one tomorrow."""
    return _RUNNING.fullmatch(span.name) is None
