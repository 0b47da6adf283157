"""Intercom: notifications name a conversation or a customer ticket; both are fetched by id.

Ids are one space: a conversation that becomes a ticket keeps its id, so both have the same ref. Ids come as strings or
integers, bodies as HTML or plain text. https://developers.intercom.com/docs/references/rest-api
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
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
    Rejected,
    Said,
    Unavailable,
)
from integrations.helpdesks.signatures import hex_of_body
from integrations.marks import noted
from intelligence.model import Role, Source

VERSION: Final = "2.16"
HOSTS: Final = {"us": "https://api.intercom.io", "eu": "https://api.eu.intercom.io", "au": "https://api.au.intercom.io"}
_MOST_PARTS: Final = 500  # Intercom shows the newest 500 and no more
_PER_PAGE: Final = 150
_CUSTOMERS: Final = frozenset({"user", "lead", "contact"})
_NOTES: Final = frozenset({"note", "note_and_reopen"})
_SPOKEN: Final = frozenset({"comment", "open", "close", "quick_reply"})  # by an agent, for the customer
_AUTOMATIC: Final = frozenset({"automated", "operator_initiated", "campaign_initiated"})


class Intercom:
    """A Helpdesk over one Intercom workspace, called by its id ("i6wc9ipe" in every address of its inbox)."""

    source: Source = Source.INTERCOM

    def __init__(
        self,
        workspace: str,
        token: str,
        *,
        region: str = "us",
        secret: str | None = None,
        base_url: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}", "Intercom-Version": VERSION, "Accept": "application/json"}
        self._workspace, self._region, self._secret = workspace, region, secret
        self._api = Api("Intercom", base_url or HOSTS[region], headers=headers, timeout=timeout)

    @property
    def takes_webhooks(self) -> bool:
        return self._secret is not None

    def verify(self, headers: Headers, body: bytes, now: datetime) -> str:
        """sha1= and the HMAC-SHA1 of the body with the app's client secret. The body holds the notification's own id."""
        del now
        if self._secret is None:
            raise Forged("there is no secret to check it with")
        return hex_of_body(self._secret, headers.get("x-hub-signature", ""), body, prefix="sha1=", algorithm="sha1")

    def read(self, headers: Headers, payload: Payload) -> Change | Nothing:
        del headers
        topic, item = line(payload, "topic"), at(payload, "data", "item")
        if not topic.startswith(("conversation.", "conversation_part.", "ticket.")):
            return Nothing(f"no use for {topic or 'a notification without a topic'}")
        if identifier(payload, "app_id").lower() != self._workspace:
            return Nothing("the notification is of another workspace")
        found = _named(item)
        if not found:
            return Nothing("the notification names no conversation")
        if _internal(item):
            return Nothing("a ticket that no customer sees")
        whole = line(item, "type") in {"conversation", "ticket"}
        deleted = whole and topic in {"conversation.deleted", "ticket.deleted"}
        version = identifier(payload, "id") or identifier(item, "updated_at")
        return Change(self._ref(found), version, deleted=deleted)

    def owns(self, external_id: str) -> bool:
        return external_id.startswith(self._ref(""))

    def _ref(self, conversation: str) -> str:
        return f"intercom/{self._workspace}/{conversation}"

    def _asked(self, external_id: str) -> str:
        found = external_id.removeprefix(self._ref(""))
        if not found.isdigit():
            raise NotThere(f"{external_id} is no conversation of this Intercom")
        return found

    def fetch(self, external_id: str) -> HelpdeskTicket | None:
        """The conversation, or the ticket of that id. Intercom answers 404 for what was deleted and for what the token
        may not see alike; only its notification tells a deletion.
        """
        asked = self._asked(external_id)
        try:
            found = self._api.get(f"/conversations/{asked}")
        except NotThere:
            found = self._api.get(f"/tickets/{asked}")
        if number(found, "id") != asked:
            raise Unavailable("Intercom answered with another conversation than was asked for")
        if at(found, "deleted") is True:
            return None
        if _internal(found):
            raise NotThere("a ticket that no customer sees")
        return self._ticket(external_id, asked, found)

    def _ticket(self, external_id: str, asked: str, found: Any) -> HelpdeskTicket:
        created = moment(found, "created_at")
        if created is None:
            raise Unavailable("Intercom answered with a conversation without its time")
        kind = "ticket_parts" if line(found, "type") == "ticket" else "conversation_parts"
        parts = at(found, kind, kind)
        if not isinstance(parts, list):
            raise Unavailable("Intercom answered with a conversation without its parts")
        requester = self._requester(found)
        first = _source(external_id, found, created) or _description(external_id, found, created, requester)
        spoken = [said for part in many(found, kind, kind) if (said := _said(external_id, part)) is not None]
        return HelpdeskTicket(
            self.source,
            external_id,
            at=created,
            as_of=moment(found, "updated_at") or created,
            messages=(first, *spoken),
            subject=_subject(found),
            solved=_solved(found),
            requester=requester,
            url=f"https://app.{_place(self._region)}intercom.com/a/inbox/{self._workspace}/inbox/conversation/{asked}",
            whole=len(parts) < _MOST_PARTS and at(found, kind, "total_count") in (None, len(parts)),
        )

    def _requester(self, found: Any) -> Person | None:
        """The first contact; name and mail are told with what they wrote."""
        contact = next((one for one in many(found, "contacts", "contacts") if identifier(one, "id")), None)
        if contact is None:
            return None
        key = identifier(contact, "id")
        wrote = next((one for one in _authors(found) if identifier(one, "id") == key), {})
        company = at(found, "company")
        return Person(
            key,
            line(wrote, "name"),
            line(wrote, "email").lower(),
            line(company, "name"),
            line(company, "plan", "name"),
        )

    def changes_since(self, since: datetime, cursor: str | None = None) -> Page:
        """Conversations, then tickets; the cursor names which of the two. Search knows < and > for times, no >=."""
        kind, _, after = (cursor or "conversations:").partition(":")
        query = {"field": "updated_at", "operator": ">", "value": int(since.timestamp()) - 1}
        pagination = {"per_page": _PER_PAGE} | ({"starting_after": after} if after else {})
        found = self._api.post(f"/{kind}/search", {"query": query, "pagination": pagination})
        if not isinstance(at(found, kind), list):
            raise Unavailable(f"Intercom answered without {kind}")
        changes = tuple(
            Change(self._ref(named), identifier(entry, "updated_at"))
            for entry in many(found, kind)
            if (named := number(entry, "id"))
        )
        onward = identifier(found, "pages", "next", "starting_after")
        if onward and onward != after:
            return Page(changes, f"{kind}:{onward}")
        return Page(changes, "tickets:" if kind == "conversations" else None)

    def has_note(self, external_id: str, mark: str) -> bool:
        found = self._api.get(f"/conversations/{self._asked(external_id)}")
        parts = many(found, "conversation_parts", "conversation_parts")
        return any(mark in str(at(part, "body")) for part in parts)

    def add_note(self, external_id: str, paragraphs: Sequence[str], mark: str) -> None:
        note = {"message_type": "note", "type": "admin", "admin_id": self._me(), "body": html_of(paragraphs, mark)}
        self._api.send("POST", f"/conversations/{self._asked(external_id)}/reply", note)

    def retag(self, external_id: str, tag: str | None, instead_of: str | None) -> None:
        place, me = f"/conversations/{self._asked(external_id)}/tags", self._me()
        if tag is not None:
            self._api.send("POST", place, {"id": self._tag(tag), "admin_id": me})
        if instead_of is not None and instead_of != tag:
            with suppress(NotThere):  # somebody took it away
                self._api.send("DELETE", f"{place}/{self._tag(instead_of)}", {"admin_id": me})

    def _tag(self, name: str) -> str:
        """The id of a tag, made if it is not there: the same name gives the same tag."""
        return identifier(self._api.send("POST", "/tags", {"name": name}), "id")

    def _me(self) -> str:
        """The admin in whose name we write."""
        found = identifier(self._api.get("/me"), "id")
        if not found:
            raise Unavailable("Intercom does not tell as whom we are known")
        return found

    def check(self) -> str:
        found = self._api.get("/me")
        told = identifier(found, "app", "id_code")
        if told and told.lower() != self._workspace:
            raise Rejected(f"Intercom: the token is of the workspace {told}, not of {self._workspace}")
        return f"workspace {self._workspace} as {line(found, 'email') or line(found, 'name') or 'nobody'}"

    def close(self) -> None:
        self._api.close()


def _place(region: str) -> str:
    return "" if region == "us" else f"{region}."


def _internal(item: Any) -> bool:
    """Whether it is a back-office or tracker ticket: those are notes of the team."""
    told = line(item, "category") or line(item, "ticket_type", "category")
    return line(item, "type") == "ticket" and told.lower() not in {"", "customer"}


def _named(item: Any) -> str:
    """The conversation that an item is, or is a part of."""
    if line(item, "type") in {"conversation", "ticket"}:
        return number(item, "id")
    return number(item, "conversation_id") or number(item, "conversation", "id")


def _authors(found: Any) -> Iterator[Mapping[str, Any]]:
    candidates = [at(found, "source", "author")]
    for kind in ("conversation_parts", "ticket_parts"):
        candidates += [at(part, "author") for part in many(found, kind, kind)]
    return (one for one in candidates if isinstance(one, Mapping))


def _subject(found: Any) -> str:
    title = prose(found, "title") or prose(found, "ticket_attributes", "_default_title_")
    return line({"it": title or prose(found, "source", "subject")}, "it")


def _solved(found: Any) -> bool | None:
    """A ticket has a category, a conversation a state."""
    told = line(found, "ticket_state", "category") or line(found, "ticket_state") or line(found, "state")
    return told.lower() in {"resolved", "closed"} if told else None


def _source(external_id: str, found: Any, created: datetime) -> Said | None:
    """What began the conversation."""
    source = at(found, "source")
    if not isinstance(source, Mapping):
        return None
    author, text = at(source, "author"), prose(source, "body")
    key = identifier(source, "id") or "source"
    role = Role.BOT if line(source, "delivered_as") in _AUTOMATIC else _role(author)
    erased = at(source, "redacted") is True or not text
    return Said(f"{external_id}#s{key}", role, "" if erased else text, created, _author(author), erased=erased)


def _description(external_id: str, found: Any, created: datetime, requester: Person | None) -> Said:
    """What a ticket form was filled in with."""
    text = prose(found, "ticket_attributes", "_default_description_")
    role, author = (Role.CUSTOMER, requester.name) if requester else (Role.AGENT, "")
    return Said(f"{external_id}#description", role, text, created, author, erased=not text)


def _said(external_id: str, part: Any) -> Said | None:
    """A part as a message; None for one that only tells what happened, and for a note of ours."""
    key, said, kind = identifier(part, "id"), moment(part, "created_at"), line(part, "part_type")
    if not key or said is None:
        raise Unavailable("Intercom answered with a part without its id or time")
    text, redacted, author = prose(part, "body"), at(part, "redacted") is True, at(part, "author")
    if (not redacted and not text) or (kind in _NOTES and noted(text)):
        return None
    role = _role(author)
    # What an agent does with a comment ("assignment") may be for colleagues: in doubt it stays inside.
    private = kind in _NOTES or (role is Role.AGENT and kind not in _SPOKEN)
    shown = "" if redacted else text
    return Said(f"{external_id}#{key}", role, shown, said, _author(author), private=private, erased=redacted)


def _author(author: Any) -> str:
    return line(author, "name") or identifier(author, "id")


def _role(author: Any) -> Role:
    kind = line(author, "type")
    if kind in {"bot", "campaign", "operator"} or at(author, "from_ai_agent") is True:
        return Role.BOT
    return Role.CUSTOMER if kind in _CUSTOMERS else Role.AGENT
