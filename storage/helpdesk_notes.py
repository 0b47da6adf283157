"""Internal notes on helpdesks' tickets: first the intent, then what the helpdesk made of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from intelligence.model import MembershipKind, Source, TicketState
from storage.scopes import counted
from storage.tables import HelpdeskNoteRow, MembershipRow, TicketRefRow, TicketRow
from storage.upsert import insert_new

WANTED, WRITTEN, REFUSED = "wanted", "written", "refused"


@dataclass(frozen=True, slots=True)
class Note:
    """What is written, or to be written, on a ticket. `tag` stands there, `retagged` is to stand there instead."""

    ticket_id: int
    mark: str
    said: str
    tag: str | None
    retagged: str | None
    state: str
    attempts: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open ticket of a helpdesk, its home theme and the note that it has."""

    ticket_id: int
    source: Source
    external_id: str
    theme_id: int | None
    note: Note | None


def candidates(session: Session, workspace: str, sources: Collection[Source], since: datetime) -> list[Candidate]:
    """Open tickets of these helpdesks, spoken of since then, that have a theme or a note; the newest first."""
    ref, ticket, home, note = (col(TicketRefRow.external_id), col(TicketRow.id), MembershipRow, HelpdeskNoteRow)
    at_home = sa.and_(col(home.ticket_id) == ticket, col(home.kind) == MembershipKind.HOME)
    noted = sa.and_(
        col(note.workspace_id) == workspace,
        col(note.source) == col(TicketRefRow.source),
        col(note.external_id) == ref,
    )
    query = (
        sa.select(ticket, col(TicketRefRow.source), ref, col(home.theme_id), note)
        .join(TicketRow, ticket == col(TicketRefRow.ticket_id))
        .outerjoin(home, at_home)
        .outerjoin(note, noted)
        .where(
            col(TicketRefRow.workspace_id) == workspace,
            col(TicketRefRow.source).in_(list(sources)),
            col(TicketRow.state) == TicketState.OPEN,
            col(TicketRow.last_message_at) >= since,
            counted(),
            sa.or_(col(home.theme_id).is_not(None), col(note.mark).is_not(None)),
        )
        .order_by(col(TicketRow.last_message_at).desc(), ticket)
    )
    rows = session.execute(query).all()
    return [Candidate(row[0], row[1], row[2], row[3], _note(row[4]) if row[4] else None) for row in rows]


def want(
    session: Session,
    workspace: str,
    candidate: Candidate,
    *,
    mark: str,
    said: str,
    tag: str | None,
    now: datetime,
) -> None:
    """Write the intent, in the place of an earlier one; the tag that stands there is kept in mind."""
    place = {"workspace_id": workspace, "source": candidate.source, "external_id": candidate.external_id}
    values = {"ticket_id": candidate.ticket_id, "mark": mark, "said": said, "retagged": tag, "state": WANTED, "at": now}
    values |= {"attempts": 0, "error": None}
    if not insert_new(session, HelpdeskNoteRow, place | values, unique=list(place)):
        mine = [col(getattr(HelpdeskNoteRow, name)) == value for name, value in place.items()]
        session.execute(sa.update(HelpdeskNoteRow).where(*mine).values(**values))


def begin(session: Session, workspace: str, source: Source, external_id: str) -> Note | None:
    """The wanted note as it was before this try, which is counted; None if nothing is wanted."""
    row = session.get(HelpdeskNoteRow, (workspace, source, external_id))
    if row is None or row.state != WANTED:
        return None
    before = _note(row)
    row.attempts += 1
    session.add(row)
    return before


def written(
    session: Session, workspace: str, source: Source, external_id: str, mark: str, said: str, now: datetime
) -> None:
    """The note with this mark and its tag stand there now; another that was wanted meanwhile stays wanted."""
    row = session.get(HelpdeskNoteRow, (workspace, source, external_id))
    if row is not None and row.mark == mark:
        row.state, row.said, row.tag, row.error, row.at = WRITTEN, said, row.retagged, None, now
        session.add(row)


def refused(session: Session, workspace: str, source: Source, external_id: str, reason: str, now: datetime) -> None:
    row = session.get(HelpdeskNoteRow, (workspace, source, external_id))
    if row is not None:
        row.state, row.error, row.at = REFUSED, reason[:300], now
        session.add(row)


def _note(row: HelpdeskNoteRow) -> Note:
    return Note(row.ticket_id, row.mark, row.said, row.tag, row.retagged, row.state, row.attempts, row.at)
