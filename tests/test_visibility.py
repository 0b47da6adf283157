"""No answer, quote or count comes from a place that the asker may not see: by every query, and by every verb."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from databases import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from office import HERE, Office, an_office
from sqlmodel import Session
from stored import analysis, theme, ticket, workspace
from test_theme_edits import EXPORT, themed

import storage
from bot.answers import KnownAnswer
from bot.errors import TicketIntelError
from bot.floor import FEWEST_CUSTOMERS, floored
from bot.flows import recognize
from bot.flows.ask import Asker, ask
from bot.flows.reads import Reads
from bot.grammar import parse
from bot.verbs.parts import Where
from bot.verbs.table import VERBS
from intelligence.model import Draw, PatternKind, Scope, SignalKind, Visibility
from storage import (
    analyses,
    areas,
    backtest,
    evidence,
    memberships,
    mine,
    reports,
    reviews,
    scopes,
    segments,
    signals,
    theme_volumes,
    themes,
    ticket_volumes,
    tickets,
    vectors,
    workspaces,
)
from storage.engine import Database

DAY = timedelta(days=1)
MODEL = "m"


@dataclass
class Place:
    """A workspace whose tickets are at home in one theme and one area, and who may see which."""

    session: Session
    scope: Scope
    space: str
    ids: list[int]
    theme: int
    member: frozenset[str]

    @property
    def span(self) -> tuple[Session, Scope, Any, Any]:
        return self.session, self.scope, NOW - DAY, NOW + DAY


#: Every function of the storage that takes a Scope: the tickets it answers with, or how many.
QUERIES: dict[str, Callable[[Place], set[int] | int]] = {
    "tickets.load": lambda p: set(tickets.load(p.session, p.scope, p.ids)),
    "tickets.one": lambda p: {i for i in p.ids if tickets.one(p.session, p.scope, i) is not None},
    "ticket_volumes.totals": lambda p: ticket_volumes.totals(*p.span)[0],
    "ticket_volumes.of_channel": lambda p: sum(
        ticket_volumes.of_channel(p.session, p.scope, c)[0] for c in ("C1", "C2", "C3")
    ),
    "scopes.hidden": lambda p: set(p.ids) - scopes.hidden(p.session, p.scope),
    "scopes.all_visible": lambda p: _told_whole(p),
    "theme_volumes.times": lambda p: sum(map(len, theme_volumes.times(p.session, p.scope, NOW - DAY).values())),
    "mine.cards_left": lambda p: _cards_left(p),
    "signals.carrying": lambda p: {
        r.ticket_id for r in signals.carrying(p.session, p.scope, SignalKind.BUG_PATTERN, NOW - DAY, NOW + DAY)
    },
    "signals.of_themes": lambda p: {r.ticket_id for r in signals.of_themes(p.session, p.scope, [p.theme], *p.span[2:])},
    "signals.at_home": lambda p: signals.at_home(p.session, p.scope, [p.theme], *p.span[2:]).get(p.theme, 0),
    "signals.how_many": lambda p: signals.how_many(*p.span),
    "memberships.members": lambda p: {m.ticket_id for m in memberships.members(p.session, p.scope, p.theme)},
    "memberships.size": lambda p: memberships.size(p.session, p.scope, p.theme),
    "evidence.elsewhere": lambda p: {one.ticket_id for one in evidence.elsewhere(p.session, p.scope, 0, p.ids)},
    "evidence.size": lambda p: evidence.size(p.session, p.scope, p.theme, p.ids),
    "theme_volumes.counts": lambda p: sum(c.tickets for c in theme_volumes.counts(*p.span).values()),
    "theme_volumes.covered": lambda p: theme_volumes.covered(*p.span),
    "areas.counts": lambda p: sum(areas.counts(*p.span).values()),
    "areas.tickets_in": lambda p: set(areas.tickets_in(p.session, p.scope, "login", NOW - DAY, 100)),
    "analyses.current": lambda p: set(analyses.current(p.session, p.scope, p.ids)),
    "analyses.labels": lambda p: set(analyses.labels(p.session, p.scope, p.ids)),
    "analyses.uncertainty": lambda p: analyses.uncertainty(*p.span)[0],
    "analyses.signal_counts": lambda p: analyses.signal_counts(*p.span).get(SignalKind.BUG_PATTERN, 0),
    "signals.of_period": lambda p: {r.ticket_id for r in signals.of_period(*p.span)},
    "signals.first_words": lambda p: {i for i, text in signals.first_words(p.session, p.scope, p.ids).items() if text},
    "segments.by_ticket": lambda p: set(segments.by_ticket(*p.span)),
    "segments.among": lambda p: sum(n for _, n in segments.among(p.session, p.scope, p.ids)),
    "segments.shared": lambda p: sum(n for _, n in segments.shared(*p.span)),
    "reports.tickets": lambda p: len(reports.tickets(*p.span)),
    "reports.arrivals": lambda p: len(reports.arrivals(*p.span)),
    "backtest.held": lambda p: backtest.held(p.session, p.scope, MODEL, NOW - DAY, NOW + DAY).tickets,
    "backtest.arrivals": lambda p: {i for i, _ in backtest.arrivals(p.session, p.scope, MODEL, NOW - DAY, NOW + DAY)},
    "backtest.seen": lambda p: set(backtest.seen(p.session, p.scope, p.ids)),
    "reviews.take": lambda p: _cards(p),
}


def _told_whole(place: Place) -> set[int]:
    """What may be seen, after comparing whether that is said to be all."""
    unseen = scopes.hidden(place.session, place.scope)
    assert scopes.all_visible(place.session, place.scope) == (not unseen)
    return set(place.ids) - unseen


def _cards_left(place: Place) -> int:
    """How many cards are open for the asker, before any is taken."""
    reviews.add_cards(place.session, place.space, "2026-W02", [(i, Draw.RANDOM, False) for i in place.ids])
    return mine.cards_left(place.session, place.scope, "2026-W02")


def _cards(place: Place) -> set[int]:
    """Whose cards are handed out: everybody takes one, until there is none."""
    reviews.add_cards(place.session, place.space, "2026-W02", [(i, Draw.RANDOM, False) for i in place.ids])
    span = {"now": NOW, "until": NOW + DAY}
    taken = (reviews.take(place.session, place.scope, "2026-W02", f"U{n}", **span) for n in range(len(place.ids)))
    return {card.ticket_id for card in taken if card is not None}


def test_every_query_with_a_scope_is_in_the_table() -> None:
    taking = set()
    for module in pkgutil.iter_modules(storage.__path__):
        room = importlib.import_module(f"storage.{module.name}") if module.name != "migrations" else storage
        for name, function in inspect.getmembers(room, inspect.isfunction):
            told = inspect.signature(function).parameters.get("scope")
            if (
                function.__module__ == room.__name__
                and not name.startswith("_")
                and told
                and "session" in inspect.signature(function).parameters
            ):
                taking.add(f"{module.name}.{name}")
    assert taking == set(QUERIES), "a query that answers people is compared with the rule below"


channels = st.sampled_from(["C1", "C2", "C3"])
places = st.lists(st.tuples(channels, st.sampled_from(list(Visibility))), min_size=1, max_size=8)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=places, member_of=st.frozensets(channels), public=st.booleans())
def test_every_query_answers_with_what_the_asker_may_see(
    database: Database, places: list[tuple[str, Visibility]], member_of: frozenset[str], public: bool
) -> None:
    """The rule applied by hand, against each entry of the table; with `public` False, as for readers from outside."""
    with database.write() as session:
        space = workspace(session, f"W{len(workspaces.all_ids(session))}")
        number, seen, made = theme(session, place=space), set[int](), list[int]()
        for position, (channel, visibility) in enumerate(places):
            one = ticket(session, f"{position}", place=space, channel=channel, visibility=visibility)
            memberships.place(session, space, one, number, NOW, similarity=1.0)
            analyses.store(session, space, one, analysis(), "k", NOW)
            vectors.store(session, space, one, MODEL, f"h{position}", np.eye(1, 384, dtype=np.float32)[0])
            made.append(one)
            if channel in member_of or (public and visibility is Visibility.PUBLIC):
                seen.add(one)
        place = Place(session, Scope(space, "U9", member_of, public), space, made, number, member_of)
        for name, query in QUERIES.items():
            answer = query(place)
            assert answer == (len(seen) if isinstance(answer, int) else seen), name
        everything = replace(place, scope=Scope(space))
        for name, query in QUERIES.items():
            if name != "reviews.take":  # the cards are held by now
                answer = query(everything)
                assert answer == (len(made) if isinstance(answer, int) else set(made)), name


SECRET = "zebrafinch"
SECRET_TEXTS = tuple(f"The {SECRET} gateway refuses certificate number {n} of our cluster" for n in range(5))
#: Lines for verbs whose example names something that is not there.
LINES = {
    "known": "known The gateway of our cluster refuses certificate number 7",
    "search": f"search {SECRET} gateway certificate",
    "missed": "missed something else entirely",
    "forget": "forget nobody@nowhere.example",
    "undo": "undo 9999",
    "move": "move 1",
    "candidate": "candidate",
    "settings": "settings",
    "channel": "channel",
    "areas": "areas",
    "review": "review",
    "backtest": "backtest 14d",
    "report": "report 7d",
    "link": "link TI-1 ENG-1",
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Office]:
    """TI-1 in a public channel, TI-2 in a private one alone, and a secret ticket of the private channel in TI-1."""
    with an_office(tmp_path_factory.mktemp("visibility"), sqlite_template) as made:
        _, first, found = themed(made, EXPORT, "Export to Excel")
        deps = made.deps
        with deps.db.write() as session:
            hidden = themes.give_birth(session, HERE, deps.clock.now(), first_at=deps.clock.now(), title="Gateway")
            private = {"channel": "CINTERNAL", "visibility": Visibility.PRIVATE}
            secret = tuple(made.ticket(session, text, **private) for text in SECRET_TEXTS)
            memberships.place_many(session, HERE, [(one, hidden, 0.9) for one in secret[:4]], deps.clock.now())
            memberships.place_many(session, HERE, [(secret[4], first, 0.9)], deps.clock.now())
            for one, text in zip(secret, SECRET_TEXTS, strict=True):
                vectors.store(session, HERE, one, deps.embedder.model, f"h{one}", deps.embedder.encode([text])[0])
        made.raised(first, found)
        made.raised(hidden, secret[:4], PatternKind.SPIKE)
        made.work()
        yield made


def answers(office: Office, scope: Scope, verb: Any) -> list[str]:
    """What a verb answers, about a theme that is seen in part and one that is not seen at all."""
    line = LINES.get(verb.name, verb.example)
    told = []
    for key in ("TI-1", "TI-2"):
        asked = (
            line.replace("TI-42", key)
            .replace("TI-57", "TI-2" if key == "TI-1" else "TI-1")
            .replace("ticket 17", "ticket 6")
        )
        try:
            told.append(repr(ask(office.deps, Asker(scope, "U9", where=Where.SLACK), parse(asked, where=Where.SLACK))))
        except TicketIntelError as error:
            told.append(error.sentence)
    return told


ASKED = [verb for verb in VERBS if verb.where is not Where.CLI]  # others are typed by whoever has the machine


@pytest.mark.parametrize("verb", ASKED, ids=lambda verb: verb.name)
def test_no_verb_tells_words_of_a_place_that_the_asker_is_not_in(office: Office, verb: Any) -> None:
    asked = LINES.get(verb.name, verb.example)
    for told in answers(office, Scope(HERE, "U9", frozenset()), verb):
        assert SECRET not in told.lower().replace(asked.lower(), "").replace(f"query='{SECRET}", "").replace(
            f"search {SECRET}", ""
        ), told


def test_counts_are_of_what_the_asker_may_see(office: Office) -> None:
    out, inside = (Reads(office.deps, Scope(HERE, "U9", frozenset(c))) for c in ((), ("CINTERNAL",)))
    assert (out.theme("TI-1").tickets, inside.theme("TI-1").tickets) == (len(EXPORT), len(EXPORT) + 1)
    assert (out.evidence("TI-1").total, inside.evidence("TI-1").total) == (len(EXPORT), len(EXPORT) + 1)
    assert (out.similar_tickets(EXPORT[0]).total, inside.similar_tickets(EXPORT[0]).total) == (5, 10)
    assert SECRET in repr(inside.similar_tickets(f"{SECRET} gateway")), "a member sees what this test looks for"
    for reads, verdicts in ((out, {"new"}), (inside, {"known", "probably"})):
        answer: KnownAnswer = recognize.known(office.deps, reads.scope, recognize.Question(SECRET_TEXTS[0]))
        assert answer.verdict in verdicts


def test_words_of_one_or_two_customers_are_not_shown_where_customers_read(office: Office) -> None:
    reads = Reads(office.deps, Scope(HERE))
    card, page = reads.theme("TI-1"), reads.evidence("TI-1")
    few, many = replace(card, customers=FEWEST_CUSTOMERS - 1), replace(card, customers=FEWEST_CUSTOMERS)
    assert card.quotes
    assert (floored(few).quotes, floored(few).held_back) == ((), card.held_back + len(card.quotes))
    assert floored(many) == many
    answer = reads.known_issue(EXPORT[0])
    assert answer.best is not None
    assert floored(replace(answer, best=few)).best == floored(few)
    assert floored(replace(page, quotes=page.quotes[:1])).quotes == ()
    assert floored("anything else") == "anything else"
