"""Jira Service Management (Cloud): webhooks name a request; the request and its comments are fetched by key.

Through Jira's REST API v3, whose comments say whether the customer sees them (`jsdPublic`). Jira may at the same time
be the tracker: what we opened there carries a label. https://developer.atlassian.com/cloud/jira/platform/rest/v3/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from integrations.helpdesks.api import Api
from integrations.helpdesks.loose import at, identifier, line, many, moment, number, prose
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
from integrations.helpdesks.signatures import hex_of_body
from integrations.marks import labelled
from intelligence.model import Role, Source

IDENTIFIER: Final = "x-atlassian-webhook-identifier"
PROPERTY: Final = "ticket-intel"  # of what we wrote, as integrations/trackers/jira.py does
_KEY: Final = re.compile(r"(?P<project>[A-Z][A-Z0-9_]{0,40})-[1-9][0-9]{0,9}")
_ISSUES: Final = frozenset({"jira:issue_created", "jira:issue_updated", "jira:issue_deleted"})
_COMMENTS: Final = frozenset({"comment_created", "comment_updated", "comment_deleted"})
_ORGANISATIONS: Final = "com.atlassian.servicedesk:sd-customer-organizations"
_PER_PAGE: Final = 100
_MOST_PAGES: Final = 50  # of one request's comments


class ServiceManagement:
    """A Helpdesk over some projects of https://SITE.atlassian.net, each called by its key ("SUP")."""

    source: Source = Source.JIRA

    def __init__(
        self,
        site: str,
        projects: Sequence[str],
        email: str,
        token: str,
        *,
        secret: str | None = None,
        base_url: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._host, self._projects, self._secret = f"{site}.atlassian.net", tuple(projects), secret
        headers = {"Accept": "application/json", "User-Agent": "ticket-intel"}
        address = base_url or f"https://{self._host}"
        self._api = Api("Jira", address, headers=headers, auth=(email, token), timeout=timeout)

    @property
    def takes_webhooks(self) -> bool:
        return self._secret is not None

    def verify(self, headers: Headers, body: bytes, now: datetime) -> str:
        """sha256= and the HMAC of the body. Jira's identifier stays the same when it sends again; it is not signed, so
        one that was made up only has the request looked at once more.
        """
        del now
        if self._secret is None:
            raise Forged("there is no secret to check it with")
        offered = headers.get("x-hub-signature", "")
        digest = hex_of_body(self._secret, offered, body, prefix="sha256=", algorithm="sha256")
        return identifier(headers.get(IDENTIFIER)) or digest

    def read(self, headers: Headers, payload: Payload) -> Change | Nothing:
        del headers
        event, issue = line(payload, "webhookEvent"), at(payload, "issue")
        if event not in _ISSUES | _COMMENTS:
            return Nothing(f"no use for {event or 'a delivery without an event'}")
        key = _key(issue)
        if not key:
            return Nothing("the delivery names no issue")
        if not self._reads(key):
            return Nothing(f"{key} is of a project that is not read")
        if at(issue, "fields", "project") is not None and line(issue, "fields", "project", "key") != _project(key):
            return Nothing("the delivery names two projects")
        if _is_ours(issue):
            return Nothing("an issue that we opened")
        version = identifier(payload, "timestamp")
        return Change(self._ref(key), version, deleted=event == "jira:issue_deleted")

    def owns(self, external_id: str) -> bool:
        key = external_id.removeprefix(self._ref(""))
        return key != external_id and self._reads(key)

    def _ref(self, key: str) -> str:
        return f"jira/{self._host}/{key}"

    def _reads(self, key: str) -> bool:
        return _project(key) in self._projects

    def fetch(self, external_id: str) -> HelpdeskTicket | None:
        """The issue of that key, which has another one if it was moved. 404 is deleted or hidden: not a deletion."""
        asked = external_id.removeprefix(self._ref(""))
        if not self.owns(external_id):
            raise NotThere(f"{external_id} is no request of these projects")
        place = f"rest/api/3/issue/{asked}"
        found = self._api.get(place, fields="*all,-comment,-attachment,-worklog", expand="renderedFields,schema")
        key, created = _key(found), moment(found, "fields", "created")
        if not key or created is None:
            raise Unavailable("Jira answered with an issue without its key or time")
        if not self._reads(key):
            raise NotThere("the request was moved to a project that is not read")
        ticket = self._ticket(key, created, found)
        return ticket if key == asked else replace(ticket, formerly=(external_id,))

    def _ticket(self, key: str, created: datetime, found: Any) -> HelpdeskTicket:
        ref, reporter = self._ref(key), at(found, "fields", "reporter")
        first = _description(ref, found, created)
        done = line(found, "fields", "status", "statusCategory", "key")
        ticket = HelpdeskTicket(
            self.source,
            ref,
            at=created,
            as_of=moment(found, "fields", "updated") or created,
            messages=(first,),
            subject=line(found, "fields", "summary"),
            solved=done == "done" if done else None,
            requester=_person(reporter, found),
            url=f"https://{self._host}/browse/{key}",
            whole=True,
        )
        if _is_ours(found):
            return replace(ticket, messages=(), internal=True)
        comments = self._comments(ref, key, identifier(reporter, "accountId"))
        return replace(ticket, messages=(first, *comments))

    def _comments(self, ref: str, key: str, reporter: str) -> Iterator[Said]:
        """All comments, oldest first. Half is worse than none, because what is missing counts as deleted."""
        start = 0
        for _ in range(_MOST_PAGES):
            found = self._api.get(
                f"rest/api/3/issue/{key}/comment",
                startAt=start,
                maxResults=_PER_PAGE,
                orderBy="created",
                expand="renderedBody,properties",
            )
            listed, total = at(found, "comments"), at(found, "total")
            if not isinstance(listed, list) or not isinstance(total, int):
                raise Unavailable("Jira answered without comments")
            yield from (_said(ref, one, reporter) for one in listed if not _is_our_comment(one))
            start += len(listed)
            if start >= total:
                return
            if not listed:
                raise Unavailable("Jira told fewer comments than there are")
        raise Unavailable(f"a request with more than {_MOST_PAGES * _PER_PAGE} comments")

    def changes_since(self, since: datetime, cursor: str | None = None) -> Page:
        """By JQL, which knows minutes in the time zone of the account."""
        if cursor is None:
            cursor = _in_jql(since, line(self._api.get("rest/api/3/myself"), "timeZone"))
        began, _, token = cursor.partition("|")
        named = ", ".join(f'"{project}"' for project in self._projects)
        asked = {
            "jql": f'project in ({named}) AND updated >= "{began}" ORDER BY updated ASC',
            "fields": ["updated", "labels"],
            "maxResults": _PER_PAGE,
        }
        found = self._api.post("rest/api/3/search/jql", asked | ({"nextPageToken": token} if token else {}))
        if not isinstance(at(found, "issues"), list):
            raise Unavailable("Jira answered without issues")
        changes = tuple(
            Change(self._ref(key), line(entry, "fields", "updated"))
            for entry in many(found, "issues")
            if (key := _key(entry)) and self._reads(key) and not _is_ours(entry)
        )
        onward = at(found, "nextPageToken")
        more = isinstance(onward, str) and onward and onward != token
        return Page(changes, f"{began}|{onward}" if more else None)

    def check(self) -> str:
        """As whom we are known, and whether the projects are seen."""
        for project in self._projects:
            try:
                self._api.get(f"rest/api/3/project/{project}")
            except NotThere as error:
                raise NotThere(f"Jira: the account does not see the project {project}") from error
        who = line(self._api.get("rest/api/3/myself"), "displayName") or "nobody"
        return f"{', '.join(self._projects)} of {self._host} as {who}"

    def close(self) -> None:
        self._api.close()


def _key(issue: Any) -> str:
    found = identifier(issue, "key")
    return found if _KEY.fullmatch(found) else ""


def _project(key: str) -> str:
    found = _KEY.fullmatch(key)
    return found["project"] if found else ""


def _is_ours(issue: Any) -> bool:
    labels = at(issue, "fields", "labels")
    return isinstance(labels, list) and labelled(labels)


def _is_our_comment(comment: Any) -> bool:
    return any(at(one, "key") == PROPERTY for one in many(comment, "properties"))


def _in_jql(since: datetime, zone: str) -> str:
    """A minute of the account's zone. Where the clock goes back, an hour has two meanings: then the hour before."""
    try:
        local = since.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Unavailable("Jira does not tell the time zone of the account") from error
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        local = (since - timedelta(hours=1)).astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d %H:%M}"


