"""Trackers at their worst, each vendor alike: what they refuse, break off, move or lose, and deliveries that lie."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from databases import NOW
from fastapi import FastAPI
from office import HERE, SCOPE, Office, an_office
from tracker_vendors import REPOSITORY, SECRET, GitHubVendor, JiraVendor, LinearVendor, Vendor, serving

from bot.blocks.theme import theme_card
from bot.bodies import Bodies
from bot.flows import cards, following, loop, tracking
from bot.messenger import TryLater
from bot.senders import Senders
from bot.tracker_webhook import add_tracker_webhook
from integrations.helpdesks.port import AccessDenied, HelpdeskError, NotThere, Rejected, Unavailable
from integrations.trackers.github import GitHub
from integrations.trackers.jira import Jira
from integrations.trackers.linear import Linear
from integrations.trackers.port import IssueDraft
from storage import tracked_issues

KINDS = ("github", "linear", "jira")
#: What an answer of a vendor means, whatever was asked.
MEANS: dict[int, type[HelpdeskError]] = {
    401: AccessDenied, 403: AccessDenied, 404: NotThere, 409: Rejected, 410: NotThere, 422: Rejected, 429: Unavailable,
    500: Unavailable, 502: Unavailable, 503: Unavailable, 504: Unavailable,
}  # fmt: skip
BROKEN = ("closed", "half", "html", "deep")
ASKS: dict[str, Callable[[Any], Any]] = {
    "search": lambda one: one.search("Login fails"),
    "create": lambda one: one.create(IssueDraft("Login fails", "5 tickets"), "ticket-intel:2"),
    "find": lambda one: one.find("ticket-intel:9"),
    "status": lambda one: one.status("1"),
    "update_count": lambda one: one.update_count("1", "5 tickets", "ticket-intel:1", "1"),
    "check": lambda one: one.check(),
}


def made(kind: str, url: str, *, timeout: float = 2.0) -> Any:
    if kind == "github":
        return GitHub(REPOSITORY, "t", base_url=url, secret=SECRET, timeout=timeout)
    if kind == "linear":
        return Linear("ENG", "t", base_url=url, secret=SECRET, timeout=timeout)
    return Jira("acme", "ENG", "a@acme.example", "t", base_url=url, secret=SECRET, timeout=timeout)


@dataclass
class Pair:
    """A tracker and the vendor behind it."""

    kind: str
    vendor: Any
    tracker: Any

    def ask(self, name: str) -> Any:
        if self.kind == "linear" and name == "status":
            return self.tracker.status("ENG-1")
        return ASKS[name](self.tracker)

    @property
    def ref(self) -> str:
        return "1" if self.kind == "github" else str(self.vendor.issues[0]["id"])

    def close(self) -> None:
        """Somebody marks the first issue as done."""
        if self.kind == "github":
            self.vendor.issues[0] |= {"state": "closed", "state_reason": "completed"}
        elif self.kind == "linear":
            self.vendor.issues[0]["state"] = {"type": "completed", "name": "Done"}
        else:
            self.vendor.close(1)

    def reopen(self) -> None:
        if self.kind == "github":
            self.vendor.issues[0] |= {"state": "open", "state_reason": "reopened"}
        elif self.kind == "linear":
            self.vendor.issues[0]["state"] = {"type": "started", "name": "In Progress"}
        else:
            self.vendor.issues[0]["fields"] |= {"status": {"name": "To Do", "statusCategory": {"key": "new"}}}

    def body(self, **more: Any) -> bytes:
        """A delivery about the first issue."""
        told: dict[str, Any] = {
            "github": {"issue": {"number": 1}, "repository": {"full_name": REPOSITORY}},
            "linear": {"type": "Issue", "data": {"id": self.ref}, "webhookTimestamp": int(NOW.timestamp() * 1000)},
            "jira": {"webhookEvent": "jira:issue_updated", "issue": {"id": self.ref}},
        }[self.kind]
        return json.dumps(told | more).encode()

    def headers(self, body: bytes, secret: str = SECRET) -> dict[str, str]:
        mac = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return {
            "github": {"X-Hub-Signature-256": f"sha256={mac}", "X-GitHub-Event": "issues"},
            "linear": {"Linear-Signature": mac},
            "jira": {"X-Hub-Signature": f"sha256={mac}"},
        }[self.kind]


@contextmanager
def a_pair(kind: str) -> Iterator[Pair]:
    played: Vendor = {"github": GitHubVendor, "linear": LinearVendor, "jira": JiraVendor}[kind]()
    with serving(played) as vendor:
        tracker = made(kind, vendor.url)
        yield Pair(kind, vendor, tracker)
        vendor.let_go.set()
        tracker.close()


@pytest.fixture(scope="module", params=KINDS)
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """For what leaves nothing behind."""
    with a_pair(request.param) as found:
        found.tracker.create(IssueDraft("Login fails", ""), "ticket-intel:1")
        found.tracker.search("warm")  # Linear's team is known now: what fails next is what is asked
        yield found


@pytest.mark.parametrize("ask", ASKS)
def test_every_refusal_has_its_name(pair: Pair, ask: str) -> None:
    for status, error in MEANS.items():
        if pair.kind != "github" and ask == "find" and error is NotThere:
            continue  # Linear: it is not there, which is an answer; Jira never answers a search so
        if ask == "update_count" and error is NotThere:
            continue  # the note was deleted: it is written anew
        pair.vendor.fail = [status]
        with pytest.raises(error):
            pair.ask(ask)
        assert pair.vendor.fail == []


@pytest.mark.parametrize("ask", ASKS)
def test_what_breaks_off_is_tried_later(pair: Pair, ask: str) -> None:
    for how in BROKEN:
        pair.vendor.breaks = [how]
        with pytest.raises(Unavailable):
            pair.ask(ask)


def test_what_hangs_is_given_up(pair: Pair) -> None:
    slow = made(pair.kind, pair.vendor.url, timeout=0.1)
    pair.vendor.breaks = ["hang"]
    with pytest.raises(Unavailable, match="Timeout"):
        slow.status("ENG-1" if pair.kind == "linear" else "1")
    pair.vendor.let_go.set()
    slow.close()


@pytest.mark.parametrize("ask", ASKS)
def test_a_redirect_takes_no_credentials_along(pair: Pair, ask: str) -> None:
    with serving(GitHubVendor()) as evil:
        pair.vendor.breaks, pair.vendor.elsewhere = ["moved"], f"{evil.url}/steal"
        try:
            pair.ask(ask)
        except HelpdeskError:
            pass
        else:
            assert (pair.kind, ask) in {("github", "update_count")}  # written anew, at our own address
        assert evil.credentials == []


def test_how_long_to_wait_is_the_vendors_word(pair: Pair) -> None:
    pair.vendor.fail, pair.vendor.retry_after = [429], "77"
    with pytest.raises(Unavailable) as wanted:
        pair.ask("status")
    pair.vendor.retry_after = ""
    assert wanted.value.after == timedelta(seconds=77)


@dataclass
class Scene:
    """A theme whose issue was opened at a vendor."""

    office: Office
    pair: Pair
    theme: int

    @property
    def row(self) -> Any:
        with self.office.deps.db.read() as session:
            return tracked_issues.of_theme(session, HERE, self.theme)

    @property
    def state(self) -> str:
        return str(self.office.standing(self.theme).state)

    def follow(self, **more: Any) -> None:
        following.follow(self.office.deps, HERE, self.row.id, **more)

    def shown(self) -> str:
        return json.dumps(theme_card(cards.card(self.office.deps, SCOPE, "TI-1")).blocks)


@pytest.fixture(params=KINDS)
def wanted(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[Scene]:
    """An issue is wanted and not opened yet."""
    with a_pair(request.param) as found, an_office(tmp_path, sqlite_template) as office:
        office.deps = replace(office.deps, tracker=found.tracker)
        theme, _ = office.theme(5, thread_ts="1.000100")
        found.tracker.search("warm")
        tracking.request(office.deps, SCOPE, "TI-1", "Login fails", by="UPIA")
        yield Scene(office, found, theme)


@pytest.fixture
def scene(wanted: Scene) -> Scene:
    """The issue is there, with its count."""
    wanted.office.work()
    wanted.office.work()
    assert wanted.row.state == tracked_issues.OPENED
    return wanted


class Killed(Exception):
    """The process died before its last write."""


def killed(_session: Any) -> None:
    raise Killed


def test_a_crash_before_it_is_written_down_opens_nothing_twice(wanted: Scene) -> None:
    with pytest.raises(Killed):
        tracking.open_issue(wanted.office.deps, HERE, wanted.row.id, finish=killed)
    assert (wanted.row.state, wanted.row.attempts) == (tracked_issues.WANTED, 1)
    for _ in range(2):
        tracking.open_issue(wanted.office.deps, HERE, wanted.row.id)
    assert len(wanted.pair.vendor.issues) == 1
    with pytest.raises(Killed):
        wanted.follow(finish=killed)
    wanted.follow()
    assert (len(wanted.pair.vendor.comments), wanted.row.noted) == (1, 5)
    wanted.pair.close()
    with pytest.raises(Killed):
        wanted.follow(finish=killed)
    wanted.follow()
    assert (wanted.state, loop.review(wanted.office.deps, SCOPE).waiting) == ("verifying", 5)
    wanted.pair.reopen()
    with pytest.raises(Killed):
        wanted.follow(finish=killed)
    wanted.follow()
    assert (wanted.state, loop.review(wanted.office.deps, SCOPE).waiting) == ("new", 0)


@pytest.mark.parametrize("how", ["closed", "half"])
def test_an_answer_that_was_lost_opens_nothing_twice(wanted: Scene, how: str) -> None:
    vendor = wanted.pair.vendor
    if how == "closed":
        vendor.lose = True
    else:
        vendor.breaks = ["half"]
    with pytest.raises(TryLater) as later:
        tracking.open_issue(wanted.office.deps, HERE, wanted.row.id)
    assert (later.value.after or timedelta()) >= tracking.LOOK_AGAIN
    tracking.open_issue(wanted.office.deps, HERE, wanted.row.id)
    assert len(vendor.issues) == 1


def test_a_refusal_of_any_kind_leaves_the_theme_as_it_is(scene: Scene) -> None:
    before = scene.row
    for status, error in MEANS.items():
        scene.pair.vendor.fail = [status]
        if error is Unavailable:
            with pytest.raises(TryLater):
                scene.follow()
            continue
        scene.follow()
        assert str(status) in scene.row.error
        assert "cannot be read" in scene.shown()
        assert (scene.row.status, scene.row.key, scene.state) == (before.status, before.key, "new")
    scene.follow()  # it was a bad hour
    assert (scene.row.error, scene.row.status) == (None, "open")


def test_an_issue_that_was_deleted_tells_nobody_and_may_come_back(scene: Scene) -> None:
    kept = list(scene.pair.vendor.issues)
    scene.pair.vendor.issues.clear()
    scene.follow()
    assert "cannot be read" in scene.shown()
    assert (scene.state, loop.review(scene.office.deps, SCOPE).waiting) == ("new", 0)
    scene.pair.vendor.issues += kept
    scene.follow()
    assert "cannot be read" not in scene.shown()


def test_an_issue_that_was_moved_is_followed_under_its_new_name(scene: Scene) -> None:
    issue = scene.pair.vendor.issues[0]
    if scene.pair.kind == "github":
        scene.pair.vendor.breaks, scene.pair.vendor.elsewhere = ["moved"], f"{scene.pair.vendor.url}/repositories/2"
        scene.follow()
        assert scene.row.error == "GitHub: it was moved to another repository"
        assert "cannot be read" in scene.shown()
        return
    issue |= {"key": "OPS-9", "identifier": "OPS-9"} | (
        {"url": "https://linear.app/acme/issue/OPS-9/x"} if scene.pair.kind == "linear" else {}
    )
    scene.follow()
    assert (scene.office.standing(scene.theme).issue_key, scene.row.key) == ("OPS-9", "OPS-9")
    assert "OPS-9" in str(scene.office.standing(scene.theme).issue_url)
    assert "the issue ENG-1 is OPS-9 now" in scene.shown()
    scene.pair.close()
    scene.follow()
    assert scene.state == "verifying"


def test_the_trackers_own_words_are_shown_inert(scene: Scene) -> None:
    issue, stage, plan = scene.pair.vendor.issues[0], "In <!channel> Progress", "*4.3* <https://evil.example|x>"
    if scene.pair.kind == "github":
        issue["milestone"] = {"title": plan}
    elif scene.pair.kind == "linear":
        issue |= {"state": {"type": "started", "name": stage}, "projectMilestone": {"name": plan}}
    else:
        issue["fields"] |= {
            "status": {"name": stage, "statusCategory": {"key": "new"}},
            "fixVersions": [{"name": plan}],
        }
    scene.follow()
    shown = scene.shown()
    assert "planned for" in shown
    assert "4.3" in shown
    assert ("Progress" in shown) == (scene.pair.kind != "github")
    assert "<!channel>" not in shown
    assert "<https://evil.example" not in shown


@dataclass
class Hooked:
    """The tracker's webhook over HTTP, as a real server would take it."""

    scene: Scene
    deps: Any
    home: str = HERE
    woken: list[int] = field(default_factory=list)

    def wake(self) -> None:
        self.woken.append(1)

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        web = FastAPI()
        add_tracker_webhook(web, self, Bodies(), Senders(600, self.deps.clock))  # type: ignore[arg-type]

        async def ask() -> httpx2.Response:
            transport = httpx2.ASGITransport(app=web, raise_app_exceptions=True)
            async with httpx2.AsyncClient(transport=transport, base_url="http://here") as client:
                return await client.post("/webhooks/tracker", content=body, headers=headers)

        answer = asyncio.run(ask())
        return answer.status_code, answer.json()

    def signed(self, body: bytes) -> tuple[int, Any]:
        return self.post(body, self.scene.pair.headers(body))


