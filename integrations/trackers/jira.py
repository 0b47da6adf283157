"""Jira Cloud as a tracker: one project, a label that finds an issue again, one comment that is edited.

REST API v3. Needs an API token of an account that may browse, create and comment in that project.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from integrations.helpdesks.api import Api
from integrations.helpdesks.loose import at, identifier, json_object, line, many, number
from integrations.helpdesks.port import AccessDenied, Forged, NotThere, Rejected
from integrations.helpdesks.signatures import hex_of_body
from integrations.marks import label
from integrations.trackers.adf import document
from integrations.trackers.port import Delivery, Issue, IssueDraft, IssueState

LABEL: Final = "ticket-intel"
PROPERTY: Final = "ticket-intel"
MOST_TITLE: Final = 250  # Jira refuses more than 255
MOST_BODY: Final = 20_000  # as Markdown; Jira refuses more than 32,767 characters of text
SHOWN: Final = 5
_FIELDS: Final = ("summary", "status", "resolution", "fixVersions", "duedate")
_WORD: Final = re.compile(r"\w{3,}")
_CALLED: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,40}-[1-9][0-9]{0,9}|[1-9][0-9]{0,18}")
_RIGHTS: Final = ("BROWSE_PROJECTS", "CREATE_ISSUES", "ADD_COMMENTS", "EDIT_OWN_COMMENTS")
# Jira has one category for all that is over: what was given up is told by the names of status and resolution.
_GIVEN_UP: Final = re.compile(
    r"cancel|won.?t|duplicate|declin|reject|invalid|not a bug|cannot reproduce|incomplete|obsolete|abandon", re.I
)


class Jira:
    """The issues of one project, called by its key ("ENG"), at https://SITE.atlassian.net."""

    name = "Jira"

    def __init__(
        self,
        site: str,
        project: str,
        email: str,
        token: str,
        *,
        issue_type: str = "Task",
        base_url: str | None = None,
        secret: str | None = None,
        timeout: float = 20.0,
    ) -> None:
        self._seen_at = f"https://{site}.atlassian.net"
        headers = {"Accept": "application/json", "User-Agent": "ticket-intel"}
        self._api = Api("Jira", base_url or self._seen_at, headers=headers, auth=(email, token), timeout=timeout)
        self._project, self._type, self._secret = project, issue_type, secret

    @property
    def place(self) -> str:
        return self._project

    @property
    def takes_webhooks(self) -> bool:
        return self._secret is not None

    def owns(self, typed: str) -> bool:
        return _tail(typed).upper().startswith(f"{self._project}-")

    def search(self, text: str) -> list[Issue]:
        """By the words of the title, likeliest first: words alone, so that nothing of it is read as JQL."""
        words = dict.fromkeys(_WORD.findall(text)[:6])
        clauses = " OR ".join(f'text ~ "{word}"' for word in words)
        return self._query(f"({clauses})", SHOWN) if clauses else []

    def create(self, draft: IssueDraft, marker: str) -> Issue:
        fields = {
            "project": {"key": self._project},
            "issuetype": {"name": self._type},
            "summary": " ".join(draft.title.split())[:MOST_TITLE],
            "description": document(draft.body[:MOST_BODY]),
            "labels": [LABEL, label(marker)],
        }
        properties = [{"key": PROPERTY, "value": {"marker": marker}}]
        made = self._api.send("POST", "rest/api/3/issue", {"fields": fields, "properties": properties})
        ref, key = number(made, "id"), identifier(made, "key")
        if not ref or not key:
            raise Rejected("Jira answered with something else than an issue")
        return Issue(ref, key, self._url(key), fields["summary"], IssueState.OPEN)

    def find(self, marker: str) -> Issue | None:
        """By its label: Jira searches no property of an issue that no app has registered."""
        return next(iter(self._query(f'labels = "{label(marker)}"', 1)), None)

    def _query(self, clause: str, most: int) -> list[Issue]:
        asked = {"jql": f'project = "{self._project}" AND {clause}', "maxResults": most, "fields": list(_FIELDS)}
        found = self._api.post("rest/api/3/search/jql", asked)
        return [self._issue(one) for one in many(found, "issues")][:most]

    def update_count(self, issue: str, text: str, marker: str, note: str | None) -> str:
        """One comment, edited without a notification: nobody who follows the issue is written to again."""
        body = {"body": document(text), "properties": [{"key": PROPERTY, "value": {"marker": marker}}]}
        comments = f"rest/api/3/issue/{issue}/comment"
        found = note or self._comment(comments, marker)
        if found is not None:
            try:
                self._api.send("PUT", f"{comments}/{found}?notifyUsers=false", body)
            except NotThere:  # somebody deleted it: write it anew
                found = None
        found = found or number(self._api.send("POST", comments, body), "id")
        if not found:
            raise Rejected("Jira answered with something else than a comment")
        return found

    def _comment(self, comments: str, marker: str) -> str | None:
        """Ours, if a try that ended without an answer wrote it."""
        listed = self._api.get(comments, expand="properties", orderBy="-created", maxResults=100)
        for one in many(listed, "comments"):
            for entry in many(one, "properties"):
                if at(entry, "key") == PROPERTY and at(entry, "value", "marker") == marker:
                    return number(one, "id") or None
        return None

    def status(self, ref: str) -> Issue:
        return self._issue(self._api.get(f"rest/api/3/issue/{_ref(ref)}", fields=",".join(_FIELDS)))

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Delivery:
        """The body's digest is its id: the X-Atlassian-Webhook-Identifier header is not signed."""
        if self._secret is None:
            raise Forged("there is no secret to check it with")
        digest = hex_of_body(
            self._secret, headers.get("x-hub-signature", ""), body, prefix="sha256=", algorithm="sha256"
        )
        payload = json_object(body)
        event, ref = payload.get("webhookEvent"), number(payload, "issue", "id")
        return Delivery(digest, (ref or None) if str(event).startswith("jira:issue_") else None)

    def check(self) -> str:
        """As whom we are known, and what is missing in the project, for `doctor`."""
        asked = {"projectKey": self._project, "permissions": ",".join(_RIGHTS)}
        may = at(self._api.get("rest/api/3/mypermissions", **asked), "permissions")
        missing = [right for right in _RIGHTS if at(may, right, "havePermission") is not True]
        if missing:
            raise AccessDenied(f"Jira: the account may not {', '.join(missing)} in {self._project}")
        types = self._api.get(f"rest/api/3/issue/createmeta/{self._project}/issuetypes", maxResults=100)
        names = [line(one, "name") for one in (*many(types, "issueTypes"), *many(types, "createMetaIssueType"))]
        if self._type not in names:
            raise NotThere(f"Jira: {self._project} has no type {self._type}, only {', '.join(names) or 'none'}")
        return f"project {self._project} as {line(self._api.get('rest/api/3/myself'), 'displayName') or 'nobody'}"

    def close(self) -> None:
        self._api.close()

    def _url(self, key: str) -> str:
        return f"{self._seen_at}/browse/{key}"

    def _issue(self, row: Any) -> Issue:
        ref, key, summary = number(row, "id"), identifier(row, "key"), at(row, "fields", "summary")
        if not (ref and key and isinstance(summary, str)):
            raise Rejected("Jira answered with something else than an issue")
        stage = line(row, "fields", "status", "name")
        return Issue(ref, key, self._url(key), summary, _state(row), stage=stage, planned=_planned(row))


def _state(row: Any) -> IssueState:
    if at(row, "fields", "status", "statusCategory", "key") != "done":
        return IssueState.OPEN
    named = f"{line(row, 'fields', 'status', 'name')} {line(row, 'fields', 'resolution', 'name')}"
    return IssueState.CANCELLED if _GIVEN_UP.search(named) else IssueState.DONE


def _ref(typed: str) -> str:
    """The id, "ENG-12" or the issue's address. Raises NotThere."""
    tail = _tail(typed)
    if _CALLED.fullmatch(tail) is None:
        raise NotThere("Jira issues are called like ENG-12")
    return tail


def _tail(typed: str) -> str:
    return urlsplit(typed.strip()).path.rstrip("/").rpartition("/browse/")[2] if "://" in typed else typed.strip()


def _planned(row: Any) -> str:
    """The releases that it is meant for, else the day on which it is due."""
    named = [line(one, "name") for one in many(row, "fields", "fixVersions")]
    return ", ".join(name for name in named if name) or line(row, "fields", "duedate")
