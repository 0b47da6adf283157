"""Names, dates and areas of themes, from their tickets' own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from bot.deps import Deps
from bot.flows.names import pseudonyms
from intelligence.clean import problem_text
from intelligence.encoder.minilm import MODEL
from intelligence.model import DecidedBy, Scope
from intelligence.redact import redact
from intelligence.themes.naming import ThemeName, Words, name_themes
from intelligence.themes.titles import Encode, middle_of_theme
from storage import analyses, memberships, theme_volumes, themes, tickets, vectors

UNNAMED = "New theme"
EMPTY = "No tickets left"
NAMING_TICKETS = 40
CONTRAST_TICKETS = 6  # of each of the others: about where it lies
CONTRAST_THEMES = 60  # the newest others, whose phrases tell which words are ordinary here


@dataclass(frozen=True, slots=True)
class Given:
    """The name that a theme should have (None where a person has named it), and its area."""

    name: ThemeName | None
    area: str | None


def rename(deps: Deps, session: Session, workspace: str, theme_ids: Collection[int]) -> int:
    """Name these themes from their tickets' words, except those that a person has named; how many got a new title."""
    return give(session, workspace, decide(deps, session, workspace, theme_ids))


def rename_apart(deps: Deps, workspace: str, grown: Collection[int], among: Collection[int]) -> None:
    """`rename` for those that have grown and those `among` these that have no name yet, thinking outside of the
    transaction: words of forty tickets take half a second, in which others must write.

    Where memberships or words changed meanwhile it is thought again within, so that no word that is gone comes back.
    """
    with deps.db.read() as session:
        version = memberships.version(session, workspace, hold=False)
        titles = themes.titles(session, workspace)
        wanted = sorted({*grown, *(t for t in among if t in titles and titles[t][0] == UNNAMED)})
        names = decide(deps, session, workspace, wanted) if wanted else {}
    if not names:
        return
    with deps.db.write() as session:
        if memberships.version(session, workspace) != version:
            names = decide(deps, session, workspace, wanted)
        give(session, workspace, names)


def decide(deps: Deps, session: Session, workspace: str, theme_ids: Collection[int]) -> dict[int, Given]:
    """The names and areas that these themes should have, where they have words or a person's name. Writes nothing.

    A title that the machine gave stays until another one is clearly better.
    """
    titles = themes.titles(session, workspace)
    theirs = [t for t in theme_ids if t in titles and titles[t][1] is not DecidedBy.MACHINE]
    given = {theme_id: Given(None, area_of(session, workspace, theme_id)) for theme_id in theirs}
    wanted = [t for t in theme_ids if t in titles and titles[t][1] is DecidedBy.MACHINE]
    words = {theme_id: _words(deps, session, workspace, theme_id) for theme_id in wanted}
    words = {theme_id: found for theme_id, found in words.items() if found}
    if not words:
        return given
    others = [theme_id for theme_id in sorted(titles, reverse=True) if theme_id not in words][:CONTRAST_THEMES]
    names = name_themes(
        words,
        taken={title for theme_id, (title, _, _) in titles.items() if theme_id not in words},
        background=[". ".join(themes.phrases(session, theme_id)) for theme_id in others],
        encode=encoder(deps),
        elsewhere=_middles(deps, session, others),
        current={theme_id: titles[theme_id][0] for theme_id in words if titles[theme_id][0] not in {UNNAMED, EMPTY}},
    )
    return given | {theme_id: Given(name, area_of(session, workspace, theme_id)) for theme_id, name in names.items()}


def give(session: Session, workspace: str, names: Mapping[int, Given]) -> int:
    """Write names down; how many themes got a new title.

    A title that somebody else has taken since, or a theme that a person has named since, keeps what it has.
    """
    titles = themes.titles(session, workspace)
    taken = {title.casefold() for theme_id, (title, _, _) in titles.items() if theme_id not in names}
    renamed = 0
    for theme_id, given in names.items():
        if theme_id not in titles:
            continue
        if titles[theme_id][1] is not DecidedBy.MACHINE:
            if given.name is None:
                themes.update(session, theme_id, area=given.area)
            continue
        if given.name is None:  # a person took the name back meanwhile: the next naming finds one
            continue
        name, before = given.name, titles[theme_id][0]
        title = before if name.title.casefold() in taken else name.title
        told = {"description": name.description, "phrases": list(name.phrases), "area": given.area}
        themes.update(session, theme_id, title=title, **told)
        taken.add(title.casefold())
        renamed += title != before
    return renamed


