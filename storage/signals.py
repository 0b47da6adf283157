"""Signals of a period's tickets with what counting and grouping need: who, when, home theme, labels, first words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from intelligence.model import (
    CauseKind,
    ChurnRisk,
    Level,
    MembershipKind,
    Role,
    Satisfaction,
    Scope,
    SignalKind,
    TicketState,
)
from storage.tables import AnalysisRow, MembershipRow, MessageRow, SignalRow, TicketRow
from storage.tickets import counted, readable, visible

_CHUNK = 5_000  # ids in one query: below the bounds of both databases
_STATES = {state.value: state for state in TicketState}
_LEVELS = {level.value: level for level in Level}
_CHURN = {risk.value: risk for risk in ChurnRisk}
_SATISFIED = {satisfaction.value: satisfaction for satisfaction in Satisfaction}
_CAUSES = {cause.value: cause for cause in CauseKind}
_TEXT = 700  # characters of a ticket's first customer message: what is asked stands there


@dataclass(frozen=True, slots=True)
class Reading:
    """One counted ticket and its current reading; `fields` is None where it does not carry the signal asked for."""

    ticket_id: int
    at: datetime
    state: TicketState
    account_id: int | None
    customer_id: int | None
    channel: str | None
    area: str | None
    theme_id: int | None
    frustration: Level
    urgency: Level
    critical: bool
    churn_risk: ChurnRisk
    satisfaction: Satisfaction
    cause: CauseKind
    probability: float | None = None
    fields: Mapping[str, str] | None = None

    @property
    def who(self) -> str | None:
        """The distinct customer: the account where known, else the person, else None."""
        if self.account_id is not None:
            return f"a{self.account_id}"
        return None if self.customer_id is None else f"p{self.customer_id}"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much it took: messages that both sides saw, and minutes from the first to the last."""

    messages: int
    minutes: float


def of_period(
    session: Session,
    scope: Scope,
    kind: SignalKind | None,
    start: datetime,
    end: datetime,
    *conditions: sa.ColumnElement[bool],
) -> list[Reading]:
    """Every counted ticket of a period that has a reading, oldest first, with its signal of this kind if it has one
    (no kind: without any)."""
    found = _read(session, scope, start, end, *conditions)
    return found if kind is None else carrying(session, scope, found, kind, start, end)


def carrying(
    session: Session, scope: Scope, found: Sequence[Reading], kind: SignalKind, start: datetime, end: datetime
) -> list[Reading]:
    """The readings of a period again, with their signal of this kind: several kinds share one reading of the tickets."""
    query = (
        sa.select(col(TicketRow.id), col(SignalRow.probability), SignalRow.__table__.c.fields)  # type: ignore[attr-defined]
        .select_from(TicketRow)
        .join(AnalysisRow, sa.and_(col(AnalysisRow.ticket_id) == col(TicketRow.id), col(AnalysisRow.current).is_(True)))
        .join(SignalRow, sa.and_(col(SignalRow.analysis_id) == col(AnalysisRow.id), col(SignalRow.kind) == kind))
        .where(visible(scope), counted(), col(TicketRow.at) >= start, col(TicketRow.at) < end)
    )
    told = {row[0]: (row[1], row[2]) for row in session.execute(query).all()}
    return [
        replace(one, probability=told[one.ticket_id][0], fields=told[one.ticket_id][1])
        if one.ticket_id in told
        else one
        for one in found
        if one.at >= start
    ]


def _read(
    session: Session, scope: Scope, start: datetime, end: datetime, *conditions: sa.ColumnElement[bool]
) -> list[Reading]:
    home = sa.and_(col(MembershipRow.ticket_id) == col(TicketRow.id), col(MembershipRow.kind) == MembershipKind.HOME)
    query = (
        sa.select(
            col(TicketRow.id),
            _raw(col(TicketRow.at)),
            _raw(col(TicketRow.state)),
            col(TicketRow.account_id),
            col(TicketRow.customer_id),
            col(TicketRow.channel_id),
            sa.func.coalesce(col(TicketRow.area), col(AnalysisRow.area)),
            col(MembershipRow.theme_id),
            _raw(col(AnalysisRow.frustration)),
            _raw(col(AnalysisRow.urgency)),
            col(AnalysisRow.critical),
            _raw(col(AnalysisRow.churn_risk)),
            _raw(col(AnalysisRow.satisfaction)),
            _raw(col(AnalysisRow.cause)),
        )
        .select_from(TicketRow)
        .join(AnalysisRow, sa.and_(col(AnalysisRow.ticket_id) == col(TicketRow.id), col(AnalysisRow.current).is_(True)))
        .join(MembershipRow, home, isouter=True)
        .where(visible(scope), counted(), col(TicketRow.at) >= start, col(TicketRow.at) < end, *conditions)
        .order_by(col(TicketRow.at), col(TicketRow.id))
    )
    session.flush()
    return [_reading(row) for row in session.connection().execute(query).all()]


def _raw(column: Any) -> sa.ColumnElement[Any]:
    """A column as the database writes it: a backlog of a quarter reads tens of thousands of rows, and making their times
    and enumerations one by one in the driver's layers costs more than the query.
    """
    return sa.type_coerce(column, sa.types.NullType())


def _reading(row: Any) -> Reading:
    number, at, state, account, customer, channel, area, theme, *levels = row
    frustration, urgency, critical, churn, satisfied, cause = levels
    return Reading(
        number,
        at if isinstance(at, datetime) else datetime.fromisoformat(at).replace(tzinfo=UTC),
        _STATES[state],
        account,
        customer,
        channel,
        area,
        theme,
        _LEVELS[frustration],
        _LEVELS[urgency],
        critical,
        _CHURN[churn],
        _SATISFIED[satisfied],
        _CAUSES[cause],
    )


def first_words(session: Session, scope: Scope, ticket_ids: Collection[int]) -> dict[int, str]:
    """The start of what each ticket's customer wrote first, of messages that the asker may read."""
    texts: dict[int, str] = {}
    for chunk in _chunks(ticket_ids):
        query = (
            sa.select(col(MessageRow.ticket_id), sa.func.substr(col(MessageRow.text), 1, _TEXT))
            .where(
                col(MessageRow.ticket_id).in_(chunk),
                col(MessageRow.role) == Role.CUSTOMER,
                col(MessageRow.deleted_at).is_(None),
                readable(scope),
            )
            .order_by(col(MessageRow.at), col(MessageRow.id))
        )
        for ticket_id, text in session.execute(query).all():
            if text.strip():
                texts.setdefault(ticket_id, text)
    return texts


def efforts(session: Session, ticket_ids: Collection[int]) -> dict[int, Effort]:
    """How many messages each ticket took, and how long from the first to the last."""
    found: dict[int, Effort] = {}
    for chunk in _chunks(ticket_ids):
        query = (
            sa.select(
                col(MessageRow.ticket_id),
                sa.func.count(),
                sa.func.min(col(MessageRow.at)),
                sa.func.max(col(MessageRow.at)),
            )
            .where(
                col(MessageRow.ticket_id).in_(chunk),
                col(MessageRow.deleted_at).is_(None),
                col(MessageRow.private_note).is_(False),
            )
            .group_by(col(MessageRow.ticket_id))
        )
        for ticket_id, count, first, last in session.execute(query).all():
            found[ticket_id] = Effort(int(count), (last - first).total_seconds() / 60)
    return found


def _chunks(ids: Collection[int]) -> Iterator[Sequence[int]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]
