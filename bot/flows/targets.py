"""Where the issues of a theme go: to the tracker, or to its place for what a help page should answer."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session

from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import routing
from integrations.trackers.port import Tracker
from intelligence.model import Audience, Theme
from storage.tracked_issues import DOCS, MAIN, Tracked


def address(tracker: Tracker) -> str:
    """A tracker's place, told apart from every other: an issue's number is another one's elsewhere."""
    return f"{tracker.name} {tracker.place}".lower()


def tracker_for(deps: Deps, target: str) -> Tracker:
    """Where a new issue of a target goes; that of the documentation has a place of its own or shares the tracker's.

    Raises BadInput where no tracker is connected.
    """
    tracker = deps.docs_tracker if target == DOCS and deps.docs_tracker is not None else deps.tracker
    if tracker is None:
        raise BadInput(problem="No tracker is connected.", fix="Copy as issue gives you the Markdown.")
    return tracker


def tracker_of(deps: Deps, row: Tracked) -> Tracker | None:
    """Where an issue is; None where the settings lead to another place now. What has no place was opened at the
    tracker's.
    """
    if row.place is None:
        return deps.tracker
    return next((tracker for tracker in connected(deps) if address(tracker) == row.place), None)


def connected(deps: Deps) -> Iterator[Tracker]:
    """Every place that is connected."""
    return (tracker for tracker in (deps.tracker, deps.docs_tracker) if tracker is not None)


def target_of(deps: Deps, session: Session, theme: Theme) -> str:
    """A theme of questions is a matter of the documentation, if that has a place of its own."""
    if deps.docs_tracker is None:
        return MAIN
    return DOCS if routing.audience_of(session, theme.workspace, theme.id) is Audience.DOCS else MAIN


def target_named(deps: Deps, typed: str) -> str:
    """The target whose place an issue belongs to, as a person called it ("DOCS-12")."""
    main, docs = deps.tracker, deps.docs_tracker
    return DOCS if docs is not None and docs.owns(typed) and not (main is not None and main.owns(typed)) else MAIN
