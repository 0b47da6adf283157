"""An issue that is there: hear how it stands, act on a change, and keep the count at it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from sqlmodel import Session

from bot.deps import Deps
from bot.flows import cards, customer_needs, doc_gaps, edits, loop, resolve, targets, tracking, undo
from bot.flows.tracking import MACHINE, enqueue, own_words, patient, row_and_theme
from bot.words import count, people
from bot.worker import Finish, nothing
from integrations.helpdesks.port import HelpdeskError
from integrations.trackers.port import Delivery, Issue, IssueState, Tracker
from intelligence.model import Scope, Theme, ThemeState
from storage import memberships, theme_edits, theme_events, themes, tracked_issues
from storage.tracked_issues import DOCS, Tracked

log = structlog.get_logger(__name__)

POLL_MINUTES = 5  # as often as bot/schedule.py rings


def receive(deps: Deps, workspace: str, tracker: Tracker, delivery: Delivery) -> bool:
    """Somebody changed an issue there: ask how it stands. False for a delivery that came before, or is about nothing
    of ours.
    """
    now, new = deps.clock.now(), False
    if delivery.ref is None:
        return False
    place = targets.address(tracker)
    with deps.db.write() as session:
        for row in tracked_issues.of_ref(session, workspace, delivery.ref, place, unplaced=tracker is deps.tracker):
            new |= enqueue(session, "issue_follow", row, delivery.id, now)
    return new


def poll(deps: Deps, workspace: str, *, due: datetime, finish: Finish = nothing) -> None:
    """Ask about issues, because deliveries get lost: about all in the first minutes of an hour, else about those whose
    count is old, and without a webhook about the open ones. A hundred issues asked each five minutes would use up what
    a tracker answers in an hour.
    """
    now = deps.clock.now()
    with deps.db.write() as session:
        for row in tracked_issues.opened(session, workspace) if deps.tracker else ():
            tracker = targets.tracker_of(deps, row)
            waits = row.status == IssueState.OPEN and tracker is not None and not tracker.takes_webhooks
            if due.minute < POLL_MINUTES or waits or _outgrown(session, row):
                enqueue(session, "issue_follow", row, due.isoformat(), now)
        finish(session)


def _outgrown(session: Session, row: Tracked) -> bool:
    theme = themes.standing(session, row.workspace, row.theme_id)
    return theme is not None and memberships.size(session, Scope(row.workspace), theme.id) != row.noted


def follow(deps: Deps, workspace: str, issue_id: int, *, finish: Finish = nothing) -> None:
    """Read how the issue stands, act on a change, and write the live count at it. Raises TryLater."""
    with deps.db.read() as session:
        row, theme = row_and_theme(session, workspace, issue_id)
    changes: dict[str, Any] = {}
    if row is not None and theme is not None and row.ref is not None and deps.tracker is not None:
        changes = _asked(deps, row, row.ref, theme)
    with deps.db.write() as session:
        if changes:
            tracked_issues.update(session, issue_id, **changes)
        if row is not None and theme is not None and changes.get("key", row.key) != row.key:
            _renamed(deps, session, theme, row, str(changes["key"]))
        finish(session)


def _asked(deps: Deps, row: Tracked, ref: str, theme: Theme) -> dict[str, Any]:
    """What is new in the row. An issue that is deleted, moved away, or not ours to read any more leaves the theme as it
    is. Raises TryLater.
    """
    tracker = targets.tracker_of(deps, row)
    if tracker is None:
        return {"error": f"{row.place} is not connected any more"}
    try:
        with patient():
            issue = tracker.status(ref)
            seen = {"key": issue.key, "url": issue.url, "status": issue.state.value, **own_words(issue)}
            changes: dict[str, Any] = {"error": None, **seen, **_note(deps, tracker, row, ref, theme)}
            changes |= _page(deps, row, theme, issue)
            if issue.state is IssueState.OPEN:
                changes["needs"] = customer_needs.tell(deps, tracker, row, theme)
        _changed(deps, theme, row, issue)
    except HelpdeskError as error:
        log.error("issue_not_followed", issue=row.key, reason=str(error))
        return {"error": str(error)[:300]}
    return changes


def _note(deps: Deps, tracker: Tracker, row: Tracked, ref: str, theme: Theme) -> dict[str, str | int]:
    card = cards.card(deps, Scope(row.workspace), theme.key)
    if card.tickets == row.noted:
        return {}
    back = " It is back after a fix." if theme.state is ThemeState.REGRESSED else ""
    told = f"{theme.key} now: {count(card.tickets, 'ticket')}, {people(card.customers, card.unknown)}.{back}"
    return {"note": tracker.update_count(ref, told, row.marker, row.note), "noted": card.tickets}


def _page(deps: Deps, row: Tracked, theme: Theme, issue: Issue) -> dict[str, str]:
    """The page that answers now, where none did when the issue was opened: for those who asked."""
    if row.target != DOCS or row.page or issue.state is not IssueState.DONE or issue.state.value == row.status:
        return {}
    gap = doc_gaps.of_theme(deps, Scope(theme.workspace), theme.id)
    page = doc_gaps.page_of(gap) if gap else None
    return {"page": page} if page else {}


def _renamed(deps: Deps, session: Session, theme: Theme, row: Tracked, key: str) -> None:
    """It was moved within the tracker and has another name now."""
    told = {"text": f"the issue {row.key} is {key} now"}
    event = theme_events.happened(session, theme.workspace, theme.id, "issue_moved", MACHINE, told, deps.clock.now())
    tracking.show(session, theme)
    edits.redraw_alerts(deps, session, theme, f"issue:{event}")


def _changed(deps: Deps, theme: Theme, row: Tracked, issue: Issue) -> None:
    """Done resolves the theme; open again takes that back. Cancelled tells nobody. Where a theme has several issues,
    one decides: its own before that of a theme that was merged into it, a fix before a page.
    """
    scope, before = Scope(theme.workspace), row.status
    if issue.state.value == before or row.theme_id != theme.id:
        return
    with deps.db.read() as session:
        decides = tracked_issues.deciding(session, theme.workspace, theme.id)
    if decides is None or decides.id != row.id:
        return
    if issue.state is IssueState.DONE and theme.state is not ThemeState.VERIFYING:
        resolve.resolve_theme(deps, scope, theme.key, None, by=MACHINE)
    elif issue.state is not IssueState.DONE and before == IssueState.DONE:
        _take_back(deps, scope, theme)


def _take_back(deps: Deps, scope: Scope, theme: Theme) -> None:
    with deps.db.write() as session:
        loop.withdraw(deps, session, theme.id)
        resolved = [e for e in theme_edits.events(session, [theme.id], kinds=(undo.RESOLVED,)) if not e.undone]
    mine = [e for e in resolved if e.actor == MACHINE]
    if mine and mine[-1].at == theme.resolved_at:
        undo.undo(deps, scope, mine[-1].id, by=MACHINE)
