"""A person gives a theme its title, or says when it will be worked on."""

from __future__ import annotations

from typing import Any, Final

from sqlmodel import Session

from bot.answers import Done
from bot.blocks.parts import clean
from bot.deps import Deps
from bot.edits import Edit, EditForm
from bot.errors import BadInput
from bot.flows import edits
from bot.flows.cards import find_theme
from intelligence.model import DecidedBy, Scope, Theme
from storage import memberships, theme_edits, themes
from storage.theme_events import Event

MOST_TITLE: Final = 110
MOST_PLAN: Final = 40
_NO_PLAN: Final = frozenset({"none", "no", "off", "-", "clear", "never"})


def form(deps: Deps, scope: Scope, key: str) -> EditForm:
    """The theme as it stands, for changing its title or plan. Raises ThemeNotFound."""
    with deps.db.read() as session:
        theme = find_theme(session, scope.workspace, key)
        return EditForm(theme, memberships.size(session, scope, theme.id), edits.version(session, [theme.id]))


def rename_theme(deps: Deps, scope: Scope, key: str, title: str, *, by: str, seen: int | None = None) -> Done:
    """Give a theme a title that no machine changes again. Raises ThemeNotFound, BadInput, ChangedMeanwhile."""
    wanted = clean(title)
    if not 3 <= len(wanted) <= MOST_TITLE:
        raise BadInput(problem=f"A title has 3 to {MOST_TITLE} characters.", fix="For example: Export to Excel.")
    with deps.db.write() as session:
        (theme,) = edits.theme_to_edit(session, scope.workspace, key)
        edits.check_unchanged(session, [theme], seen, by=by, redo=f"rename {theme.key} {wanted}")
        before = theme_edits.title_by(session, theme.id)
        if theme.title == wanted and before is DecidedBy.PERSON:
            return Done(f"{theme.key} is already called “{wanted}”.", theme=theme)
        data = {"text": f"renamed from “{theme.title}” to “{wanted}”", "title": theme.title, "title_by": before}
        event = edits.note(deps, session, theme, Edit.RENAMED, by, data, twins={})
        themes.update(session, theme.id, title=wanted, title_by=DecidedBy.PERSON, provisional=False)
        edits.redraw_alerts(deps, session, theme, f"renamed:{event}")
        renamed = themes.get(session, scope.workspace, theme.id)
    return Done(f"{theme.key} is now called “{wanted}”.", undo=edits.handle(event), theme=renamed)


def plan_theme(deps: Deps, scope: Scope, key: str, when: str, *, by: str, seen: int | None = None) -> Done:
    """Say when a theme will be worked on ("none": not planned). Raises ThemeNotFound, BadInput, ChangedMeanwhile."""
    wanted = clean(when)
    if not 1 <= len(wanted) <= MOST_PLAN:
        raise BadInput(problem=f"A plan has 1 to {MOST_PLAN} characters.", fix="For example: Q2, or none.")
    planned = None if wanted.casefold() in _NO_PLAN else wanted
    with deps.db.write() as session:
        (theme,) = edits.theme_to_edit(session, scope.workspace, key)
        edits.check_unchanged(session, [theme], seen, by=by, redo=f"plan {theme.key} {wanted}")
        told = f"planned for {planned}" if planned else "taken off the plan"
        if theme.roadmap == planned:
            return Done(f"{theme.key} is already {told}." if planned else f"{theme.key} has no plan.", theme=theme)
        data = {"text": told, "roadmap": theme.roadmap}
        event = edits.note(deps, session, theme, Edit.PLANNED, by, data, twins={})
        themes.update(session, theme.id, roadmap=planned, provisional=False)
        edits.redraw_alerts(deps, session, theme, f"planned:{event}")
        changed = themes.get(session, scope.workspace, theme.id)
    shown = " Whoever asks whether it is known hears so." if planned else ""
    return Done(f"{theme.key} is {told}.{shown}", undo=edits.handle(event), theme=changed)


def save(deps: Deps, scope: Scope, key: str, title: str, plan: str, *, by: str, seen: int) -> Done:
    """Both at once, as a window has them; an empty plan is none. Raises as the two do."""
    with deps.db.read() as session:
        theme = find_theme(session, scope.workspace, key)
    told: list[Done] = []
    if clean(title) != clean(theme.title):
        told.append(rename_theme(deps, scope, key, title, by=by, seen=seen))
    if clean(plan) != clean(theme.roadmap or ""):
        told.append(plan_theme(deps, scope, key, plan or "none", by=by, seen=seen))
    if not told:
        return Done(f"{theme.key} is as it was.", theme=theme)
    text = " ".join(done.text for done in told)
    return Done(text, undo=told[-1].undo if len(told) == 1 else None, theme=told[-1].theme)


def take_back(deps: Deps, session: Session, theme: Theme, event: Event, by: str) -> Done:
    """The title or the plan is what it was. Raises BadInput where it was changed again."""
    edits.no_later(session, event, [theme.id], [event.kind], theme.key)
    data: dict[str, Any] = dict(event.data)
    if event.kind == Edit.RENAMED:
        themes.update(session, theme.id, title=data["title"], title_by=DecidedBy(data["title_by"]))
        return edits.took_back(deps, session, theme, event, by, f"{theme.key} is called “{data['title']}” again.")
    themes.update(session, theme.id, roadmap=data["roadmap"])
    stands = f"planned for {data['roadmap']}" if data["roadmap"] else "without a plan"
    return edits.took_back(deps, session, theme, event, by, f"{theme.key} is {stands} again.")
