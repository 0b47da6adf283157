"""A theme's issue in the tracker: look for duplicates, open it once, tie the theme to one that is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from bot.answers import Done
from bot.answers_tracking import IssueForm
from bot.blocks import markdown
from bot.blocks.parts import clean
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import cards, doc_gaps, edits, issue_news, targets, tell
from bot.flows.cards import find_theme
from bot.messenger import TryLater
from bot.worker import Finish, nothing
from integrations.helpdesks.port import HelpdeskError, Unavailable
from integrations.marks import new_mark
from integrations.trackers.port import Issue, IssueDraft, IssueState
from intelligence.model import Scope, Theme
from storage import queue, theme_events, themes, tracked_issues, workspaces
from storage.tracked_issues import DOCS, Tracked

log = structlog.get_logger(__name__)

MACHINE = "machine"
LOOK_AGAIN = timedelta(seconds=30)  # Jira's search is some seconds behind what was created
MOST_SAID = 80  # characters of a tracker's own word for where an issue stands


def check_free(deps: Deps, scope: Scope, key: str, target: str | None = None) -> tuple[Theme, str]:
    """The theme and the target of an issue that it has not got. Raises BadInput where it has one, or where no tracker
    is connected; ThemeNotFound.
    """
    with deps.db.read() as session:
        theme = find_theme(session, scope.workspace, key)
        aim = target or targets.target_of(deps, session, theme)
        row = tracked_issues.of_theme(session, scope.workspace, theme.id, aim)
    targets.tracker_for(deps, aim)
    if row is not None and row.state != tracked_issues.REFUSED:
        raise _has_one(theme, aim)
    return theme, aim


def _has_one(theme: Theme, target: str) -> BadInput:
    what = "an issue for the documentation" if target == DOCS else "an issue"
    return BadInput(problem=f"{theme.key} has {what} already.", fix=f"See `theme {theme.key}`.")


def form(deps: Deps, scope: Scope, key: str, target: str | None = None) -> IssueForm:
    """Search first. Raises ThemeNotFound, or BadInput where it has an issue or no tracker is connected."""
    theme, aim = check_free(deps, scope, key, target)
    tracker = targets.tracker_for(deps, aim)
    try:
        found: tuple[Issue, ...] | None = tuple(tracker.search(theme.title))
    except HelpdeskError as error:
        log.warning("duplicates_unknown", reason=str(error))
        found = None
    return IssueForm(theme, found, aim, f"{tracker.name} {tracker.place}")


def request(deps: Deps, scope: Scope, key: str, title: str | None, *, by: str, target: str | None = None) -> Done:
    """Write the intent, under the theme's title unless another is given; a job opens the issue. Raises ThemeNotFound,
    BadInput.
    """
    with deps.db.write() as session:
        theme = find_theme(session, scope.workspace, key)
        wanted = clean(theme.title if title is None else title)[:250]
        if len(wanted) < 3:
            raise BadInput(problem="An issue needs a title.", fix="Three characters or more.")
        aim = target or targets.target_of(deps, session, theme)
        tracker = targets.tracker_for(deps, aim)
        if not want(deps, session, theme, aim, wanted, by=by):
            raise _has_one(theme, aim)
    where = f"{tracker.name} ({tracker.place})"
    return Done(f"I am opening an issue for {theme.key} in {where}. `theme {theme.key}` shows it.", theme=theme)


def want(deps: Deps, session: Session, theme: Theme, target: str, title: str, *, by: str) -> bool:
    """Write the intent and enqueue the job that acts on it, both or neither; False where the theme has one."""
    now, tracker = deps.clock.now(), targets.tracker_for(deps, target)
    marker, place = new_mark(), targets.address(tracker)
    there = {"by": by, "now": now, "target": target, "place": place}
    if not tracked_issues.want(session, theme.workspace, theme.id, marker, title, **there):
        return False
    row = tracked_issues.of_theme(session, theme.workspace, theme.id, target)
    assert row is not None
    enqueue(session, "issue_open", row, marker, now)
    workspaces.audit(session, theme.workspace, by, "issue", theme.key, {"target": target}, now)
    return True


def open_issue(deps: Deps, workspace: str, issue_id: int, *, finish: Finish = nothing) -> None:
    """Open the wanted issue, once: after a try whose end nobody knows it is looked for first. Raises TryLater."""
    with deps.db.write() as session:
        row, theme = row_and_theme(session, workspace, issue_id)
        if row is None or theme is None or row.state != tracked_issues.WANTED:
            finish(session)
            return
        tracked_issues.update(session, row.id, attempts=row.attempts + 1)
    tracker = targets.tracker_of(deps, row)
    if tracker is None:
        _refused(deps, theme, row, f"{row.place or 'the tracker'} is not connected any more", finish)
        return
    draft, page = _draft(deps, row, theme)
    try:
        with patient(LOOK_AGAIN):
            issue = (tracker.find(row.marker) if row.attempts else None) or tracker.create(draft, row.marker)
    except HelpdeskError as error:
        _refused(deps, theme, row, str(error), finish)
        return
    with deps.db.write() as session:
        tracked_issues.update(session, row.id, page=page)
        _remember(deps, session, theme, row, issue, by=row.by)
        finish(session)


def _draft(deps: Deps, row: Tracked, theme: Theme) -> tuple[IssueDraft, str | None]:
    """What is opened, by what everybody may read, and the help page that it is about."""
    scope = Scope(row.workspace, channels=frozenset())
    gap = doc_gaps.of_theme(deps, scope, theme.id) if row.target == DOCS else None
    if gap is not None:
        return IssueDraft(row.title, markdown.docs_issue(gap, theme, doc_gaps.DAYS)), doc_gaps.page_of(gap)
    return IssueDraft(row.title, markdown.theme_issue(cards.card(deps, scope, theme.key))), None


def _refused(deps: Deps, theme: Theme, row: Tracked, reason: str, finish: Finish) -> None:
    """It will not be opened: who wanted it hears why, and may try again."""
    log.error("issue_refused", theme=theme.key, reason=reason)
    with deps.db.write() as session:
        tracked_issues.update(session, row.id, state=tracked_issues.REFUSED, error=reason[:300])
        told = {"text": f"no issue could be opened: {reason}"}
        event = theme_events.happened(
            session, theme.workspace, theme.id, "issue_refused", MACHINE, told, deps.clock.now()
        )
        if row.by == MACHINE:
            issue_news.refused(deps, session, theme, event, reason)
        else:
            tell.refused(deps, session, theme.workspace, theme.id, row.marker, reason, user=row.by)
        finish(session)


def link(deps: Deps, scope: Scope, key: str, ref: str, *, by: str) -> Done:
    """Tie a theme to an issue that is there; which target it is for, its place tells. Raises ThemeNotFound, BadInput."""
    return tie(deps, scope, key, ref, targets.target_named(deps, ref), by=by)


def tie(deps: Deps, scope: Scope, key: str, ref: str, target: str, *, by: str) -> Done:
    """The same for a known target. Raises ThemeNotFound, BadInput."""
    tracker = targets.tracker_for(deps, target)
    try:
        issue = tracker.status(ref)
    except HelpdeskError as error:
        raise BadInput(problem=f"{error}.", fix="Check the number, and that the token may read it.") from error
    now = deps.clock.now()
    with deps.db.write() as session:
        theme = find_theme(session, scope.workspace, key)
        if old := tracked_issues.of_theme(session, scope.workspace, theme.id, target):
            tracked_issues.remove(session, old.id)
        marker, place = new_mark(), targets.address(tracker)
        there = {"by": by, "now": now, "target": target, "place": place}
        tracked_issues.want(session, scope.workspace, theme.id, marker, issue.title, **there)
        row = tracked_issues.of_theme(session, scope.workspace, theme.id, target)
        assert row is not None
        _remember(deps, session, theme, row, issue, by=by)
        workspaces.audit(session, scope.workspace, by, "link", theme.key, {"issue": issue.key}, now)
    return Done(f"{theme.key} is tied to {issue.key} ({issue.state}).", theme=theme)


def _remember(deps: Deps, session: Session, theme: Theme, row: Tracked, issue: Issue, *, by: str) -> None:
    seen = {"ref": issue.ref, "key": issue.key, "url": issue.url, "status": IssueState.OPEN.value}
    tracked_issues.update(session, row.id, state=tracked_issues.OPENED, error=None, **seen, **own_words(issue))
    show(session, theme)
    told = {"text": f"has the issue {issue.key}{' for the documentation' if row.target == DOCS else ''}"}
    event = theme_events.happened(session, theme.workspace, theme.id, "issue", by, told, deps.clock.now())
    edits.redraw_alerts(deps, session, theme, f"issue:{event}")
    if by == MACHINE:
        issue_news.opened(deps, session, theme, event, row.target)
    enqueue(session, "issue_follow", row, str(event), deps.clock.now())


def own_words(issue: Issue) -> dict[str, str | None]:
    """Where it stands and when it comes, in the tracker's words."""
    return {"stage": clean(issue.stage)[:MOST_SAID] or None, "planned": clean(issue.planned)[:MOST_SAID] or None}


def show(session: Session, theme: Theme) -> None:
    """The theme carries the issue that decides about it, and a person or an issue has seen it."""
    row = tracked_issues.deciding(session, theme.workspace, theme.id)
    if row is not None:
        themes.update(session, theme.id, issue_key=row.key, issue_url=row.url, provisional=False)


def enqueue(session: Session, job: str, row: Tracked, because: str, now: datetime) -> bool:
    """One at a time for an issue: two that follow it at once would both write its first note."""
    args = {"workspace": row.workspace, "issue": row.id}
    return queue.enqueue(session, job, args, key=f"{job}:{row.id}:{because}", now=now, lane=f"issue:{row.id}")


def row_and_theme(session: Session, workspace: str, issue_id: int) -> tuple[Tracked | None, Theme | None]:
    row = tracked_issues.get(session, workspace, issue_id)
    return row, themes.standing(session, workspace, row.theme_id) if row else None


@contextmanager
def patient(least: timedelta | None = None) -> Iterator[None]:
    """What is not there now is tried later, at least after so long. Raises TryLater."""
    try:
        yield
    except Unavailable as error:
        after = max(error.after or least, least) if least else error.after
        raise TryLater(str(error), after) from error
