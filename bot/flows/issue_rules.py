"""The rule for issues: a theme over a volume is proposed, or opened by itself. Off until an admin says otherwise."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlmodel import Session

from bot.answers import Done
from bot.deps import Deps
from bot.flows import issue_news, targets, tracking
from bot.flows.cards import find_theme
from bot.flows.tracking import MACHINE, patient
from bot.preferences import ISSUES
from bot.worker import Finish, nothing
from integrations.helpdesks.port import HelpdeskError
from integrations.trackers.port import Issue
from intelligence.issue_rules import WINDOW, IssueMode, IssueRule, Standing, Step, decide
from intelligence.model import DecidedBy, Scope, Theme, ThemeState
from storage import (
    alerts,
    memberships,
    queue,
    theme_edits,
    theme_events,
    theme_volumes,
    themes,
    tracked_issues,
    workspaces,
)

log = structlog.get_logger(__name__)

JOB: Final = "issue_rule"
PROPOSED: Final = "issue_proposed"
DECLINED: Final = "issue_declined"
AFTER_ITS_ALERT: Final = timedelta(seconds=10)  # so that a proposal finds the thread of the alert
DAY: Final = timedelta(days=1)


def rule_of(session: Session, workspace: str) -> IssueRule | None:
    """The rule in force; None while it is off."""
    stored = workspaces.setting(session, workspace, ISSUES)
    since = workspaces.set_by(session, workspace, ISSUES)
    if not stored or since is None:
        return None
    return IssueRule(IssueMode(stored["mode"]), int(stored["tickets"]), since[1])


def wake(deps: Deps, session: Session, workspace: str, theme_ids: Collection[int], newest: int) -> None:
    """Tickets (the newest of this id) came to these themes: look at each, once."""
    if rule_of(session, workspace) is None or deps.tracker is None:
        return
    for theme in sorted(theme_ids):
        _enqueue(deps, session, workspace, theme, str(newest), live=True)


def sweep(deps: Deps, session: Session, workspace: str) -> None:
    """At night: themes over the volume that nothing has come to, and those that had to wait for their day."""
    rule, now = rule_of(session, workspace), deps.clock.now()
    if rule is None or deps.tracker is None:
        return
    counted = theme_volumes.times(session, Scope(workspace), now - WINDOW)
    for theme in sorted(theme for theme, times in counted.items() if len(times) >= rule.tickets):
        _enqueue(deps, session, workspace, theme, f"{now:%Y-%m-%d}", live=False)


def _enqueue(deps: Deps, session: Session, workspace: str, theme: int, because: str, *, live: bool) -> None:
    now, args = deps.clock.now(), {"workspace": workspace, "theme": theme, "live": live}
    key, lane = f"{JOB}:{workspace}:{theme}:{because}", f"{JOB}:{workspace}"
    queue.enqueue(session, JOB, args, key=key, lane=lane, now=now, run_at=now + AFTER_ITS_ALERT)


def consider(deps: Deps, workspace: str, theme_id: int, *, live: bool, finish: Finish = nothing) -> None:
    """Do with one theme what the rule says. It is opened by itself only after the tracker was searched and knows
    nothing like it. Raises TryLater.
    """
    with deps.db.read() as session:
        theme = themes.standing(session, workspace, theme_id)
        rule = rule_of(session, workspace)
        step, reason = _step(deps, session, rule, theme, live)
        target = targets.target_of(deps, session, theme) if theme else ""
    like: Sequence[Issue] = ()
    if theme is not None and step is Step.OPEN:
        step, reason, like = _searched(deps, theme, target)
    with deps.db.write() as session:
        stands, _ = _step(deps, session, rule, theme, live)  # somebody may have been faster
        if theme is not None and rule is not None and Step.NOTHING not in {step, stands}:
            if step is Step.OPEN and stands is Step.OPEN:
                tracking.want(deps, session, theme, target, theme.title, by=MACHINE)
            else:
                _propose(deps, session, rule, theme, reason, like)
        finish(session)


def _searched(deps: Deps, theme: Theme, target: str) -> tuple[Step, str, Sequence[Issue]]:
    """Whether the tracker knows something like it: then a person must look. Raises TryLater."""
    try:
        with patient():
            like = targets.tracker_for(deps, target).search(theme.title)
    except HelpdeskError as error:
        log.warning("duplicates_unknown", theme=theme.key, reason=str(error))
        return Step.PROPOSE, "the tracker could not be searched for issues like it", ()
    return (Step.PROPOSE, "the tracker has issues like it", like) if like else (Step.OPEN, "", ())


def _step(deps: Deps, session: Session, rule: IssueRule | None, theme: Theme | None, live: bool) -> tuple[Step, str]:
    if rule is None or theme is None or deps.tracker is None:
        return Step.NOTHING, ""
    return decide(rule, _standing(deps, session, rule, theme, live))


def _standing(deps: Deps, session: Session, rule: IssueRule, theme: Theme, live: bool) -> Standing:
    now, workspace = deps.clock.now(), theme.workspace
    times = theme_volumes.times(session, Scope(workspace), min(now, rule.since) - WINDOW, [theme.id]).get(theme.id, [])
    asked = theme_edits.events(session, [theme.id], kinds=(PROPOSED, DECLINED))
    today = theme_edits.events_of_kind(session, workspace, [PROPOSED])
    return Standing(
        within(times, now),
        within(times, rule.since),
        max((int(event.data.get("tickets", 0)) for event in asked), default=0),
        public(session, theme),
        live,
        bool(tracked_issues.all_of_theme(session, workspace, theme.id)),
        over(session, theme, now),
        tracked_issues.wanted_since(session, workspace, MACHINE, now - DAY),
        sum(event.at > now - DAY for event in today),
    )


def within(times: Sequence[datetime], end: datetime) -> int:
    """Tickets of the rule's window that ends then."""
    return sum(end - WINDOW < at <= end for at in times)


