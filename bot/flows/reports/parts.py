"""The heads of the backlogs in a report: feature requests, documentation gaps, friction, bugs and more."""

from __future__ import annotations

from sqlmodel import Session

from bot.answers import Period
from bot.answers_mining import BacklogItem, BacklogKind
from bot.deps import Deps
from bot.flows.backlogs import backlog
from bot.words_mining import todo
from intelligence.mining.bug_patterns import BugFacts
from intelligence.mining.documentation_gaps import DocFacts
from intelligence.model import Scope
from intelligence.reports.values import BacklogEntry, BacklogPart, ReportKind, Span

SHOWN = {ReportKind.WEEK: 5, ReportKind.AGENDA: 5, ReportKind.MONTH: 8, ReportKind.QUARTER: 10}
_WEEKLY = (BacklogKind.GAPS, BacklogKind.DOCS, BacklogKind.FRICTION, BacklogKind.BUGS)
_DEEPER = (*_WEEKLY, BacklogKind.EXPECTATIONS, BacklogKind.USECASES)
_NAMES = {BacklogKind.GAPS: "features"}


def backlog_parts(deps: Deps, session: Session, scope: Scope, span: Span) -> tuple[BacklogPart, ...]:
    """What leads each backlog in the period, in the order of a report; longer periods look deeper."""
    kinds = _DEEPER if span.kind in {ReportKind.MONTH, ReportKind.QUARTER} else _WEEKLY
    period = Period(span.name, span.start, span.end)
    made: list[BacklogPart] = []
    for kind in kinds:
        found = backlog(deps, session, scope, kind, period, size=SHOWN[span.kind])
        entries = tuple(map(_entry, found.items))
        made.append(BacklogPart(_NAMES.get(kind, kind.value), found.tickets, entries, found.total_items))
    return tuple(made)


def _entry(item: BacklogItem) -> BacklogEntry:
    theme = item.themes[0].key if item.themes else None
    return BacklogEntry(item.name, item.tickets, item.customers, item.change, theme, _note(item))


def _note(item: BacklogItem) -> str | None:
    """What a page would take and why it was not found; what to look at first for a bug. Other entries speak themselves."""
    match item.facts:
        case DocFacts() as found:
            return f"{todo(item)}. {found.reason}" if found.reason else todo(item)
        case BugFacts():
            return todo(item) if item.suspects else None
        case _:
            return None
