"""GitHub Issues as a helpdesk: webhooks name an issue; the issue and its comments are fetched by number.

Owners, members and collaborators are agents, everybody else is a customer. GitHub may at the same time be the tracker:
what we wrote there carries a mark and is neither a ticket nor a message. https://docs.github.com/rest/issues
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from integrations.helpdesks import keyset
from integrations.helpdesks.api import Api
from integrations.helpdesks.loose import at, identifier, last_part, line, moment, number, prose
from integrations.helpdesks.port import (
    Change,
    Forged,
    Gone,
    Headers,
    HelpdeskTicket,
    Moved,
    Nothing,
    NotThere,
    Page,
    Payload,
    Person,
    Said,
    Unavailable,
)
from integrations.helpdesks.signatures import hex_of_body
from integrations.marks import marked
from intelligence.model import Role, Source

URL: Final = "https://api.github.com"
_TEAM: Final = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_PER_PAGE: Final = 100


class GitHubIssues:
    """A Helpdesk over the issues of some repositories ("owner/name"). Pull requests are none."""

    source: Source = Source.GITHUB

    def __init__(
        self,
        repositories: Sequence[str],
        token: str,
        *,
        secret: str | None = None,
        base_url: str = URL,
        timeout: float = 30.0,
        private_hosts: Collection[str] = (),
    ) -> None:
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "ticket-intel",
        }
        self._repositories = tuple(dict.fromkeys(one.lower() for one in repositories))
        self._secret = secret
        self._api = Api("GitHub", base_url, headers=headers, timeout=timeout, private_hosts=private_hosts)

    @property
    def takes_webhooks(self) -> bool:
        return self._secret is not None

    def verify(self, headers: Headers, body: bytes, now: datetime) -> str:
        """sha256= and the HMAC of the body. The X-GitHub-Delivery header is not signed: the body's digest is the id."""
        if self._secret is None:
            raise Forged("there is no secret to check it with")
        offered = headers.get("x-hub-signature-256", "")
        return hex_of_body(self._secret, offered, body, prefix="sha256=", algorithm="sha256")

    def read(self, headers: Headers, payload: Payload) -> Change | Nothing:
        event, issue = headers.get("x-github-event", ""), at(payload, "issue")
        if event not in {"issues", "issue_comment"}:
            return Nothing(f"no use for {event or 'a delivery without an event'}")
        repository, named = line(payload, "repository", "full_name").lower(), number(issue, "number")
        if repository not in self._repositories:
            return Nothing("the delivery is of another repository")
        if not named or not line(issue, "html_url").lower().endswith(f"/{repository}/issues/{named}"):
            return Nothing("the delivery names no issue, or two")
        if not _is_ticket(issue):
            return Nothing("a pull request, or an issue that we opened")
        if marked(at(payload, "comment", "body")):
            return Nothing("a comment that we wrote")
        deleted = event == "issues" and line(payload, "action") == "deleted"
        return Change(_ref(repository, named), line(issue, "updated_at"), deleted=deleted)

    def owns(self, external_id: str) -> bool:
        return external_id.startswith(tuple(_ref(one, "") for one in self._repositories))

    def fetch(self, external_id: str) -> HelpdeskTicket | None:
        """410 says deleted, 301 moved; 404 is what the token may not see."""
        _, _, rest = external_id.partition("/")
        repository, _, asked = rest.rpartition("/")
        if not self.owns(external_id) or repository not in self._repositories or not asked.isdigit():
            raise NotThere(f"{external_id} is no issue of these repositories")
        try:
            found = self._api.get(f"repos/{repository}/issues/{asked}")
        except Gone:
            return None
        except Moved as moved:
            found = self._api.get(moved.path)
            repository, asked = _repository(found), number(found, "number")
            if repository not in self._repositories:
                raise NotThere("the issue was moved to a repository that is not read") from moved
        if not asked or (number(found, "number"), _repository(found)) != (asked, repository):
            raise Unavailable("GitHub answered with another issue than was asked for")
        ticket = self._ticket(repository, asked, found)
        return ticket if ticket.external_id == external_id else replace(ticket, formerly=(external_id,))

    def _ticket(self, repository: str, asked: str, found: Any) -> HelpdeskTicket:
        if at(found, "pull_request") is not None:
            raise NotThere("a pull request is no ticket")
        ref, url = _ref(repository, asked), line(found, "html_url")
        created = moment(found, "created_at")
        if created is None or last_part(found, "html_url") != asked:
            raise Unavailable("GitHub answered with an issue without its time or address")
        ticket = HelpdeskTicket(
            self.source,
            ref,
            at=created,
            as_of=moment(found, "updated_at") or created,
            messages=(),
            subject=line(found, "title"),
            solved=line(found, "state") == "closed" if line(found, "state") else None,
            url=url,
            whole=True,
            internal=True,
        )
        if marked(at(found, "body")):  # ours
            return ticket
        comments = list(self._api.pages(f"repos/{repository}/issues/{asked}/comments", per_page=_PER_PAGE))
        first = _said(f"{ref}#issue", found, created, url, line(found, "title"))
        told = [(found, first), *((one, _comment(ref, one)) for one in comments if not marked(at(one, "body")))]
        asking = next((at(entry, "user") for entry, said in told if said.role is Role.CUSTOMER), None)
        return replace(
            ticket,
            messages=tuple(said for _, said in told),
            requester=_person(asking),
            internal=not any(said.role is Role.CUSTOMER for _, said in told),
        )

    def changes_since(self, since: datetime, cursor: str | None = None) -> Page:
        """One repository after the other, the least recently changed first."""
        place = keyset.place_of(self._repositories, since, cursor)
        repository = self._repositories[place.number]
        asked = {
            "state": "all",
            "sort": "updated",
            "direction": "asc",
            "since": f"{place.since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        found, following = self._api.page(f"repos/{repository}/issues", **asked, per_page=_PER_PAGE, page=place.page)
        changes = tuple(
            Change(_ref(repository, named), line(entry, "updated_at"))
            for entry in found
            if (named := number(entry, "number")) and _is_ticket(entry)
        )
        newest = max((when for entry in found if (when := moment(entry, "updated_at"))), default=None)
        return Page(changes, place.onward(self._repositories, since, newest, more=following is not None))

    def check(self) -> str:
        """Whether the token sees the repositories and their issues, and whether these are on."""
        for repository in self._repositories:
            try:
                found = self._api.get(f"repos/{repository}")
            except Moved as moved:
                raise NotThere(f"GitHub: {repository} has another name now") from moved
            if at(found, "has_issues") is not True:
                raise NotThere(f"GitHub: issues are off in {repository}")
            self._api.page(f"repos/{repository}/issues", per_page=1)  # the right to read issues is one of its own
        return f"issues of {', '.join(self._repositories)}"

    def close(self) -> None:
        self._api.close()


def _ref(repository: str, issue: str) -> str:
    return f"github/{repository}/{issue}"


def _repository(issue: Any) -> str:
    """The owner and name at the end of an issue's repository_url."""
    return "/".join(line(issue, "repository_url").lower().split("/")[-2:])


def _is_ticket(issue: Any) -> bool:
    return at(issue, "pull_request") is None and not marked(at(issue, "body"))


def _comment(ref: str, comment: Any) -> Said:
    key, said = identifier(comment, "id"), moment(comment, "created_at")
    if not key or said is None:
        raise Unavailable("GitHub answered with a comment without its id or time")
    return _said(f"{ref}#{key}", comment, said, line(comment, "html_url") or None, "")


def _said(key: str, entry: Any, at_: datetime, url: str | None, otherwise: str) -> Said:
    """An issue or a comment as a message; an issue without a body says what its title says."""
    text = prose(entry, "body") or otherwise
    author = line(entry, "user", "login") or "ghost"  # as GitHub calls those who deleted their account
    return Said(key, _role(entry), text, at_, author, erased=not text, url=url)


def _role(entry: Any) -> Role:
    if line(entry, "user", "type") == "Bot" or line(entry, "user", "login").endswith("[bot]"):
        return Role.BOT
    return Role.AGENT if line(entry, "author_association") in _TEAM else Role.CUSTOMER


def _person(user: Any) -> Person | None:
    key = identifier(user, "id")
    return Person(key, line(user, "login")) if key else None
