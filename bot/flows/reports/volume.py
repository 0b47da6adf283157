"""The volume part of a report from the period's tickets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.flows.reports.spans import days_of
from intelligence.changes import change_of
from intelligence.model import Scope
from intelligence.reports.values import Mood, Span
from intelligence.reports.volume import Asked, comparable, decompose, silent_days, trend
from intelligence.reports.volume_values import Share, Volume
from storage import reports, workspaces
from storage.reports import Counted

SHOWN = {"week": 28, "agenda": 28, "month": 56, "quarter": 91}  # days of the trend, the period's own among them
HISTORY = timedelta(weeks=8)
_LEAST_MOOD = 5
UNSURE, UNREAD = "unsure", "not read"


def volume(
    session: Session, scope: Scope, span: Span, now: Sequence[Counted], before: Sequence[Counted], zone: ZoneInfo
) -> Volume:
    """How much came in, how usual that is, and where a change comes from."""
    start, end, before_start = days_of(span, zone)
    shown = min(start, end - timedelta(days=SHOWN[span.kind]))
    since = datetime(shown.year, shown.month, shown.day, tzinfo=zone) - HISTORY
    arrived = reports.arrivals(session, scope, min(since, span.before), span.end)
    counts = Counter(at.astimezone(zone).date() for at, _ in arrived)
    first = min(counts, default=start)
    gaps = silent_days(*_sources(session, scope, arrived, start, end, zone))
    names = {one.who: one.account or "one customer" for one in (*before, *now) if one.who is not None}
    return Volume(
        change_of(len(before), len(now)),
        comparable(counts, start, end, before_start, gaps, first),
        decompose(_asked(before), _asked(now), names) if before and now else None,
        trend(counts, shown, end, first),
        _categories(now, before),
        gaps,
        len({one.who for one in now if one.who is not None}),
        sum(one.who is None for one in now),
        sum(one.theme != 0 for one in now),
        sum(one.unsure for one in now),
        sum(not one.reads for one in now),
    )


def _sources(
    session: Session, scope: Scope, arrived: Iterable[tuple[datetime, str]], start: date, end: date, zone: ZoneInfo
) -> tuple[dict[str, Counter[date]], date, date, dict[str, date]]:
    names = {c.id: f"#{c.name}" for c in workspaces.channels(session, scope.workspace) if c.name}
    by_source: dict[str, Counter[date]] = {}
    for at, place in arrived:
        by_source.setdefault(names.get(place, place), Counter())[at.astimezone(zone).date()] += 1
    return by_source, start, end, {source: min(counts) for source, counts in by_source.items()}


def _asked(found: Iterable[Counted]) -> list[Asked | None]:
    return [None if one.who is None else (one.who, one.plan or "") for one in found]


def _categories(now: Iterable[Counted], before: Iterable[Counted]) -> tuple[Share, ...]:
    def named(one: Counted) -> str:
        if one.primary is None or not one.reads:
            return UNREAD
        return UNSURE if one.unsure else one.primary.value

    present, past = Counter(map(named, now)), Counter(map(named, before))
    names = sorted({*present, *past}, key=lambda name: (name in {UNSURE, UNREAD}, -present[name], name))
    return tuple(Share(name, present[name], past[name]) for name in names)


def moods(now: Sequence[Counted], before: Sequence[Counted]) -> tuple[Mood, ...]:
    """Dissatisfied customers and those who may leave, by area and by plan; groups of five tickets and more."""
    return (*_moods("area", now, before), *_moods("plan", now, before))


def _moods(axis: str, now: Sequence[Counted], before: Sequence[Counted]) -> list[Mood]:
    def group(found: Sequence[Counted], name: str) -> list[Counted]:
        return [one for one in found if (one.area if axis == "area" else one.plan) == name]

    names = Counter(one.area if axis == "area" else one.plan for one in now)
    made: list[Mood] = []
    for name, count in names.most_common(8):
        if name is None or count < _LEAST_MOOD:
            continue
        here, past = group(now, name), group(before, name)
        made.append(
            Mood(
                axis,
                name,
                count,
                sum(one.dissatisfied for one in here),
                sum(one.at_risk for one in here),
                sum(one.dissatisfied for one in past),
                sum(one.at_risk for one in past),
                len(past),
            )
        )
    return made
