"""Zendesk Support: signed events name a ticket; the ticket and its comments are fetched by id.

Events have UPPER CASE statuses and string ids, REST has lower case and integers. Comments are never edited there, only
redacted. https://developer.zendesk.com/api-reference/ticketing/
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from integrations.helpdesks.api import Api
from integrations.helpdesks.loose import at, identifier, line, many, moment, number, prose
from integrations.helpdesks.notes import html_of
from integrations.helpdesks.port import (
    Change,
    Forged,
    Headers,
    HelpdeskTicket,
    Nothing,
    NotThere,
    Page,
    Payload,
    Person,
    Said,
    Unavailable,
)
from integrations.helpdesks.signatures import fresh, same
from integrations.marks import noted
from intelligence.model import Role, Source

_SOLVED: Final = frozenset({"solved", "closed"})
_DELETED: Final = frozenset({"ticket.soft_deleted", "ticket.permanently_deleted", "ticket.marked_as_spam"})
_TYPE: Final = "zen:event-type:"
_MACHINES: Final = frozenset({"rule", "system", "automation", "trigger"})
_PER_PAGE: Final = 200
_MOST_PAGES: Final = 50  # of one ticket's comments


class Zendesk:
    """A Helpdesk over one Zendesk account. `base_url` is for tests: it is never a setting, so that the credentials can
    only go to the account's own address.
    """

    source: Source = Source.ZENDESK

    def __init__(
        self,
        subdomain: str,
        email: str,
        token: str,
        *,
        secret: str | None = None,
        base_url: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._subdomain = subdomain
        self._secret = secret
        self._api = Api(
            "Zendesk",
            base_url or f"https://{subdomain}.zendesk.com",
            auth=(f"{email}/token", token),
            timeout=timeout,
        )

    @property
    def takes_webhooks(self) -> bool:
        return self._secret is not None

    def verify(self, headers: Headers, body: bytes, now: datetime) -> str:
        """base64(HMAC-SHA256(secret, timestamp + body)), the timestamp first."""
        told = headers.get("x-zendesk-webhook-signature-timestamp", "")
        when = moment(told)
        if self._secret is None or when is None:
            raise Forged("the timestamp is missing or malformed")
        fresh(when, now)
        right = base64.b64encode(hmac.digest(self._secret.encode(), told.encode("utf-8", "replace") + body, "sha256"))
        if not same(right, headers.get("x-zendesk-webhook-signature", "")):
            raise Forged("the signature does not fit")
        return hashlib.sha256(body).hexdigest()

    def read(self, headers: Headers, payload: Payload) -> Change | Nothing:
        del headers
        kind = line(payload, "type").removeprefix(_TYPE)
        if not kind.startswith("ticket."):
            return Nothing(f"no use for {kind or 'an event without a type'}")
        ticket, subject = number(payload, "detail", "id"), line(payload, "subject")
        named = subject.removeprefix("zen:ticket:") if subject.startswith("zen:ticket:") else ""
        if not ticket or (named and named != ticket):
            return Nothing("the event names no ticket, or two")
        version = identifier(payload, "id") or line(payload, "time")
        return Change(self._ref(ticket), version, deleted=kind in _DELETED)

    def owns(self, external_id: str) -> bool:
        return external_id.startswith(self._ref(""))

    def _ref(self, ticket: str) -> str:
        return f"zendesk/{self._subdomain}/{ticket}"

    def _asked(self, external_id: str) -> str:
        found = external_id.removeprefix(self._ref(""))
        if not found.isdigit():
            raise NotThere(f"{external_id} is no ticket of this Zendesk")
        return found

    def fetch(self, external_id: str) -> HelpdeskTicket | None:
        number_ = self._asked(external_id)
        found = self._api.get(f"/api/v2/tickets/{number_}.json", include="users,organizations")
        ticket = at(found, "ticket")
        if number(ticket, "id") != number_:
            raise Unavailable("Zendesk answered with another ticket than was asked for")
        if line(ticket, "status").lower() == "deleted":
            return None
        return self._ticket(external_id, number_, found, ticket)

    def _ticket(self, external_id: str, number_: str, found: Any, ticket: Any) -> HelpdeskTicket:
        created, updated = moment(ticket, "created_at"), moment(ticket, "updated_at")
        if created is None:
            raise Unavailable("Zendesk answered with a ticket without its time")
        url = f"https://{self._subdomain}.zendesk.com/agent/tickets/{number_}"
        requester = number(ticket, "requester_id")
        return HelpdeskTicket(
            self.source,
            external_id,
            at=created,
            as_of=updated or created,
            messages=tuple(self._comments(external_id, number_, requester)),
            subject=line(ticket, "subject"),
            solved=line(ticket, "status").lower() in _SOLVED if line(ticket, "status") else None,
            requester=_person(found, requester),
            url=url,
            whole=True,
        )

    def _comments(self, external_id: str, number_: str, requester: str) -> Iterator[Said]:
        """All comments, oldest first. Raises Unavailable when a page is not what it should be: half is worse than
        none, because what is missing counts as deleted.
        """
        users: dict[str, Mapping[str, Any]] = {}
        path: str | None = f"/api/v2/tickets/{number_}/comments.json?include=users&page[size]=100"
        for _ in range(_MOST_PAGES):
            found = self._api.get(path) if path else {}
            if not isinstance(at(found, "comments"), list):
                raise Unavailable("Zendesk answered without comments")
            users |= {number(user, "id"): user for user in many(found, "users")}
            yield from (said for c in many(found, "comments") if (said := _said(external_id, c, users, requester)))
            path = _next(found)
            if path is None:
                return
        raise Unavailable(f"a ticket with more than {_MOST_PAGES * 100} comments")

    def changes_since(self, since: datetime, cursor: str | None = None) -> Page:
        """The cursor-based incremental export, deleted tickets included."""
        where = {"cursor": cursor} if cursor else {"start_time": int(since.timestamp())}
        found = self._api.get("/api/v2/incremental/tickets/cursor.json", per_page=_PER_PAGE, **where)
        if not isinstance(at(found, "tickets"), list):
            raise Unavailable("Zendesk answered without tickets")
        changes = tuple(
            Change(self._ref(ticket), line(entry, "updated_at"))
            for entry in many(found, "tickets")
            if (ticket := number(entry, "id")) and line(entry, "status").lower() != "deleted"
        )
        gone = tuple(
            Change(self._ref(ticket), line(entry, "updated_at"), deleted=True)
            for entry in many(found, "tickets")
            if (ticket := number(entry, "id")) and line(entry, "status").lower() == "deleted"
        )
        after = line(found, "after_cursor")
        over = at(found, "end_of_stream") is not False or not after or after == cursor
        return Page(changes + gone, None if over else after)

    def has_note(self, external_id: str, mark: str) -> bool:
        newest = {"sort": "-created_at", "page[size]": 100}
        found = self._api.get(f"/api/v2/tickets/{self._asked(external_id)}/comments.json", **newest)
        if not isinstance(at(found, "comments"), list):
            raise Unavailable("Zendesk answered without comments")
        return any(mark in f"{at(one, 'plain_body')} {at(one, 'html_body')}" for one in many(found, "comments"))

    def add_note(self, external_id: str, paragraphs: Sequence[str], mark: str) -> None:
        comment = {"html_body": html_of(paragraphs, mark), "public": False}
        self._api.send("PUT", f"/api/v2/tickets/{self._asked(external_id)}.json", {"ticket": {"comment": comment}})

    def retag(self, external_id: str, tag: str | None, instead_of: str | None) -> None:
        place = f"/api/v2/tickets/{self._asked(external_id)}/tags.json"
        if tag is not None:
            self._api.send("PUT", place, {"tags": [tag]})
        if instead_of is not None and instead_of != tag:
            self._api.send("DELETE", place, {"tags": [instead_of]})

    def check(self) -> str:
        found = self._api.get("/api/v2/users/me.json")
        role = line(found, "user", "role")
        return f"{self._subdomain}.zendesk.com as {line(found, 'user', 'email') or 'nobody'} ({role or 'no role'})"

    def close(self) -> None:
        self._api.close()


def _next(found: Any) -> str | None:
    after = at(found, "links", "next") if at(found, "meta", "has_more") is True else at(found, "next_page")
    return after if isinstance(after, str) and after else None


def _person(found: Any, requester: str) -> Person | None:
    """The requester with their organisation: its name, and the short values of its own fields."""
    if not requester:
        return None
    user = next((one for one in many(found, "users") if number(one, "id") == requester), {})
    belongs = number(user, "organization_id")
    groups = (one for one in many(found, "organizations") if belongs and number(one, "id") == belongs)
    organisation = next(groups, {})
    fields = at(organisation, "organization_fields")
    told = {str(key)[:40]: line(fields, key) for key in fields} if isinstance(fields, Mapping) else {}
    return Person(
        requester,
        line(user, "name"),
        line(user, "email").lower(),
        line(organisation, "name"),
        told.pop("plan", ""),
        {key: value for key, value in told.items() if 0 < len(value) <= 40},
    )


def _said(external_id: str, comment: Any, users: Mapping[str, Mapping[str, Any]], requester: str) -> Said | None:
    """A comment as a message; None for a note of ours."""
    key, said = number(comment, "id"), moment(comment, "created_at")
    if not key or said is None:
        raise Unavailable("Zendesk answered with a comment without its id or time")
    text = prose(comment, "plain_body") or prose(comment, "body") or prose(comment, "html_body")
    private = at(comment, "public") is not True  # in doubt, a note stays inside
    if private and noted(text):
        return None
    author = identifier(comment, "author_id")
    user = users.get(author, {})
    return Said(
        f"{external_id}#{key}",
        _role(author, line(user, "role").lower(), line(comment, "via", "channel").lower(), requester),
        text,
        said,
        line(user, "name") or author,
        private=private,
        erased=not text,
    )


def _role(author: str, role: str, channel: str, requester: str) -> Role:
    """A machine by the channel or the system's author, -1; a customer by role or by asking; else an agent."""
    if author.startswith("-") or channel in _MACHINES or channel.startswith("answer_bot"):
        return Role.BOT
    return Role.CUSTOMER if role == "end-user" or (author and author == requester) else Role.AGENT
