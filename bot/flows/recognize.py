""" "Is this a known pattern?": reads a text or a whole thread, answers from what is stored, learns from the reply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from bot.answers import Candidate, Done, KnownAnswer, ThemeCard
from bot.deps import Deps
from bot.errors import TicketNotFound
from bot.flows import alert, cards, undo
from bot.flows.cards import find_theme
from bot.flows.names import pseudonyms
from intelligence.clean import problem_text
from intelligence.known import Member, recognise
from intelligence.mining.pages import is_page
from intelligence.model import DecidedBy, Message, Role, Scope, Source, Theme, ThemeState, Verdict
from intelligence.redact import redact, without_masks
from storage import memberships, theme_events, theme_links, themes, tickets, workspaces
from storage.nearest import Among, Near, alike, nearest

LOOKED_AT = 120  # tickets nearest to the question whose words are compared, three of a theme at most
ALIKE = 0.4  # cosine to the question from which a ticket speaks for its theme, and its answer may help the asker


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about: a text, or a stored ticket (then its whole thread is read)."""

    text: str = ""
    ticket_id: int | None = None


def known(deps: Deps, scope: Scope, question: Question) -> KnownAnswer:
    """Is this a known pattern? The verdict, what matched, what differs, and what is known of the theme."""
    with deps.db.read() as session:
        messages = _messages(deps, session, scope, question)
        people = pseudonyms(session, scope.workspace)
    text = without_masks(redact(problem_text(messages), people=people, region=deps.settings.phone_region).text)
    if not deps.embedder.reads(text):
        return KnownAnswer(Verdict.NOT_ENOUGH_TEXT, 0.0, None, (), (), (), question.ticket_id, None, reads=False)
    vector = deps.embedder.encode([text])[0]
    among = Among(scope.workspace, deps.embedder.model, themed=True, without=question.ticket_id, seen_by=scope)
    with deps.memory.rows(deps.db, scope.workspace, deps.clock.now()) as rows, deps.db.read() as session:
        close = _few_of_each(nearest(session, among, vector, limit=LOOKED_AT, rows=rows))
        their = replace(among, themes={near.theme_id for near in close})
        speaking = alike(session, their, vector, at_least=ALIKE, each=cards.READ_TICKETS, rows=rows)
    with deps.db.read() as session:
        loaded = tickets.load(session, scope, [near.ticket_id for near in close])
        members = [
            Member(near.theme_id, near.similarity, problem_text(loaded[near.ticket_id].messages))
            for near in close
            if near.ticket_id in loaded
        ]
        # Tickets of each theme that are like the question: a large theme of other things does not make it known.
        found = recognise(text, members, sizes=Counter(near.theme_id for near in speaking))
        living = themes.load(session, scope.workspace, [c.theme for c in found.candidates])
        ranked = [(living[c.theme], c) for c in found.candidates if c.theme in living]
        best = None
        if ranked and found.verdict in {Verdict.KNOWN, Verdict.PROBABLY}:
            best = cards.card_of(deps, session, scope, ranked[0][0])
            helped = [near.ticket_id for near in speaking if near.theme_id == best.theme.id]  # the nearest first
            best = replace(best, workaround=cards.workaround_of(deps, session, scope, helped))
        counted = {theme.id: memberships.size(session, scope, theme.id) for theme, _ in ranked}
    return KnownAnswer(
        found.verdict,
        found.probability,
        best,
        tuple(Candidate(theme, c.probability, counted[theme.id]) for theme, c in ranked),
        found.matched,
        found.differs,
        question.ticket_id,
        draft(best) if best is not None and found.verdict is Verdict.KNOWN else None,
    )


def _messages(deps: Deps, session: Session, scope: Scope, question: Question) -> tuple[Message, ...]:
    if question.ticket_id is None:
        return (Message(Role.CUSTOMER, question.text, deps.clock.now()),)
    ticket = tickets.one(session, scope, question.ticket_id)
    if ticket is None:
        raise TicketNotFound(key=question.ticket_id)
    return ticket.messages


def _few_of_each(ranked: Sequence[Near]) -> list[Near]:
    """At most three of each theme."""
    taken = Counter[int]()
    kept: list[Near] = []
    for near in ranked:
        if taken[near.theme_id] < 3:
            taken[near.theme_id] += 1
            kept.append(near)
    return kept


def draft(card: ThemeCard) -> str | None:
    """A reply an agent can send: only what is stored (status, workaround, page), in plain words; None without any."""
    parts = ["Thanks for reporting this. Others have seen the same, and we know about it."]
    if card.theme.state in {ThemeState.FIXING, ThemeState.VERIFYING}:
        parts.append("A fix is on its way.")
    if card.workaround is not None:
        parts.append(f"Until then this has helped others: {card.workaround.text}")
    if page := explaining(card):
        parts.append(f"This page explains it: {page}")
    if card.theme.roadmap:
        parts.append(f"It is planned for {card.theme.roadmap}.")
    return " ".join(parts) if len(parts) > 1 else None


