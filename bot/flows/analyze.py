"""Read tickets: redact, encode, analyze, store; then hand them to the serial lane that gives them a theme."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from bot.deps import Deps
from bot.flows.names import pseudonyms
from bot.worker import Finish, nothing
from intelligence.clean import problem_text
from intelligence.model import Analysis, Area, Evidence, Message, Scope, Ticket, TicketState
from intelligence.ports import Conversation
from intelligence.redact import MASK, KnownPeople, redact, without_masks
from storage import analyses, areas, bulk, queue, rereadings, reviews, tickets, turns, vectors

_MIN_QUOTE = 12


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A ticket as the analyzer will see it. `content_key` names exactly this content, state and model."""

    ticket: Ticket
    messages: tuple[Message, ...]
    text: str
    text_hash: str
    content_key: str


def read_tickets(
    deps: Deps, workspace: str, ticket_ids: Sequence[int], *, finish: Finish = nothing, assign: bool = True
) -> int:
    """Read these tickets and store what was found; how many had something new. Runs twice without harm.

    With `assign` a job in the workspace's serial lane is enqueued that gives them a theme.
    """
    return conclude(deps, workspace, gather(deps, workspace, ticket_ids), finish=finish, assign=assign)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Tickets that have something new to read, with vectors by ticket id."""

    prepared: Sequence[_Prepared]
    embedded: Mapping[int, NDArray[np.float32]]
    areas: tuple[Area, ...]


def gather(deps: Deps, workspace: str, ticket_ids: Sequence[int]) -> Gathered:
    """The first half of a reading: load, mask and encode; changes nothing, so that it may run ahead of the second."""
    with deps.db.read() as session:
        loaded = [t for t in tickets.load(session, Scope(workspace), ticket_ids).values() if _has_words(t)]
        names = pseudonyms(session, workspace)
        known = vectors.known_hashes(session, deps.embedder.model, [t.id for t in loaded])
        stored = vectors.of(session, deps.embedder.model, [t.id for t in loaded])
        places = areas.load(session, workspace)
        read = analyses.content_keys(session, workspace, [t.id for t in loaded])
    prepared = [
        p for p in (_prepare(deps, ticket, names) for ticket in loaded) if read.get(p.ticket.id) != p.content_key
    ]
    return Gathered(prepared, _encode(deps, prepared, known, stored), places)


def _has_words(ticket: Ticket) -> bool:
    """A ticket whose words were removed by age keeps the reading that was made of them."""
    return bool(ticket.subject.strip()) or any(message.text.strip() for message in ticket.messages)


def conclude(deps: Deps, workspace: str, gathered: Gathered, *, finish: Finish = nothing, assign: bool = True) -> int:
    """The second half of a reading: analyze and store; how many tickets had something new."""
    prepared, embedded = gathered.prepared, gathered.embedded
    found = deps.readers.of(workspace).analyze(
        [_conversation(p, gathered.areas, embedded[p.ticket.id]) for p in prepared]
    )
    with deps.db.write() as session:
        ids = [p.ticket.id for p in prepared]
        turns.hold_tickets(session, ids)
        # Another process may have read some of them while we did.
        known, read = (
            vectors.known_hashes(session, deps.embedder.model, ids),
            analyses.content_keys(session, workspace, ids),
        )
        made = [
            bulk.Reading(p.ticket.id, _verified(analysis, p.ticket), p.content_key, embedded[p.ticket.id], p.text_hash)
            for p, analysis in zip(prepared, found, strict=True)
            if read.get(p.ticket.id) != p.content_key
        ]
        first = [r for r in made if r.ticket_id not in known]
        bulk.store_readings(session, workspace, deps.embedder.model, first, deps.clock.now())
        for reading in made:
            if reading.ticket_id in known:
                _replace(deps, session, workspace, reading)
        reviews.apply(session, workspace, [r.ticket_id for r in made])  # a person's word stands over every reading
        if assign and prepared:
            _enqueue_assign(deps, session, workspace, prepared)
        finish(session)
    return len(prepared)


def conversations(deps: Deps, workspace: str, ticket_ids: Sequence[int]) -> dict[int, Conversation]:
    """Tickets as the analyzer sees them, with the vectors stored for them; those that are gone are left out."""
    with deps.db.read() as session:
        found = tickets.load(session, Scope(workspace), ticket_ids)
        names = pseudonyms(session, workspace)
        stored = vectors.of(session, deps.embedder.model, list(found))
        places = areas.load(session, workspace)
    return {
        ticket_id: _conversation(_prepare(deps, ticket, names), places, stored.get(ticket_id))
        for ticket_id, ticket in found.items()
    }


def _conversation(p: _Prepared, places: tuple[Area, ...], vector: NDArray[np.float32] | None) -> Conversation:
    return Conversation(
        p.messages, p.ticket.subject, places, p.ticket.area, vector, p.ticket.state is TicketState.RESOLVED
    )


def _prepare(deps: Deps, ticket: Ticket, names: KnownPeople) -> _Prepared:
    region = deps.settings.phone_region
    masked = tuple(
        replace(m, text=redact(m.text, people=names, region=region).text) for m in ticket.messages if not m.private_note
    )
    text = without_masks(problem_text(masked) or redact(ticket.subject, people=names, region=region).text)
    text_hash = hashlib.sha256(text.encode()).hexdigest()[:32]
    whole = "\x1f".join(f"{m.role}:{m.text}" for m in masked)
    basis = f"{deps.analyzer.name}|{deps.embedder.model}|{ticket.state}|{ticket.area}|{whole}"
    return _Prepared(ticket, masked, text, text_hash, hashlib.sha256(basis.encode()).hexdigest()[:32])


def _encode(
    deps: Deps,
    prepared: Sequence[_Prepared],
    known: Mapping[int, str],
    stored: Mapping[int, NDArray[np.float32]],
) -> dict[int, NDArray[np.float32]]:
    fresh = [p for p in prepared if known.get(p.ticket.id) != p.text_hash]
    made = deps.embedder.encode([p.text for p in fresh])
    new = {p.ticket.id: made[row] for row, p in enumerate(fresh)}
    return {p.ticket.id: new[p.ticket.id] if p.ticket.id in new else stored[p.ticket.id] for p in prepared}


def _verified(analysis: Analysis, ticket: Ticket) -> Analysis:
    """Keep only evidence that is an exact part of a stored message; masked stretches are cut away first."""
    kept: list[Evidence] = []
    for evidence in analysis.evidence:
        quote = max((part.strip() for part in MASK.split(evidence.quote)), key=len, default="")
        if len(quote) < _MIN_QUOTE and quote != evidence.quote.strip():
            continue
        source = next((m for m in ticket.messages if quote and quote in m.text), None)
        if source is not None:
            kept.append(Evidence(quote, evidence.supports, source.key))
    return replace(analysis, evidence=tuple(kept))


def _replace(deps: Deps, session: Session, workspace: str, read: bulk.Reading) -> None:
    """A ticket is read again: its old reading is kept, the new one is current."""
    vectors.store(session, workspace, read.ticket_id, deps.embedder.model, read.text_hash, read.vector)
    analyses.store(session, workspace, read.ticket_id, read.analysis, read.content_key, deps.clock.now())


def improve(deps: Deps, workspace: str, found: Mapping[int, Analysis], keys: Mapping[int, str]) -> int:
    """Put these readings in the place of those of the same content (`keys` by ticket); how many were. Themes stay:
    they come from the words and not from the labels.
    """
    with deps.db.read() as session:
        loaded = tickets.load(session, Scope(workspace), list(found))
    with deps.db.write() as session:
        now = deps.clock.now()
        done = [
            ticket_id
            for ticket_id, ticket in loaded.items()
            if rereadings.better(
                session, workspace, ticket_id, _verified(found[ticket_id], ticket), keys[ticket_id], now
            )
        ]
        reviews.apply(session, workspace, done)
    return len(done)


def _enqueue_assign(deps: Deps, session: Session, workspace: str, prepared: Sequence[_Prepared]) -> None:
    basis = "".join(f"{p.ticket.id}:{p.content_key};" for p in prepared)
    queue.enqueue(
        session,
        "assign",
        {"workspace": workspace, "tickets": [p.ticket.id for p in prepared]},
        key=f"assign:{workspace}:{hashlib.sha256(basis.encode()).hexdigest()[:32]}",
        lane=f"themes:{workspace}",
        now=deps.clock.now(),
    )