def public(session: Session, theme: Theme) -> bool:
    """Whether a theme may be named outside: all of its tickets are public, or a person gave its title."""
    if theme_edits.title_by(session, theme.id) is DecidedBy.PERSON:
        return True
    everybody = Scope(theme.workspace, channels=frozenset())
    return memberships.size(session, everybody, theme.id) == memberships.size(session, Scope(theme.workspace), theme.id)


def over(session: Session, theme: Theme, now: datetime) -> bool:
    """Fixed and quiet since, or closed by a person as noise, known or a duplicate within the window."""
    fixed = theme.resolved_at is not None and theme.state in {ThemeState.VERIFYING, ThemeState.QUIET}
    return fixed or alerts.dismissed_since(session, theme.workspace, theme.id, now - WINDOW) is not None


def _propose(deps: Deps, session: Session, rule: IssueRule, theme: Theme, reason: str, like: Sequence[Issue]) -> None:
    now = deps.clock.now()
    times = theme_volumes.times(session, Scope(theme.workspace), now - WINDOW, [theme.id]).get(theme.id, [])
    data = {
        "text": f"an issue was proposed: {within(times, now)} tickets in {WINDOW.days} days",
        "tickets": within(times, now),
        "needed": rule.tickets,
        "reason": reason,
        "like": [[issue.key, issue.url] for issue in like[:3]],
    }
    event = theme_events.happened(session, theme.workspace, theme.id, PROPOSED, MACHINE, data, now)
    issue_news.proposed(deps, session, theme, event)


def decline(deps: Deps, scope: Scope, key: str, *, by: str) -> Done:
    """Not now: nobody is asked again before the theme has doubled. Raises ThemeNotFound."""
    now = deps.clock.now()
    with deps.db.write() as session:
        theme = find_theme(session, scope.workspace, key)
        times = theme_volumes.times(session, Scope(scope.workspace), now - WINDOW, [theme.id]).get(theme.id, [])
        had = within(times, now)
        told = {"text": "no issue for now", "tickets": had}
        theme_events.happened(session, scope.workspace, theme.id, DECLINED, by, told, now)
        workspaces.audit(session, scope.workspace, by, "no_issue", theme.key, {}, now)
    return Done(f"No issue for {theme.key} now. I ask again from {2 * had} tickets in {WINDOW.days} days.", theme=theme)