@pytest.fixture
def hooked(scene: Scene) -> Hooked:
    return Hooked(scene, scene.office.deps)


def test_deliveries_that_lie_change_nothing(hooked: Hooked) -> None:
    pair, scene = hooked.scene.pair, hooked.scene
    asked = len(pair.vendor.sent)
    body = pair.body()
    right = pair.headers(body)
    name = next(iter(right))
    for headers in (
        {},
        pair.headers(body, "another secret"),
        right | {name: ""},
        right | {name: right[name][:-2]},
        right | {name: right[name].upper() + " "},
        right | {name: "sha256="},
        right | {name: "sha1=" + right[name].removeprefix("sha256=")},
    ):
        assert hooked.post(body, headers)[0] == 401, headers
    assert hooked.post(body + b" ", right)[0] == 401  # what was signed was something else
    assert hooked.post(b"x" * 10_000_000, pair.headers(b""))[0] == 413
    for no_object in (b"", b"[]", b"7", b"{", b'{"a": NaN}', b"\xff"):
        status, _ = hooked.signed(no_object)
        assert status == 400, no_object
    scene.office.work()
    assert (len(pair.vendor.sent), hooked.woken) == (asked, [])


def test_a_delivery_counts_once_in_whatever_order(hooked: Hooked) -> None:
    pair, scene = hooked.scene.pair, hooked.scene
    closing, reopening = pair.body(action="closed", n=1), pair.body(action="reopened", n=2)
    pair.close()
    assert hooked.signed(closing) == (200, {"status": "accepted"})
    scene.office.work()
    assert scene.state == "verifying"
    pair.reopen()
    for body in (closing, reopening, closing, reopening):  # late and doubled: the tracker's word counts, not theirs
        hooked.signed(body)
        scene.office.work()
    assert scene.state == "new"
    assert hooked.signed(closing) == (200, {"status": "ignored"})
    other = pair.body(n=3).replace(pair.ref.encode(), b"99" if pair.kind != "linear" else LinearVendor.TEAM.encode())
    assert hooked.signed(other) == (200, {"status": "ignored"})


