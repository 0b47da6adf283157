"""A theme's issue in the tracker: look for duplicates, open it once, keep its count, hear how it stands."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session

from bot.answers import Done
from bot.answers_tracking import IssueForm
from bot.blocks import markdown
from bot.blocks.parts import clean
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import cards, customer_needs, edits, loop, resolve, tell, undo
from bot.flows.cards import find_theme
from bot.messenger import TryLater
from bot.words import count, people
from bot.worker import Finish, nothing
from integrations.helpdesks.port import HelpdeskError, Unavailable
from integrations.trackers.port import Issue, IssueDraft, IssueState, Tracker
from intelligence.model import Scope, Theme, ThemeState
from storage import queue, theme_edits, themes, tracked_issues, workspaces
from storage.tracked_issues import Tracked

log = structlog.get_logger(__name__)

MACHINE = "machine"
LOOK_AGAIN = timedelta(seconds=30)  # Jira's search is some seconds behind what was created
POLL_MINUTES = 5  # as often as bot/schedule.py rings


def form(deps: Deps, scope: Scope, key: str) -> IssueForm:
    """Search first. Raises ThemeNotFound, or BadInput where no tracker is connected."""
    tracker = _tracker(deps)
    with deps.db.read() as session:
        theme = find_theme(session, scope.workspace, key)
    try:
        return IssueForm(theme, tuple(tracker.search(theme.title)))
    except HelpdeskError as error:
        log.warning("duplicates_unknown", reason=str(error))
        return IssueForm(theme, None)


def request(deps: Deps, scope: Scope, key: str, title: str, *, by: str) -> Done:
    """Write the intent; a job opens the issue. Raises ThemeNotFound, BadInput."""
    tracker, wanted = _tracker(deps), clean(title)[:250]
    if len(wanted) < 3:
        raise BadInput(problem="An issue needs a title.", fix="Three characters or more.")
    now = deps.clock.now()
    with deps.db.write() as session:
        theme = find_theme(session, scope.workspace, key)
        marker = f"ticket-intel:{secrets.token_hex(16)}"
        if not tracked_issues.want(session, scope.workspace, theme.id, marker, wanted, by=by, now=now):
            raise BadInput(problem=f"{theme.key} has an issue.", fix=f"See `theme {theme.key}`.")
        row = tracked_issues.of_theme(session, scope.workspace, theme.id)
        assert row is not None
        _enqueue(session, "issue_open", row, marker, now)
        workspaces.audit(session, scope.workspace, by, "issue", theme.key, {}, now)
    return Done(f"I am opening an issue for {theme.key} in {tracker.name}. `theme {theme.key}` shows it.", theme=theme)


def open_issue(deps: Deps, workspace: str, issue_id: int, *, finish: Finish = nothing) -> None:
    """Open the wanted issue, once: after a try whose end nobody knows it is looked for first. Raises TryLater."""
    with deps.db.write() as session:
        row, theme = _row_and_theme(session, workspace, issue_id)
        if row is None or theme is None or row.state != tracked_issues.WANTED:
            finish(session)
            return
        tracked_issues.update(session, row.id, attempts=row.attempts + 1)
    draft = IssueDraft(
        row.title, markdown.theme_issue(cards.card(deps, Scope(workspace, channels=frozenset()), theme.key))
    )
    tracker = _tracker(deps)
    try:
        with _patient(LOOK_AGAIN):
            issue = (tracker.find(row.marker) if row.attempts else None) or tracker.create(draft, row.marker)
    except HelpdeskError as error:
        log.error("issue_refused", theme=theme.key, reason=str(error))
        with deps.db.write() as session:
            tracked_issues.update(session, row.id, state=tracked_issues.REFUSED, error=str(error)[:300])
            told = {"text": f"no issue could be opened: {error}"}
            themes.happened(session, workspace, theme.id, "issue_refused", MACHINE, told, deps.clock.now())
            tell.refused(deps, session, workspace, theme.id, row.marker, str(error), user=row.by)
            finish(session)
        return
    with deps.db.write() as session:
        _remember(deps, session, theme, row, issue, by=row.by)
        finish(session)


def link(deps: Deps, scope: Scope, key: str, ref: str, *, by: str) -> Done:
    """Tie a theme to an issue that is there. Raises ThemeNotFound, BadInput."""
    tracker = _tracker(deps)
    try:
        issue = tracker.status(ref)
    except HelpdeskError as error:
        raise BadInput(problem=f"{error}.", fix="Check the number, and that the token may read it.") from error
    with deps.db.write() as session:
        theme = find_theme(session, scope.workspace, key)
        if old := tracked_issues.of_theme(session, scope.workspace, theme.id):
            tracked_issues.remove(session, old.id)
        marker = f"ticket-intel:{secrets.token_hex(16)}"
        tracked_issues.want(session, scope.workspace, theme.id, marker, issue.title, by=by, now=deps.clock.now())
        row = tracked_issues.of_theme(session, scope.workspace, theme.id)
        assert row is not None
        _remember(deps, session, theme, row, issue, by=by)
        workspaces.audit(session, scope.workspace, by, "link", theme.key, {"issue": issue.key}, deps.clock.now())
    return Done(f"{theme.key} is tied to {issue.key} ({issue.state}).", theme=theme)


def _remember(deps: Deps, session: Session, theme: Theme, row: Tracked, issue: Issue, *, by: str) -> None:
    seen = {"ref": issue.ref, "key": issue.key, "url": issue.url, "status": IssueState.OPEN.value}
    tracked_issues.update(session, row.id, state=tracked_issues.OPENED, error=None, **seen)
    themes.update(session, theme.id, issue_key=issue.key, issue_url=issue.url, provisional=False)
    told = {"text": f"has the issue {issue.key}"}
    event = themes.happened(session, theme.workspace, theme.id, "issue", by, told, deps.clock.now())
    edits.redraw_alerts(deps, session, theme, f"issue:{event}")
    _enqueue(session, "issue_follow", row, str(event), deps.clock.now())


def _enqueue(session: Session, job: str, row: Tracked, because: str, now: datetime) -> bool:
    """One at a time for an issue: two that follow it at once would both write its first note."""
    args = {"workspace": row.workspace, "issue": row.id}
    return queue.enqueue(session, job, args, key=f"{job}:{row.id}:{because}", now=now, lane=f"issue:{row.id}")


def _row_and_theme(session: Session, workspace: str, issue_id: int) -> tuple[Tracked | None, Theme | None]:
    row = tracked_issues.get(session, workspace, issue_id)
    return row, themes.standing(session, workspace, row.theme_id) if row else None


def receive(deps: Deps, workspace: str, ref: str, delivery: str) -> bool:
    """Somebody changed this issue: ask the tracker how it stands. False for a delivery that came before."""
    now, new = deps.clock.now(), False
    with deps.db.write() as session:
        for row in tracked_issues.of_ref(session, workspace, ref):
            new |= _enqueue(session, "issue_follow", row, delivery, now)
    return new


def poll(deps: Deps, workspace: str, *, due: datetime, finish: Finish = nothing) -> None:
    """Ask about issues, because deliveries get lost: about all in the first minutes of an hour, else about those whose
    count is old, and without a webhook about the open ones. A hundred issues asked each five minutes would use up what
    a tracker answers in an hour.
    """
    now, tracker = deps.clock.now(), deps.tracker
    with deps.db.write() as session:
        for row in tracked_issues.opened(session, workspace) if tracker else ():
            waits = row.status == IssueState.OPEN and tracker is not None and not tracker.takes_webhooks
            if due.minute < POLL_MINUTES or waits or _outgrown(session, row):
                _enqueue(session, "issue_follow", row, due.isoformat(), now)
        finish(session)


def _outgrown(session: Session, row: Tracked) -> bool:
    theme = themes.standing(session, row.workspace, row.theme_id)
    return theme is not None and themes.size(session, Scope(row.workspace), theme.id) != row.noted


def follow(deps: Deps, workspace: str, issue_id: int, *, finish: Finish = nothing) -> None:
    """Read how the issue stands, act on a change, and write the live count at it. Raises TryLater."""
    with deps.db.read() as session:
        row, theme = _row_and_theme(session, workspace, issue_id)
    if row is None or theme is None or row.ref is None or deps.tracker is None:
        with deps.db.write() as session:
            finish(session)
        return
    changes: dict[str, Any]
    try:
        with _patient():
            issue = deps.tracker.status(row.ref)
            changes = {"error": None, "status": issue.state.value, **_note(deps, deps.tracker, row, theme)}
            if issue.state is IssueState.OPEN:
                changes["needs"] = customer_needs.tell(deps, row, theme)
        _changed(deps, theme, row, issue)
    except HelpdeskError as error:  # deleted, moved, or not ours to read any more: the theme stays as it is
        log.error("issue_not_followed", issue=row.key, reason=str(error))
        changes = {"error": str(error)[:300]}
    with deps.db.write() as session:
        tracked_issues.update(session, issue_id, **changes)
        finish(session)


def _note(deps: Deps, tracker: Tracker, row: Tracked, theme: Theme) -> dict[str, str | int]:
    card = cards.card(deps, Scope(row.workspace), theme.key)
    if row.ref is None or card.tickets == row.noted:
        return {}
    back = " It is back after a fix." if theme.state is ThemeState.REGRESSED else ""
    told = f"{theme.key} now: {count(card.tickets, 'ticket')}, {people(card.customers, card.unknown)}.{back}"
    return {"note": tracker.update_count(row.ref, told, row.marker, row.note), "noted": card.tickets}


def _changed(deps: Deps, theme: Theme, row: Tracked, issue: Issue) -> None:
    """Done resolves the theme; open again takes that back. Cancelled tells nobody. The issue of a theme that was merged
    into one with an issue of its own decides nothing.
    """
    scope, before = Scope(theme.workspace), row.status
    if issue.state.value == before or row.theme_id != theme.id:
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


@contextmanager
def _patient(least: timedelta | None = None) -> Iterator[None]:
    try:
        yield
    except Unavailable as error:
        after = max(error.after or least, least) if least else error.after
        raise TryLater(str(error), after) from error


def _tracker(deps: Deps) -> Tracker:
    if deps.tracker is None:
        raise BadInput(problem="No tracker is connected.", fix="Copy as issue gives you the Markdown.")
    return deps.tracker
