"""From a theme to an issue and back: the real flows against a local server that plays GitHub by its own OpenAPI."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from office import HERE, SCOPE, Office, an_office

from bot.errors import BadInput, BadSettings
from bot.flows import loop, tracking
from bot.messenger import TryLater
from bot.settings import load_settings
from integrations.helpdesks.port import AccessDenied, Forged, NotThere, Rejected, Unavailable
from integrations.trackers.github import GitHub
from integrations.trackers.port import IssueDraft, IssueState
from storage import themes, tracked_issues

SCHEMAS = Path(__file__).parents[2] / "shared" / "schemas"
REPOSITORY = "acme/app"


@dataclass
class Vendor:
    """GitHub's issues of one repository, in memory; `fail` answers the next requests, `lose` closes after creating."""

    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    sent: list[tuple[str, str, Any]] = field(default_factory=list)
    fail: list[int] = field(default_factory=list)
    lose: bool = False
    url: str = ""

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        self.sent.append((method, path, body))
        if self.fail:
            return self.fail.pop(0), {"message": "no"}
        place, _, _ = path.partition("?")
        if place == "/search/issues":
            return 200, {"items": self.issues}
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
        if method == "GET":
            return 200, self.comments
        if method == "PATCH":
            self.comments[int(place.rpartition("/")[2]) - 1]["body"] = body["body"]
            return 200, {"id": 1}
        self.comments.append({"id": len(self.comments) + 1, "body": body["body"]})
        return 201, self.comments[-1]


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    played = Vendor()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, answer = played.answer(self.command, self.path, body)
            if played.lose and status == 201:
                played.lose = False
                self.close_connection = True
                return
            told = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_PATCH = _do

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    played.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield played
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def github(vendor: Vendor) -> Iterator[GitHub]:
    made = GitHub(REPOSITORY, "t", base_url=vendor.url, secret="It's a Secret to Everybody", timeout=2.0)
    yield made
    made.close()


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path, github: GitHub) -> Iterator[Office]:
    from dataclasses import replace

    with an_office(tmp_path, sqlite_template) as made:
        made.deps = replace(made.deps, tracker=github)
        yield made


def tracked(office: Office, theme: int) -> Any:
    with office.deps.db.read() as session:
        return tracked_issues.of_theme(session, HERE, theme)


def key_of(office: Office, theme: int) -> str:
    return office.standing(theme).key


def test_an_issue_is_opened_followed_done_and_reopened(office: Office, vendor: Vendor) -> None:
    theme, _made = office.theme(7, thread_ts="1.000100")
    told = tracking.request(office.deps, SCOPE, key_of(office, theme), "Login fails", by="UPIA")
    assert "GitHub" in told.text
    office.work()
    office.work()
    assert office.standing(theme).issue_key == "acme/app#1"
    assert len(vendor.issues) == len(vendor.comments) == 1
    assert "7 tickets" in vendor.comments[0]["body"]
    with pytest.raises(BadInput):
        tracking.request(office.deps, SCOPE, key_of(office, theme), "Login fails", by="UPIA")

    vendor.issues[0] |= {"state": "closed", "state_reason": "completed"}
    assert tracking.receive(office.deps, HERE, "1", "d1")
    assert not tracking.receive(office.deps, HERE, "1", "d1")  # a replay
    office.work()
    assert office.standing(theme).state == "verifying"
    assert loop.review(office.deps, SCOPE).waiting > 0

    vendor.issues[0] |= {"state": "open", "state_reason": "reopened"}
    tracking.receive(office.deps, HERE, "1", "d2")
    office.work()
    assert office.standing(theme).state != "verifying"
    assert loop.review(office.deps, SCOPE).waiting == 0


def test_what_is_cancelled_tells_nobody(office: Office, vendor: Vendor) -> None:
    theme, _ = office.theme(5)
    tracking.request(office.deps, SCOPE, key_of(office, theme), "Login fails", by="UPIA")
    office.work()
    vendor.issues[0] |= {"state": "closed", "state_reason": "not_planned"}
    tracking.receive(office.deps, HERE, "1", "d1")
    office.work()
    assert tracked(office, theme).status == "cancelled"
    assert loop.review(office.deps, SCOPE).waiting == 0


def test_a_crash_after_the_issue_was_made_opens_it_once(office: Office, vendor: Vendor) -> None:
    theme, _ = office.theme(5)
    tracking.request(office.deps, SCOPE, key_of(office, theme), "Login fails", by="UPIA")
    vendor.lose = True
    with pytest.raises(TryLater):
        tracking.open_issue(office.deps, HERE, theme)
    tracking.open_issue(office.deps, HERE, theme)
    assert len(vendor.issues) == 1
    assert tracked(office, theme).key == "acme/app#1"


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_refusal_is_kept_and_may_be_tried_again(office: Office, vendor: Vendor, status: int) -> None:
    theme, _ = office.theme(5)
    tracking.request(office.deps, SCOPE, key_of(office, theme), "Login fails", by="UPIA")
    vendor.fail = [status]
    tracking.open_issue(office.deps, HERE, theme)
    assert str(status) in tracked(office, theme).error
    tracking.request(office.deps, SCOPE, key_of(office, theme), "Login fails", by="UPIA")
    tracking.open_issue(office.deps, HERE, theme)
    assert len(vendor.issues) == 1


