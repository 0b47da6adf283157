"""What a typed line or a window asks of the product areas, checked against how they stand. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sqlmodel import Session

from bot import area_grammar
from bot.area_grammar import NONE
from bot.errors import BadInput
from bot.words import count
from intelligence.model import TICKET_ROLES, Area, Visibility
from storage import areas, workspaces

MOST_AREAS: Final = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change: `old` (None: nothing) becomes `new` (None: gone) at `place`; channels get another mapping."""

    old: Area | None
    new: Area | None
    text: str
    mapped: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    place: int | None = None


def changed(listed: tuple[Area, ...], wanted: Wanted) -> list[Area]:
    """The list after a change. Raises BadInput where it does not stand as the change expects."""
    made = list(listed)
    old, new = wanted.old, wanted.new
    if old is not None and old not in made:
        raise BadInput(problem=f"{old.name} was changed after that.", fix="See `areas` for how it stands.")
    if new is not None and new != old:
        _free(listed, new.name, old)
    if old is not None:
        place = made.index(old)
        made[place : place + 1] = [new] if new is not None else []
    elif new is not None:
        made.insert(len(made) if wanted.place is None else wanted.place, new)
    if len(made) > MOST_AREAS:
        raise BadInput(problem=f"There are {len(listed)} areas.", fix=f"A list has at most {MOST_AREAS}; remove one.")
    return made


def past(wanted: Wanted) -> str:
    """The change as its audit and the lists of changes say it."""
    old, new = wanted.old, wanted.new
    if old == new:
        return wanted.text[:1].lower() + wanted.text[1:]
    if old is None and new is not None:
        return f"added {new.name}" + (f" with {count(len(new.words), 'word')}" if new.words else "")
    if new is None and old is not None:
        return f"removed {old.name}"
    assert old is not None and new is not None
    told = [f"renamed {old.name} to {new.name}"] if old.name != new.name else []
    told += [f"words of {new.name} are {', '.join(new.words) or 'none'}"] if old.words != new.words else []
    told += [f"{new.name} has {count(len(new.examples), 'example')}"] if old.examples != new.examples else []
    told += [f"{new.name} has {'an' if new.owner else 'no'} owner now"] if old.owner != new.owner else []
    if old.channel != new.channel:
        told.append(f"alerts of {new.name} go to {f'<#{new.channel}>' if new.channel else 'the channel of their team'}")
    return "; ".join(told)


def wanted_of(session: Session, workspace: str, name: str | None, area: Area) -> Wanted:
    """What a window asks for: one area with everything it may have. Raises BadInput."""
    listed = areas.load(session, workspace)
    old = find(listed, name) if name else None
    _free(listed, area.name, old)
    if area.channel:
        area = replace(area, channel=_alerts_channel(session, workspace, area.channel))
    renamed = old is not None and old.name != area.name
    mapped = _sources(session, workspace, old.name, area.name) if old and renamed else {}
    return Wanted(old, area, f"Changes {old.name}" if old else f"Adds {area.name}", mapped)


def find(listed: tuple[Area, ...], name: str) -> Area:
    """The area that people call so, in any case. Raises BadInput."""
    plain = name.casefold()
    found = next((area for area in listed if area.name.casefold() == plain), None)
    if found is None:
        there = ", ".join(area.name for area in listed[:12])
        fix = (
            f"There are {there}." if there else "`areas propose` suggests some, `areas add Billing: invoice` makes one."
        )
        raise BadInput(problem=f'There is no area "{name}".', fix=fix)
    return found


def _free(listed: tuple[Area, ...], name: str, own: Area | None) -> None:
    if any(area.name.casefold() == name.casefold() and area != own for area in listed):
        raise BadInput(problem=f"There is an area {name} already.", fix=f"`areas edit {name}` changes it.")


