"""Trackers played by local HTTP servers, for tests: what they hold, what they were sent, and how they fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, TypeVar

from bot.flows import following
from integrations.trackers.port import Delivery

if TYPE_CHECKING:
    from office import Office

REPOSITORY = "acme/app"
SECRET = "It's a Secret to Everybody"


@dataclass
class Vendor:
    """What all of them share. `sent` is every request; `fail` answers the next ones with these statuses; `lose` closes
    the connection after something was made, before it is told. Without `alike` a search finds nothing.
    `breaks` are the next answers that are none: "closed", "half", "hang" (until `let_go`), "html", "deep" or "moved" (to
    `elsewhere`). What fails with 429 or 503 tells `retry_after`.
    """

    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    sent: list[tuple[str, str, Any]] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    fail: list[int] = field(default_factory=list)
    lose: bool = False
    alike: bool = True
    breaks: list[str] = field(default_factory=list)
    retry_after: str = ""
    elsewhere: str = ""
    let_go: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        self.sent.append((method, path, body))
        return (self.fail.pop(0), {"message": "no"}) if self.fail else self.reply(method, path, body)

    def reply(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """201 for what was made."""
        raise AssertionError("each vendor answers for itself")


class GitHubVendor(Vendor):
    """GitHub's issues of one repository."""

    may = True
    repository = REPOSITORY

    def reply(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        place, _, _ = path.partition("?")
        if place == "/search/issues":
            return 200, {"items": self.issues if self.alike else []}
        if place == f"/repos/{self.repository}":
            return 200, {
                "full_name": self.repository,
                "has_issues": True,
                "permissions": {"push": False, "triage": self.may},
            }
        if place.endswith("/issues"):
            return (200, self.issues) if method == "GET" else (201, self._opened(body))
        if "/comments" in place:
            return self._comment(method, place, body)
        number = int(place.rpartition("/")[2])
        return (200, self.issues[number - 1]) if number <= len(self.issues) else (404, {})

    def _opened(self, body: Any) -> Any:
        number = len(self.issues) + 1
        made = {"number": number, "html_url": f"https://github.com/{self.repository}/issues/{number}", "state": "open"}
        self.issues.append(made | {"title": body["title"], "body": body["body"], "state_reason": None})
        return self.issues[-1]

    def _comment(self, method: str, place: str, body: Any) -> tuple[int, Any]:
        issue = place.split("/")[5]
        if method == "GET":
            return 200, [one for one in self.comments if one["issue"] == issue]
        if method == "PATCH":
            self.comments[int(place.rpartition("/")[2]) - 1]["body"] = body["body"]
            return 200, {"id": 1}
        self.comments.append({"id": len(self.comments) + 1, "issue": issue, "body": body["body"]})
        return 201, self.comments[-1]


class LinearVendor(Vendor):
    """Linear's issues of the team ENG: identifiers of clients are taken, and never twice."""

    TEAM = "9e383f51-2629-4f19-97ff-451cc2f0a0ad"

    def __init__(self) -> None:
        super().__init__()
        self.customers: list[dict[str, Any]] = []
        self.needs: list[dict[str, Any]] = []

    def reply(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        operation = body["query"].split("(")[0].split()[1]
        return getattr(self, f"_{operation.lower()}")(body["variables"])

    def _team(self, given: Any) -> tuple[int, Any]:
        teams = [{"id": self.TEAM, "key": "ENG", "name": "Engineering"}] if given["key"] == "ENG" else []
        return 200, {"data": {"teams": {"nodes": teams}, "viewer": {"name": "Ada"}}}

    def _search(self, given: Any) -> tuple[int, Any]:
        return 200, {"data": {"searchIssues": {"nodes": self.issues[: given["first"]] if self.alike else []}}}

    def _issue(self, given: Any) -> tuple[int, Any]:
        found = [one for one in self.issues if given["id"] in (one["id"], one["identifier"])]
        return (200, {"data": {"issue": found[0]}}) if found else self._missing("Issue")

    def _create(self, given: Any) -> tuple[int, Any]:
        wanted = given["input"]
        if any(one["id"] == wanted["id"] for one in self.issues):
            return 400, {"errors": [{"message": "conflict on insert", "extensions": {"code": "INPUT_ERROR"}}]}
        key = f"ENG-{len(self.issues) + 1}"
        made = {"id": wanted["id"], "identifier": key, "url": f"https://linear.app/acme/issue/{key}/x"}
        self.issues.append(made | {"title": wanted["title"], "state": {"type": "triage"}, "trashed": None})
        return 201, {"data": {"issueCreate": {"success": True, "issue": self.issues[-1]}}}

    def _comment(self, given: Any) -> tuple[int, Any]:
        found = [one for one in self.comments if one["id"] == given["id"]]
        return (200, {"data": {"comment": found[0]}}) if found else self._missing("Comment")

    def _createcomment(self, given: Any) -> tuple[int, Any]:
        made = {"id": f"00000000-0000-4000-8000-{len(self.sent):012d}"} | given["input"]
        self.comments.append(made)
        return 201, {"data": {"commentCreate": {"success": True, "comment": made}}}

    def _updatecomment(self, given: Any) -> tuple[int, Any]:
        found = [one for one in self.comments if one["id"] == given["id"]]
        if not found:
            return self._missing("Comment")
        found[0] |= given["input"]
        return 200, {"data": {"commentUpdate": {"success": True, "comment": found[0]}}}

    def _customer(self, given: Any) -> tuple[int, Any]:
        found = [one for one in self.customers if one["name"].lower() == given["name"].lower()]
        return 200, {"data": {"customers": {"nodes": found[:1]}}}

    def _upsert(self, given: Any) -> tuple[int, Any]:
        self.customers.append(given["input"] | {"id": f"00000000-0000-4000-9000-{len(self.customers):012d}"})
        return 201, {"data": {"customerUpsert": {"success": True, "customer": self.customers[-1]}}}

    def _need(self, given: Any) -> tuple[int, Any]:
        found = [one for one in self.needs if one["id"] == given["id"]]
        return (200, {"data": {"customerNeed": found[0]}}) if found else self._missing("CustomerNeed")

    def _createneed(self, given: Any) -> tuple[int, Any]:
        self.needs.append(given["input"])
        return 201, {"data": {"customerNeedCreate": {"success": True, "need": given["input"]}}}

    def _missing(self, what: str) -> tuple[int, Any]:
        error = {"message": f"Entity not found: {what}", "extensions": {"code": "INPUT_ERROR", "type": "invalid input"}}
        return 200, {"errors": [error], "data": None}


class JiraVendor(Vendor):
    """Jira's issues of the project ENG."""

    granted = True
    types: tuple[str, ...] = ("Bug", "Task")

    def reply(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        place, _, _ = path.partition("?")
        match place.strip("/").split("/")[3:]:
            case ["search", "jql"]:
                return 200, {"issues": self._labelled(body["jql"])}
            case ["issue"]:
                return 201, self._made(body)
            case ["issue", "createmeta", "ENG", "issuetypes"]:
                return 200, {"issueTypes": [{"name": name} for name in self.types]}
            case ["issue", ref]:
                found = [one for one in self.issues if ref in (one["id"], one["key"])]
                return (200, found[0]) if found else (404, {"errorMessages": ["Issue does not exist"]})
            case ["issue", _, "comment"] if method == "GET":
                return 200, {"comments": self.comments}
            case ["issue", _, "comment"]:
                self.comments.append(body | {"id": str(len(self.comments) + 1)})
                return 201, self.comments[-1]
            case ["issue", _, "comment", number]:
                found = [one for one in self.comments if one["id"] == number]
                return (200, found[0].update(body)) if found else (404, {})
            case ["mypermissions"]:
                names = path.partition("permissions=")[2].replace("%2C", ",").split(",")
                return 200, {"permissions": {name: {"havePermission": self.granted} for name in names}}
            case ["myself"]:
                return 200, {"displayName": "Ada"}
        return 404, {}

    def _labelled(self, jql: str) -> list[dict[str, Any]]:
        wanted = jql.partition('labels = "')[2].partition('"')[0]
        if not wanted and not self.alike:
            return []
        return [one for one in self.issues if not wanted or wanted in one["fields"]["labels"]]

    def _made(self, body: Any) -> Any:
        number = len(self.issues) + 1
        status = {"name": "To Do", "statusCategory": {"key": "new"}}
        made = {"id": str(10_000 + number), "key": f"ENG-{number}"}
        self.issues.append(made | {"fields": body["fields"] | {"status": status, "resolution": None}})
        return made

    def close(self, number: int, *, resolution: str = "Done") -> None:
        status = {"name": "Done", "statusCategory": {"key": "done"}}
        self.issues[number - 1]["fields"] |= {"status": status, "resolution": {"name": resolution}}


Played = TypeVar("Played", bound=Vendor)


@contextmanager
def serving(vendor: Played) -> Iterator[Played]:
    """The vendor behind a port of this machine; its address is in `url`."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            vendor.credentials.append(self.headers.get("authorization", ""))
            if vendor.breaks:
                self._broken(vendor.breaks.pop(0))
                return
            status, answer = vendor.answer(self.command, self.path, body)
            if vendor.lose and status == 201:
                vendor.lose = False
                self.close_connection = True
                return
            told = b"" if status == 204 else json.dumps(answer).encode()
            self.send_response(status)
            if status in {429, 503} and vendor.retry_after:
                self.send_header("retry-after", vendor.retry_after)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def _broken(self, how: str) -> None:
            self.close_connection = True
            bodies = {"html": b"<html>sign in</html>", "deep": b"[" * 200_000, "half": b'{"id": "1", '}
            if how == "hang":
                vendor.let_go.wait(10)
            elif how == "moved":
                self.send_response(302)
                self.send_header("location", vendor.elsewhere)
                self.send_header("content-length", "0")
                self.end_headers()
            elif how != "closed":
                self.send_response(200)
                self.send_header("content-length", str(len(bodies[how]) + (500 if how == "half" else 0)))
                self.end_headers()
                self.wfile.write(bodies[how])

        do_GET = do_POST = do_PATCH = do_PUT = _do

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    vendor.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield vendor
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def hears(office: Office, ref: str, delivery: str, *, docs: bool = False) -> bool:
    """A verified delivery about an issue came in; whether it was new."""
    tracker = office.deps.docs_tracker if docs else office.deps.tracker
    assert tracker is not None
    return following.receive(office.deps, "T1", tracker, Delivery(delivery, ref))