def explaining(card: ThemeCard) -> str | None:
    """The page that agents answer with so often, in a third of the answered tickets, that it explains the theme."""
    often = (link.url for link in card.links if 3 * link.used >= link.of and is_page(link.url, ()))
    return next(often, None)


def ticket_of_thread(deps: Deps, scope: Scope, channel: str, thread_ts: str) -> int | None:
    """The stored ticket of a Slack thread, if there is one that the asker may see."""
    with deps.db.read() as session:
        found = tickets.find(session, scope.workspace, Source.SLACK, f"{channel}/{thread_ts}")
        return found if found is None or tickets.one(session, scope, found) is not None else None


def same(deps: Deps, scope: Scope, ticket_id: int, key: str, *, by: str) -> Done:
    """A person says that the ticket belongs to the theme: it does from now on, against every re-clustering."""
    with deps.db.write() as session:
        memberships.version(session, scope.workspace)
        theme = find_theme(session, scope.workspace, key)
        now = deps.clock.now()
        event = _note_word(session, theme, ticket_id, undo.SAME, by, now)
        theme_links.link(session, scope.workspace, ticket_id, theme.id, must=True, by=by, now=now)
        memberships.place(
            session, scope.workspace, ticket_id, theme.id, now, similarity=1.0, by=DecidedBy.PERSON, who=by
        )
        themes.seen(session, [theme.id])
        memberships.touched(session, scope.workspace)
        alert.grown(deps, session, scope.workspace, [theme.id])
        workspaces.audit(session, scope.workspace, by, "same", theme.key, {"ticket": ticket_id}, now)
        count = len(memberships.members(session, Scope(scope.workspace), theme.id))
    return Done(f"Added; {theme.key} is now {count}.", undo=undo.handle(event), theme=theme)


def not_this(deps: Deps, scope: Scope, ticket_id: int, key: str, *, by: str) -> Done:
    """A person says that the ticket does not belong to the theme: never again, and it is free for another."""
    with deps.db.write() as session:
        memberships.version(session, scope.workspace)
        theme = find_theme(session, scope.workspace, key)
        now = deps.clock.now()
        event = _note_word(session, theme, ticket_id, undo.NOT_THIS, by, now)
        theme_links.link(session, scope.workspace, ticket_id, theme.id, must=False, by=by, now=now)
        home = memberships.home_of(session, ticket_id)
        if home is not None and home[0] == theme.id:
            memberships.place(
                session, scope.workspace, ticket_id, None, now, similarity=0.0, by=DecidedBy.PERSON, who=by
            )
        memberships.touched(session, scope.workspace)
        alert.grown(deps, session, scope.workspace, [theme.id])
        workspaces.audit(session, scope.workspace, by, "not_this", theme.key, {"ticket": ticket_id}, now)
    told = f"Noted: this is not {theme.key}. I will not put them together again."
    return Done(told, undo=undo.handle(event), theme=theme)


HELPED, FAILED = "answer_helped", "answer_failed"  # what people say of an answer, in the audit trail


def helped(deps: Deps, workspace: str, key: str | None, *, good: bool, by: str) -> Done:
    """Keep whether an answer was of help; `quality` counts it."""
    with deps.db.write() as session:
        workspaces.audit(session, workspace, by, HELPED if good else FAILED, key or "", {}, deps.clock.now())
    fix = "Not this or Pick another mends it at once." if key else "Pick the right theme, and I learn from it."
    return Done("Noted: this answer counts as helpful in `quality`." if good else f"Noted in `quality`. {fix}")


def said_to_customers(deps: Deps, workspace: str, key: str, *, by: str) -> None:
    """Somebody posted the customer-safe version of an answer."""
    with deps.db.write() as session:
        workspaces.audit(session, workspace, by, "customer_safe", key, {}, deps.clock.now())


def _note_word(session: Session, theme: Theme, ticket_id: int, kind: str, by: str, now: datetime) -> int:
    """Write a person's word into the lineage with what stood before it; the event's id, for undo."""
    home = memberships.home_of(session, ticket_id)
    told = "a ticket was added by hand" if kind == undo.SAME else "a ticket was taken out by hand"
    data = {
        "text": told,
        "ticket": ticket_id,
        "word": theme_links.word_of(session, ticket_id, theme.id),
        "home": list(home) if home else None,
        "by": by,
    }
    return theme_events.happened(session, theme.workspace, theme.id, kind, by, data, now)
