"""Published reports, and the counts that a report is made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlmodel import Session, col, select

from intelligence.model import AlertState, ChurnRisk, MembershipKind, PrimaryCategory, Satisfaction, Scope
from intelligence.reports.values import Report, ReportKind, Span
from storage.scopes import counted, visible
from storage.tables import (
    AccountRow,
    AlertFeedbackRow,
    AlertRow,
    AnalysisRow,
    MembershipRow,
    ModelUsageRow,
    ReportRow,
    SilenceRow,
    ThemeEventRow,
    TicketRow,
)
from storage.upsert import changed, insert_new

Behind = Mapping[int, Sequence[int]]
"""Ticket ids by home theme (0: none)."""


@dataclass(frozen=True, slots=True)
class Published:
    """A stored report and the tickets it counted; `id` is its row."""

    id: int
    report: Report
    tickets: Behind
    published_at: datetime
    edited_at: datetime | None


@cache
def _values() -> TypeAdapter[Report]:
    return TypeAdapter(Report)


def publish(session: Session, workspace: str, report: Report, tickets: Behind, now: datetime) -> int | None:
    """Keep a report once per kind and period; its id, or None if that one was published before."""
    values = {
        "workspace_id": workspace,
        "kind": report.span.kind.value,
        "period": report.span.name,
        "start_at": report.span.start,
        "end_at": report.span.end,
        "report": _values().dump_python(report, mode="json"),
        "tickets": {str(theme): list(ids) for theme, ids in tickets.items()},
        "published_at": now,
    }
    if not insert_new(session, ReportRow, values, unique=["workspace_id", "kind", "period"]):
        return None
    return session.exec(_of(workspace, report.span.kind).where(ReportRow.period == report.span.name)).one().id


def _of(workspace: str, kind: ReportKind):
    return select(ReportRow).where(ReportRow.workspace_id == workspace, ReportRow.kind == kind.value)


def published(session: Session, workspace: str, span: Span) -> Published | None:
    """The report that was published for this period."""
    row = session.exec(_of(workspace, span.kind).where(ReportRow.period == span.name)).first()
    return None if row is None else _published(row)


def by_id(session: Session, workspace: str, report_id: int) -> Published | None:
    row = session.get(ReportRow, report_id)
    return None if row is None or row.workspace_id != workspace else _published(row)


def last_before(session: Session, workspace: str, span: Span) -> Published | None:
    """The newest published report of this kind whose period ended when this one began, or earlier."""
    query = _of(workspace, span.kind).where(col(ReportRow.end_at) <= span.start)
    row = session.exec(query.order_by(col(ReportRow.end_at).desc()).limit(1)).first()
    return None if row is None else _published(row)


def that_count(session: Session, workspace: str, tickets: Collection[int]) -> list[Published]:
    """Published reports that counted any of these tickets, in their period or the one before it; oldest first."""
    rows = session.exec(select(ReportRow).where(ReportRow.workspace_id == workspace).order_by(col(ReportRow.id))).all()
    wanted = set(tickets)
    times = session.exec(select(TicketRow.at).where(col(TicketRow.id).in_(wanted))).all()
    return [
        found
        for found in map(_published, rows)
        if any(not wanted.isdisjoint(ids) for ids in found.tickets.values())
        or any(found.report.span.before <= at < found.report.span.end for at in times)
    ]


def ended_before(session: Session, workspace: str, end: datetime) -> list[Published]:
    """Published reports whose period was over by then, oldest first."""
    query = select(ReportRow).where(ReportRow.workspace_id == workspace, col(ReportRow.end_at) <= end)
    return [_published(row) for row in session.exec(query.order_by(col(ReportRow.id))).all()]


def keep(session: Session, report_id: int, report: Report) -> None:
    """Replace a report's values where the tickets behind it are the same."""
    values = {"report": _values().dump_python(report, mode="json")}
    session.execute(sa.update(ReportRow).where(col(ReportRow.id) == report_id).values(**values))


