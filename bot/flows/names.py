"""Known people become stable pseudonyms before a text is read, and before it is shown to others."""

from __future__ import annotations

from functools import lru_cache

from sqlmodel import Session

from intelligence.redact import KnownPeople
from storage import people


def pseudonyms(session: Session, workspace: str) -> KnownPeople:
    """Names of the workspace's customers with what is written instead: the same person, the same pseudonym."""
    known = frozenset(people.names(session, workspace))
    return _prepared(known)


@lru_cache(maxsize=8)
def _prepared(known: frozenset[tuple[int, str]]) -> KnownPeople:
    """Preparing a thousand names costs milliseconds, and a reading asks for them each time."""
    return KnownPeople({name: f"[customer {customer_id}]" for customer_id, name in sorted(known)})
