"""Vectors of tickets: stored as float16, read in one go and reshaped, without a Python object per vector.

What is nearest to a vector is asked of storage/nearest.py.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlmodel import Session, col

from intelligence.model import MembershipKind
from storage.columns import unpacked, vector_bytes
from storage.scopes import counted
from storage.tables import MembershipRow, TicketRow, VectorRow
from storage.upsert import put

_CHUNK: Final = 5_000  # ids in one query: below the bounds of both databases


@dataclass(frozen=True, slots=True)
class Members:
    """Counted tickets of a workspace with their vectors: arrays of one length n, in order of (at, ticket id).

    `theme_ids` holds 0 where a ticket has no home; `times` are POSIX seconds; `vectors` has shape (n, dim).
    """

    ticket_ids: NDArray[np.int64]
    theme_ids: NDArray[np.int64]
    times: NDArray[np.float64]
    vectors: NDArray[np.float32]


def store(
    session: Session, workspace: str, ticket_id: int, model: str, text_hash: str, embedding: NDArray[np.float32]
) -> None:
    """Set a ticket's vector under a model."""
    values = {
        "ticket_id": ticket_id,
        "model": model,
        "workspace_id": workspace,
        "text_hash": text_hash,
        "embedding": embedding,
    }
    put(session, VectorRow, values, unique=["ticket_id", "model"])


def known_hashes(session: Session, model: str, ticket_ids: Collection[int]) -> dict[int, str]:
    """The text hash that each ticket's stored vector was made from."""
    query = sa.select(col(VectorRow.ticket_id), col(VectorRow.text_hash))
    found = session.execute(query.where(col(VectorRow.model) == model, col(VectorRow.ticket_id).in_(list(ticket_ids))))
    return {row[0]: row[1] for row in found.all()}


def of(session: Session, model: str, ticket_ids: Collection[int]) -> dict[int, NDArray[np.float32]]:
    """Vectors by ticket."""
    query = sa.select(col(VectorRow.ticket_id), VectorRow.__table__.c.embedding)  # type: ignore[attr-defined]
    found = session.execute(query.where(col(VectorRow.model) == model, col(VectorRow.ticket_id).in_(list(ticket_ids))))
    return {row[0]: row[1] for row in found.all()}


def matrix(session: Session, model: str, ticket_ids: Sequence[int], dim: int) -> NDArray[np.float32]:
    """Vectors of thousands of tickets in the order given, of shape (n, dim); zeros for who has none."""
    raw = vector_bytes(VectorRow.__table__.c.embedding)  # type: ignore[attr-defined]
    query = sa.select(col(VectorRow.ticket_id), raw).where(col(VectorRow.model) == model)
    rows: list[Any] = []
    for start in range(0, len(ticket_ids), _CHUNK):
        rows += session.execute(query.where(col(VectorRow.ticket_id).in_(ticket_ids[start : start + _CHUNK]))).all()
    places = {ticket_id: place for place, ticket_id in enumerate(ticket_ids)}
    found = np.zeros((len(ticket_ids), dim), np.float32)
    found[[places[row[0]] for row in rows]] = unpacked([row[1] for row in rows], dim, session.get_bind().dialect.name)
    return found


def samples(
    session: Session, model: str, theme_ids: Collection[int], *, each: int
) -> dict[int, list[NDArray[np.float32]]]:
    """Vectors of the newest `each` home tickets of themes, by theme."""
    newest = sa.func.row_number().over(
        partition_by=col(MembershipRow.theme_id), order_by=col(MembershipRow.ticket_id).desc()
    )
    places = (
        sa.select(col(MembershipRow.theme_id), col(MembershipRow.ticket_id), newest.label("place"))
        .where(col(MembershipRow.theme_id).in_(list(theme_ids)), col(MembershipRow.kind) == MembershipKind.HOME)
        .subquery()
    )
    query = (
        sa.select(places.c.theme_id, VectorRow.__table__.c.embedding)  # type: ignore[attr-defined]
        .join(places, places.c.ticket_id == col(VectorRow.ticket_id))
        .where(col(VectorRow.model) == model, places.c.place <= each)
    )
    found: dict[int, list[NDArray[np.float32]]] = {}
    for theme_id, embedding in session.execute(query).all():
        found.setdefault(theme_id, []).append(embedding)
    return found


def members(
    session: Session,
    workspace: str,
    model: str,
    dim: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Members:
    """All counted tickets with a vector, with the home theme of each; of the times from `since` to `until` only, where
    these are given (both included)."""
    raw = vector_bytes(VectorRow.__table__.c.embedding)  # type: ignore[attr-defined]
    home = sa.and_(
        col(MembershipRow.ticket_id) == col(VectorRow.ticket_id), col(MembershipRow.kind) == MembershipKind.HOME
    )
    textual = session.get_bind().dialect.name == "sqlite"
    at = sa.type_coerce(col(TicketRow.at), sa.String) if textual else col(TicketRow.at)
    query = (
        sa.select(col(VectorRow.ticket_id), col(MembershipRow.theme_id), at, raw)
        .select_from(VectorRow)
        .join(TicketRow, col(TicketRow.id) == col(VectorRow.ticket_id))
        .join(MembershipRow, home, isouter=True)
        .where(col(VectorRow.workspace_id) == workspace, col(VectorRow.model) == model, counted())
        .order_by(col(TicketRow.at), col(VectorRow.ticket_id))
    )
    if since is not None:
        query = query.where(col(TicketRow.at) >= since)
    if until is not None:
        query = query.where(col(TicketRow.at) <= until)
    rows = session.execute(query).all()
    return Members(
        np.fromiter((row[0] for row in rows), np.int64, len(rows)),
        np.fromiter((row[1] or 0 for row in rows), np.int64, len(rows)),
        _seconds([row[2] for row in rows]),
        unpacked([row[3] for row in rows], dim, session.get_bind().dialect.name),
    )


def _seconds(times: Sequence[Any]) -> NDArray[np.float64]:
    """POSIX seconds of times as the driver gives them; SQLite's are text in UTC, a hundred thousand read in one go."""
    if times and isinstance(times[0], str):
        return np.array(times, "datetime64[us]").astype(np.int64) / 1e6
    return np.fromiter((at.timestamp() for at in times), np.float64, len(times))
