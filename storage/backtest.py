"""Stored tickets with their readings and vectors, read from one database and put into another as they were.

Ids stay the same. Words, customers, accounts, channels and addresses do not come along: a copy says nothing about who
wrote, and nothing of what was written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import DecidedBy, MembershipKind, Scope, TicketState, Visibility
from storage.scopes import counted, visible
from storage.tables import (
    AlertFeedbackRow,
    AnalysisRow,
    MembershipRow,
    Row,
    ThemeEventRow,
    ThemeRow,
    TicketRow,
    VectorRow,
    WorkspaceRow,
)

CHUNK = 500
_TICKET = ("workspace_id", "source", "at", "updated_at", "request", "request_by", "segments", "area", "area_by")
_READING_LEFT_OUT = frozenset({"id", "evidence", "drivers", "summary", "cause_phrase", "goal", "machine"})


@dataclass(frozen=True, slots=True)
class Held:
    """How many tickets of a stretch of time can be replayed, how many of them came as history, and how many others are
    in places that the asker may not see.
    """

    tickets: int
    history: int
    hidden: int
    first: datetime | None


@dataclass(frozen=True, slots=True)
class Happened:
    """What a person did to a theme or to an alert at a time: its tickets say what that is in a replay."""

    at: datetime
    theme_id: int
    ticket_ids: tuple[int, ...]
    reason: str | None = None  # why an alert was closed; None for a theme that was resolved


def _read(scope: Scope, model: str, start: datetime, end: datetime) -> sa.Select[*tuple[Any, ...]]:
    """Ids of counted tickets with a current reading and a vector, in the order in which they came."""
    read = sa.and_(col(AnalysisRow.ticket_id) == col(TicketRow.id), col(AnalysisRow.current).is_(True))
    encoded = sa.and_(col(VectorRow.ticket_id) == col(TicketRow.id), col(VectorRow.model) == model)
    query = sa.select(col(TicketRow.id), col(TicketRow.at), col(TicketRow.history)).select_from(TicketRow)
    query = query.join(AnalysisRow, read).join(VectorRow, encoded)
    query = query.where(visible(scope), counted(), col(TicketRow.at) >= start, col(TicketRow.at) < end)
    return query.order_by(col(TicketRow.at), col(TicketRow.id))


def held(session: Session, scope: Scope, model: str, start: datetime, end: datetime) -> Held:
    """What there is to replay in a stretch of time."""
    rows = session.execute(_read(scope, model, start, end)).all()
    everything = session.execute(
        sa.select(sa.func.count()).select_from(_read(Scope(scope.workspace), model, start, end).subquery())
    ).scalar_one()
    return Held(len(rows), sum(bool(r[2]) for r in rows), int(everything) - len(rows), rows[0][1] if rows else None)


def arrivals(session: Session, scope: Scope, model: str, start: datetime, end: datetime) -> list[tuple[int, datetime]]:
    """(ticket, time) of what can be replayed, in the order in which it came."""
    return [(row[0], row[1]) for row in session.execute(_read(scope, model, start, end)).all()]


def homes(session: Session, ticket_ids: Sequence[int]) -> dict[int, int]:
    """The home theme of each of these tickets that has one."""
    found: dict[int, int] = {}
    for chunk in _chunks(ticket_ids):
        query = sa.select(col(MembershipRow.ticket_id), col(MembershipRow.theme_id)).where(
            col(MembershipRow.ticket_id).in_(chunk), col(MembershipRow.kind) == MembershipKind.HOME
        )
        found |= {row[0]: row[1] for row in session.execute(query).all()}
    return found


def seen(session: Session, scope: Scope, ticket_ids: Sequence[int]) -> frozenset[int]:
    """Those of these tickets that the asker may see."""
    found: set[int] = set()
    for chunk in _chunks(ticket_ids):
        found.update(
            session.execute(sa.select(col(TicketRow.id)).where(visible(scope), col(TicketRow.id).in_(chunk))).scalars()
        )
    return frozenset(found)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def copy(source: Session, target: Session, ticket_ids: Sequence[int], *, model: str, history: bool) -> None:
    """Put these tickets with current readings and vectors into another database."""
    for chunk in _chunks(ticket_ids):
        inside = list(chunk)
        tickets = source.exec(select(TicketRow).where(col(TicketRow.id).in_(inside))).all()
        _insert(target, TicketRow, [_ticket(row, history=history) for row in tickets])
        readings = source.exec(
            select(AnalysisRow).where(col(AnalysisRow.ticket_id).in_(inside), col(AnalysisRow.current).is_(True))
        ).all()
        _insert(target, AnalysisRow, [_reading(row) for row in readings])
        made = source.exec(
            select(VectorRow).where(col(VectorRow.ticket_id).in_(inside), VectorRow.model == model)
        ).all()
        _insert(target, VectorRow, [_columns(row, VectorRow) for row in made])


def _insert(session: Session, table: type[Row], rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.execute(sa.insert(table).execution_options(render_nulls=True), [dict(row) for row in rows])


def _columns(row: Row, table: type[Row]) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in sa.inspect(table).local_table.columns}


def _ticket(row: TicketRow, *, history: bool) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _TICKET}
    rest = {"state": TicketState.OPEN, "visibility": Visibility.PUBLIC, "subject": "", "placeholder": False}
    return values | rest | {"id": row.id, "history": history}


def _reading(row: AnalysisRow) -> dict[str, Any]:
    values = {name: value for name, value in _columns(row, AnalysisRow).items() if name not in _READING_LEFT_OUT}
    return values | {"evidence": [], "drivers": []}


def copy_themes(source: Session, target: Session, workspace: str, at_home: Mapping[int, int], now: datetime) -> None:
    """Put the themes of `at_home` (ticket -> theme), with these tickets in them, into another database; a theme that is
    born there gets a number above theirs.
    """
    wanted = sorted(set(at_home.values()))
    rows = [row for chunk in _chunks(wanted) for row in _themes(source, chunk)]
    _insert(target, ThemeRow, [_theme(row) for row in rows])
    known = {row.id for row in rows}
    after = max((row.number for row in rows), default=0) + 1
    target.execute(sa.update(WorkspaceRow).where(col(WorkspaceRow.id) == workspace).values(next_theme=after))
    _insert(
        target,
        MembershipRow,
        [
            {
                "ticket_id": ticket,
                "theme_id": theme,
                "workspace_id": workspace,
                "kind": MembershipKind.HOME,
                "decided_by": DecidedBy.MACHINE,
                "similarity": 1.0,
                "at": now,
            }
            for ticket, theme in at_home.items()
            if theme in known
        ],
    )


def _themes(session: Session, ids: Collection[int]) -> Sequence[ThemeRow]:
    return session.exec(select(ThemeRow).where(col(ThemeRow.id).in_(list(ids)))).all()


def _theme(row: ThemeRow) -> dict[str, Any]:
    """A theme as the machine's own: what people decided of it since is not known yet."""
    people = ("owner", "issue_key", "issue_url", "roadmap", "resolved_at", "resolved_release", "merged_into")
    unsaid = {"title": f"Theme {row.number}", "description": "", "phrases": []}
    return _columns(row, ThemeRow) | dict.fromkeys(people) | unsaid | {"history": True}


