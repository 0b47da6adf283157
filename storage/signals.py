"""Signals of a period's tickets with what counting and grouping need: who, when, home theme, labels, first words."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

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
from storage.scopes import counted, readable, visible
from storage.tables import AnalysisRow, MembershipRow, MessageRow, SignalRow, TicketRow

_CHUNK = 5_000  # ids in one query: below the bounds of both databases
_STATES = {state.value: state for state in TicketState}
_LEVELS = {level.value: level for level in Level}
_CHURN = {risk.value: risk for risk in ChurnRisk}
_SATISFIED = {satisfaction.value: satisfaction for satisfaction in Satisfaction}
_CAUSES = {cause.value: cause for cause in CauseKind}
_CURRENT: Final = sa.and_(col(AnalysisRow.ticket_id) == col(TicketRow.id), col(AnalysisRow.current).is_(True))
_HOME: Final = sa.and_(
    col(MembershipRow.ticket_id) == col(TicketRow.id), col(MembershipRow.kind) == MembershipKind.HOME
)
_Query = sa.Select[*tuple[Any, ...]]
_TEXT = 700  # characters of a ticket's first customer message: what is asked stands there


@dataclass(frozen=True, slots=True)
class Reading:
    """One counted ticket and its current reading; `fields` is None where no signal was asked for."""

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
    session: Session, scope: Scope, start: datetime, end: datetime, *conditions: sa.ColumnElement[bool]
) -> list[Reading]:
    """Every counted ticket of a period that has a reading, oldest first, without signals."""
    found = _readings(scope, _of(start, end), *conditions)
    return _read(session, found.order_by(col(TicketRow.at), col(TicketRow.id)))


def carrying(
    session: Session,
    scope: Scope,
    kind: SignalKind,
    start: datetime,
    end: datetime,
    *conditions: sa.ColumnElement[bool],
) -> list[Reading]:
    """Those of them that carry this signal, with it."""
    carried = sa.and_(
        col(SignalRow.analysis_id) == col(AnalysisRow.id),
        col(SignalRow.ticket_id) == col(TicketRow.id),  # said too, so that only readings of the period are looked up
        col(SignalRow.kind) == kind,
        col(SignalRow.workspace_id) == scope.workspace,
    )
    query = _readings(scope, _few(start, end), *conditions).join(SignalRow, carried)
    return _in_order(_read(session, query.add_columns(col(SignalRow.probability), _raw(col(SignalRow.fields)))))


def of_themes(
    session: Session,
    scope: Scope,
    theme_ids: Collection[int],
    start: datetime,
    end: datetime,
    *conditions: sa.ColumnElement[bool],
) -> list[Reading]:
    """Those of them that are at home in these themes, without signals."""
    if not theme_ids:
        return []
    inside = col(MembershipRow.theme_id).in_(sorted(theme_ids))
    return _in_order(_read(session, _readings(scope, _of(start, end), inside, *conditions, homeless=False)))


def at_home(
    session: Session,
    scope: Scope,
    theme_ids: Collection[int],
    start: datetime,
    end: datetime,
    *conditions: sa.ColumnElement[bool],
) -> dict[int, int]:
    """How many `of_themes` would read, by theme."""
    if not theme_ids:
        return {}
    inside = col(MembershipRow.theme_id).in_(sorted(theme_ids))
    query = sa.select(col(MembershipRow.theme_id), sa.func.count()).select_from(TicketRow).join(AnalysisRow, _CURRENT)
    query = query.join(MembershipRow, _HOME).where(visible(scope), counted(), _few(start, end), inside, *conditions)
    return {theme: int(n) for theme, n in session.execute(query.group_by(col(MembershipRow.theme_id))).all()}


def how_many(
    session: Session, scope: Scope, start: datetime, end: datetime, *conditions: sa.ColumnElement[bool]
) -> int:
    """How many `of_period` would read."""
    query = sa.select(sa.func.count()).select_from(TicketRow).join(AnalysisRow, _CURRENT)
    return int(session.execute(query.where(visible(scope), counted(), _of(start, end), *conditions)).scalar_one())


def _of(start: datetime, end: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(col(TicketRow.at) >= start, col(TicketRow.at) < end)


def _few(start: datetime, end: datetime) -> sa.ColumnElement[bool]:
    """The same where another condition leaves far fewer tickets: in a form that no index answers, for SQLite would start
    from all tickets of the period.
    """
    return sa.case((_of(start, end), 1), else_=0) == 1


def _readings(scope: Scope, *conditions: sa.ColumnElement[bool], homeless: bool = True) -> _Query:
    query = sa.select(
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
    query = query.select_from(TicketRow).join(AnalysisRow, _CURRENT).join(MembershipRow, _HOME, isouter=homeless)
    return query.where(visible(scope), counted(), *conditions)


def _read(session: Session, query: _Query) -> list[Reading]:
    session.flush()
    return [_reading(*row) for row in session.connection().execute(query).all()]


def _in_order(found: list[Reading]) -> list[Reading]:
    """Oldest first, here and not in the query for the same reason."""
    return sorted(found, key=lambda one: (one.at, one.ticket_id))


def _raw(column: Any) -> sa.ColumnElement[Any]:
    """A column as the database writes it: a backlog of a quarter reads tens of thousands of rows, and making their times
    and enumerations one by one in the driver's layers costs more than the query.
    """
    return sa.type_coerce(column, sa.types.NullType())


def _reading(
    number: int,
    at: Any,
    state: str,
    account: int | None,
    customer: int | None,
    channel: str | None,
    area: str | None,
    theme: int | None,
    frustration: str,
    urgency: str,
    critical: bool,
    churn: str,
    satisfied: str,
    cause: str,
    probability: float | None = None,
    fields: str | Mapping[str, str] | None = None,
) -> Reading:
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
        probability,
        json.loads(fields) if isinstance(fields, str) else fields,
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
