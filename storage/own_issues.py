"""Which issues of other systems are our own: what another app tells of them in Slack is no ticket."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.tables import TrackedIssueRow
from storage.tracked_issues import OPENED, WANTED


def addresses(session: Session, workspace: str, called: str) -> list[str]:
    """The addresses of issues opened from here (not of those that a person tied to a theme) with `called` in them."""
    mine = (col(TrackedIssueRow.workspace_id) == workspace, col(TrackedIssueRow.state) == OPENED)
    query = select(TrackedIssueRow.url).where(
        *mine, col(TrackedIssueRow.attempts) > 0, col(TrackedIssueRow.url).contains(f"/{called}", autoescape=True)
    )
    return [url for url in session.exec(query).all() if url]


def being_opened(session: Session, workspace: str, title: str) -> bool:
    """Whether an issue of this title is on its way: the tracker may tell Slack of it before it answers us."""
    query = select(TrackedIssueRow.id).where(
        TrackedIssueRow.workspace_id == workspace,
        TrackedIssueRow.state == WANTED,
        col(TrackedIssueRow.attempts) > 0,
        sa.func.lower(col(TrackedIssueRow.title)) == title.lower(),
    )
    return session.exec(query.limit(1)).first() is not None