def edit(session: Session, report_id: int, report: Report, tickets: Behind, now: datetime) -> bool:
    """Replace a report's values, as forgetting a customer must; the report says so from then on."""
    values = {
        "report": _values().dump_python(report, mode="json"),
        "tickets": {str(theme): list(ids) for theme, ids in tickets.items()},
        "edited_at": now,
    }
    return changed(session.execute(sa.update(ReportRow).where(col(ReportRow.id) == report_id).values(**values))) == 1


def _published(row: ReportRow) -> Published:
    assert row.id is not None
    behind = {int(theme): tuple(ids) for theme, ids in row.tickets.items()}
    return Published(row.id, _values().validate_python(row.report), behind, row.published_at, row.edited_at)


# ---- what a report counts -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counted:
    """One ticket as reports count it. `who` is its account or person, None where unknown; `theme` its home theme or 0."""

    ticket_id: int
    at: datetime
    who: str | None
    account: str | None
    plan: str | None
    theme: int
    primary: PrimaryCategory | None
    unsure: bool
    reads: bool
    area: str | None
    dissatisfied: bool
    at_risk: bool


def tickets(session: Session, scope: Scope, start: datetime, end: datetime) -> list[Counted]:
    """Every counted ticket of a period that may be seen, in order of time, in one query."""
    home = sa.and_(col(MembershipRow.ticket_id) == col(TicketRow.id), col(MembershipRow.kind) == MembershipKind.HOME)
    read = sa.and_(col(AnalysisRow.ticket_id) == col(TicketRow.id), col(AnalysisRow.current).is_(True))
    query = (
        sa.select(
            col(TicketRow.id),
            col(TicketRow.at),
            col(TicketRow.account_id),
            col(TicketRow.customer_id),
            col(AccountRow.name),
            col(AccountRow.plan),
            col(MembershipRow.theme_id),
            col(AnalysisRow.primary),
            col(AnalysisRow.unsure),
            col(AnalysisRow.reads),
            sa.func.coalesce(col(TicketRow.area), col(AnalysisRow.area)),
            col(AnalysisRow.satisfaction),
            col(AnalysisRow.churn_risk),
        )
        .select_from(TicketRow)
        .join(MembershipRow, home, isouter=True)
        .join(AnalysisRow, read, isouter=True)
        .join(AccountRow, col(AccountRow.id) == col(TicketRow.account_id), isouter=True)
        .where(visible(scope), counted(), col(TicketRow.at) >= start, col(TicketRow.at) < end)
        .order_by(col(TicketRow.at), col(TicketRow.id))
    )
    return [
        Counted(
            row[0],
            row[1],
            f"a{row[2]}" if row[2] is not None else (f"p{row[3]}" if row[3] is not None else None),
            row[4],
            row[5],
            row[6] or 0,
            row[7],
            bool(row[8]),
            row[9] is not False,
            row[10],
            row[11] is Satisfaction.DISSATISFIED,
            row[12] is ChurnRisk.HIGH,
        )
        for row in session.execute(query).all()
    ]


