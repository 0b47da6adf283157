"""Any system that can send JSON: tickets told in full, signed as Standard Webhooks.

    {"type": "ticket.updated", "data": {"id": "4711", "subject": "...", "status": "open", "created_at": "...",
     "updated_at": "...", "url": "...", "area": "...", "segments": {"region": "eu"},
     "customer": {"id": "c1", "name": "...", "email": "...", "account": "...", "plan": "...", "attributes": {}},
     "messages": [{"id": "m1", "role": "customer", "text": "...", "at": "...", "author": "...", "private": false}]}}

It is our own format, so what does not fit is refused with the reason instead of guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from integrations.helpdesks import signatures
from integrations.helpdesks.loose import MAX_TEXT, at, clean, identifier, line, moment, prose, short_digest
from integrations.helpdesks.port import Change, Headers, HelpdeskTicket, Nothing, Payload, Person, Said
from intelligence.model import Role, Source

_SOLVED: Final = frozenset({"solved", "closed", "resolved", "done"})
_OPEN: Final = frozenset({"open", "new", "pending", "reopened"})
_MOST_MESSAGES: Final = 500


class GenericWebhook:
    """A WebhookSource for whatever has no adapter of its own."""

    source: Source = Source.WEBHOOK
    takes_webhooks: bool = True

    def __init__(self, secret: str) -> None:
        signatures.standard_key(secret)
        self._secret = secret

    def verify(self, headers: Headers, body: bytes, now: datetime) -> str:
        return signatures.standard(self._secret, headers, body, now)

    def read(self, headers: Headers, payload: Payload) -> Change | Nothing:
        del headers
        data = at(payload, "data")
        ticket_id = identifier(data, "id")
        if not ticket_id:
            return Nothing("data.id must be a string or an integer")
        kind, as_of = line(payload, "type"), moment(data, "updated_at") or moment(payload, "timestamp")
        if kind not in {"ticket.created", "ticket.updated", "ticket.deleted"}:
            return Nothing("type must be ticket.created, ticket.updated or ticket.deleted")
        if as_of is None:
            return Nothing("data.updated_at must be a time with its zone, for example 2026-01-12T09:00:00Z")
        if kind == "ticket.deleted":
            return Change(ticket_id, as_of.isoformat(), deleted=True)
        try:
            ticket = _ticket(ticket_id, data, as_of)
        except ValueError as error:
            return Nothing(str(error))
        return Change(ticket_id, as_of.isoformat(), ticket=ticket)


def _ticket(ticket_id: str, data: Mapping[str, Any], as_of: datetime) -> HelpdeskTicket:
    created = moment(data, "created_at") or as_of
    told = at(data, "messages")
    if not isinstance(told, list) or not told or len(told) > _MOST_MESSAGES:
        raise ValueError(f"data.messages must be a list of 1 to {_MOST_MESSAGES} messages")
    status = line(data, "status").lower()
    if status and status not in _SOLVED | _OPEN:
        raise ValueError("data.status must be open, pending, solved or closed")
    return HelpdeskTicket(
        Source.WEBHOOK,
        ticket_id,
        at=created,
        as_of=as_of,
        messages=tuple(_message(ticket_id, position, entry, created) for position, entry in enumerate(told, 1)),
        subject=line(data, "subject"),
        solved=status in _SOLVED if status else None,
        requester=_customer(at(data, "customer")),
        url=_address(at(data, "url")),
        segments=_short_texts(at(data, "segments")),
        area=line(data, "area") or None,
    )


def _message(ticket_id: str, position: int, entry: Any, created: datetime) -> Said:
    try:
        role = Role(at(entry, "role"))
    except ValueError as error:
        raise ValueError(f"message {position}: role must be customer, agent or bot") from error
    erased = at(entry, "deleted") not in (None, False)
    text = prose(entry, "text")
    if not text and not erased:
        raise ValueError(f"message {position}: text must be a string that is not empty")
    said = moment(entry, "at") or created
    key = identifier(entry, "id") or short_digest(role, text, said.isoformat())
    private = at(entry, "private") not in (None, False)  # in doubt, a note stays inside
    return Said(f"{ticket_id}#{key}", role, text[:MAX_TEXT], said, line(entry, "author"), private, erased)


def _customer(told: Any) -> Person | None:
    email = line(told, "email").lower()
    known = identifier(told, "id") or email
    if not known:
        return None
    return Person(
        known,
        line(told, "name"),
        email if "@" in email else "",
        line(told, "account"),
        line(told, "plan"),
        _short_texts(at(told, "attributes")),
    )


def _short_texts(told: Any) -> dict[str, str]:
    """Attributes to compare by: short, and a few."""
    if not isinstance(told, Mapping):
        return {}
    pairs = ((clean(str(key)), line(told, key)) for key in list(told)[:20])
    return {key: value for key, value in pairs if 0 < len(key) <= 40 and 0 < len(value) <= 40}


def _address(told: Any) -> str | None:
    written = clean(told) if isinstance(told, str) else ""
    return written if written.startswith(("https://", "http://")) and len(written) <= 2_000 else None
