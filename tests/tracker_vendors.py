"""Trackers played by local HTTP servers, for tests: what they hold, what they were sent, and how they fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

REPOSITORY = "acme/app"
SECRET = "It's a Secret to Everybody"


@dataclass
class Vendor:
    """What all of them share. `sent` is every request; `fail` answers the next ones with these statuses; `lose` closes
    the connection after something was made, before it is told.
    """

    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    sent: list[tuple[str, str, Any]] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    fail: list[int] = field(default_factory=list)
    lose: bool = False
    url: str = ""

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        self.sent.append((method, path, body))
        return (self.fail.pop(0), {"message": "no"}) if self.fail else self.reply(method, path, body)

    def reply(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """201 for what was made."""
        raise AssertionError("each vendor answers for itself")


class GitHubVendor(Vendor):
    """GitHub's issues of one repository."""

    def reply(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        place, _, _ = path.partition("?")
        if place == "/search/issues":
            return 200, {"items": self.issues}
        if place == f"/repos/{REPOSITORY}":
            return 200, {"full_name": REPOSITORY, "has_issues": True, "permissions": {"push": False, "triage": True}}
        if place.endswith("/issues"):
            return (200, self.issues) if method == "GET" else (201, self._opened(body))
        if "/comments" in place:
            return self._comment(method, place, body)
        number = int(place.rpartition("/")[2])
        return (200, self.issues[number - 1]) if number <= len(self.issues) else (404, {})

    def _opened(self, body: Any) -> Any:
        number = len(self.issues) + 1
        made = {"number": number, "html_url": f"https://github.com/{REPOSITORY}/issues/{number}", "state": "open"}
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


Played = TypeVar("Played", bound=Vendor)


@contextmanager
def serving(vendor: Played) -> Iterator[Played]:
    """The vendor behind a port of this machine; its address is in `url`."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            vendor.credentials.append(self.headers.get("authorization", ""))
            status, answer = vendor.answer(self.command, self.path, body)
            if vendor.lose and status == 201:
                vendor.lose = False
                self.close_connection = True
                return
            told = b"" if status == 204 else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

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
