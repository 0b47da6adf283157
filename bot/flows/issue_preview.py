"""Switch the rule for issues, after a look at what it would have opened in the last 90 days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from bot.answers import Done
from bot.answers_tracking import IssuePreview, PreviewLine
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import cards, issue_rules, preferences
from bot.preferences import BY_NAME, ISSUES
from intelligence.issue_rules import WINDOW, IssueMode, crossings
from intelligence.model import Scope, Theme
from storage import alerts, theme_volumes, themes, tracked_issues, workspaces

DAYS: Final = 90
SEEN: Final = "issues.preview"  # a state of the workspace: the rule that was looked at, and when
SEEN_FOR: Final = timedelta(days=1)
CONFIRM: Final = "confirm"


def choose(deps: Deps, scope: Scope, typed: str, *, by: str) -> Done | IssuePreview:
    """Set the rule; what opens issues by itself is shown first, and set only by who has seen it. Raises BadInput."""
    words = typed.split()
    confirmed = len(words) > 1 and words[-1].casefold() in {CONFIRM, "yes"}
    wanted = " ".join(words[:-1] if confirmed else words)
    value = BY_NAME[ISSUES].read(wanted)
    if value is None:
        return preferences.change(deps, scope.workspace, ISSUES, wanted, by=by)
    if deps.tracker is None:
        raise BadInput(problem="No tracker is connected.", fix="Set TRACKER, see docs/integrations.md.")
    mode, tickets = IssueMode(value["mode"]), int(value["tickets"])
    shown = preview(deps, scope, mode, tickets)
    if mode is IssueMode.AUTO and not confirmed:
        with deps.db.write() as session:
            seen = {"tickets": tickets, "at": deps.clock.now().isoformat()}
            workspaces.put_state(session, scope.workspace, SEEN, seen, deps.clock.now())
        return shown
    if mode is IssueMode.AUTO:
        _check_seen(deps, scope.workspace, tickets)
    done = preferences.change(deps, scope.workspace, ISSUES, wanted, by=by)
    return Done(done.text, details=(*done.details, *_expected(shown)), undo=done.undo)


def _check_seen(deps: Deps, workspace: str, tickets: int) -> None:
    with deps.db.read() as session:
        seen = workspaces.setting(session, workspace, SEEN)
    fresh = seen and deps.clock.now() - datetime.fromisoformat(seen["at"]) <= SEEN_FOR
    if not fresh or int(seen["tickets"]) != tickets:
        raise BadInput(
            problem="Nobody has looked at what this rule would have opened.",
            fix=f"Type `settings {ISSUES} auto {tickets}` first: it shows the last {DAYS} days.",
        )


def _expected(shown: IssuePreview) -> tuple[str, ...]:
    told = f"In the last {DAYS} days it would have been {len(shown.lines)}."
    waiting = [line.theme.key for line in shown.lines if line.waits]
    if not waiting:
        return (told,)
    more = f" and {len(waiting) - 8} more" if len(waiting) > 8 else ""
    return told, f"Over it now, proposed tonight, 5 a day: {', '.join(waiting[:8])}{more}."


def preview(deps: Deps, scope: Scope, mode: IssueMode, tickets: int) -> IssuePreview:
    """The themes that would have crossed the volume in the last 90 days, the newest first, as themes are today."""
    now = deps.clock.now()
    start = now - timedelta(days=DAYS)
    with deps.db.read() as session:
        counted = theme_volumes.times(session, scope, start - WINDOW)
        known = themes.load(session, scope.workspace, counted)
        found = [
            _line(session, known[theme], times, crossed, now, tickets)
            for theme, times in counted.items()
            if theme in known and (crossed := crossings(times, tickets, start)) is not None
        ]
        hidden = theme_volumes.times(session, Scope(scope.workspace), start - WINDOW)
    unseen = sum(map(len, hidden.values())) - sum(map(len, counted.values()))
    return IssuePreview(mode, tickets, DAYS, tuple(sorted(found, key=lambda line: line.at, reverse=True)), unseen)


def _line(
    session: Session, theme: Theme, times: list[datetime], crossed: datetime, now: datetime, tickets: int
) -> PreviewLine:
    rows = [row for row in tracked_issues.all_of_theme(session, theme.workspace, theme.id) if row.key]
    dismissed = alerts.dismissed_since(session, theme.workspace, theme.id, crossed)
    recent = issue_rules.within(times, now)
    waits = not rows and recent >= tickets and not issue_rules.over(session, theme, now)
    return PreviewLine(
        theme,
        crossed,
        recent,
        cards.issue_line(rows[0]) if rows else None,
        dismissed,
        issue_rules.public(session, theme),
        waits,
    )
