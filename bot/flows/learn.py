"""Learn from what people said of readings: a job after each word, so that the next ticket is read better."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from bot.deps import Deps
from bot.flows import analyze
from bot.worker import Finish, nothing
from intelligence.local.analyzer import LocalAnalyzer
from intelligence.local.corrections import Correction, held_back, learn
from intelligence.model import Review
from storage import lessons, queue, reviews

JOB = "learn"


def enqueue(deps: Deps, session: Session, workspace: str, *, because: str) -> None:
    """Learn soon, once for each reason (a review's id, or its undo)."""
    queue.enqueue(
        session,
        JOB,
        {"workspace": workspace},
        key=f"learn:{workspace}:{because}",
        lane=f"learn:{workspace}",
        now=deps.clock.now(),
    )


def learn_from_words(deps: Deps, workspace: str, *, finish: Finish = nothing) -> str | None:
    """Make a new lesson of all words that stand, and store it; its version, or None where nothing was new.

    Confirmed labels are learned like corrected ones: without them a correction pulls its neighbours along.
    """
    with deps.db.read() as session:
        words = sorted(reviews.standing(session, workspace).values(), key=lambda word: word.id)
        before = lessons.live(session, workspace)
    known = before.review_ids if before else ()
    if tuple(word.id for word in words) == known:
        with deps.db.write() as session:
            finish(session)
        return None
    analyzer = LocalAnalyzer(deps.embedder)
    made = _corrections(deps, workspace, analyzer, words)
    lesson = learn(analyzer.weights, made)
    wrong_before, wrong_after = held_back(analyzer.weights, made)
    with deps.db.write() as session:
        version = lessons.store(
            session,
            workspace,
            lesson,
            [word.id for word in words],
            before=wrong_before,
            after=wrong_after,
            now=deps.clock.now(),
        )
        finish(session)
    return version


def _corrections(deps: Deps, workspace: str, analyzer: LocalAnalyzer, words: Sequence[Review]) -> list[Correction]:
    """The words with the features of their tickets, as the shipped model reads them; tickets that are gone are left
    out.
    """
    prepared = analyze.conversations(deps, workspace, [word.ticket_id for word in words])
    kept = [word for word in words if word.ticket_id in prepared]
    readings = analyzer.read([prepared[word.ticket_id] for word in kept])
    return [
        Correction(reading.read, (word.said or word.was).subcategory)
        for word, reading in zip(kept, readings, strict=True)
    ]
