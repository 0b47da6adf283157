"""One ticket belongs to another theme, or to a new one; it never returns by itself."""

from __future__ import annotations

from typing import Final

from sqlmodel import Session

from bot.answers import Done
from bot.blocks.parts import clean
from bot.deps import Deps
from bot.edits import NEW_THEME, Edit, MoveForm
from bot.errors import BadInput, ChangedMeanwhile, TicketNotFound
from bot.flows import alert, edits, naming, quotes
from bot.flows.names import pseudonyms
from bot.words import actor_words
from intelligence.model import Scope, Theme
from storage import memberships, theme_edits, theme_links, themes, tickets, vectors
from storage.nearest import Among, themes_by_nearest
from storage.theme_edits import Snapshot
from storage.theme_events import Event

MOST_OFFERED: Final = 20
_OF_THE_NEW: Final = (Edit.MERGED, Edit.SPLIT, Edit.RENAMED, Edit.PLANNED, "resolved")


def form(deps: Deps, scope: Scope, ticket_id: int) -> MoveForm:
    """A ticket with the themes that it may belong to. Raises TicketNotFound."""
    with deps.db.read() as session:
        ticket = tickets.one(session, scope, ticket_id)
        if ticket is None:
            raise TicketNotFound(key=ticket_id)
        home = memberships.home_of(session, ticket_id)
        now_in = themes.get(session, scope.workspace, home[0]) if home else None
        people = pseudonyms(session, scope.workspace)
        said = quotes.excerpt(ticket, deps.settings.phone_region, people)
        return MoveForm(ticket_id, said, now_in, _nearest(deps, session, scope, ticket_id, now_in))


def offered(deps: Deps, scope: Scope, ticket_id: int, typed: str) -> tuple[Theme, ...]:
    """Themes whose number or title fits what a person has typed; the nearest ones where nothing is typed."""
    wanted = typed.casefold().split()
    if not wanted:
        return form(deps, scope, ticket_id).nearest
    with deps.db.read() as session:
        living = themes.load(session, scope.workspace).values()
    fits = [t for t in living if all(word in f"{t.key} {t.number} {t.title}".casefold() for word in wanted)]
    return tuple(sorted(fits, key=lambda theme: theme.number)[:MOST_OFFERED])


def _nearest(deps: Deps, session: Session, scope: Scope, ticket_id: int, home: Theme | None) -> tuple[Theme, ...]:
    """Living themes by their member that is nearest to the ticket; its own and refused ones left out."""
    living = themes.load(session, scope.workspace)
    own = vectors.of(session, deps.embedder.model, [ticket_id]).get(ticket_id)
    among = Among(scope.workspace, deps.embedder.model, themed=True)
    order = themes_by_nearest(session, among, own) if own is not None else []
    order = order or sorted(living, reverse=True)
    barred = {home.id} if home else set[int]()
    barred |= {theme for theme in order if theme_links.word_of(session, ticket_id, theme) is False}
    return tuple(living[theme] for theme in order if theme in living and theme not in barred)[:MOST_OFFERED]


def move_ticket(
    deps: Deps, scope: Scope, ticket_id: int, target: str, *, by: str, seen_home: int | None = None
) -> Done:
    """Give a ticket another theme ("TI-42", or "new") by a person's word. `seen_home` is the theme id that the person
    saw it in, 0 for none.

    Raises TicketNotFound, ThemeNotFound, BadInput where it is there already, ChangedMeanwhile.
    """
    with deps.db.write() as session:
        if tickets.one(session, scope, ticket_id) is None:
            raise TicketNotFound(key=ticket_id)
        home = memberships.home_of(session, ticket_id)
        source = themes.get(session, scope.workspace, home[0]) if home else None
        there = _target(deps, session, scope.workspace, target)
        if source is not None and source.id == there.id:
            raise BadInput(problem=f"Ticket {ticket_id} is in {there.key} already.", fix=f"See `theme {there.key}`.")
        _check_home(session, ticket_id, source, seen_home, by=by, redo=f"move {ticket_id} {target}")
        event = _move(deps, session, ticket_id, source, there, by, born=target == NEW_THEME)
        moved_to = themes.get(session, scope.workspace, there.id)
        size = memberships.size(session, Scope(scope.workspace), there.id)
    assert moved_to is not None
    left = f" It will not go back to {source.key} by itself." if source else ""
    told = f"Ticket {ticket_id} is in {moved_to.key} “{clean(moved_to.title)}” now, which has {size}.{left}"
    return Done(told, undo=edits.handle(event), theme=moved_to)


