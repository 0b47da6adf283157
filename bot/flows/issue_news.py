"""What the team hears of issues that nobody clicked for: proposed by the rule, opened by it, or refused."""

from __future__ import annotations

from typing import Final

from sqlmodel import Session

from bot.answers import IssueLine
from bot.answers_tracking import Proposed
from bot.blocks import issue_rules as drawn
from bot.deps import Deps
from bot.flows import theme_letters
from bot.messenger import Outgoing
from intelligence.model import Scope, Theme
from storage import memberships, theme_events, themes, tracked_issues
from storage.outbox import Letter

PROPOSED: Final = "issue.proposed"
OPENED: Final = "issue.opened"
REFUSED: Final = "issue.refused"
METHODS: Final = frozenset({PROPOSED, OPENED, REFUSED})


def proposed(deps: Deps, session: Session, theme: Theme, event: int) -> None:
    """The rule would open an issue: somebody is asked, by the lineage event that says so."""
    theme_letters.write(deps, session, theme, PROPOSED, event, {"event": event})


def opened(deps: Deps, session: Session, theme: Theme, event: int, target: str) -> None:
    """An issue was opened without a click: said once."""
    theme_letters.write(deps, session, theme, OPENED, event, {"target": target})


def refused(deps: Deps, session: Session, theme: Theme, event: int, reason: str) -> None:
    """The tracker refused an issue that nobody clicked for: said once, for a person to press."""
    theme_letters.write(deps, session, theme, REFUSED, event, {"reason": reason[:300]})


def draw(deps: Deps, session: Session, letter: Letter) -> Outgoing | str:
    """The message as it is true now, or why it is pointless."""
    theme = themes.standing(session, letter.workspace, int(letter.payload["theme"]))
    place = theme_letters.place(deps, session, theme) if theme else None
    if theme is None or place is None:
        return "the theme is gone" if theme is None else "nobody is known who could be told: set ADMINS"
    rows = tracked_issues.all_of_theme(session, letter.workspace, theme.id)
    if letter.method == OPENED:
        row = next((row for row in rows if row.target == letter.payload["target"] and row.key), None)
        if row is None:
            return "its issue is gone"
        shown = drawn.opened(
            theme, IssueLine(row.key or "", row.url, ""), memberships.size(session, _all(theme), theme.id)
        )
    elif any(row.state != tracked_issues.REFUSED for row in rows):
        return "it has an issue"
    elif letter.method == REFUSED:
        shown = drawn.refused(theme, str(letter.payload["reason"]))
    else:
        event = theme_events.event(session, letter.workspace, int(letter.payload["event"]))
        if event is None or event.undone:
            return "it was taken back"
        like = tuple(IssueLine(str(key), str(url), "") for key, url in event.data.get("like", ()))
        about = Proposed(theme, int(event.data["tickets"]), int(event.data["needed"]), str(event.data["reason"]), like)
        shown = drawn.proposed(about)
    return Outgoing(place[0], shown.text, shown.blocks, place[1], letter.key)


def _all(theme: Theme) -> Scope:
    return Scope(theme.workspace)
