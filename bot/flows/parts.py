"""What a theme is made of: the tickets that could leave it together, by its history, by the nightly pass, by meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlmodel import Session

from bot.answers import Quote
from bot.deps import Deps
from bot.edits import Edit, Part
from bot.flows import naming, quotes
from bot.flows.names import pseudonyms
from intelligence.model import Scope, Theme
from intelligence.themes.naming import name_themes
from storage import analyses, memberships, theme_edits, theme_events, themes, tickets, vectors, workspaces

KIND: Final = "parts"
MOST_PARTS: Final = 8
_SMALLEST_THEME: Final = 4  # with fewer tickets there is nothing to take apart by meaning
_MOST_TICKETS: Final = 4_000  # the newest that are compared with each other
_SAME: Final = 0.8  # share of common tickets from which on two parts are one
_APART: Final = (0.10, 0.05, 0.0)  # margins between parts: as strict as at night, then looser, because somebody asked


@dataclass(frozen=True, slots=True)
class Group:
    """Tickets that could leave; `former` is the theme they were before they were merged into this one."""

    tickets: tuple[int, ...]
    former: int | None = None


def groups(deps: Deps, session: Session, theme: Theme) -> list[Group]:
    """The groups of a theme, those it was made of first; they may overlap, because they come from different sources."""
    home = theme_edits.at_home(session, theme.id)
    here = set(home)
    found: list[Group] = []
    for candidate in (*_merged(session, theme), *_proposed(session, theme), *_by_meaning(deps, session, theme, home)):
        kept = tuple(ticket for ticket in candidate.tickets if ticket in here)
        if 0 < len(kept) < len(here) and not any(_alike(kept, other.tickets) for other in found):
            found.append(Group(kept, candidate.former))
    return found[:MOST_PARTS]


def _merged(session: Session, theme: Theme) -> list[Group]:
    """What came from other themes, the newest first: a wrong merge is taken apart as it was put together."""
    events = theme_edits.events(session, [theme.id], kinds=[Edit.MERGED])
    return [
        Group(tuple(event.data["tickets"]), int(event.data["absorbed"]))
        for event in reversed(events)
        if not event.undone and "tickets" in event.data
    ]


def _proposed(session: Session, theme: Theme) -> list[Group]:
    """What the nightly pass last proposed to take out."""
    events = theme_edits.events(session, [theme.id], kinds=["proposal"])
    stored = [event for event in events if not event.undone and "parts" in event.data]
    return [Group(tuple(part)) for part in stored[-1].data["parts"]] if stored else []


def _by_meaning(deps: Deps, session: Session, theme: Theme, home: Sequence[int]) -> list[Group]:
    """Communities of the tickets' own words and meaning, as the nightly pass would find them."""
    from intelligence.themes.division import divided  # networks and matrices: slow to import
    from intelligence.themes.grouping import Grouping

    found = vectors.of(session, deps.embedder.model, home[-_MOST_TICKETS:])
    ids = [ticket for ticket in home if ticket in found and found[ticket].any()]
    if len(ids) < _SMALLEST_THEME:
        return []
    texts = naming.texts_of(deps, session, theme.workspace, ids)
    matrix = np.stack([found[ticket] for ticket in ids])
    grouping = Grouping(matrix, [texts.get(ticket, "") for ticket in ids])
    whole = np.zeros(len(ids), np.int64)
    for margin in _APART:
        labels = divided(whole, matrix, grouping.features, apart=margin)
        if labels.max() > 0:
            sized = sorted(range(int(labels.max()) + 1), key=lambda label: int((labels == label).sum()))
            return [Group(tuple(ids[row] for row in np.flatnonzero(labels == label))) for label in sized]
    return []


def _alike(one: Sequence[int], other: Sequence[int]) -> bool:
    return len({*one} & {*other}) >= _SAME * len({*one, *other})


def shown(deps: Deps, session: Session, scope: Scope, theme: Theme, found: Sequence[Group]) -> tuple[Part, ...]:
    """The groups as people see them: a title, counts, and two quotes of each."""
    titles = _titles(deps, session, theme, found)
    members = {m.ticket_id: m for m in memberships.members(session, scope, theme.id)}
    parts: list[Part] = []
    for number, group in enumerate(found, 1):
        who = [members[ticket].who for ticket in group.tickets if ticket in members]
        known = {person for person in who if person is not None}
        said = _quotes(deps, session, scope, [t for t in members if t in set(group.tickets)])
        parts.append(Part(number, titles[number], len(group.tickets), len(known), who.count(None), said))
    return tuple(parts)


def _titles(deps: Deps, session: Session, theme: Theme, found: Sequence[Group]) -> dict[int, str]:
    words = {
        number: said
        for number, group in enumerate(found, 1)
        if (said := naming.words_of(deps, session, theme.workspace, dict.fromkeys(group.tickets[-40:], 1.0)))
    }
    taken = {title for title, _, _ in themes.titles(session, theme.workspace).values()}
    named = name_themes(words, taken=taken, encode=naming.encoder(deps)) if words else {}
    titles = {number: named[number].title if number in named else naming.UNNAMED for number in range(1, len(found) + 1)}
    for number, group in enumerate(found, 1):
        former = themes.get(session, theme.workspace, group.former) if group.former is not None else None
        titles[number] = former.title if former else titles[number]
    return titles


def _quotes(deps: Deps, session: Session, scope: Scope, ticket_ids: Sequence[int]) -> tuple[Quote, ...]:
    """Two of them, the newest first, as the sources of the tickets allow."""
    newest = list(ticket_ids[:20])
    loaded = tickets.load(session, scope, newest)
    read = analyses.current(session, scope, newest)
    return quotes.choose(
        [loaded[t] for t in newest if t in loaded],
        {t: a.evidence for t, a in read.items()},
        {c.id: c.quotes for c in workspaces.channels(session, scope.workspace)},
        region=deps.settings.phone_region,
        people=pseudonyms(session, scope.workspace),
    )[0]


def keep(deps: Deps, session: Session, theme: Theme, found: Sequence[Group]) -> int:
    """Remember which tickets the numbered parts are, so that what was shown is what leaves; the event's id."""
    data = {"parts": [list(g.tickets) for g in found], "former": [g.former for g in found]}
    events = theme_edits.events(session, [theme.id], kinds=[KIND])
    if events and events[-1].data == data:
        return events[-1].id
    return theme_events.happened(session, theme.workspace, theme.id, KIND, "machine", data, deps.clock.now())


def kept(session: Session, theme: Theme, event_id: int) -> list[Group] | None:
    """The numbered parts of an earlier look; None where it is none of this theme's."""
    event = theme_events.event(session, theme.workspace, event_id)
    if event is None or event.theme_id != theme.id or event.kind != KIND:
        return None
    stored = zip(event.data["parts"], event.data["former"], strict=True)
    return [Group(tuple(part), former) for part, former in stored]
