"""GitHub Issues as a tracker: one repository, a label and a hidden marker in the body, one comment that is edited.

REST API of 2022-11-28. Needs a fine-grained token with "Issues: read and write" on that repository alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from integrations.helpdesks.api import Api
from integrations.helpdesks.loose import json_object, line
from integrations.helpdesks.port import AccessDenied, Forged, NotThere, Rejected
from integrations.helpdesks.signatures import hex_of_body
from integrations.marks import hidden
from integrations.trackers.port import Delivery, Issue, IssueDraft, IssueState

URL: Final = "https://api.github.com"
LABEL: Final = "ticket-intel"
MOST_TITLE: Final = 250  # GitHub refuses more than 256
MOST_BODY: Final = 60_000
SHOWN: Final = 5
_PAGES: Final = 3
_LABELLERS: Final = ("triage", "push", "maintain", "admin")  # GitHub drops the labels of others without a word
_WORD: Final = re.compile(r"\w{3,}")
_NUMBER: Final = re.compile(r"(?:(?P<repository>[\w.-]+/[\w.-]+)?#)?(?P<number>[1-9][0-9]{0,9})")


class GitHub:
    """The issues of one repository (owner/name)."""

    name = "GitHub"

    def __init__(
        self,
        repository: str,
        token: str,
        *,
        base_url: str,
        secret: str | None = None,
        timeout: float = 20.0,
        private_hosts: Collection[str] = (),
    ) -> None:
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "ticket-intel",
        }
        self._api = _GitHubApi("GitHub", base_url, headers=headers, timeout=timeout, private_hosts=private_hosts)
        self._repository, self._secret = repository, secret

    @property
    def place(self) -> str:
        return self._repository

    @property
    def takes_webhooks(self) -> bool:
        return self._secret is not None

    def owns(self, typed: str) -> bool:
        found = _called(typed)
        return found is not None and (found["repository"] or "").lower() == self._repository.lower()

    def search(self, text: str) -> list[Issue]:
        """By the words of the title, without what GitHub would read as an operator."""
        words = " OR ".join(dict.fromkeys(word for word in _WORD.findall(text)[:6] if word not in {"AND", "OR", "NOT"}))
        if not words:
            return []
        found = self._api.get("search/issues", q=f"repo:{self._repository} is:issue ({words})", per_page=SHOWN)
        return [self._issue(one) for one in _list(found, "items")][:SHOWN]

    def create(self, draft: IssueDraft, marker: str) -> Issue:
        body = f"{draft.body[:MOST_BODY]}\n\n{hidden(marker)}"
        made = self._api.send(
            "POST", self._issues, {"title": draft.title[:MOST_TITLE], "body": body, "labels": [LABEL]}
        )
        return self._issue(made)

    def find(self, marker: str) -> Issue | None:
        """Among the newest with our label: the list is fresh at once, GitHub's search is not."""
        for page in range(1, _PAGES + 1):
            asked: dict[str, str | int] = {"labels": LABEL, "state": "all", "per_page": 100, "page": page}
            listed = _rows(self._api.get(self._issues, **asked))
            for one in listed:
                if hidden(marker) in str(one.get("body")):
                    return self._issue(one)
            if len(listed) < 100:
                return None
        return None

    def update_count(self, issue: str, text: str, marker: str, note: str | None) -> str:
        """One comment, edited: nobody who follows the issue is written to again."""
        body = {"body": f"{text}\n\n{hidden(marker)}"}
        found = note or self._comment(issue, marker)
        if found is not None:
            try:
                self._api.send("PATCH", f"{self._issues}/comments/{found}", body)
            except NotThere:  # somebody deleted it: write it anew
                found = None
        if found is None:
            found = str(self._api.send("POST", f"{self._issues}/{issue}/comments", body)["id"])
        return found

    def _comment(self, issue: str, marker: str) -> str | None:
        listed = _rows(self._api.get(f"{self._issues}/{issue}/comments", per_page=100))
        return next((str(one["id"]) for one in listed if hidden(marker) in str(one.get("body"))), None)

    def status(self, ref: str) -> Issue:
        return self._issue(self._api.get(f"{self._issues}/{self._number(ref)}"))

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Delivery:
        """The body's digest is its id: the X-GitHub-Delivery header is not signed."""
        if self._secret is None:
            raise Forged("there is no secret to check it with")
        offered = headers.get("x-hub-signature-256", "")
        digest = hex_of_body(self._secret, offered, body, prefix="sha256=", algorithm="sha256")
        payload = json_object(body)
        issue, repository = payload.get("issue"), payload.get("repository")
        ours = isinstance(repository, dict) and str(repository.get("full_name")).lower() == self._repository.lower()
        number = issue.get("number") if isinstance(issue, dict) else None
        known = ours and headers.get("x-github-event") == "issues" and _NUMBER.fullmatch(str(number)) is not None
        return Delivery(digest, str(number) if known else None)

    def check(self) -> str:
        """Whether the token sees the repository, and issues are on, for `doctor`."""
        found = self._api.get(f"repos/{self._repository}")
        if not isinstance(found, dict) or found.get("has_issues") is not True:
            raise NotThere(f"GitHub: issues are off in {self._repository}")
        may = found.get("permissions")
        if isinstance(may, dict) and not any(may.get(role) is True for role in _LABELLERS):
            raise AccessDenied(f"GitHub: the token may not set labels in {self._repository}, by which issues are found")
        self._api.get(self._issues, per_page=1)  # the right to read issues is one of its own
        return f"issues of {self._repository}"

    def close(self) -> None:
        self._api.close()

    @property
    def _issues(self) -> str:
        return f"repos/{self._repository}/issues"

    def _number(self, typed: str) -> str:
        """The number in "12", "#12", "owner/name#12" or the issue's address. Raises NotThere."""
        found = _called(typed)
        if found is None or (found["repository"] or self._repository).lower() != self._repository.lower():
            raise NotThere(f"GitHub issues are called like #12, in {self._repository}")
        return found["number"]

    def _issue(self, row: Mapping[str, Any]) -> Issue:
        try:
            number = str(row["number"])
            state = _state(str(row["state"]), row.get("state_reason"))
            told = (str(row["html_url"]), str(row["title"]), state)
            return Issue(number, f"{self._repository}#{number}", *told, planned=line(row, "milestone", "title"))
        except (KeyError, TypeError) as error:
            raise Rejected("GitHub answered with something else than an issue") from error


class _GitHubApi(Api):
    """A moved issue is answered with a redirect to a repository that the token may not be for: it is not followed."""

    def _check(self, answer: httpx2.Response) -> None:
        if answer.has_redirect_location:
            raise NotThere("GitHub: it was moved to another repository")
        super()._check(answer)


def _called(typed: str) -> re.Match[str] | None:
    tail = urlsplit(typed).path.strip("/").replace("/issues/", "#") if "://" in typed else typed
    return _NUMBER.fullmatch(tail.strip())


def _state(state: str, reason: object) -> IssueState:
    if state != "closed":
        return IssueState.OPEN
    return IssueState.CANCELLED if reason in {"not_planned", "duplicate"} else IssueState.DONE


def _list(answer: Any, name: str) -> list[Mapping[str, Any]]:
    return _rows(answer.get(name) if isinstance(answer, dict) else None)


def _rows(answer: Any) -> list[Mapping[str, Any]]:
    if not isinstance(answer, list):
        raise Rejected("GitHub answered with something else than a list")
    return [one for one in answer if isinstance(one, dict)]
