"""What was made of a forgotten customer's words: names of themes, evidence of alerts, reports, and names anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlmodel import Session

from bot.deps import Deps
from bot.flows import alert, naming
from bot.flows.reports.gather import gather
from intelligence.model import AlertState, DecidedBy, Scope, ThemeState
from storage import alerts, erasure, memberships, reports, sweep, themes
from storage.erasure import Subject

CHUNK = 100  # values rewritten in one transaction


def mend_theme(deps: Deps, session: Session, workspace: str, theme_id: int) -> tuple[str, str] | None:
    """Count, date and name a theme without the erased tickets; its old and new title where the machine's changed."""
    erasure.erase_proposals(session, [theme_id])
    before = themes.titles(session, workspace).get(theme_id)
    if before is None:  # merged into another meanwhile, which is touched as well
        return None
    naming.describe_anew(deps, session, workspace, theme_id)
    naming.date(session, [theme_id])
    if not memberships.size(session, Scope(workspace), theme_id):
        themes.update(session, theme_id, state=ThemeState.QUIET)
    alert.grade(session, workspace, theme_id, None, deps.clock.now())
    memberships.touched(session, workspace)
    title = themes.titles(session, workspace)[theme_id][0]
    return (before[0], title) if before[1] is DecidedBy.MACHINE and before[0] != title else None


def mend_alerts(deps: Deps, workspace: str, ticket_ids: Sequence[int], *, because: str) -> int:
    """Take the tickets out of the evidence and let messages show what is left; an alert about one of them alone is
    over. How many alerts.
    """
    gone = set(ticket_ids)
    with deps.db.read() as session:
        found = erasure.alerts_about(session, workspace, ticket_ids)
    for alert_id in found:
        with deps.db.write() as session:
            now = deps.clock.now()
            erasure.erase_evidence(session, alert_id, gone)
            episode = alerts.get(session, workspace, alert_id)
            assert episode is not None
            if episode.ticket_id in gone:
                alerts.update(session, alert_id, now, ticket_id=None, state=AlertState.CLOSED, closed_at=now, count=0)
            elif episode.theme_id is not None:
                alerts.counted(session, alert_id, memberships.size(session, Scope(workspace), episode.theme_id))
            alert.redraw(deps, session, workspace, alert_id, because=f"forgotten:{because}")
    return len(found)


def recount_reports(deps: Deps, workspace: str, ticket_ids: Sequence[int]) -> int:
    """Count every published report that counted the tickets again, and mark it as edited; how many."""
    with deps.db.read() as session:
        counted = reports.that_count(session, workspace, ticket_ids)
    for kept in counted:
        with deps.db.read() as session:
            made = gather(deps, session, Scope(workspace), kept.report.span)
        with deps.db.write() as session:
            report = replace(made.report, computed_at=kept.report.computed_at)
            reports.edit(session, kept.id, report, made.tickets, deps.clock.now())
    return len(counted)


def sweep_words(
    deps: Deps, workspace: str, subject: Subject, ticket_ids: Sequence[int], titles: Mapping[str, str], *, but: str
) -> None:
    """Take names, ids and lost titles out of whatever holds them; jobs called `but` stay."""
    with deps.db.read() as session:
        words = erasure.words(session, subject)
        work = sweep.find_work(session, workspace, ticket_ids, words, but=but)
    with deps.db.write() as session:
        sweep.drop_work(session, workspace, work)
    with deps.db.read() as session:
        mine = {*subject.customers, *subject.accounts}
        found = sweep.find_words(session, workspace, dict.fromkeys(words, sweep.ERASED) | dict(titles))
        found = [one for one in found if not (one.table.name in _THEIRS and one.key[0] in mine)]
    for start in range(0, len(found), CHUNK):
        with deps.db.write() as session:
            sweep.replace(session, found[start : start + CHUNK])


_THEIRS = frozenset({"customers", "accounts"})  # the rows that tell an interrupted job whom it forgets: deleted last
