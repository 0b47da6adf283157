"""What people say of readings: a week's cards, their words, and the labels that follow from them.

The newest word of a person on a ticket stands. Its labels are written over those of the current reading, whose own are
kept in `machine`: every list and statistic sees the person's word, and taking it back restores the machine's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import Draw, LabelSet, Level, Review, ReviewVerdict, Scope, Subcategory
from intelligence.quality import Ranked
from intelligence.taxonomy import primary_of
from storage.scopes import counted, visible
from storage.tables import AnalysisRow, ReviewCardRow, ReviewRow, TicketRow
from storage.upsert import changed, insert_new

_OVERWRITTEN = ("primary", "subcategory", "confidence", "sub_confidence", "unsure", "area", "frustration", "urgency")


@dataclass(frozen=True, slots=True)
class Card:
    """A ticket of a week's sample that somebody is asked about."""

    id: int
    ticket_id: int
    draw: Draw
    blind: bool
    answered: bool


def drawable(session: Session, workspace: str, start: datetime, end: datetime) -> list[Ranked]:
    """Counted tickets of a period that are read and were never drawn, by id; whatever anybody has said of them."""
    drawn = sa.select(col(ReviewCardRow.ticket_id)).where(col(ReviewCardRow.workspace_id) == workspace)
    query = (
        select(AnalysisRow)
        .join(TicketRow, col(TicketRow.id) == col(AnalysisRow.ticket_id))
        .where(
            col(TicketRow.workspace_id) == workspace,
            counted(),
            col(AnalysisRow.current).is_(True),
            col(AnalysisRow.reads).is_(True),
            col(TicketRow.at) >= start,
            col(TicketRow.at) < end,
            col(TicketRow.id).not_in(drawn),
        )
        .order_by(col(TicketRow.id))
    )
    return [_drawable(row) for row in session.exec(query).all()]


def _drawable(row: AnalysisRow) -> Ranked:
    said = row.machine or {"confidence": row.confidence, "unsure": row.unsure}
    return Ranked(row.ticket_id, float(said["confidence"]), bool(said["unsure"]))


def cards(session: Session, workspace: str, week: str) -> list[Card]:
    """Every card of a week, in the order they are handed out: the estimate, its second readings, then the uncertain."""
    rows = session.exec(
        select(ReviewCardRow).where(ReviewCardRow.workspace_id == workspace, ReviewCardRow.week == week)
    ).all()
    return sorted((_card(row) for row in rows), key=lambda card: (card.draw is not Draw.RANDOM, card.blind, card.id))


def _card(row: ReviewCardRow) -> Card:
    assert row.id is not None
    return Card(row.id, row.ticket_id, row.draw, row.blind, row.answered_at is not None)


def add_cards(session: Session, workspace: str, week: str, drawn: Sequence[tuple[int, Draw, bool]]) -> int:
    """Put (ticket, draw, blind) on a week's pile; how many were new."""
    return sum(
        insert_new(
            session,
            ReviewCardRow,
            {"workspace_id": workspace, "week": week, "ticket_id": ticket, "draw": draw, "blind": blind},
            unique=["workspace_id", "ticket_id", "blind"],
        )
        for ticket, draw, blind in drawn
    )


def card(session: Session, workspace: str, card_id: int) -> Card | None:
    row = session.get(ReviewCardRow, card_id)
    return None if row is None or row.workspace_id != workspace else _card(row)


def held(session: Session, workspace: str, person: str) -> Card | None:
    """The open card that this person took last."""
    query = select(ReviewCardRow).where(
        ReviewCardRow.workspace_id == workspace,
        ReviewCardRow.holder == person,
        col(ReviewCardRow.answered_at).is_(None),
    )
    row = session.exec(query.order_by(col(ReviewCardRow.held_until).desc()).limit(1)).first()
    return None if row is None else _card(row)


def take(
    session: Session, scope: Scope, week: str, person: str, *, now: datetime, until: datetime, only: int | None = None
) -> Card | None:
    """Hold the next open card for a person, until a time: their own if they hold one, else one that nobody holds.

    Only tickets they may see, and never one of which they gave their word before. `only` names the card.
    """
    spoken = sa.select(col(ReviewRow.ticket_id)).where(
        col(ReviewRow.workspace_id) == scope.workspace,
        col(ReviewRow.reviewer) == person,
        col(ReviewRow.undone_at).is_(None),
        col(ReviewRow.card_id).is_not(None),
    )
    free = sa.or_(
        col(ReviewCardRow.holder).is_(None),
        col(ReviewCardRow.holder) == person,
        col(ReviewCardRow.held_until) < now,
    )
    query = (
        select(ReviewCardRow)
        .join(TicketRow, col(TicketRow.id) == col(ReviewCardRow.ticket_id))
        .where(
            visible(scope),
            counted(),
            col(ReviewCardRow.week) == week,
            col(ReviewCardRow.answered_at).is_(None),
            col(ReviewCardRow.ticket_id).not_in(spoken),
            free,
        )
    )
    if only is not None:
        query = query.where(col(ReviewCardRow.id) == only)
    found = sorted(session.exec(query).all(), key=lambda row: _turn(row, person))
    for row in found:
        taken = session.execute(
            sa.update(ReviewCardRow)
            .where(col(ReviewCardRow.id) == row.id, free, col(ReviewCardRow.answered_at).is_(None))
            .values(holder=person, held_until=until)
        )
        if changed(taken):
            return _card(row)
    return None


def _turn(row: ReviewCardRow, person: str) -> tuple[Any, ...]:
    return (row.holder != person, row.draw is not Draw.RANDOM, row.blind, row.id)


