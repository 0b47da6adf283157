"""Product areas listed and changed by people: every change shows what it moves, is audited, and can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlmodel import Session

from bot import area_grammar, grammar
from bot.answers import Done
from bot.answers_areas import AreaForm, AreaLine, AreaPreview, AreasView
from bot.deps import Deps
from bot.errors import BadInput, ChangedMeanwhile
from bot.flows import area_moves
from bot.flows.area_changes import Wanted, changed, find, notes, past, wanted_by, wanted_of
from bot.flows.area_moves import DAYS
from bot.grammar import Request
from bot.words import actor_words
from intelligence.model import Area, Scope
from storage import areas, workspaces

FOLLOWS: Final = f"Readings of the last {DAYS} days follow in the background; `areas` says how far they are."


def handle(number: int) -> str:
    """What `Done.undo` carries for a change of an area."""
    return f"area:{number}"


def listing(deps: Deps, scope: Scope) -> AreasView:
    """The areas with their tickets of the last days, as far as this person may see them."""
    now = deps.clock.now()
    with deps.db.read() as session:
        listed = areas.load(session, scope.workspace)
        numbers = areas.counts(session, scope, now - timedelta(days=DAYS), now + timedelta(seconds=1))
        sources = {c.id: c for c in workspaces.channels(session, scope.workspace) if c.area}
        run = area_moves.progress(session, scope.workspace)
    names = {area.name for area in listed}
    lines = tuple(
        AreaLine(area, numbers.get(area.name, 0), tuple(c.name for c in sources.values() if c.area == area.name))
        for area in listed
    )
    others = sorted(((n, k) for n, k in numbers.items() if n is not None and n not in names), key=lambda o: -o[1])
    return AreasView(lines, DAYS, sum(numbers.values()), numbers.get(None, 0), tuple(others), run)


def form(deps: Deps, scope: Scope, name: str | None) -> AreaForm:
    """An area as it stands, or a new one, for its window. Raises BadInput."""
    now = deps.clock.now()
    with deps.db.read() as session:
        area = find(areas.load(session, scope.workspace), name) if name else None
        numbers = areas.counts(session, scope, now - timedelta(days=DAYS), now + timedelta(seconds=1))
        return AreaForm(area, numbers.get(area.name, 0) if area else 0, DAYS, areas.newest(session, scope.workspace))


def typed(deps: Deps, scope: Scope, request: Request, *, by: str) -> object:
    """The answer to `areas` with an action that names an area. Raises BadInput."""
    workspace, args = scope.workspace, request.args
    if args["action"] == "edit" or "area" not in args:
        return form(deps, scope, args.get("area"))
    if args["action"] in area_grammar.PREVIEWED and "confirm" not in request.filters:
        with deps.db.read() as session:
            wanted = wanted_by(session, workspace, args)
            listed = changed(areas.load(session, workspace), wanted)
            told = notes(session, workspace, wanted)
        line = grammar.render(Request("areas", args, {"confirm": "yes"}))
        return AreaPreview(wanted.text, area_moves.effect(deps, workspace, listed, wanted.mapped), told, line)
    with deps.db.write() as session:
        return _make(deps, session, workspace, wanted_by(session, workspace, args), by=by)


def reassign(deps: Deps, scope: Scope, days: int, *, by: str) -> Done:
    """Give the readings of so many days their areas anew."""
    with deps.db.write() as session:
        data = {"text": f"areas of {days} days assigned anew"}
        version = areas.note(session, scope.workspace, by, "", data, deps.clock.now())
        area_moves.start(deps, session, scope.workspace, version, days=days)
    told = f"The readings of the last {days} days get their areas anew; `areas` says how far they are."
    return Done(told, details=("Imported areas, mapped channels and people's corrections stay.",))


def save(deps: Deps, scope: Scope, name: str | None, area: Area, *, by: str, seen: int) -> Done:
    """Keep what a window holds. Raises BadInput, and ChangedMeanwhile where somebody else was quicker."""
    with deps.db.write() as session:
        newer = [c for c in areas.changes(session, scope.workspace, seen) if c.name == name and c.actor != by]
        if name and newer:
            told = "; ".join(f"{name} was {c.data.get('text', 'changed')} by {actor_words(c.actor)}" for c in newer)
            redo = grammar.render(Request("areas", {"action": "edit", "area": name}))
            raise ChangedMeanwhile(changes=told, redo=redo)
        return _make(deps, session, scope.workspace, wanted_of(session, scope.workspace, name, area), by=by)


def preview_of(deps: Deps, scope: Scope, name: str | None, area: Area, version: int) -> AreaForm:
    """The window's form with what its contents would move. Raises BadInput."""
    with deps.db.read() as session:
        wanted = wanted_of(session, scope.workspace, name, area)
        listed = changed(areas.load(session, scope.workspace), wanted)
    standing = form(deps, scope, name)
    found = area_moves.effect(deps, scope.workspace, listed, wanted.mapped)
    return replace(standing, area=wanted.new, version=version, preview=found)


