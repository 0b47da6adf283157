"""Freshdesk: automations name a ticket, which is then fetched by id with its conversations.

It signs nothing: a delivery is proved by a secret header that the automation sends, and holds neither an id nor a time.
https://developers.freshdesk.com/api/
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from integrations.helpdesks import keyset
from integrations.helpdesks.api import Api
from integrations.helpdesks.loose import at, identifier, last_part, line, moment, number, prose
from integrations.helpdesks.port import (
    AccessDenied,
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
from integrations.helpdesks.signatures import same
from integrations.slack.tickets import ticket_ref
from intelligence.model import Role, Source

HEADER: Final = "x-webhook-secret"
_RESOLVED, _CLOSED = 4, 5
_OUTBOUND: Final = 10  # the source of a ticket that an agent began by mail
_PER_PAGE: Final = 100
# The list leaves out what was deleted and what is spam unless it is asked for just that.
_LISTS: Final = ("", "deleted", "spam")


class Freshdesk:
    """A Helpdesk over one Freshdesk account. `base_url` is for tests: it is never a setting, so that the key can only
    go to the account's own address.
    """

    source: Source = Source.FRESHDESK

    def __init__(
        self,
        subdomain: str,
        api_key: str,
        *,
        secret: str | None = None,
        base_url: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._subdomain, self._secret = subdomain, secret
        self._seen_at = f"https://{subdomain}.freshdesk.com"
        self._api = Api("Freshdesk", base_url or self._seen_at, auth=(api_key, "X"), timeout=timeout)

    @property
    def takes_webhooks(self) -> bool:
        return self._secret is not None

    def verify(self, headers: Headers, body: bytes, now: datetime) -> str:
        """The secret itself. Two equal bodies may be two changes, so the second of their arrival is part of the id."""
        if self._secret is None or not same(self._secret.encode(), headers.get(HEADER, "")):
            raise Forged(f"the header {HEADER} is missing or wrong")
        return hashlib.sha256(body + f"@{now:%Y-%m-%dT%H:%M:%S}".encode()).hexdigest()

    def read(self, headers: Headers, payload: Payload) -> Change | Nothing:
        """A body of our set-up guide ({"ticket_id": ...}) or the standard one (under "freshdesk_webhook")."""
        del headers
        told = at(payload, "freshdesk_webhook") or payload
        named = number(told, "ticket_id")
        if not named:
            return Nothing("ticket_id must be the ticket's number")
        url = at(told, "ticket_url")
        ref = ticket_ref(url) if isinstance(url, str) else None
        elsewhere = ref is not None and ref.provider == self.source and "/".join(ref.key) != self._ref(named)
        if elsewhere or (url is not None and last_part(told, "ticket_url") != named):
            return Nothing("ticket_url is no address of this ticket in this Freshdesk")
        return Change(self._ref(named))

    def owns(self, external_id: str) -> bool:
        return external_id.startswith(self._ref(""))

    def _ref(self, ticket: str) -> str:
        return f"freshdesk/{self._subdomain}/{ticket}"

    def fetch(self, external_id: str) -> HelpdeskTicket | None:
        """Deleted tickets stay in the trash and say so; what was deleted from there is as unknown as what is hidden."""
        asked = external_id.removeprefix(self._ref(""))
        if not asked.isdigit():
            raise NotThere(f"{external_id} is no ticket of this Freshdesk")
        found = self._api.get(f"/api/v2/tickets/{asked}", include="requester,company")
        if number(found, "id") != asked:
            raise Unavailable("Freshdesk answered with another ticket than was asked for")
        if at(found, "deleted") is True or at(found, "spam") is True:
            return None
        created = moment(found, "created_at")
        if created is None:
            raise Unavailable("Freshdesk answered with a ticket without its time")
        conversations = self._api.pages(f"/api/v2/tickets/{asked}/conversations", per_page=_PER_PAGE)
        requester = number(found, "requester_id")
        first = _description(external_id, found, created)
        status = at(found, "status")
        return HelpdeskTicket(
            self.source,
            external_id,
            at=created,
            as_of=moment(found, "updated_at") or created,
            messages=(first, *(_said(external_id, one, requester, first.author) for one in conversations)),
            subject=line(found, "subject"),
            solved=status in {_RESOLVED, _CLOSED} if isinstance(status, int) else None,
            requester=self._person(found, requester),
            url=f"{self._seen_at}/a/tickets/{asked}",
            whole=True,
        )

    def _person(self, found: Any, requester: str) -> Person | None:
        """The requester with their company: its tier is the plan, its other short fields are attributes."""
        if not requester:
            return None
        person = at(found, "requester") if number(found, "requester", "id") == requester else None
        company = self._company(found)
        told = at(company, "custom_fields")
        fields = {str(key)[:40]: line(told, key) for key in told} if isinstance(told, Mapping) else {}
        fields["industry"] = line(company, "industry")
        return Person(
            requester,
            line(person, "name"),
            line(person, "email").lower(),
            line(company, "name"),
            line(company, "account_tier"),
            {key: value for key, value in fields.items() if 0 < len(value) <= 40},
        )

    def _company(self, found: Any) -> Any:
        """The whole company; what came with the ticket (its name) where the key may not read companies."""
        key = number(found, "company_id")
        if not key:
            return None
        try:
            return self._api.get(f"/api/v2/companies/{key}")
        except (AccessDenied, NotThere):
            return at(found, "company")

    def changes_since(self, since: datetime, cursor: str | None = None) -> Page:
        """What stands, then what was deleted and what is spam, each the least recently changed first: Freshdesk shows
        300 pages of a list and no more.
        """
        place = keyset.place_of(_LISTS, since, cursor)
        kind = _LISTS[place.number]
        asked = {"updated_since": f"{place.since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"} | (
            {"filter": kind} if kind else {}
        )
        found, following = self._api.page(
            "/api/v2/tickets",
            **asked,
            order_by="updated_at",
            order_type="asc",
            per_page=_PER_PAGE,
            page=place.page,
        )
        changes = tuple(
            Change(self._ref(named), line(entry, "updated_at"), deleted=bool(kind))
            for entry in found
            if (named := number(entry, "id")) and moment(entry, "updated_at") is not None
        )
        newest = max((when for entry in found if (when := moment(entry, "updated_at"))), default=None)
        return Page(changes, place.onward(_LISTS, since, newest, more=following is not None))

    def check(self) -> str:
        found = self._api.get("/api/v2/agents/me")
        return f"{self._subdomain}.freshdesk.com as {line(found, 'contact', 'email') or 'nobody'}"

    def close(self) -> None:
        self._api.close()


def _description(external_id: str, found: Any, created: datetime) -> Said:
    """What the ticket was opened with. A ticket without words says what its subject says."""
    text = prose(found, "description_text") or prose(found, "description") or line(found, "subject")
    role = Role.AGENT if at(found, "source") == _OUTBOUND else Role.CUSTOMER
    author = line(found, "requester", "name") if role is Role.CUSTOMER else ""
    return Said(f"{external_id}#description", role, text, created, author, erased=not text)


def _said(external_id: str, entry: Any, requester: str, name: str) -> Said:
    key, said = identifier(entry, "id"), moment(entry, "created_at")
    if not key or said is None:
        raise Unavailable("Freshdesk answered with a conversation without its id or time")
    text, author = prose(entry, "body_text") or prose(entry, "body"), number(entry, "user_id")
    private = at(entry, "private") is not False  # in doubt, a note stays inside
    role = _role(entry, author, requester, private=private)
    shown = name if author and author == requester else line(entry, "from_email") or author
    return Said(f"{external_id}#{key}", role, text, said, shown, private=private, erased=not text)


def _role(entry: Any, author: str, requester: str, *, private: bool) -> Role:
    """A machine where an automation or an automatic answer wrote; a customer who asked, or whose mail came in."""
    if identifier(entry, "automation_id") or at(entry, "auto_response") is True:
        return Role.BOT
    asked = bool(author) and author == requester
    came_in = at(entry, "incoming") is True and not private
    return Role.CUSTOMER if asked or came_in else Role.AGENT
