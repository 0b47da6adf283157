"""What must not come back: ids of forgotten customers, their tickets and messages, as keyed hashes.

An id is itself personal data (an e-mail address, a Slack user), so it cannot be kept to recognise it. A plain hash of
an address is guessed from a list of addresses in seconds and is the same in every installation; with a random key of
the workspace it is worth nothing outside of this database. Whoever holds the whole database can still test an id that
they already know: that is what a tombstone is for.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Session, col

from intelligence.model import Source
from storage import workspaces
from storage.tables import TombstoneRow
from storage.upsert import BATCH, insert_new

KEY = "tombstones:key"


class Kind(StrEnum):
    """What an id names. A person's covers what is dated before the forgetting; the others cover for ever."""

    PERSON = "person"
    MAIL = "mail"
    TICKET = "ticket"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Mark:
    """An id in a source; mail addresses are of no source."""

    kind: Kind
    id: str
    source: Source | None = None


def person(source: Source, external_id: str) -> Mark:
    return Mark(Kind.PERSON, external_id, source)


def mail(address: str) -> Mark:
    return Mark(Kind.MAIL, address.strip().lower())


def ticket(source: Source, external_id: str) -> Mark:
    return Mark(Kind.TICKET, external_id, source)


def message(source: Source, key: str) -> Mark:
    return Mark(Kind.MESSAGE, key, source)


def bury(session: Session, workspace: str, marks: Iterable[Mark], now: datetime) -> None:
    """Remember these ids as forgotten at this time; a later forgetting of the same person covers more."""
    key = _key(session, workspace) or _new_key(session, workspace, now)
    for digest in {_digest(key, mark) for mark in marks}:
        values = {"workspace_id": workspace, "digest": digest, "at": now}
        if not insert_new(session, TombstoneRow, values, unique=["workspace_id", "digest"]):
            mine = (col(TombstoneRow.workspace_id) == workspace, col(TombstoneRow.digest) == digest)
            session.execute(sa.update(TombstoneRow).where(*mine).values(at=now))


def buried(session: Session, workspace: str, marks: Collection[Mark]) -> Mapping[Mark, datetime]:
    """Those of these ids that were forgotten, and when. Without any tombstone this is one look at the settings."""
    key = _key(session, workspace)
    if key is None:
        return {}
    digests = {_digest(key, mark): mark for mark in marks}
    found: dict[Mark, datetime] = {}
    wanted = list(digests)
    for start in range(0, len(wanted), BATCH):
        query = sa.select(col(TombstoneRow.digest), col(TombstoneRow.at)).where(
            col(TombstoneRow.workspace_id) == workspace, col(TombstoneRow.digest).in_(wanted[start : start + BATCH])
        )
        found |= {digests[digest]: at for digest, at in session.execute(query).all()}
    return found


def refused(session: Session, workspace: str, at: datetime, marks: Collection[Mark]) -> bool:
    """Whether something dated `at` with these ids is of a forgotten customer and must not be stored.

    What a person writes after they were forgotten is news of somebody unknown, and is stored.
    """
    lasting = {Kind.TICKET, Kind.MESSAGE}
    return any(mark.kind in lasting or at <= when for mark, when in buried(session, workspace, marks).items())


def count(session: Session, workspace: str) -> int:
    query = sa.select(sa.func.count()).where(col(TombstoneRow.workspace_id) == workspace)
    return int(session.execute(query).scalar_one())


def _key(session: Session, workspace: str) -> bytes | None:
    stored = workspaces.setting(session, workspace, KEY)
    return None if stored is None else bytes.fromhex(str(stored))


def _new_key(session: Session, workspace: str, now: datetime) -> bytes:
    key = secrets.token_bytes(32)
    workspaces.put_state(session, workspace, KEY, key.hex(), now)
    return key


def _digest(key: bytes, mark: Mark) -> str:
    named = "\x1f".join((mark.kind.value, mark.source.value if mark.source else "", mark.id))
    return hmac.new(key, named.encode(), hashlib.sha256).hexdigest()
