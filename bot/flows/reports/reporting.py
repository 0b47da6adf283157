"""`report ...`: the published report as it was printed, else today's figures; `fresh` counts again and says why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from bot.answers_reports import ReportAnswer
from bot.deps import Deps
from bot.flows.reports.gather import Made, gather
from bot.flows.reports.spans import span_of, whole
from bot.flows.reports.summary import summarised
from intelligence.model import Scope
from intelligence.reports.differences import explained
from intelligence.reports.values import Span
from storage import reports, scopes, themes, ticket_volumes
from storage.reports import Published


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What `report` was asked: a period ("week", "2026-W02", "7d"), and whether to count again."""

    period: str = "week"
    fresh: bool = False


def report(deps: Deps, scope: Scope, request: ReportRequest) -> ReportAnswer:
    """The report of a period for people. Raises BadInput for what is no period.

    A published one is shown as it was to whoever may see all that it counted; everybody else gets their own counts.
    """
    span = span_of(request.period, deps.clock.now(), deps.settings.zone)
    with deps.db.read() as session:
        kept = reports.published(session, scope.workspace, span) if whole(span) else None
        if kept is not None and not scopes.all_visible(session, scope):
            kept = None
        if kept is not None and not request.fresh:
            return ReportAnswer(kept.report, deps.settings.timezone, kept.published_at, note=_edited(kept))
        made = gather(deps, session, scope, span)
        changes = _changes(session, scope, kept, made) if kept else ()
        note = _note(deps, session, scope, span, made)
    return ReportAnswer(
        made.report,
        deps.settings.timezone,
        kept.published_at if kept else None,
        fresh=kept is not None,
        changes=changes,
        note=note,
    )


def make(deps: Deps, workspace: str, span: Span) -> Made:
    """A report to be published: everything that colleagues may see, with a summary by the model where there is one."""
    with deps.db.read() as session:
        made = gather(deps, session, Scope(workspace), span)
    return replace(made, report=summarised(deps, workspace, made.report))


def _changes(session: Session, scope: Scope, kept: Published, made: Made) -> tuple[str, ...]:
    keys = {theme.id: theme.key for theme in themes.load(session, scope.workspace).values()}
    told = explained(kept.report, made.report, kept.tickets, made.tickets, keys)
    return told or ("Nothing changed since it was published.",)


def _edited(kept: Published) -> str | None:
    told = [f"Edited on {kept.edited_at:%Y-%m-%d}: a customer was forgotten."] if kept.edited_at else []
    told += [f"Edited: {kept.report.edited}."] if kept.report.edited else []
    return " ".join(told) or None


def _note(deps: Deps, session: Session, scope: Scope, span: Span, made: Made) -> str | None:
    everything, first, _ = ticket_volumes.span(session, scope.workspace)
    if not everything or first is None:
        return "No tickets yet. Invite me to a support channel, or run `ticket-intel import FILE.csv`."
    if not made.report.volume.tickets:
        return f"No tickets in {span.name}. Try `report 7d`, or `health` if some should have come."
    if first > span.before:
        return f"The period before is not whole: the first ticket is of {_day(first, deps)}, so changes mean little."
    if span.end > deps.clock.now():
        return "This period is not over."
    return None


def _day(at: datetime, deps: Deps) -> str:
    local = at.astimezone(deps.settings.zone)
    return f"{local.day} {local:%b %Y}"
