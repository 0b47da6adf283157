"""Names, dates and areas of themes, from their tickets' own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlmodel import Session

from bot.deps import Deps
from bot.flows.names import pseudonyms
from intelligence.clean import problem_text
from intelligence.model import DecidedBy, Scope
from intelligence.redact import redact
from intelligence.themes.naming import Words, name_themes
from storage import analyses, themes, tickets

UNNAMED = "New theme"
EMPTY = "No tickets left"
NAMING_TICKETS = 40
CONTRAST_THEMES = 60  # the newest others, whose phrases tell which words are ordinary here


def rename(deps: Deps, session: Session, workspace: str, theme_ids: Collection[int]) -> int:
    """Name these themes from their tickets' words, except those that a person has named; how many got a new title."""
    titles = themes.titles(session, workspace)
    for theme_id in theme_ids:
        if theme_id in titles and titles[theme_id][1] is not DecidedBy.MACHINE:
            themes.update(session, theme_id, area=area_of(session, workspace, theme_id))
    wanted = [t for t in theme_ids if t in titles and titles[t][1] is DecidedBy.MACHINE]
    if not wanted:
        return 0
    words = {theme_id: _words(deps, session, workspace, theme_id) for theme_id in wanted}
    words = {theme_id: found for theme_id, found in words.items() if found}
    taken = {title for theme_id, (title, _, _) in titles.items() if theme_id not in words}
    renamed = 0
    others = [theme_id for theme_id in sorted(titles, reverse=True) if theme_id not in words][:CONTRAST_THEMES]
    background = [". ".join(themes.phrases(session, theme_id)) for theme_id in others]
    for theme_id, name in name_themes(words, taken=taken, background=background).items():
        themes.update(
            session,
            theme_id,
            title=name.title,
            description=name.description,
            phrases=list(name.phrases),
            area=area_of(session, workspace, theme_id),
        )
        renamed += name.title != titles[theme_id][0]
    return renamed


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
    members = themes.members(session, Scope(workspace), theme_id)[:NAMING_TICKETS]
    return words_of(deps, session, workspace, {m.ticket_id: m.similarity for m in members})


def words_of(deps: Deps, session: Session, workspace: str, similarities: Mapping[int, float]) -> list[Words]:
    """What tickets say, masked, with how close each is to its theme."""
    texts = texts_of(deps, session, workspace, list(similarities))
    return [Words(texts[ticket], similarity) for ticket, similarity in similarities.items() if ticket in texts]


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
    ids = [m.ticket_id for m in themes.members(session, scope, theme_id)]
    found = Counter(label.area for label in analyses.labels(session, scope, ids).values() if label.area)
    if not found:
        return None
    area, count = found.most_common(1)[0]
    return area if count * 3 >= len(ids) else None


def date(session: Session, theme_ids: Iterable[int]) -> None:
    """Set first and last ticket times of themes, and whether they came from history alone."""
    for theme_id, extent in themes.extents(session, set(theme_ids)).items():
        themes.update(session, theme_id, first_at=extent.first, last_at=extent.last, history=extent.history)