def wanted_by(session: Session, workspace: str, args: Mapping[str, str]) -> Wanted:
    """What a typed line asks for. Raises BadInput."""
    listed, action, value = areas.load(session, workspace), args["action"], args.get("value", "")
    if action == "add":
        _free(listed, args["area"], None)
        new = Area(args["area"], area_grammar.words_of(value))
        return Wanted(None, new, f"Adds {new.name}: {', '.join(new.words) or 'no words yet'}")
    if action == "map":
        return _mapping(session, workspace, listed, args["area"], value)
    old = find(listed, args["area"])
    match action:
        case "rename":
            _free(listed, value, old)
            mapped = _sources(session, workspace, old.name, value)
            return Wanted(old, replace(old, name=value), f"Renames {old.name} to {value}", mapped)
        case "words":
            words = () if value == NONE else area_grammar.words_of(value)
            told = f"Words of {old.name} become {', '.join(words) or 'none: its name alone marks it'}"
            return Wanted(old, replace(old, words=words), told)
        case "examples":
            examples = () if value == NONE else area_grammar.examples_of(value)
            return Wanted(old, replace(old, examples=examples), f"{old.name} gets {count(len(examples), 'example')}")
        case "owner":
            owner = None if value == NONE else value
            return Wanted(old, replace(old, owner=owner), f"Owner of {old.name}")
        case "channel":
            channel = None if value == NONE else _alerts_channel(session, workspace, value)
            return Wanted(old, replace(old, channel=channel), f"Channel of {old.name}")
        case _:
            return Wanted(old, None, f"Removes {old.name}", _sources(session, workspace, old.name, None))


def _sources(session: Session, workspace: str, old: str, new: str | None) -> dict[str, str | None]:
    return {c.id: new for c in workspaces.channels(session, workspace) if c.area == old}


def _mapping(session: Session, workspace: str, listed: tuple[Area, ...], name: str, typed_channel: str) -> Wanted:
    channel = _channel(session, workspace, typed_channel)
    if channel.role not in TICKET_ROLES:
        fix = f"Choose what it is for first: `channel #{channel.name} support`."
        raise BadInput(problem=f"#{channel.name} is not read.", fix=fix)
    area = None if name == NONE else find(listed, name)
    told = f"Tickets of #{channel.name} are in {area.name if area else 'whichever area they are nearest to'}"
    return Wanted(area, area, told, {channel.id: area.name if area else None})


def _channel(session: Session, workspace: str, wanted: str) -> workspaces.Channel:
    found = workspaces.channels(session, workspace)
    chosen = next((c for c in found if wanted.lstrip("#") in {c.id, c.name}), None)
    if chosen is None:
        raise BadInput(problem=f"{wanted} is not among the channels I know.", fix="Invite me there in Slack first.")
    return chosen


def _alerts_channel(session: Session, workspace: str, wanted: str) -> str:
    """The id of a channel that may hear alerts: we are in it, and no customers are."""
    channel = _channel(session, workspace, wanted)
    if channel.visibility is Visibility.SHARED:
        fix = "Choose an internal channel for alerts."
        raise BadInput(problem=f"Customers read #{channel.name}; alerts tell of all customers.", fix=fix)
    if not channel.member:
        raise BadInput(problem=f"I am not in #{channel.name}.", fix="Invite me there: `/invite @Ticket Intel`.")
    return channel.id


def notes(session: Session, workspace: str, wanted: Wanted) -> tuple[str, ...]:
    """What else a person should know before a change."""
    new, told = wanted.new, list[str]()
    others = [area for area in areas.load(session, workspace) if area not in {wanted.old, new}]
    for word in new.words if new is not None and new != wanted.old else ():
        both = next((o.name for o in others if word.casefold() in {w.casefold() for w in o.words}), None)
        told += [f"“{word}” is a word of {both} too: such tickets go where more words fit."] if both else []
    if new is None and wanted.old is not None and wanted.old.channel:
        told.append("Its alerts go to the channel of their team again.")
    if new is None and wanted.mapped:
        told.append(f"The mapping of {count(len(wanted.mapped), 'channel')} goes with it.")
    return tuple(told)
