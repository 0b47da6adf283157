"""What the team hears of a fix: that reporters can be told of it, and two weeks later whether it held."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlmodel import Session

from bot.answers_tracking import Held
from bot.blocks import loop as drawn
from bot.deps import Deps
from bot.flows import theme_letters
from bot.messenger import Outgoing
from bot.words import count
from intelligence.model import Scope, Theme
from storage import loop_drafts, memberships, theme_events, themes
from storage.outbox import Letter

WAITING: Final = "loop.waiting"
HELD: Final = "loop.held"
METHODS: Final = frozenset({WAITING, HELD})
VERIFY_FOR: Final = timedelta(days=14)  # a fix that is quiet for so long has held


def announce(deps: Deps, session: Session, theme: Theme, event: int) -> None:
    """Say once for a fix (lineage event `event`) that drafts wait: to the owner, else where the theme's alert is."""
    theme_letters.write(deps, session, theme, WAITING, event)


def held(deps: Deps, session: Session, workspace: str, theme_id: int) -> None:
    """A fix held: write it into the theme's lineage with the volume before and after, and say it once."""
    theme = themes.get(session, workspace, theme_id)
    found = volumes(session, theme) if theme else None
    if theme is None or found is None:
        return
    numbers = f"{count(found.before, 'ticket')} in {found.days} days before it, {found.after} after"
    told = {"text": f"the fix held: {numbers}"}
    event = theme_events.happened(session, workspace, theme_id, "held", "machine", told, deps.clock.now())
    theme_letters.write(deps, session, theme, HELD, event)


def volumes(session: Session, theme: Theme) -> Held | None:
    """Tickets in as many days before and after the theme was resolved; None if it is not."""
    fixed = theme.resolved_at
    if fixed is None:
        return None
    times = [m.at for m in memberships.members(session, Scope(theme.workspace), theme.id)]
    before = sum(fixed - VERIFY_FOR < at <= fixed for at in times)
    return Held(theme, VERIFY_FOR.days, before, sum(fixed < at <= fixed + VERIFY_FOR for at in times))


def draw(deps: Deps, session: Session, letter: Letter) -> Outgoing | str:
    """The message as it is true now, or why it is pointless."""
    theme = themes.standing(session, letter.workspace, int(letter.payload["theme"]))
    place = theme_letters.place(deps, session, theme) if theme else None
    if theme is None or place is None:
        return "the theme is gone" if theme is None else "nobody is known who could be told: set ADMINS"
    if letter.method == HELD:
        found = volumes(session, theme)
        if found is None:
            return "it is not marked as fixed any more"
        shown = drawn.held(found)
    else:
        waiting = loop_drafts.waiting_of(session, theme.id)
        if not waiting:
            return "no reporter waits to be told any more"
        shown = drawn.waiting(theme, waiting)
    return Outgoing(place[0], shown.text, shown.blocks, place[1], letter.key)