def arrivals(session: Session, scope: Scope, start: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """(time, channel or source) of every counted ticket of a period: what a day usually brings."""
    place = sa.func.coalesce(col(TicketRow.channel_id), sa.cast(col(TicketRow.source), sa.String))
    query = sa.select(col(TicketRow.at), place).where(
        visible(scope), counted(), col(TicketRow.at) >= start, col(TicketRow.at) < end
    )
    return [(row[0], row[1]) for row in session.execute(query).all()]


def revenues(session: Session, workspace: str) -> dict[str, float]:
    """What each account pays a year, by who it is in counts, where a list said so ("revenue", "arr" or "mrr" x 12)."""
    query = sa.select(col(AccountRow.id), AccountRow.__table__.c.attributes).where(  # type: ignore[attr-defined]
        col(AccountRow.workspace_id) == workspace
    )
    found = {f"a{account}": _revenue(attributes or {}) for account, attributes in session.execute(query).all()}
    return {who: value for who, value in found.items() if value is not None}


def _revenue(attributes: Mapping[str, object]) -> float | None:
    plain = {str(name).lower(): value for name, value in attributes.items()}
    for name, times in (("revenue", 1.0), ("arr", 1.0), ("mrr", 12.0)):
        try:
            value = float(str(plain[name]).replace(",", "").lstrip("$€£ "))
        except (KeyError, ValueError):
            continue
        return value * times if value == value and 0 <= value < 1e15 else None
    return None


@dataclass(frozen=True, slots=True)
class AlertCounts:
    """Alerts opened in a period: all that were sent, those acted on in time, called noise, and waiting in shadow."""

    sent: int
    acted: int
    noise: int
    waiting: int


def alert_counts(session: Session, workspace: str, start: datetime, end: datetime, acted_by: datetime) -> AlertCounts:
    """Acted on: owned, or judged useful, or its theme linked, resolved or planned by a person, before `acted_by`."""
    opened = (col(AlertRow.workspace_id) == workspace, col(AlertRow.opened_at) >= start, col(AlertRow.opened_at) < end)
    rows = session.execute(
        sa.select(col(AlertRow.id), col(AlertRow.state), col(AlertRow.owner), col(AlertRow.theme_id)).where(*opened)
    ).all()
    said = session.execute(
        sa.select(col(AlertFeedbackRow.alert_id), col(AlertFeedbackRow.verdict)).where(
            col(AlertFeedbackRow.alert_id).in_([row[0] for row in rows]), col(AlertFeedbackRow.at) < acted_by
        )
    ).all()
    by_people = set(
        session.execute(
            sa.select(col(ThemeEventRow.theme_id)).where(
                col(ThemeEventRow.workspace_id) == workspace,
                col(ThemeEventRow.actor) != "machine",
                col(ThemeEventRow.at) >= start,
                col(ThemeEventRow.at) < acted_by,
            )
        ).scalars()
    )
    noise = {alert for alert, verdict in said if verdict == "not_useful"}
    useful = {alert for alert, verdict in said if verdict != "not_useful"}
    sent = [row for row in rows if row[1] is not AlertState.SHADOW]
    acted = sum(bool(owner) or alert in useful or theme in by_people for alert, _, owner, theme in sent)
    return AlertCounts(len(sent), acted, sum(row[0] in noise for row in sent), len(rows) - len(sent))


def silences(session: Session, workspace: str, start: datetime, end: datetime) -> list[tuple[int | None, str]]:
    """(theme, reason) of every pattern of a period that was found and not sent, oldest first."""
    query = (
        sa.select(col(SilenceRow.theme_id), col(SilenceRow.reason))
        .where(col(SilenceRow.workspace_id) == workspace, col(SilenceRow.at) >= start, col(SilenceRow.at) < end)
        .order_by(col(SilenceRow.id))
    )
    return [(row[0], row[1]) for row in session.execute(query).all()]


def usage(session: Session, workspace: str, first: str, last: str) -> tuple[int, int, tuple[str, ...]]:
    """Requests, tokens and models of the days from first to last (ISO dates, UTC, both included)."""
    query = (
        sa.select(
            col(ModelUsageRow.name),
            sa.func.sum(col(ModelUsageRow.requests)),
            sa.func.sum(col(ModelUsageRow.tokens_in) + col(ModelUsageRow.tokens_out)),
        )
        .where(
            col(ModelUsageRow.workspace_id) == workspace,
            col(ModelUsageRow.day) >= first,
            col(ModelUsageRow.day) <= last,
        )
        .group_by(col(ModelUsageRow.name))
        .order_by(col(ModelUsageRow.name))
    )
    rows = session.execute(query).all()
    return sum(int(r[1] or 0) for r in rows), sum(int(r[2] or 0) for r in rows), tuple(str(r[0]) for r in rows)
