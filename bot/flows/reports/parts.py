"""The heads of the backlogs in a report: feature requests, documentation gaps, friction, bugs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlmodel import Session

from intelligence.changes import change_of
from intelligence.model import PrimaryCategory, Scope, SignalKind, Theme
from intelligence.reports.values import BacklogEntry, BacklogPart, Span
from storage import analyses
from storage.reports import Counted

SHOWN = 5
_PARTS = (
    ("features", SignalKind.FEATURE_GAP, PrimaryCategory.FEATURE_REQUEST),
    ("docs", SignalKind.DOCUMENTATION_GAP, PrimaryCategory.HOW_TO),
    ("friction", SignalKind.UX_FRICTION, PrimaryCategory.HOW_TO),
    ("bugs", SignalKind.BUG_PATTERN, PrimaryCategory.BUG_REPORT),
)


def backlog_parts(
    session: Session,
    scope: Scope,
    span: Span,
    now: Sequence[Counted],
    before: Sequence[Counted],
    living: Mapping[int, Theme],
) -> tuple[BacklogPart, ...]:
    """What leads each backlog in the period, in the order of a report."""
    signals = analyses.signal_counts(session, scope, span.start, span.end)
    past = analyses.signal_counts(session, scope, span.before, span.start)
    made: list[BacklogPart] = []
    for name, signal, primary in _PARTS:
        entries = _entries(primary, now, before, living)
        made.append(BacklogPart(name, signals.get(signal, 0), entries, past.get(signal, 0)))
    return tuple(made)


def _entries(
    primary: PrimaryCategory, now: Sequence[Counted], before: Sequence[Counted], living: Mapping[int, Theme]
) -> tuple[BacklogEntry, ...]:
    here = [one for one in now if one.primary is primary and one.theme in living]
    counts = Counter(one.theme for one in here)
    past = Counter(one.theme for one in before if one.primary is primary)
    return tuple(
        BacklogEntry(
            living[theme].title,
            count,
            len({one.who for one in here if one.theme == theme and one.who is not None}),
            change_of(past[theme], count),
            living[theme].key,
        )
        for theme, count in sorted(counts.items(), key=lambda one: (-one[1], living[one[0]].number))[:SHOWN]
    )
