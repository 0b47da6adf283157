"""Linear as a tracker: one team, identifiers made by us so that nothing is created twice, one comment that is edited.

GraphQL API of https://api.linear.app. Needs a personal API key with read and write access to that team.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

from integrations.helpdesks.loose import at, identifier, json_object, line, many
from integrations.helpdesks.port import Forged, NotThere, Rejected
from integrations.helpdesks.signatures import hex_of_body
from integrations.trackers.graphql import GraphQL
from integrations.trackers.linear_needs import put_need
from integrations.trackers.port import Delivery, Issue, IssueDraft, IssueState, Need

URL: Final = "https://api.linear.app"
MOST_TITLE: Final = 250
MOST_BODY: Final = 60_000
MOST_TERM: Final = 200
SHOWN: Final = 5
FRESH: Final = timedelta(seconds=60)  # Linear's advice for webhookTimestamp
_CALLED: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,9}-[1-9][0-9]{0,9}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CLOSED: Final = {
    "completed": IssueState.DONE,
    "canceled": IssueState.CANCELLED,
    "duplicate": IssueState.CANCELLED,
}

_SEEN: Final = (
    "id identifier title url dueDate state { type name } projectMilestone { name } cycle { name number }"
    " project { name targetDate }"
)
SEARCH: Final = f"""query Search($term: String!, $first: Int!, $team: String) {{
  searchIssues(term: $term, first: $first, teamId: $team) {{ nodes {{ {_SEEN} }} }}
}}"""
ISSUE: Final = f"query Issue($id: String!) {{ issue(id: $id) {{ {_SEEN} trashed }} }}"
CREATE: Final = f"""mutation Create($input: IssueCreateInput!) {{
  issueCreate(input: $input) {{ success issue {{ {_SEEN} }} }}
}}"""
COMMENT: Final = "query Comment($id: String!) { comment(id: $id) { id } }"
COMMENT_CREATE: Final = """mutation CreateComment($input: CommentCreateInput!) {
  commentCreate(input: $input) { success comment { id } }
}"""
COMMENT_UPDATE: Final = """mutation UpdateComment($id: String!, $input: CommentUpdateInput!) {
  commentUpdate(id: $id, input: $input) { success comment { id } }
}"""
TEAM: Final = """query Team($key: String!) {
  teams(filter: { key: { eq: $key } }, first: 1) { nodes { id key name } }
  viewer { name }
}"""


class Linear:
    """The issues of one team, called by its key ("ENG")."""

    name = "Linear"

    def __init__(
        self, team: str, token: str, *, base_url: str = URL, secret: str | None = None, timeout: float = 20.0
    ) -> None:
        headers = {"Authorization": token, "User-Agent": "ticket-intel"}
        self._api = GraphQL("Linear", base_url, headers=headers, timeout=timeout)
        self._key, self._secret = team, secret

    @property
    def place(self) -> str:
        return self._key

    @property
    def takes_webhooks(self) -> bool:
        return self._secret is not None

    def owns(self, typed: str) -> bool:
        return _tail(typed).upper().startswith(f"{self._key}-")

    def search(self, text: str) -> list[Issue]:
        """By words and meaning, as Linear ranks; issues of our team first."""
        term = " ".join(text.split())[:MOST_TERM]
        if not term:
            return []
        found = self._api.ask(SEARCH, {"term": term, "first": SHOWN, "team": self._team})
        return [_issue(one) for one in many(found, "searchIssues", "nodes")][:SHOWN]

    def create(self, draft: IssueDraft, marker: str) -> Issue:
        given = {
            "id": made_of(marker),
            "teamId": self._team,
            "title": draft.title[:MOST_TITLE],
            "description": draft.body[:MOST_BODY],
        }
        return _issue(at(self._api.ask(CREATE, {"input": given}), "issueCreate", "issue"))

    def find(self, marker: str) -> Issue | None:
        try:
            return self._one(made_of(marker))
        except NotThere:
            return None

    def update_count(self, issue: str, text: str, marker: str, note: str | None) -> str:
        """One comment, edited: nobody who follows the issue is written to again."""
        first = made_of(f"{marker}:count")
        known = note or self._comment(first)
        if known is not None:
            try:
                self._api.ask(COMMENT_UPDATE, {"id": known, "input": {"body": text}})
            except (
                NotThere
            ):  # somebody deleted it: write it anew, under another id, as that of a deleted one stays taken
                return self._write({"issueId": issue, "body": text})
            return known
        return self._write({"id": first, "issueId": issue, "body": text})

    def _comment(self, comment: str) -> str | None:
        try:
            return identifier(self._api.ask(COMMENT, {"id": comment}), "comment", "id") or None
        except NotThere:
            return None

    def _write(self, given: Mapping[str, str]) -> str:
        made = identifier(self._api.ask(COMMENT_CREATE, {"input": dict(given)}), "commentCreate", "comment", "id")
        if not made:
            raise Rejected("Linear answered with something else than a comment")
        return made

    def add_need(self, issue: str, need: Need, marker: str) -> str:
        return put_need(self._api, issue, need, made_of(marker))

    def status(self, ref: str) -> Issue:
        return self._one(_ref(ref))

    def _one(self, ref: str) -> Issue:
        found = at(self._api.ask(ISSUE, {"id": ref}), "issue")
        if at(found, "trashed") is True:
            raise NotThere("Linear: the issue was deleted")
        return _issue(found)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Delivery:
        """Its time is within what is signed: older than a minute, or from the future, is refused."""
        if self._secret is None:
            raise Forged("there is no secret to check it with")
        digest = hex_of_body(self._secret, headers.get("linear-signature", ""), body, prefix="", algorithm="sha256")
        payload = json_object(body)
        if not _fresh(payload.get("webhookTimestamp"), now):
            raise Forged("signed too long ago, or in the future")
        ref = identifier(payload, "data", "id")
        known = payload.get("type") == "Issue" and _UUID.fullmatch(ref) is not None
        return Delivery(digest, ref if known else None)

    def check(self) -> str:
        """As whom we are known, and where issues go, for `doctor`."""
        found = self._api.ask(TEAM, {"key": self._key})
        team = next(many(found, "teams", "nodes"), None)
        if team is None:
            raise NotThere(f"Linear shows no team {self._key} to this key")
        return f"team {at(team, 'name')} ({self._key}) as {at(found, 'viewer', 'name')}"

    def close(self) -> None:
        self._api.close()

    @cached_property
    def _team(self) -> str:
        team = identifier(next(many(self._api.ask(TEAM, {"key": self._key}), "teams", "nodes"), None), "id")
        if not team:
            raise NotThere(f"Linear shows no team {self._key} to this key")
        return team


def made_of(marker: str) -> str:
    """An identifier of version 4 that is the same whenever it is made of the same marker (random itself)."""
    return str(uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_OID, marker).bytes, version=4))


def _fresh(told: Any, now: datetime) -> bool:
    if isinstance(told, bool) or not isinstance(told, int) or not 0 < told < 10**14:
        return False
    return abs(now - datetime.fromtimestamp(told / 1000, UTC)) <= FRESH


def _ref(typed: str) -> str:
    """The id, "ENG-12" or the issue's address. Raises NotThere."""
    tail = _tail(typed)
    if _CALLED.fullmatch(tail) or _UUID.fullmatch(tail):
        return tail
    raise NotThere("Linear issues are called like ENG-12")


