"""Areas that a workspace's history suggests: its themes, and the names that imports brought, as a handful of areas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from sqlmodel import Session

from bot import area_grammar, grammar
from bot.answers import Quote
from bot.answers_areas import AreaProposals, ProposedArea
from bot.deps import Deps
from bot.flows import naming, quotes
from bot.flows.names import pseudonyms
from bot.grammar import Request
from intelligence.areas import Subject, Suggestion, suggest
from intelligence.model import Scope
from storage import analyses, areas, memberships, theme_volumes, themes, tickets, vectors, workspaces

DAYS: Final = 90
MOST_THEMES: Final = 40  # the largest
SAMPLE: Final = 12  # newest tickets of a theme whose words are read
FEWEST: Final = 5  # tickets of a theme, or of an imported name
QUOTES: Final = 2
TITLES: Final = 3


@dataclass(frozen=True, slots=True)
class _Sample:
    """A subject's name (where an import gave it one), its title, size, and newest tickets."""

    key: int
    title: str
    tickets: int
    newest: tuple[int, ...]
    name: str | None = None


def propose(deps: Deps, scope: Scope) -> AreaProposals:
    """Areas for what is in no listed area, with counts and examples that this person may see."""
    now = deps.clock.now()
    start, end = now - timedelta(days=DAYS), now + timedelta(seconds=1)
    with deps.db.read() as session:
        listed = [area.name for area in areas.load(session, scope.workspace)]
        numbers = areas.counts(session, scope, start, end)
        names = [(n, k) for n, k in numbers.items() if n is not None and n not in listed and k >= FEWEST]
        found = [
            _Sample(-place, name, number, tuple(areas.tickets_in(session, scope, name, start, SAMPLE)), name)
            for place, (name, number) in enumerate(sorted(names, key=lambda pair: (-pair[1], pair[0])), 1)
        ]
        found += _themes(session, scope, start, end)
        subjects = _subjects(deps, session, scope.workspace, found)
    suggested = suggest(subjects, listed)
    with deps.db.read() as session:
        proposals = tuple(_proposed(deps, session, scope, one, {s.key: s for s in found}) for one in suggested)
    return AreaProposals(proposals, DAYS, sum(k for n, k in numbers.items() if n not in listed))


def _themes(session: Session, scope: Scope, start: datetime, end: datetime) -> list[_Sample]:
    """The largest themes most of whose tickets are in no area."""
    counted = theme_volumes.counts(session, scope, start, end).values()
    largest = sorted((c for c in counted if c.tickets >= FEWEST), key=lambda c: (-c.tickets, c.theme_id))
    standing = themes.load(session, scope.workspace)
    made: list[_Sample] = []
    for entry in largest[:MOST_THEMES]:
        theme = standing.get(entry.theme_id)
        ids = [m.ticket_id for m in memberships.members(session, scope, entry.theme_id)][:SAMPLE]
        held = Counter(label.area for label in analyses.labels(session, scope, ids).values())
        if theme is not None and held and 2 * held[None] > sum(held.values()):
            made.append(_Sample(theme.id, theme.title, entry.tickets, tuple(ids)))
    return made


def _subjects(deps: Deps, session: Session, workspace: str, found: Sequence[_Sample]) -> list[Subject]:
    every = sorted({ticket for one in found for ticket in one.newest})
    texts = naming.texts_of(deps, session, workspace, every)
    known = vectors.of(session, deps.embedder.model, every)
    made: list[Subject] = []
    for one in found:
        said = tuple(texts[t] for t in one.newest if t in texts)
        there = [known[t] for t in one.newest if t in known]
        middle = np.mean(there, axis=0) if there else np.zeros(deps.embedder.dim, np.float32)
        if said and middle.any():
            made.append(Subject(one.key, one.title, one.tickets, said, middle.astype(np.float32), one.name))
    return made


def _proposed(deps: Deps, session: Session, scope: Scope, one: Suggestion, samples: dict[int, _Sample]) -> ProposedArea:
    words = area_grammar.said(area_grammar.words_of(", ".join(one.words)), ",")
    request = Request(
        "areas", {"action": "add", "area": one.name, **({"value": words} if words else {})}, {"confirm": "yes"}
    )
    mine = [samples[key] for key in one.subjects]
    titles = () if one.imported else tuple(sample.title for sample in mine[:TITLES])
    newest = [ticket for sample in mine for ticket in sample.newest[:QUOTES]][: 2 * QUOTES]
    shown = _quotes(deps, session, scope, newest)
    return ProposedArea(one.name, one.words, one.tickets, one.imported, titles, shown, grammar.render(request))


def _quotes(deps: Deps, session: Session, scope: Scope, ids: Sequence[int]) -> tuple[Quote, ...]:
    loaded = tickets.load(session, scope, ids)
    policies = {c.id: c.quotes for c in workspaces.channels(session, scope.workspace)}
    people, region = pseudonyms(session, scope.workspace), deps.settings.phone_region
    there = [loaded[ticket] for ticket in ids if ticket in loaded]
    return quotes.choose(there, {}, policies, region=region, people=people, limit=QUOTES)[0]
