"""`alerts`: the rules, what lives, what was not sent and why, and the aim against what came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.answers_alerts import AlertsView, EpisodeLine, SilenceLine
from bot.deps import Deps
from bot.flows import alert_view
from bot.flows import rules as alert_rules
from bot.flows.permalinks import permalink
from bot.preferences import BY_NAME, QUIET
from intelligence.alerts import budget
from intelligence.model import AlertState, PatternKind, Scope, Theme
from intelligence.patterns import Policy
from storage import alerts, themes, workspaces

SILENT_FOR = timedelta(days=7)
BUDGET_WEEKS = timedelta(weeks=4)
MOST_THEMES = 5
_LIVING = (AlertState.OPEN, AlertState.SNOOZED, AlertState.SHADOW)
_COUNTED = frozenset({PatternKind.NEW, PatternKind.SPIKE, PatternKind.RAMP, PatternKind.SEGMENT})


def list_alerts(deps: Deps, scope: Scope) -> AlertsView:
    """What alerting does here, for people: nothing is hidden, least of all what stayed silent."""
    now = deps.clock.now()
    with deps.db.read() as session:
        known = themes.load(session, scope.workspace)
        living = alerts.in_state(session, scope.workspace, *_LIVING)
        recent = [one for one in alerts.since(session, scope.workspace, now - BUDGET_WEEKS) if one.kind in _COUNTED]
        said = alerts.feedback_since(session, scope.workspace, now - BUDGET_WEEKS)
        noise = {alert for alert, verdict, reason in said if verdict == "not_useful" and reason == "noise"}
        silent = _silences(session, scope.workspace, now - SILENT_FOR, known)
        quiet = workspaces.setting(session, scope.workspace, QUIET)
        rule = alert_rules.in_force(deps, session, scope.workspace)
        newest = sorted(living, key=lambda one: (one.ticket_id is not None, -one.id))  # themes before single tickets
        lines = [line(deps, session, scope, one, known) for one in newest]
    spent = budget(
        rule.budget,
        [one.opened_at for one in recent],
        [one.opened_at for one in recent if one.id in noise],
        now,
    )
    shown = BY_NAME[QUIET].show(quiet) if quiet else None
    return AlertsView(rules(rule.policy), spent, tuple(lines), silent, shown)


def rules(policy: Policy) -> tuple[str, ...]:
    """The policy in people's words."""
    return (
        f"New pattern: {policy.new_tickets} tickets on something never seen, within {policy.new_days} days.",
        f"Spike: at least {policy.ratio:g} times normal and {policy.least} tickets, and too many for chance.",
        f"Regression: {policy.regression_tickets} tickets on a theme after its fix.",
        "Critical: one ticket that cannot wait is told at once, to engineering.",
        f"In the first {policy.cold_days:g} days of data only new patterns and critical tickets are told.",
    )


def line(deps: Deps, session: Session, scope: Scope, one: alerts.Episode, known: Mapping[int, Theme]) -> EpisodeLine:
    """One alert as lists show it: a single ticket by its own words, as far as this person may see them."""
    workspace = scope.workspace
    snoozed = (one.snooze or {}).get("words") if one.state is AlertState.SNOOZED else None
    link = permalink(session, workspace, one.channel, one.ts, None) if one.channel and one.ts else None
    theme = known.get(one.theme_id) if one.theme_id else None
    return EpisodeLine(
        one.id,
        one.kind,
        one.state,
        theme,
        one.count,
        one.severity,
        one.owner,
        snoozed,
        one.opened_at,
        link,
        alert_view.headline(deps, session, scope, one) if one.ticket_id is not None else None,
    )


def _silences(session: Session, workspace: str, start: datetime, known: Mapping[int, Theme]) -> tuple[SilenceLine, ...]:
    """What was not sent, one line for each reason and kind, the commonest first."""
    groups: defaultdict[tuple[str, PatternKind], list[int | None]] = defaultdict(list)
    for theme_id, kind, reason, _ in alerts.silences(session, workspace, start):
        groups[reason, kind].append(theme_id)
    lines = [
        SilenceLine(
            reason,
            kind,
            len(found),
            tuple(known[theme] for theme in dict.fromkeys(found) if theme is not None and theme in known)[:MOST_THEMES],
        )
        for (reason, kind), found in groups.items()
    ]
    return tuple(sorted(lines, key=lambda line: -line.times))
