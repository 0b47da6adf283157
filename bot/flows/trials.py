"""Try a candidate: read the tickets of which people gave their word, once with it and once with what reads now.

Neither reader is shown the word it is judged by, and the local analyzer behind both has learned nothing from any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from bot.deps import Deps
from bot.flows import analyze
from bot.learning import Promptable, Tried
from bot.worker import Finish, nothing
from intelligence.model import Analysis, Draw, LabelSet, Review, ReviewVerdict
from intelligence.ports import Conversation
from intelligence.prompts.request import Correction
from intelligence.trials import Judged
from storage import editions, outbox, queue, reviews

JOB: Final = "candidate"
METHOD: Final = "candidate.tried"
MOST: Final = 200  # newest words: the same tickets are read twice, and each reading costs
CHUNK: Final = 32
CHANGED = "another candidate was switched on meanwhile"
NO_MODEL = "the local analyzer reads, and it asks no model"


def enqueue(deps: Deps, session: Session, workspace: str, number: int, *, tell: str) -> None:
    """Try a candidate soon; who asked is told when it is over."""
    queue.enqueue(
        session,
        JOB,
        {"workspace": workspace, "number": number, "tell": tell},
        key=f"{JOB}:{workspace}:{number}",
        lane=f"{JOB}:{workspace}",
        priority=5,
        now=deps.clock.now(),
    )


def run(deps: Deps, workspace: str, number: int, *, tell: str | None = None, finish: Finish = nothing) -> None:
    """Read, compare and keep it; runs twice without harm."""
    with deps.db.read() as session:
        stored = editions.get(session, workspace, number)
        live = editions.live(session, workspace)
    found: editions.Trial | str | None = None
    if stored is not None and stored.trial is None:
        reader = deps.readers.untaught(workspace)
        if stored.base != live.name:
            found = CHANGED
        elif not isinstance(reader, Promptable):
            found = NO_MODEL
        else:
            readers = (reader.reading_with(live), reader.reading_with(stored.edition))
            techniques = stored.edition.changes_techniques or stored.edition.model != live.model
            found = _read_all(deps, workspace, readers, techniques=techniques)
    with deps.db.write() as session:
        if isinstance(found, str):
            editions.not_tried(session, workspace, number, found)
        elif found is not None:
            editions.tried(session, workspace, number, found)
        if stored is not None and tell is not None:
            _write(deps, session, workspace, number, tell)
        finish(session)


@dataclass(frozen=True, slots=True)
class _Case:
    """A ticket to read twice, with examples that do not give its label away."""

    word: Review
    conversation: Conversation
    examples: Sequence[Correction]


def _read_all(
    deps: Deps, workspace: str, readers: tuple[Promptable, Promptable], *, techniques: bool
) -> editions.Trial | str:
    cases = _cases(deps, workspace)
    read: list[tuple[_Case, Tried, Tried]] = []
    for start in range(0, len(cases), CHUNK):
        chunk = cases[start : start + CHUNK]
        live, candidate = (
            reader.tried_on([c.conversation for c in chunk], [c.examples for c in chunk], techniques=techniques)
            for reader in readers
        )
        read += zip(chunk, live, candidate, strict=True)
    both = [(case, live, candidate) for case, live, candidate in read if live.asked and candidate.asked]
    if cases and not both:
        return next(one.reason or "" for _, *two in read for one in two if not one.asked)
    return editions.Trial(
        tuple(_judged(case.word, live.analysis, candidate.analysis) for case, live, candidate in both),
        len(cases),
        len(read) - len(both),
        (sum(not live.usable for _, live, _ in both), sum(not candidate.usable for *_, candidate in both)),
        sum(one.analysis.tokens_in + one.analysis.tokens_out for _, *two in read for one in two),
        deps.clock.now(),
    )


def _cases(deps: Deps, workspace: str) -> list[_Case]:
    """The newest words that stand, with their tickets as a reader sees them."""
    with deps.db.read() as session:
        words = sorted(reviews.standing(session, workspace).values(), key=lambda word: -word.id)[:MOST]
        examples = deps.readers.examples(session, workspace)
    prepared = analyze.conversations(deps, workspace, [word.ticket_id for word in words])
    own = dict(examples)
    made: list[_Case] = []
    for word in words:
        conversation = prepared.get(word.ticket_id)
        if conversation is None or not any(message.text.strip() for message in conversation.messages):
            continue
        text = own[word.ticket_id].text if word.ticket_id in own else None
        others = [example for ticket, example in examples if ticket != word.ticket_id and example.text != text]
        made.append(_Case(word, conversation, others))
    return made


def _judged(word: Review, live: Analysis, candidate: Analysis) -> Judged:
    return Judged(
        word.ticket_id,
        word.said or word.was,
        _labels(live),
        _labels(candidate),
        drawn=word.draw is Draw.RANDOM,
        fixed=word.verdict is ReviewVerdict.FIXED,
    )


def _labels(analysis: Analysis) -> LabelSet:
    return LabelSet(analysis.subcategory, analysis.area, analysis.frustration, analysis.urgency)


def _write(deps: Deps, session: Session, workspace: str, number: int, user: str) -> None:
    """A direct message to who asked, drawn when it is sent."""
    now = deps.clock.now()
    lane = f"person:{user}"
    letter = outbox.write(
        session,
        workspace,
        f"{JOB}:{number}:{user}",
        lane=lane,
        method=METHOD,
        payload={"number": number, "user": user},
        now=now,
        subject=lane,
    )
    if letter is not None:
        args = {"letter": letter}
        queue.enqueue(session, "send", args, key=f"send:{letter}", lane=f"out:{workspace}:{lane}", now=now)
