"""Words of customers are kept for as many months as the workspace says; what was counted of them stays counted."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import datetime, tzinfo

from sqlmodel import Session

from bot.deps import Deps
from bot.preferences import RETENTION
from bot.worker import Finish, nothing
from storage import memberships, reports, retention, workspaces

JOB = "retention"
CHUNK = 50  # tickets in one transaction
LOOKED = "retention:looked"
EDITED = "its quotes were removed by age"
Looked = tuple[datetime | None, datetime | None]


def cutoff(now: datetime, months: int, zone: tzinfo) -> datetime:
    """The same day of the month so many months before, or that month's last day, at midnight in the team's zone."""
    day = now.astimezone(zone)
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return datetime(year, month + 1, min(day.day, monthrange(year, month + 1)[1]), tzinfo=zone)


def affected(deps: Deps, session: Session, workspace: str, months: int) -> tuple[int, datetime]:
    """How many tickets would lose their words now, and from before which day."""
    before = cutoff(deps.clock.now(), months, deps.settings.zone)
    return retention.count_with_text_before(session, workspace, before), before


def remove_old(deps: Deps, workspace: str, *, finish: Finish = nothing) -> int:
    """One night's removal; how many tickets lost their words. Runs twice without harm, and goes on where it stopped."""
    with deps.db.read() as session:
        months = workspaces.setting(session, workspace, RETENTION)
        looked = workspaces.setting(session, workspace, LOOKED)
    removed = _remove(deps, workspace, int(months), looked) if months else 0
    with deps.db.write() as session:
        if removed:
            told = {"tickets": removed, "months": months}
            workspaces.audit(session, workspace, "system", JOB, "words of old tickets", told, deps.clock.now())
        finish(session)
    return removed


def _remove(deps: Deps, workspace: str, months: int, looked: list[str] | None) -> int:
    began = deps.clock.now()
    before = cutoff(began, months, deps.settings.zone)
    since: Looked = (datetime.fromisoformat(looked[0]), datetime.fromisoformat(looked[1])) if looked else (None, None)
    removed = 0
    while chunk := _next(deps, workspace, before, since):
        with deps.db.write() as session:
            retention.remove_words(session, chunk)
            memberships.touched(session, workspace)
        removed += len(chunk)
    _unquote(deps, workspace, before)
    with deps.db.write() as session:
        workspaces.put_state(session, workspace, LOOKED, [before.isoformat(), began.isoformat()], began)
    return removed


def _next(deps: Deps, workspace: str, before: datetime, since: Looked) -> list[int]:
    looked_before, looked_at = since
    with deps.db.read() as session:
        return retention.with_text_before(
            session, workspace, before, looked_before=looked_before, looked_at=looked_at, limit=CHUNK
        )


def _unquote(deps: Deps, workspace: str, before: datetime) -> None:
    """Published reports of that time keep every figure and lose the words of customers and agents."""
    with deps.db.read() as session:
        old = [kept for kept in reports.ended_before(session, workspace, before) if kept.report.edited != EDITED]
    for kept in old:
        wordless = tuple(replace(entry, quotes=(), helped=None) for entry in kept.report.themes)
        with deps.db.write() as session:
            reports.keep(session, kept.id, replace(kept.report, themes=wordless, edited=EDITED))