def test_each_draft_is_sent_once_by_a_click(office: Office) -> None:
    theme, _ = office.theme(5, thread_ts="1.000100")
    with office.deps.db.write() as session:
        assert loop.begin(office.deps, session, office.standing(theme), "4.2") == 5
        themes.update(session, theme, state="verifying")
        assert loop.begin(office.deps, session, office.standing(theme), "4.2") == 0
    draft = loop.review(office.deps, SCOPE).shown[0]
    assert "login page" in draft.text
    assert "others" not in draft.text  # four others are too few to be counted
    loop.decide(office.deps, SCOPE, draft.id, send=True, by="UGUS")
    with pytest.raises(BadInput):
        loop.decide(office.deps, SCOPE, draft.id, send=True, by="UPIA")
    office.work()
    assert [m.thread_ts for m in office.posted("CSUPPORT")] == ["1.000100"]
    office.work()
    assert len(office.posted("CSUPPORT")) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AccessDenied),
        (403, AccessDenied),
        (404, NotThere),
        (409, Rejected),
        (422, Rejected),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_what_github_refuses_has_a_name(vendor: Vendor, github: GitHub, status: int, error: type[Exception]) -> None:
    vendor.fail = [status]
    with pytest.raises(error):
        github.status("1")


def test_outgoing_bodies_are_what_the_openapi_wants(vendor: Vendor, github: GitHub) -> None:
    file = SCHEMAS / "github" / "api.github.com.issues-slice.json"
    if not file.exists():
        pytest.skip("GitHub's OpenAPI is not beside the checkout")
    api = json.loads(file.read_text())
    made = github.create(IssueDraft("Login fails", "5 tickets"), "m")
    github.update_count(made.ref, "5 tickets", "m", None)
    paths = {"/issues": "/repos/{owner}/{repo}/issues", "/comments": None}
    checked = 0
    for method, path, body in vendor.sent:
        if body is None:
            continue
        tail = "/comments" if path.endswith("/comments") else "/issues"
        place = paths[tail] or "/repos/{owner}/{repo}/issues/{issue_number}/comments"
        schema = api["paths"][place][method.lower()]["requestBody"]["content"]["application/json"]["schema"]
        jsonschema.validate(body, schema | {"components": api["components"]})
        for name in schema["required"]:
            broken = copy.deepcopy(body)
            del broken[name]
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(broken, schema | {"components": api["components"]})
        checked += 1
    assert checked == 2


def signed(github: GitHub, body: bytes, event: str = "issues") -> Any:
    right = hmac.new(b"It's a Secret to Everybody", body, hashlib.sha256).hexdigest()
    return github.parse_webhook({"x-hub-signature-256": f"sha256={right}", "x-github-event": event}, body)


def test_only_signed_deliveries_about_our_issues_count(github: GitHub) -> None:
    ours = {"action": "closed", "issue": {"number": 7}, "repository": {"full_name": "Acme/App"}}
    assert signed(github, json.dumps(ours).encode()).ref == "7"
    assert signed(github, json.dumps(ours | {"repository": {"full_name": "evil/app"}}).encode()).ref is None
    assert signed(github, json.dumps(ours | {"issue": [7]}).encode()).ref is None
    with pytest.raises(Forged):
        github.parse_webhook({"x-hub-signature-256": "sha256=00", "x-github-event": "issues"}, b"{}")
    vector = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"  # GitHub's documentation
    with pytest.raises(ValueError):  # the signature is right, the body is no object
        github.parse_webhook({"x-hub-signature-256": vector}, b"Hello, World!")


def test_an_issue_is_called_as_people_call_it(vendor: Vendor, github: GitHub) -> None:
    github.create(IssueDraft("Login fails", ""), "m")
    for typed in ("1", "#1", "acme/app#1", "https://github.com/acme/app/issues/1"):
        assert github.status(typed).state is IssueState.OPEN
    for typed in ("other/app#1", "ENG-1", "../1", ""):
        with pytest.raises(NotThere):
            github.status(typed)


@pytest.mark.parametrize("url", ["http://api.github.com", "https://api.github.com@evil.example", "ftp://x", "https://"])
def test_the_token_goes_nowhere_else(url: str) -> None:
    with pytest.raises(BadSettings):
        load_settings(None, tracker_api_url=url)