def answered(session: Session, card_id: int, now: datetime) -> bool:
    """Take a card off the pile; False if somebody answered it before."""
    result = session.execute(
        sa.update(ReviewCardRow)
        .where(col(ReviewCardRow.id) == card_id, col(ReviewCardRow.answered_at).is_(None))
        .values(answered_at=now)
    )
    return changed(result) == 1


def reopen(session: Session, card_id: int) -> None:
    """Put a card back: what was said of it is taken back."""
    session.execute(sa.update(ReviewCardRow).where(col(ReviewCardRow.id) == card_id).values(answered_at=None))


def say(
    session: Session,
    workspace: str,
    ticket_id: int,
    *,
    reviewer: str,
    draw: Draw,
    verdict: ReviewVerdict,
    was: LabelSet,
    said: LabelSet | None,
    now: datetime,
    card: Card | None = None,
) -> int:
    """Store a person's word on a ticket's current reading; its id."""
    row = ReviewRow(
        workspace_id=workspace,
        ticket_id=ticket_id,
        analysis_id=_current_id(session, ticket_id),
        card_id=card.id if card else None,
        reviewer=reviewer,
        draw=draw,
        blind=card.blind if card else False,
        verdict=verdict,
        was=asdict(was),
        said=asdict(said) if said else None,
        at=now,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def _current_id(session: Session, ticket_id: int) -> int | None:
    query = select(AnalysisRow.id).where(AnalysisRow.ticket_id == ticket_id, col(AnalysisRow.current).is_(True))
    return session.exec(query).first()


def get(session: Session, workspace: str, review_id: int) -> Review | None:
    row = session.get(ReviewRow, review_id)
    return None if row is None or row.workspace_id != workspace else _review(row)


def undone(session: Session, review_id: int, now: datetime) -> bool:
    """Take a word back; False if it was before."""
    result = session.execute(
        sa.update(ReviewRow)
        .where(col(ReviewRow.id) == review_id, col(ReviewRow.undone_at).is_(None))
        .values(undone_at=now)
    )
    return changed(result) == 1


def since(session: Session, workspace: str, start: datetime | None = None) -> list[Review]:
    """Words that stand, oldest first."""
    query = select(ReviewRow).where(ReviewRow.workspace_id == workspace, col(ReviewRow.undone_at).is_(None))
    if start is not None:
        query = query.where(col(ReviewRow.at) >= start)
    return [_review(row) for row in session.exec(query.order_by(col(ReviewRow.id))).all()]


def _review(row: ReviewRow) -> Review:
    assert row.id is not None
    return Review(
        row.id,
        row.ticket_id,
        row.reviewer,
        row.draw,
        row.blind,
        row.verdict,
        _labels(row.was),
        _labels(row.said) if row.said else None,
        row.at,
        row.card_id,
        row.undone_at is not None,
    )


def _labels(data: dict[str, Any]) -> LabelSet:
    return LabelSet(Subcategory(data["subcategory"]), data["area"], Level(data["frustration"]), Level(data["urgency"]))


def standing(session: Session, workspace: str, ticket_ids: Collection[int] | None = None) -> dict[int, Review]:
    """The word that stands for each ticket: the newest that decided something and was not a blind second reading."""
    query = select(ReviewRow).where(
        ReviewRow.workspace_id == workspace,
        col(ReviewRow.undone_at).is_(None),
        col(ReviewRow.blind).is_(False),
        col(ReviewRow.verdict) != ReviewVerdict.CANNOT_TELL,
    )
    if ticket_ids is not None:
        query = query.where(col(ReviewRow.ticket_id).in_(list(ticket_ids)))
    rows = session.exec(query.order_by(col(ReviewRow.id))).all()
    return {row.ticket_id: _review(row) for row in rows}


def apply(session: Session, workspace: str, ticket_ids: Collection[int]) -> None:
    """Write the standing words over these tickets' current readings, or restore the machine's where none stands."""
    words = standing(session, workspace, ticket_ids)
    rows = session.exec(
        select(AnalysisRow).where(
            AnalysisRow.workspace_id == workspace,
            col(AnalysisRow.ticket_id).in_(list(ticket_ids)),
            col(AnalysisRow.current).is_(True),
            sa.or_(col(AnalysisRow.corrected_by).is_not(None), col(AnalysisRow.ticket_id).in_(list(words))),
        )
    ).all()
    for row in rows:
        own = row.machine or {name: getattr(row, name) for name in _OVERWRITTEN}
        word = words.get(row.ticket_id)
        values = own if word is None else own | _overlay(word)
        session.execute(
            sa.update(AnalysisRow)
            .where(col(AnalysisRow.id) == row.id)
            .values(
                **values,
                machine=own if word else sa.null(),
                corrected_by=word.reviewer if word else None,
            )
        )


def _overlay(word: Review) -> dict[str, Any]:
    """The columns that a word decides: the category, and whatever else the person changed. What they only let stand
    may follow the conversation at a later reading.
    """
    said = word.said or word.was
    values: dict[str, Any] = {
        "primary": primary_of(said.subcategory),
        "subcategory": said.subcategory,
        "confidence": 1.0,
        "sub_confidence": 1.0,
        "unsure": False,
    }
    for name in ("area", "frustration", "urgency"):
        if getattr(said, name) != getattr(word.was, name):
            values[name] = getattr(said, name)
    return values


def machine_labels(session: Session, ticket_id: int) -> LabelSet | None:
    """What the machine says of a ticket, whatever people say; None if it was not read."""
    query = select(AnalysisRow).where(AnalysisRow.ticket_id == ticket_id, col(AnalysisRow.current).is_(True))
    row = session.exec(query).first()
    if row is None:
        return None
    return _labels(row.machine or {name: getattr(row, name) for name in _OVERWRITTEN})
