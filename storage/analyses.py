"""Readings of tickets: one current analysis each, the older ones kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import (
    Alternative,
    Analysis,
    CauseKind,
    ChurnRisk,
    Evidence,
    Level,
    PrimaryCategory,
    Scope,
    Signal,
    SignalKind,
    Subcategory,
)
from intelligence.patterns.pairs import Pair
from storage.scopes import counted, visible
from storage.tables import AnalysisRow, SignalRow, TicketRow
from storage.upsert import insert_numbered

_PLAIN = (
    "primary",
    "subcategory",
    "confidence",
    "sub_confidence",
    "unsure",
    "area",
    "frustration",
    "urgency",
    "churn_risk",
    "satisfaction",
    "cause",
    "cause_phrase",
    "goal",
    "critical",
    "summary",
    "analyzer",
    "model",
    "prompt_version",
    "reads",
    "tokens_in",
    "tokens_out",
    "fallback",
)


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one ticket that lists and statistics need, without texts."""

    ticket_id: int
    primary: PrimaryCategory
    subcategory: Subcategory
    unsure: bool
    reads: bool
    area: str | None
    frustration: Level
    urgency: Level
    cause: CauseKind
    churn_risk: ChurnRisk
    critical: bool


def columns_of(workspace: str, ticket_id: int, analysis: Analysis, content_key: str, now: datetime) -> dict[str, Any]:
    """An analysis as the columns of its row."""
    values: dict[str, Any] = {name: getattr(analysis, name) for name in _PLAIN}
    values |= {
        "workspace_id": workspace,
        "ticket_id": ticket_id,
        "content_key": content_key,
        "current": True,
        "loyalty": list(analysis.loyalty),
        "drivers": list(analysis.drivers),
        "alternatives": [[a.primary, a.subcategory, a.probability] for a in analysis.alternatives],
        "evidence": [[e.quote, e.supports, e.message_key] for e in analysis.evidence],
        "created_at": now,
    }
    return values


def store(
    session: Session, workspace: str, ticket_id: int, analysis: Analysis, content_key: str, now: datetime
) -> int | None:
    """Make this the ticket's current reading. None if the same content was read before, by a job that ran twice or
    before an edit that was taken back; that reading is the current one again.
    """
    values = columns_of(workspace, ticket_id, analysis, content_key, now)
    inserted = insert_numbered(session, AnalysisRow, values, unique=["workspace_id", "ticket_id", "content_key"])
    analysis_id = inserted or _read_before(session, workspace, ticket_id, content_key)
    session.execute(
        sa.update(AnalysisRow)
        .where(col(AnalysisRow.ticket_id) == ticket_id)
        .values(current=col(AnalysisRow.id) == analysis_id)
    )
    if inserted is None:
        return None
    for signal in analysis.signals:
        session.add(
            SignalRow(
                analysis_id=analysis_id,
                kind=signal.kind,
                workspace_id=workspace,
                ticket_id=ticket_id,
                probability=signal.probability,
                fields=dict(signal.fields),
            )
        )
    return analysis_id


def _read_before(session: Session, workspace: str, ticket_id: int, content_key: str) -> int:
    found = session.exec(
        select(AnalysisRow.id).where(
            AnalysisRow.workspace_id == workspace,
            AnalysisRow.ticket_id == ticket_id,
            AnalysisRow.content_key == content_key,
        )
    ).one()
    assert found is not None
    return found


def current(
    session: Session, scope: Scope, ticket_ids: Collection[int], *, machine: bool = False
) -> dict[int, Analysis]:
    """Current readings by ticket, with people's words in them; what the machine itself had said with `machine`."""
    if not ticket_ids:
        return {}
    rows = session.exec(
        select(AnalysisRow)
        .join(TicketRow, col(TicketRow.id) == col(AnalysisRow.ticket_id))
        .where(visible(scope), col(AnalysisRow.ticket_id).in_(list(ticket_ids)), col(AnalysisRow.current).is_(True))
    ).all()
    signals: dict[int, list[Signal]] = {row.id: [] for row in rows if row.id is not None}
    for s in session.exec(select(SignalRow).where(col(SignalRow.analysis_id).in_(list(signals)))).all():
        signals[s.analysis_id].append(Signal(s.kind, s.probability, s.fields))
    found = {row.ticket_id: _analysis(row, signals[row.id]) for row in rows if row.id is not None}
    if machine:
        found |= {row.ticket_id: _by_machine(found[row.ticket_id], row.machine) for row in rows if row.machine}
    return found


def _by_machine(corrected: Analysis, own: Mapping[str, Any]) -> Analysis:
    """The reading as it was before a person's word."""
    enums = {"primary": PrimaryCategory, "subcategory": Subcategory, "frustration": Level, "urgency": Level}
    values = {name: enums[name](value) if name in enums else value for name, value in own.items()}
    return replace(corrected, **values, corrected_by=None)


def _analysis(row: AnalysisRow, signals: list[Signal]) -> Analysis:
    return Analysis(
        **{name: getattr(row, name) for name in _PLAIN},
        alternatives=tuple(Alternative(PrimaryCategory(p), Subcategory(s), q) for p, s, q in row.alternatives),
        loyalty=tuple(row.loyalty),
        signals=tuple(sorted(signals, key=lambda s: -s.probability)),
        evidence=tuple(Evidence(*e) for e in row.evidence),
        drivers=tuple(row.drivers),
        corrected_by=row.corrected_by,
    )


