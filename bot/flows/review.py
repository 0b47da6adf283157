"""The weekly review: a sample of tickets, one card at a time, shared among whoever asks for one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from difflib import get_close_matches

from sqlmodel import Session

from bot.answers_review import Progress, ReviewCard, ReviewOver, Saved, Spoken
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import correct, quotes
from bot.flows.names import pseudonyms
from bot.review_words import changes
from bot.words import count
from intelligence import quality
from intelligence.model import Draw, LabelSet, QuotePolicy, Role, Scope, Subcategory, Ticket
from intelligence.taxonomy import DEFINITIONS
from storage import analyses, reviews, ticket_volumes, tickets, workspaces

HELD = timedelta(minutes=30)
WEEK = timedelta(days=7)
MOST_SAID = 3  # messages of a conversation on a card
LONGEST = 600

Answer = ReviewCard | ReviewOver


def next_card(deps: Deps, scope: Scope, *, by: str, saved: Saved | None = None, only: int | None = None) -> Answer:
    """The next card for this person: their own open one, else one that nobody holds. `only` asks for a certain one."""
    now = deps.clock.now()
    week = week_of(deps, now)
    with deps.db.write() as session:
        draw(deps, session, scope.workspace, week, now)
        card = reviews.take(session, scope, week, by, now=now, until=now + HELD, only=only)
        if card is None and only is not None:
            card = reviews.take(session, scope, week, by, now=now, until=now + HELD)
    with deps.db.read() as session:
        pile = reviews.cards(session, scope.workspace, week)
        progress = Progress(sum(c.answered for c in pile), len(pile))
        if card is None:
            return ReviewOver(_why_over(pile), progress, saved)
        return _shown(deps, session, scope, card, progress, saved)


def answer(deps: Deps, scope: Scope, card_id: int, verdict: str, *, by: str) -> Answer:
    """ "right" or "unsure" (cannot tell) about a card; the next card. Raises BadInput."""
    with deps.db.write() as session:
        card = _open(session, scope, card_id)
        if verdict == "right" and card.blind:
            raise BadInput(problem="This is a second reading.", fix="Choose the label yourself, without seeing mine.")
        said = reviews.machine_labels(session, card.ticket_id) if verdict == "right" else None
    return _answer(deps, scope, card, said, by=by)


def fix(deps: Deps, scope: Scope, card_id: int, said: LabelSet, *, by: str) -> Answer:
    """The labels that a person chose for a card; the next card. Raises BadInput."""
    with deps.db.read() as session:
        card = _open(session, scope, card_id)
    return _answer(deps, scope, card, said, by=by)


def typed(deps: Deps, scope: Scope, word: str, label: str | None, *, by: str) -> Answer:
    """`review right`, `review fix feature_usage`, `review unsure`: about the card this person was shown last."""
    with deps.db.read() as session:
        card = reviews.held(session, scope.workspace, by)
        was = reviews.machine_labels(session, card.ticket_id) if card else None
    if card is None or was is None:
        raise BadInput(problem="No card is open for you.", fix="Type `review` for one.")
    match word.casefold():
        case "right" | "yes" | "ok":
            return answer(deps, scope, card.id, "right", by=by)
        case "unsure" | "skip" | "cant" | "can't":
            return answer(deps, scope, card.id, "unsure", by=by)
        case "fix" | "wrong" | "no":
            return fix(deps, scope, card.id, replace(was, subcategory=_subcategory(label)), by=by)
    raise BadInput(
        problem=f'"{word[:40]}" is no answer.', fix="Type `review right`, `review fix LABEL` or `review unsure`."
    )


def _subcategory(label: str | None) -> Subcategory:
    plain = (label or "").casefold().strip().replace(" ", "_").replace("-", "_")
    if plain in set(Subcategory):
        return Subcategory(plain)
    near = get_close_matches(plain[:40], [*Subcategory], n=1, cutoff=0.6)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(Subcategory)}."
    raise BadInput(problem="Say what it really is, as in `review fix feature_usage`.", fix=hint)


def draw(deps: Deps, session: Session, workspace: str, week: str, now: datetime) -> None:
    """Draw this week's cards from the tickets of the last seven days (of the last with tickets, after an import).

    Draws what is missing: asking twice, or two people at once, give the same cards.
    """
    _, _, last = ticket_volumes.span(session, workspace)
    end = min(now, last) if last else now
    found = reviews.drawable(session, workspace, end - WEEK, end + timedelta(seconds=1))
    pile = reviews.cards(session, workspace, week)
    random = [c.ticket_id for c in pile if c.draw is Draw.RANDOM and not c.blind]
    seed = f"{workspace}:{week}"
    drawn = quality.draw(
        found,
        seed,
        share=deps.settings.review_share,
        most=deps.settings.review_cards,
        drawn=len(random),
        uncertain=sum(c.draw is Draw.UNCERTAIN for c in pile),
    )
    random += [ticket for ticket, why in drawn if why is Draw.RANDOM]
    blind = quality.second_readers(random, seed, sum(c.blind for c in pile))
    new = [(ticket, why, False) for ticket, why in drawn] + [(ticket, Draw.RANDOM, True) for ticket in blind]
    reviews.add_cards(session, workspace, week, new)


def week_of(deps: Deps, now: datetime) -> str:
    """The week of the cards, in the team's zone: "2026-W02"."""
    year, week, _ = now.astimezone(deps.settings.zone).isocalendar()
    return f"{year}-W{week:02d}"


