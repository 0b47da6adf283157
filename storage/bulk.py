"""Many rows at once, for imports and batches: one statement per table instead of several per ticket.

What one row at a time means is in tickets.py and analyses.py; a test holds both ways to the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlmodel import Session, col

from intelligence.model import Analysis, DecidedBy, Role, Source, TicketState
from intelligence.segments import banded
from storage import messages
from storage.analyses import columns_of
from storage.messages import NewMessage
from storage.tables import AnalysisRow, MessageRow, Row, SignalRow, TicketRefRow, TicketRow, VectorRow
from storage.tickets import NewTicket

STATEMENT_ROWS = 500


@dataclass(frozen=True, slots=True)
class WholeTicket:
    """A ticket as a file tells it: its id in the source and all its messages."""

    ticket: NewTicket
    external_id: str
    messages: tuple[NewMessage, ...]
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reading found: the analysis, the vector and what they were made from."""

    ticket_id: int
    analysis: Analysis
    content_key: str
    vector: NDArray[np.float32]
    text_hash: str


def _insert(table: type[Row]) -> Any:
    """An insert of many rows as one statement: without `render_nulls` rows with other empty columns are statements of
    their own.
    """
    return sa.insert(table).execution_options(render_nulls=True)


def known_refs(session: Session, workspace: str, source: Source, external_ids: Sequence[str]) -> dict[str, int]:
    """Ticket ids of those of these refs that are known."""
    found: dict[str, int] = {}
    for start in range(0, len(external_ids), STATEMENT_ROWS):
        query = sa.select(col(TicketRefRow.external_id), col(TicketRefRow.ticket_id)).where(
            col(TicketRefRow.workspace_id) == workspace,
            col(TicketRefRow.source) == source,
            col(TicketRefRow.external_id).in_(external_ids[start : start + STATEMENT_ROWS]),
        )
        found |= {row[0]: row[1] for row in session.execute(query).all()}
    return found


def open_tickets(session: Session, workspace: str, new: Sequence[WholeTicket], now: datetime) -> list[int]:
    """Store tickets whose refs are not known, with refs and messages; their ids in the order given."""
    if not new:
        return []
    statement = _insert(TicketRow).returning(col(TicketRow.id), sort_by_parameter_order=True)
    ids = list(session.execute(statement, [_ticket(workspace, one, now) for one in new]).scalars())
    refs: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    for ticket_id, one in zip(ids, new, strict=True):
        refs.append(
            {
                "workspace_id": workspace,
                "source": one.ticket.source,
                "external_id": one.external_id,
                "ticket_id": ticket_id,
                "url": one.ticket.url,
            }
        )
        said += [messages.columns_of(workspace, ticket_id, message) for message in one.messages]
    session.execute(_insert(TicketRefRow), refs)
    if said:
        session.execute(_insert(MessageRow), said)
    return ids


def _ticket(workspace: str, one: WholeTicket, now: datetime) -> dict[str, Any]:
    new = one.ticket
    customers = [m.at for m in one.messages if m.role is Role.CUSTOMER]
    return {
        "workspace_id": workspace,
        "source": new.source,
        "at": min(customers, default=new.at),
        "updated_at": now,
        "state": TicketState.RESOLVED if one.resolved_at else TicketState.OPEN,
        "resolved_at": one.resolved_at,
        "request": new.request,
        "request_by": DecidedBy.MACHINE,
        "subject": new.subject,
        "customer_id": new.customer_id,
        "account_id": new.account_id,
        "segments": banded(new.segments),
        "area": new.area,
        "area_by": DecidedBy.PERSON if new.area else None,
        "channel_id": new.channel,
        "thread_ts": new.thread_ts,
        "visibility": new.visibility,
        "url": new.url,
        "history": new.history,
        "placeholder": new.placeholder,
        "last_message_at": max((m.at for m in one.messages), default=new.at),
    }


def store_readings(session: Session, workspace: str, model: str, read: Sequence[Reading], now: datetime) -> None:
    """Store first readings of tickets that have none yet, with their vectors and signals."""
    if not read:
        return
    statement = _insert(AnalysisRow).returning(col(AnalysisRow.id), sort_by_parameter_order=True)
    rows = [columns_of(workspace, r.ticket_id, r.analysis, r.content_key, now) for r in read]
    ids = session.execute(statement, rows).scalars()
    signals = [
        {
            "analysis_id": analysis_id,
            "kind": signal.kind,
            "workspace_id": workspace,
            "ticket_id": r.ticket_id,
            "probability": signal.probability,
            "fields": dict(signal.fields),
        }
        for analysis_id, r in zip(ids, read, strict=True)
        for signal in r.analysis.signals
    ]
    if signals:
        session.execute(_insert(SignalRow), signals)
    vectors = [
        {
            "ticket_id": r.ticket_id,
            "model": model,
            "workspace_id": workspace,
            "text_hash": r.text_hash,
            "embedding": r.vector,
        }
        for r in read
    ]
    session.execute(_insert(VectorRow), vectors)
