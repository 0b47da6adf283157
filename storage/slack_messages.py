"""Which messages of a Slack channel or thread are stored: what a new one continues, and what Slack still shows."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from intelligence.model import Role, Source, TicketState
from storage.tables import MessageRow, TicketRefRow, TicketRow
from storage.tickets import find


def root_keys(session: Session, workspace: str, channel: str, start: datetime, end: datetime) -> list[str]:
    """Keys ("channel/ts") of the root messages of a Slack channel in [start, end] that are stored and not deleted."""
    query = select(MessageRow.external_id).where(
        MessageRow.workspace_id == workspace,
        MessageRow.source == Source.SLACK,
        MessageRow.channel_id == channel,
        col(MessageRow.at).between(start, end),
        col(MessageRow.deleted_at).is_(None),
        col(MessageRow.external_id).in_(
            select(TicketRefRow.external_id).where(
                TicketRefRow.workspace_id == workspace, TicketRefRow.source == Source.SLACK
            )
        ),
    )
    return list(session.exec(query).all())


def reply_keys(session: Session, workspace: str, ref: str) -> list[str]:
    """Keys of the stored replies of a Slack thread, not deleted; none for a ticket of several threads, whose replies
    cannot be told apart.
    """
    ticket_id = find(session, workspace, Source.SLACK, ref)
    threads = select(TicketRefRow.external_id).where(
        TicketRefRow.ticket_id == ticket_id, TicketRefRow.source == Source.SLACK
    )
    if ticket_id is None or len(session.exec(threads).all()) != 1:
        return []
    query = select(MessageRow.external_id).where(
        MessageRow.ticket_id == ticket_id,
        MessageRow.source == Source.SLACK,
        MessageRow.external_id != ref,
        col(MessageRow.deleted_at).is_(None),
    )
    return list(session.exec(query).all())


def open_threads(session: Session, workspace: str, channel: str, *, limit: int = 500) -> list[tuple[str, datetime]]:
    """Root timestamps and last message times of a channel's open Slack tickets, newest first: replies to catch up
    on.
    """
    query = select(TicketRow.thread_ts, TicketRow.last_message_at).where(
        TicketRow.workspace_id == workspace,
        TicketRow.channel_id == channel,
        col(TicketRow.state) == TicketState.OPEN,
        col(TicketRow.thread_ts).is_not(None),
    )
    rows = session.exec(query.order_by(col(TicketRow.at).desc()).limit(limit)).all()
    return [(ts, last) for ts, last in rows if ts is not None and last is not None]


def recent_root(
    session: Session, workspace: str, channel: str, author: str, since: datetime, until: datetime
) -> int | None:
    """The ticket that this author opened in this channel within the grouping window, if nobody has answered it yet."""
    newest = (
        select(MessageRow.ticket_id)
        .join(TicketRow, col(TicketRow.id) == col(MessageRow.ticket_id))
        .where(
            MessageRow.workspace_id == workspace,
            MessageRow.channel_id == channel,
            MessageRow.author == author,
            col(MessageRow.role) == Role.CUSTOMER,
            col(MessageRow.at) >= since,
            col(MessageRow.at) <= until,
            col(TicketRow.state) == TicketState.OPEN,
            col(TicketRow.redacted_at).is_(None),
        )
        .order_by(col(MessageRow.at).desc())
        .limit(1)
    )
    found = session.exec(newest).first()
    if found is None:
        return None
    answered = select(MessageRow.id).where(
        MessageRow.ticket_id == found, col(MessageRow.role) == Role.AGENT, col(MessageRow.deleted_at).is_(None)
    )
    return None if session.exec(answered.limit(1)).first() is not None else found
