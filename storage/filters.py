"""What people filter tickets by, as conditions of a query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from storage.tables import AccountRow, AnalysisRow, TicketRow

# Short words that people type for the categories; the grammar offers the same.
KINDS = {
    "bug": "bug_report",
    "howto": "how_to",
    "feature": "feature_request",
    "request": "feature_request",
    "expectation": "expectation_gap",
    "billing": "account_billing",
    "account": "account_billing",
}


def ticket_conditions(filters: Mapping[str, str]) -> list[sa.ColumnElement[bool]]:
    """Conditions for the filters that are about tickets: area, plan, kind, segment (name=value), source."""
    made: list[sa.ColumnElement[bool]] = []
    if area := filters.get("area"):
        made.append(
            sa.func.lower(sa.func.coalesce(_reading(col(AnalysisRow.area)), col(TicketRow.area))) == area.lower()
        )
    if plan := filters.get("plan"):
        account = sa.select(sa.func.lower(col(AccountRow.plan))).where(col(AccountRow.id) == col(TicketRow.account_id))
        made.append(account.correlate(TicketRow).scalar_subquery() == plan.lower())
    if kind := filters.get("kind"):
        made.append(_reading(col(AnalysisRow.primary)) == KINDS.get(kind.lower(), kind.lower()))
    if source := filters.get("source"):
        made.append(col(TicketRow.source) == source.lower())
    return made


def _reading(column: Any) -> sa.ScalarSelect[Any]:
    """A column of the ticket's current reading, whatever else the query around it joins."""
    return (
        sa.select(column)
        .where(col(AnalysisRow.ticket_id) == col(TicketRow.id), col(AnalysisRow.current).is_(True))
        .limit(1)
        .correlate(TicketRow)
        .scalar_subquery()
    )