def _open(session: Session, scope: Scope, card_id: int) -> reviews.Card:
    card = reviews.card(session, scope.workspace, card_id)
    if card is None or tickets.one(session, scope, card.ticket_id) is None:
        raise BadInput(problem="This card is not here any more.", fix="Type `review` for the next one.")
    return card


def _answer(deps: Deps, scope: Scope, card: reviews.Card, said: LabelSet | None, *, by: str) -> Answer:
    with deps.db.write() as session:
        if not reviews.answered(session, card.id, deps.clock.now()):
            saved = None  # pressed twice, or somebody was quicker: their word stands
        else:
            was = reviews.machine_labels(session, card.ticket_id)
            review_id = correct.store_word(deps, session, scope.workspace, card.ticket_id, said, by=by, card=card)
            saved = Saved(_told(card, was, said), correct.undo_handle(review_id))
    return next_card(deps, scope, by=by, saved=saved)


def _told(card: reviews.Card, was: LabelSet | None, said: LabelSet | None) -> str:
    about = f"Ticket {card.ticket_id}"
    if said is None or was is None:
        return f"{about}: nobody could tell from this; it does not count."
    if card.blind:
        return f"{about}: your reading is kept beside the first one; it changes nothing."
    if said == was:
        return f"{about} is {DEFINITIONS[said.subcategory].title}, as I read it."
    return f"{about} is {changes(was, said)}. That stands, and I learn from it."


def _why_over(pile: list[reviews.Card]) -> str:
    left = [card for card in pile if not card.answered]
    if not pile:
        return "There is nothing to review: no ticket of the last seven days is read yet."
    if not left:
        return "This week's cards are done. `quality` shows what they say."
    waiting = "a second reader" if all(card.blind for card in left) else "somebody else"
    return f"Nothing more for you this week; {count(len(left), 'card is', 'cards are')} left for {waiting}."


def _shown(
    deps: Deps, session: Session, scope: Scope, card: reviews.Card, progress: Progress, saved: Saved | None
) -> ReviewCard:
    ticket = tickets.one(session, scope, card.ticket_id)
    assert ticket is not None  # `take` gives only tickets that may be seen
    read = analyses.current(session, scope, [ticket.id], machine=True).get(ticket.id)
    said = _said(deps, session, scope, ticket)
    shown = None if card.blind else read
    link = quotes.link_of(ticket)
    return ReviewCard(card.id, ticket.id, ticket.at, said, shown, card.draw, progress, link, saved)


def _said(deps: Deps, session: Session, scope: Scope, ticket: Ticket) -> tuple[Spoken, ...]:
    """The start of the conversation, masked; nothing where its source shares counts only."""
    policies = {c.id: c.quotes for c in workspaces.channels(session, scope.workspace)}
    if policies.get(ticket.channel or "", QuotePolicy.MASKED) is QuotePolicy.COUNTS:
        return ()
    people, region = pseudonyms(session, scope.workspace), deps.settings.phone_region
    spoken = [m for m in ticket.messages if m.text.strip() and not m.private_note and m.role is not Role.BOT]
    texts = [(m.role, quotes.masked(m.text, region, people)) for m in spoken[:MOST_SAID]]
    if not texts:
        texts = [(Role.CUSTOMER, quotes.masked(ticket.subject, region, people))]
    return tuple(Spoken(role, quotes.shorten(text, LONGEST)) for role, text in texts)