def _person(reporter: Any, found: Any) -> Person | None:
    """The reporter with the first of the organisations that share the request."""
    key = identifier(reporter, "accountId")
    if not key:
        return None
    fields, kinds = at(found, "fields"), at(found, "schema")
    shared = [name for name in kinds if at(kinds, name, "custom") == _ORGANISATIONS] if isinstance(kinds, dict) else []
    organisation = next((line(one, "name") for name in shared for one in many(fields, name)), "")
    return Person(key, line(reporter, "displayName"), line(reporter, "emailAddress").lower(), organisation)


def _description(ref: str, found: Any, created: datetime) -> Said:
    """What was asked. A request without words says what its summary says."""
    text = prose(found, "renderedFields", "description")
    if not text and at(found, "fields", "description") is not None and at(found, "renderedFields") is None:
        raise Unavailable("Jira answered without the text of the request")
    text = text or line(found, "fields", "summary")
    author = line(found, "fields", "reporter", "displayName")
    return Said(f"{ref}#description", Role.CUSTOMER, text, created, author, erased=not text)


def _said(ref: str, comment: Any, reporter: str) -> Said:
    key, said = number(comment, "id"), moment(comment, "created")
    if not key or said is None or not isinstance(at(comment, "renderedBody"), str):
        raise Unavailable("Jira answered with a comment without its id, time or text")
    text, author = prose(comment, "renderedBody"), at(comment, "author")
    # In doubt, a comment stays inside: one for the team, or for some of it.
    private = at(comment, "jsdPublic") is not True or at(comment, "visibility") is not None
    return Said(f"{ref}#{key}", _role(author, reporter), text, said, line(author, "displayName"), private, not text)


def _role(author: Any, reporter: str) -> Role:
    """Apps are machines; customers of the portal and whoever asked are customers; colleagues with a seat are agents."""
    kind = line(author, "accountType")
    if kind == "app":
        return Role.BOT
    asked = bool(reporter) and identifier(author, "accountId") == reporter
    return Role.CUSTOMER if asked or kind == "customer" else Role.AGENT