def test_what_is_old_or_from_the_future_is_refused_where_the_time_is_signed(hooked: Hooked) -> None:
    pair, clock = hooked.scene.pair, hooked.scene.office.clock
    body = pair.body()
    status = 401 if pair.kind == "linear" else 200
    for moment in (timedelta(minutes=2), timedelta(days=400)):
        clock.advance(moment)
        assert hooked.signed(body)[0] == status
    if pair.kind == "linear":
        future = pair.body(webhookTimestamp=int((clock.now() + timedelta(minutes=2)).timestamp() * 1000))
        assert hooked.signed(future)[0] == 401


def test_a_delivery_that_cannot_be_stored_is_wanted_again(hooked: Hooked) -> None:
    from sqlalchemy import text

    with hooked.deps.db.write() as session:
        session.execute(text("ALTER TABLE jobs RENAME TO jobs_away"))
    assert hooked.signed(hooked.scene.pair.body())[0] == 503
    with hooked.deps.db.write() as session:
        session.execute(text("ALTER TABLE jobs_away RENAME TO jobs"))
    assert hooked.signed(hooked.scene.pair.body())[0] == 200


@pytest.mark.parametrize("kind", KINDS)
def test_without_its_secret_there_is_no_route(kind: str, tmp_path: Path, sqlite_template: Path) -> None:
    with a_pair(kind) as found, an_office(tmp_path, sqlite_template) as office:
        found.tracker._secret = None
        office.deps = replace(office.deps, tracker=found.tracker)
        web = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        add_tracker_webhook(web, Hooked(None, office.deps), Bodies(), Senders(600, office.clock))  # type: ignore[arg-type]
        assert web.routes == []
