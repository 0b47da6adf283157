"""Known people become stable pseudonyms before a text is read, and before it is shown to others."""

from __future__ import annotations

from sqlmodel import Session

from storage import people


def pseudonyms(session: Session, workspace: str) -> dict[str, str]:
    """Names of the workspace's customers with what is written instead: the same person, the same pseudonym."""
    return {name: f"[customer {customer_id}]" for customer_id, name in people.names(session, workspace)}
