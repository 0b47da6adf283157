"""Which messages of a Slack channel or thread are stored, to compare with what Slack still shows."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from intelligence.model import Source
from storage.tables import MessageRow, TicketRefRow
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