def _tail(typed: str) -> str:
    parts = urlsplit(typed.strip()).path.strip("/").split("/")
    return parts[2] if "://" in typed and len(parts) > 2 and parts[1] == "issue" else typed.strip()


def _planned(row: Any) -> str:
    """The nearest promise that Linear knows: milestone, cycle, due day, the project's day."""
    milestone, cycle = line(row, "projectMilestone", "name"), line(row, "cycle", "name")
    number = at(row, "cycle", "number")
    numbered = f"cycle {number:g}" if isinstance(number, int | float) and not isinstance(number, bool) else ""
    project, day = line(row, "project", "name"), line(row, "project", "targetDate")
    return milestone or cycle or numbered or line(row, "dueDate") or (f"{project}, {day}" if project and day else "")


def _issue(row: Any) -> Issue:
    ref, key = identifier(row, "id"), identifier(row, "identifier")
    kind, url, title = at(row, "state", "type"), at(row, "url"), at(row, "title")
    if not (ref and key and isinstance(url, str) and isinstance(title, str) and isinstance(kind, str)):
        raise Rejected("Linear answered with something else than an issue")
    state = _CLOSED.get(kind, IssueState.OPEN)
    return Issue(ref, key, url, title, state, stage=line(row, "state", "name"), planned=_planned(row))