def done_by(deps: Deps, workspace: str, number: int) -> str | None:
    """Who made a change; None if there is no such change."""
    with deps.db.read() as session:
        found = areas.change(session, workspace, number)
    return found.actor if found else None


def undo(deps: Deps, scope: Scope, number: int, *, by: str) -> Done:
    """Put back what a person changed. Raises BadInput where it was taken back before or changed again."""
    with deps.db.write() as session:
        found = areas.change(session, scope.workspace, number)
        if found is None or "after" not in found.data:
            raise BadInput(problem="This cannot be taken back.", fix="See `areas` for how they stand.")
        if areas.taken_back(session, scope.workspace, number):
            raise BadInput(problem="This was taken back before.", fix="See `areas` for how they stand.")
        before, after = found.data["before"], found.data["after"]
        old, new = (areas.from_data(d) if d else None for d in (after, before))
        now_mapped = {c.id: c.area for c in workspaces.channels(session, scope.workspace)}
        channels: Mapping[str, list[str | None]] = found.data["mapped"]
        mapped = {c: was for c, (was, became) in channels.items() if now_mapped.get(c) == became}
        wanted = Wanted(old, new, f"Taken back: {found.data['text']}", mapped, found.data["place"])
        return _make(deps, session, scope.workspace, wanted, by=by, undo_of=number)


def _make(deps: Deps, session: Session, workspace: str, wanted: Wanted, *, by: str, undo_of: int | None = None) -> Done:
    """Write a change, audit it, and let the readings follow."""
    listed, now = areas.load(session, workspace), deps.clock.now()
    standing = {c.id: c.area for c in workspaces.channels(session, workspace)}
    mapped = {c: [standing.get(c), area] for c, area in wanted.mapped.items() if standing.get(c) != area}
    old, new = wanted.old, wanted.new
    if old == new and not mapped:
        return Done("Nothing was changed.")
    areas.save(session, workspace, changed(listed, wanted), by=by, now=now)
    for channel, (_, area) in mapped.items():
        areas.map_channel(session, workspace, channel, area)
    data: dict[str, Any] = {
        "text": past(wanted),
        "before": areas.as_data(old) if old else None,
        "after": areas.as_data(new) if new else None,
        "mapped": mapped,
        "place": listed.index(old) if old in listed else len(listed),
    }
    data |= {"undo_of": undo_of} if undo_of else {}
    subject = old or new
    version = areas.note(session, workspace, by, subject.name if subject else "", data, now)
    details = _follow(deps, session, workspace, version, wanted, mapped)
    told = f"{wanted.text}." if undo_of else f"{data['text'][:1].upper()}{data['text'][1:]}."
    return Done(told, undo=handle(version), details=details)


def _follow(
    deps: Deps, session: Session, workspace: str, version: int, wanted: Wanted, mapped: Mapping[str, Any]
) -> tuple[str, ...]:
    """What stored readings do after a change: they get the new name, or are assigned anew."""
    old, new = wanted.old, wanted.new
    renamed = old is not None and new is not None and old.name != new.name
    if old is not None and new is not None and renamed:
        area_moves.rename(deps, session, workspace, version, old.name, new.name)
    same_marks = old is not None and new is not None and (old.words, old.examples) == (new.words, new.examples)
    if same_marks and (renamed or not mapped):
        return ("Its tickets get the new name in the background.",) if renamed else ()
    if old is None and new is None and not mapped:
        return ()
    area_moves.start(deps, session, workspace, version)
    return (FOLLOWS,)
