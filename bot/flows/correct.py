"""A person's word on a reading: stored, in force at once, learned from, and taken back as easily."""

from __future__ import annotations

from sqlmodel import Session

from bot.answers import Done
from bot.answers_review import FixForm
from bot.deps import Deps
from bot.errors import BadInput, TicketNotFound
from bot.flows import learn, quotes
from bot.flows.names import pseudonyms
from bot.review_words import changes
from intelligence.model import Draw, LabelSet, ReviewVerdict, Scope
from intelligence.taxonomy import DEFINITIONS
from storage import analyses, areas, editions, reviews, tickets, workspaces

NOT_READ = BadInput(problem="This ticket is not read yet.", fix="Try again in a minute.")
KEPT_BACK = "The words of this channel are not shown elsewhere; open the ticket to read them."


def undo_handle(review_id: int) -> str:
    """What `Done.undo` carries for a word on a reading."""
    return f"review:{review_id}"


def form(deps: Deps, scope: Scope, ticket_id: int, *, card: reviews.Card | None = None) -> FixForm:
    """The window for a ticket (of a review card), with the labels that stand. Raises TicketNotFound or BadInput."""
    with deps.db.read() as session:
        ticket = tickets.one(session, scope, ticket_id)
        if ticket is None:
            raise TicketNotFound(key=ticket_id)
        found = analyses.current(session, scope, [ticket_id], machine=card is not None).get(ticket_id)
        if found is None:
            raise NOT_READ
        people = pseudonyms(session, scope.workspace)
        names = [area.name for area in areas.load(session, scope.workspace)]
        policies = {c.id: c.quotes for c in workspaces.channels(session, scope.workspace)}
        meanings = editions.live(session, scope.workspace).definitions
        shown = quotes.headline(ticket, policies, deps.settings.phone_region, people)
    labels = LabelSet(found.subcategory, found.area, found.frustration, found.urgency)
    if found.area and found.area not in names:
        names.append(found.area)
    subject = f"card:{card.id}" if card else f"ticket:{ticket_id}"
    return FixForm(subject, shown or KEPT_BACK, labels, names, blind=bool(card and card.blind), meanings=meanings)


def correct(deps: Deps, scope: Scope, ticket_id: int, said: LabelSet, *, by: str) -> Done:
    """A person flags a ticket's label as wrong and says what is right. Raises TicketNotFound or BadInput."""
    with deps.db.write() as session:
        if tickets.one(session, scope, ticket_id) is None:
            raise TicketNotFound(key=ticket_id)
        review_id = store_word(deps, session, scope.workspace, ticket_id, said, by=by)
        review = reviews.get(session, scope.workspace, review_id)
    assert review is not None
    if review.verdict is ReviewVerdict.RIGHT:
        told = f"Noted: ticket {ticket_id} is {title(said)}, as it was read."
    else:
        told = f"Corrected: ticket {ticket_id} is {changes(review.was, said)}. That stands, and I learn from it."
    return Done(told, undo=undo_handle(review_id))


def store_word(
    deps: Deps,
    session: Session,
    workspace: str,
    ticket_id: int,
    said: LabelSet | None,
    *,
    by: str,
    card: reviews.Card | None = None,
) -> int:
    """Store what a person says (None: cannot tell), put it in force, audit it and learn from it; the word's id."""
    was = reviews.machine_labels(session, ticket_id)
    if was is None:
        raise NOT_READ
    now = deps.clock.now()
    verdict = ReviewVerdict.CANNOT_TELL if said is None else ReviewVerdict.RIGHT if said == was else ReviewVerdict.FIXED
    review_id = reviews.say(
        session,
        workspace,
        ticket_id,
        reviewer=by,
        draw=card.draw if card else Draw.FLAG,
        verdict=verdict,
        was=was,
        said=said,
        now=now,
        card=card,
    )
    data = {"review": review_id, "verdict": verdict.value}
    if said is not None:
        data |= {"was": was.subcategory.value, "said": said.subcategory.value}
    workspaces.audit(session, workspace, by, "review", f"ticket:{ticket_id}", data, now)
    _in_force(deps, session, workspace, ticket_id, because=str(review_id))
    return review_id


def undo(deps: Deps, scope: Scope, review_id: int, *, by: str) -> Done:
    """Take a word back: the one before it stands again, else the machine's. Raises BadInput if it was before."""
    with deps.db.write() as session:
        review = reviews.get(session, scope.workspace, review_id)
        if review is None or not reviews.undone(session, review_id, deps.clock.now()):
            raise BadInput(problem="This was taken back before.", fix="See `why ticket 17` for how a ticket stands.")
        if review.card_id is not None:
            reviews.reopen(session, review.card_id)
        subject = f"ticket:{review.ticket_id}"
        now = deps.clock.now()
        workspaces.audit(session, scope.workspace, by, "undo", subject, {"review": review_id}, now)
        _in_force(deps, session, scope.workspace, review.ticket_id, because=f"{review_id}:undo")
        found = analyses.current(session, Scope(scope.workspace), [review.ticket_id]).get(review.ticket_id)
    stands = f" It is {DEFINITIONS[found.subcategory].title} again." if found else ""
    return Done(f"Taken back: what you said of ticket {review.ticket_id} counts no more.{stands}")


def said_by(deps: Deps, workspace: str, review_id: int) -> str | None:
    """Whose word it was; None if there is no such word."""
    with deps.db.read() as session:
        review = reviews.get(session, workspace, review_id)
    return review.reviewer if review else None


def card_of(deps: Deps, workspace: str, review_id: int) -> int | None:
    """The review card that a word answered, if it did."""
    with deps.db.read() as session:
        review = reviews.get(session, workspace, review_id)
    return review.card_id if review else None


def _in_force(deps: Deps, session: Session, workspace: str, ticket_id: int, *, because: str) -> None:
    reviews.apply(session, workspace, [ticket_id])
    learn.enqueue(deps, session, workspace, because=because)


def title(labels: LabelSet) -> str:
    return DEFINITIONS[labels.subcategory].title