def resolved(session: Session, workspace: str, start: datetime, end: datetime) -> list[Happened]:
    """Themes that people resolved in a stretch of time and did not take back, with their tickets of today."""
    query = select(ThemeEventRow).where(
        ThemeEventRow.workspace_id == workspace,
        ThemeEventRow.kind == "resolved",
        col(ThemeEventRow.undone_at).is_(None),
        col(ThemeEventRow.at) >= start,
        col(ThemeEventRow.at) < end,
    )
    found = session.exec(query.order_by(col(ThemeEventRow.at))).all()
    return [Happened(row.at, row.theme_id, _members(session, row.theme_id)) for row in found]


def closed(session: Session, workspace: str, tickets: Mapping[int, tuple[int, tuple[int, ...]]]) -> list[Happened]:
    """Alerts (id -> theme and tickets) that people closed as not useful, and why."""
    said = session.exec(
        select(AlertFeedbackRow).where(
            AlertFeedbackRow.workspace_id == workspace,
            AlertFeedbackRow.verdict == "not_useful",
            col(AlertFeedbackRow.alert_id).in_(list(tickets)),
        )
    ).all()
    return [Happened(row.at, *tickets[row.alert_id], row.reason or "noise") for row in said]


def _members(session: Session, theme_id: int) -> tuple[int, ...]:
    home = (col(MembershipRow.theme_id) == theme_id, col(MembershipRow.kind) == MembershipKind.HOME)
    return tuple(session.execute(sa.select(col(MembershipRow.ticket_id)).where(*home)).scalars())