def _target(deps: Deps, session: Session, workspace: str, target: str) -> Theme:
    if target != NEW_THEME:
        return edits.theme_to_edit(session, workspace, target)[0]
    now = deps.clock.now()
    made = themes.get(
        session, workspace, themes.give_birth(session, workspace, now, first_at=now, title=naming.UNNAMED)
    )
    assert made is not None
    return made


def _check_home(
    session: Session, ticket_id: int, source: Theme | None, seen: int | None, *, by: str, redo: str
) -> None:
    """Raise ChangedMeanwhile where the ticket is not any more where the person saw it."""
    now_in = source.id if source else 0
    if seen is None or seen == now_in:
        return
    events = theme_edits.events(session, [now_in, seen], kinds=[Edit.MOVED, "same", "not_this"])
    decided = [e for e in events if e.data.get("ticket") == ticket_id]
    who = actor_words(decided[-1].actor if decided else "machine")
    where = f"to {source.key}" if source else "out of its theme"
    if not decided or decided[-1].actor != by:
        raise ChangedMeanwhile(changes=f"ticket {ticket_id} was moved {where} by {who}", redo=redo)


def _move(
    deps: Deps, session: Session, ticket_id: int, source: Theme | None, there: Theme, by: str, *, born: bool
) -> int:
    workspace, now = there.workspace, deps.clock.now()
    touched = [theme.id for theme in (source, there) if theme is not None]
    before = theme_edits.snapshot(session, workspace, [ticket_id], touched)
    theme_edits.settle_many(session, workspace, [ticket_id], there.id, by=by, now=now)
    theme_edits.say_many(session, workspace, [ticket_id], there.id, must=True, by=by, now=now)
    if source is not None:
        theme_edits.say_many(session, workspace, [ticket_id], source.id, must=False, by=by, now=now)
    themes.seen(session, touched)
    naming.date(session, touched)
    if born:
        naming.rename(deps, session, workspace, [there.id])
    came = f"from {source.key}" if source else "from those that waited"
    data = {
        "text": f"given ticket {ticket_id} {came}",
        "ticket": ticket_id,
        "before": before.as_json(),
        "born": born,
        "source": source.id if source else None,
    }
    twins = {source.id: f"relieved of ticket {ticket_id}, which went to {there.key}"} if source else {}
    event = edits.note(deps, session, there, Edit.MOVED, by, data, twins=twins)
    memberships.touched(session, workspace)
    alert.grown(deps, session, workspace, touched)
    return event


def take_back(deps: Deps, session: Session, theme: Theme, event: Event, by: str) -> Done:
    """The ticket is where it was, with what people had said of it. Raises BadInput where something depends on it."""
    before, ticket = Snapshot.of_json(event.data["before"]), int(event.data["ticket"])
    edits.no_moved_ticket(session, event, before.themes, [ticket])
    edits.no_later(session, event, before.themes, (Edit.MERGED, Edit.SPLIT), theme.key)
    if event.data["born"]:
        edits.no_later(session, event, [theme.id], _OF_THE_NEW, theme.key)
    theme_edits.restore(session, theme.workspace, before)
    source = event.data["source"]
    if event.data["born"] and source is not None and not theme_edits.at_home(session, theme.id):
        themes.absorb(session, theme.workspace, int(source), theme.id)
    naming.date(session, before.themes)
    memberships.touched(session, theme.workspace)
    alert.grown(deps, session, theme.workspace, before.themes)
    home = themes.get(session, theme.workspace, int(source)) if source is not None else None
    where = f"back in {home.key}" if home else "waiting again"
    return edits.took_back(deps, session, theme, event, by, f"Ticket {ticket} is {where}.")