def labels(session: Session, scope: Scope, ticket_ids: Collection[int]) -> dict[int, Labels]:
    """Labels by ticket, for many tickets at once."""
    if not ticket_ids:
        return {}
    rows = session.execute(
        sa.select(
            col(AnalysisRow.ticket_id),
            col(AnalysisRow.primary),
            col(AnalysisRow.subcategory),
            col(AnalysisRow.unsure),
            col(AnalysisRow.reads),
            col(AnalysisRow.area),
            col(AnalysisRow.frustration),
            col(AnalysisRow.urgency),
            col(AnalysisRow.cause),
            col(AnalysisRow.churn_risk),
            col(AnalysisRow.critical),
        )
        .join(TicketRow, col(TicketRow.id) == col(AnalysisRow.ticket_id))
        .where(
            visible(scope),
            col(AnalysisRow.current).is_(True),
            col(AnalysisRow.ticket_id).in_(list(ticket_ids)),
        )
    ).all()
    return {row[0]: Labels(*row) for row in rows}


def pairs(session: Session, workspace: str, since: datetime) -> dict[int, Pair]:
    """Area and kind of cause by counted ticket since a time, where both are known."""
    query = (
        sa.select(col(AnalysisRow.ticket_id), col(AnalysisRow.area), col(AnalysisRow.cause))
        .join(TicketRow, col(TicketRow.id) == col(AnalysisRow.ticket_id))
        .where(
            col(TicketRow.workspace_id) == workspace,
            counted(),
            col(TicketRow.at) >= since,
            col(AnalysisRow.current).is_(True),
            col(AnalysisRow.area).is_not(None),
            col(AnalysisRow.cause) != CauseKind.UNKNOWN,
        )
    )
    return {ticket: Pair(area, cause) for ticket, area, cause in session.execute(query).all()}


def uncertainty(session: Session, scope: Scope, start: datetime, end: datetime) -> tuple[int, int, int]:
    """Of a period's counted tickets: how many have a reading, how many of those are unsure, how many are not read."""
    query = (
        sa.select(
            sa.func.count(),
            sa.func.sum(sa.case((col(AnalysisRow.unsure).is_(True), 1), else_=0)),
            sa.func.sum(sa.case((col(AnalysisRow.reads).is_(False), 1), else_=0)),
        )
        .join(TicketRow, col(TicketRow.id) == col(AnalysisRow.ticket_id))
        .where(
            visible(scope),
            counted(),
            col(AnalysisRow.current).is_(True),
            col(TicketRow.at) >= start,
            col(TicketRow.at) < end,
        )
    )
    count, unsure, not_read = session.execute(query).one()
    return int(count), int(unsure or 0), int(not_read or 0)


def signal_counts(session: Session, scope: Scope, start: datetime, end: datetime) -> Mapping[SignalKind, int]:
    """Tickets of a period by signal."""
    query = (
        sa.select(col(SignalRow.kind), sa.func.count(sa.distinct(col(SignalRow.ticket_id))))
        .join(AnalysisRow, col(AnalysisRow.id) == col(SignalRow.analysis_id))
        .join(TicketRow, col(TicketRow.id) == col(SignalRow.ticket_id))
        .where(
            visible(scope),
            counted(),
            col(AnalysisRow.current).is_(True),
            col(TicketRow.at) >= start,
            col(TicketRow.at) < end,
        )
        .group_by(col(SignalRow.kind))
    )
    return {kind: int(count) for kind, count in session.execute(query).all()}


def content_keys(session: Session, workspace: str, ticket_ids: Collection[int]) -> dict[int, str]:
    """The content key of each of these tickets' current reading: what need not be read again. Two tickets with the same
    words have the same key.
    """
    query = sa.select(col(AnalysisRow.ticket_id), col(AnalysisRow.content_key)).where(
        col(AnalysisRow.workspace_id) == workspace,
        col(AnalysisRow.current).is_(True),
        col(AnalysisRow.ticket_id).in_(list(ticket_ids)),
    )
    return {row[0]: row[1] for row in session.execute(query).all()}


def readings(session: Session, workspace: str) -> int:
    """How many tickets have a current reading."""
    query = sa.select(sa.func.count()).where(
        col(AnalysisRow.workspace_id) == workspace, col(AnalysisRow.current).is_(True)
    )
    return int(session.execute(query).scalar_one())


def critical_of(session: Session, workspace: str, ticket_ids: Collection[int]) -> list[tuple[int, bool]]:
    """Those of these tickets that are read as critical, and whether each is history."""
    query = (
        sa.select(col(AnalysisRow.ticket_id), col(TicketRow.history))
        .join(TicketRow, col(TicketRow.id) == col(AnalysisRow.ticket_id))
        .where(
            col(AnalysisRow.workspace_id) == workspace,
            col(AnalysisRow.current).is_(True),
            col(AnalysisRow.critical).is_(True),
            col(AnalysisRow.ticket_id).in_(list(ticket_ids)),
            counted(),
        )
    )
    return [(row[0], bool(row[1])) for row in session.execute(query).all()]