def encoder(deps: Deps) -> Encode | None:
    """What measures titles: the bundled encoder alone. A network would make every name wait, and cost money."""
    return deps.embedder.encode if deps.embedder.model == MODEL else None


def _middles(deps: Deps, session: Session, theme_ids: Sequence[int]) -> NDArray[np.float32] | None:
    """Where other themes lie, from some of their tickets."""
    if encoder(deps) is None:
        return None
    found = vectors.samples(session, deps.embedder.model, theme_ids, each=CONTRAST_TICKETS)
    return np.stack([middle_of_theme(rows) for rows in found.values()]) if found else None


def describe_anew(deps: Deps, session: Session, workspace: str, theme_id: int) -> None:
    """Nothing of a theme's own words stays: it is named again from the tickets that are left.

    A title that a person gave is kept; what the machine says of the theme is not.
    """
    title, by, _ = themes.titles(session, workspace)[theme_id]
    words = _words(deps, session, workspace, theme_id)
    themes.update(session, theme_id, description="", phrases=[])
    if by is DecidedBy.MACHINE:
        themes.update(session, theme_id, title=UNNAMED if words else EMPTY)
        rename(deps, session, workspace, [theme_id])
    elif words:
        name = name_themes({theme_id: words}, taken={title})[theme_id]
        themes.update(session, theme_id, description=name.description, phrases=list(name.phrases))


def _words(deps: Deps, session: Session, workspace: str, theme_id: int) -> list[Words]:
    members = memberships.members(session, Scope(workspace), theme_id)[:NAMING_TICKETS]
    return words_of(deps, session, workspace, {m.ticket_id: m.similarity for m in members})


def words_of(deps: Deps, session: Session, workspace: str, similarities: Mapping[int, float]) -> list[Words]:
    """What tickets say, masked, with how close each is to its theme and where it lies."""
    texts = texts_of(deps, session, workspace, list(similarities))
    found = vectors.of(session, deps.embedder.model, list(texts)) if encoder(deps) else {}
    placed = {ticket: row for ticket, row in found.items() if row.any()}  # zeros: a language that nobody reads here
    return [
        Words(texts[ticket], similarity, placed.get(ticket))
        for ticket, similarity in similarities.items()
        if ticket in texts
    ]


def texts_of(deps: Deps, session: Session, workspace: str, ticket_ids: Sequence[int]) -> dict[int, str]:
    """What tickets say, masked, by ticket."""
    loaded = tickets.load(session, Scope(workspace), ticket_ids)
    people = pseudonyms(session, workspace)
    region = deps.settings.phone_region
    return {
        ticket: redact(problem_text(loaded[ticket].messages), people=people, region=region).text
        for ticket in ticket_ids
        if ticket in loaded
    }


def area_of(session: Session, workspace: str, theme_id: int) -> str | None:
    """The product area of most of a theme's tickets, when it is a third of them or more."""
    scope = Scope(workspace)
    ids = [m.ticket_id for m in memberships.members(session, scope, theme_id)]
    found = Counter(label.area for label in analyses.labels(session, scope, ids).values() if label.area)
    if not found:
        return None
    area, count = found.most_common(1)[0]
    return area if count * 3 >= len(ids) else None


def date(session: Session, theme_ids: Iterable[int]) -> None:
    """Set first and last ticket times of themes, and whether they came from history alone."""
    for theme_id, extent in theme_volumes.extents(session, set(theme_ids)).items():
        themes.update(session, theme_id, first_at=extent.first, last_at=extent.last, history=extent.history)
