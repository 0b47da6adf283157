"""A theme is taken apart: one part leaves as a theme of its own, and stays apart through every re-clustering."""

from __future__ import annotations

from typing import Final

from sqlmodel import Session

from bot.answers import Done
from bot.blocks.parts import clean
from bot.deps import Deps
from bot.edits import Edit, SplitPreview
from bot.errors import BadInput
from bot.flows import alert, edits, naming, parts
from bot.flows.cards import find_theme
from bot.flows.parts import Group
from bot.words import count
from intelligence.model import Scope, Theme
from storage import memberships, theme_edits, themes
from storage.theme_edits import Snapshot
from storage.theme_events import Event

_DEPENDS: Final = (Edit.MERGED, Edit.SPLIT)
_OF_THE_NEW: Final = (*_DEPENDS, Edit.RENAMED, Edit.PLANNED, "resolved")


def preview(deps: Deps, scope: Scope, key: str, chosen: int | None = None) -> SplitPreview:
    """The parts of a theme with titles and quotes. Raises ThemeNotFound; BadInput where it has none.

    Grouping takes its time, so nothing is locked meanwhile: a part that was shown is checked against `version` at the end.
    """
    with deps.db.read() as session:
        theme = find_theme(session, scope.workspace, key)
        found = parts.groups(deps, session, theme)
        if not found:
            raise _whole(theme)
        if chosen is not None and not 1 <= chosen <= len(found):
            raise BadInput(problem=f"{theme.key} has {count(len(found), 'part')}.", fix=f"See `split {theme.key}`.")
        size, version = len(theme_edits.at_home(session, theme.id)), edits.version(session, [theme.id])
        shown = parts.shown(deps, session, scope, theme, found)
    with deps.db.write() as session:
        kept = parts.keep(deps, session, theme, found)
    return SplitPreview(theme, size, shown, kept, version, chosen)


def _whole(theme: Theme) -> BadInput:
    return BadInput(
        problem=f"I see no parts in {theme.key}: its tickets say the same, or they are too few.",
        fix=f"Move single tickets with `move 17 new`, or from the evidence of `theme {theme.key}`.",
    )


def split_theme(
    deps: Deps, scope: Scope, key: str, part: int, *, by: str, event: int | None = None, seen: int | None = None
) -> Done:
    """Let a part (its number in the preview `event`; None: as the parts are now) leave as a theme of its own.

    Raises ThemeNotFound, BadInput, ChangedMeanwhile.
    """
    now = _parts_now(deps, scope, key) if event is None else []
    with deps.db.write() as session:
        (theme,) = edits.theme_to_edit(session, scope.workspace, key)
        edits.check_unchanged(session, [theme], seen, by=by, redo=f"split {theme.key}")
        found = parts.kept(session, theme, event) if event is not None else now
        if not found or not 1 <= part <= len(found):
            raise (
                _whole(theme)
                if not found
                else BadInput(problem=f"{theme.key} has {count(len(found), 'part')}.", fix=f"See `split {theme.key}`.")
            )
        return _leave(deps, session, theme, found[part - 1], by)


def _parts_now(deps: Deps, scope: Scope, key: str) -> list[Group]:
    with deps.db.read() as session:
        return parts.groups(deps, session, find_theme(session, scope.workspace, key))


def _leave(deps: Deps, session: Session, theme: Theme, group: Group, by: str) -> Done:
    workspace, now = theme.workspace, deps.clock.now()
    home = theme_edits.at_home(session, theme.id)
    leaving = [ticket for ticket in home if ticket in set(group.tickets)]
    if not leaving or len(leaving) == len(home):
        raise BadInput(problem="These tickets have left already.", fix=f"See `split {theme.key}` as it is now.")
    before = theme_edits.snapshot(session, workspace, leaving, [theme.id])
    made = themes.give_birth(session, workspace, now, first_at=now, title=naming.UNNAMED)
    theme_edits.settle_many(session, workspace, leaving, made, by=by, now=now)
    theme_edits.say_many(session, workspace, leaving, made, must=True, by=by, now=now)
    theme_edits.say_many(session, workspace, leaving, theme.id, must=False, by=by, now=now)
    theme_edits.keep_apart(session, workspace, theme.id, made, by=by, now=now)
    themes.seen(session, [theme.id, made])
    naming.date(session, [theme.id, made])
    _name(deps, session, workspace, made, group)
    born = themes.get(session, workspace, made)
    assert born is not None
    moved = count(len(leaving), "ticket")
    data = {
        "text": f"split: {moved} became {born.key} “{clean(born.title)}”",
        "made": made,
        "tickets": leaving,
        "before": before.as_json(),
    }
    event = edits.note(deps, session, theme, Edit.SPLIT, by, data, twins={made: f"split from {theme.key}"})
    memberships.touched(session, workspace)
    alert.grown(deps, session, workspace, [theme.id])
    told = f"{moved} left {theme.key} and are {born.key} “{clean(born.title)}” now. I will not put them together again."
    return Done(told, undo=edits.handle(event), theme=born, details=(f"{theme.key} keeps {len(home) - len(leaving)}.",))


def _name(deps: Deps, session: Session, workspace: str, made: int, group: Group) -> None:
    """A part that was a theme before keeps that title; its words are read all the same."""
    naming.rename(deps, session, workspace, [made])
    former = themes.get(session, workspace, group.former) if group.former is not None else None
    if former is not None:
        themes.update(session, made, title=former.title, title_by=theme_edits.title_by(session, former.id))


def take_back(deps: Deps, session: Session, theme: Theme, event: Event, by: str) -> Done:
    """The part is back; its number leads to the theme from now on. Raises BadInput where something depends on it."""
    made, before = int(event.data["made"]), Snapshot.of_json(event.data["before"])
    born = themes.get(session, theme.workspace, made)
    assert born is not None
    edits.no_later(session, event, [made], _OF_THE_NEW, born.key)
    edits.no_later(session, event, [theme.id], _DEPENDS, theme.key)
    edits.no_moved_ticket(session, event, [theme.id, made], before.tickets)
    themes.absorb(session, theme.workspace, theme.id, made)
    theme_edits.restore(session, theme.workspace, before)
    theme_edits.allow_together(session, theme.id, made)
    memberships.touched(session, theme.workspace)
    alert.grown(deps, session, theme.workspace, [theme.id])
    size = memberships.size(session, Scope(theme.workspace), theme.id)
    said = f"{theme.key} has its {count(size, 'ticket')} again, and {born.key} leads there."
    return edits.took_back(deps, session, theme, event, by, said)
