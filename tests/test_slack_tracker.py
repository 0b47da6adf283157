"""From an alert to an issue and back to the reporters, through the real Bolt app: the tracker is a local server, its
webhook comes over HTTP."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from slack_world import LOGIN, SlackWorld, slack_world
from tracker_vendors import REPOSITORY, SECRET, GitHubVendor, serving

from intelligence.model import Scope
from storage import memberships, themes

MORE = "Okta single sign-on login redirects endlessly for our users, we cannot sign in"
EXPORT = (
    "The export to Excel gives us a CSV file with broken columns",
    "We need an export to a real Excel file, not CSV",
    "Exporting the monthly report to xlsx is not possible, only CSV",
    "Please add Excel export, our finance team cannot open the CSV",
    "CSV export loses our number formats, we need Excel",
)
AGAIN = "The Okta login loop is back, SSO sends me to the login page again and again"


@dataclass
class Tracked:
    world: SlackWorld
    vendor: GitHubVendor

    @property
    def alert(self) -> dict[str, Any]:
        return self.world.posted(self.world.product)[0]

    @property
    def theme(self) -> Any:
        with self.world.running.deps.db.read() as session:
            return themes.by_number(session, self.world.workspace, 1)

    @property
    def tickets(self) -> int:
        with self.world.running.deps.db.read() as session:
            return memberships.size(session, Scope(self.world.workspace), self.theme.id)

    def deliver(self, number: int, action: str, *, secret: str = SECRET) -> int:
        """GitHub calls: this issue was closed or reopened."""
        told = {"action": action, "issue": {"number": number}, "repository": {"full_name": REPOSITORY}}
        body = json.dumps(told | {"n": len(self.vendor.sent)}).encode()
        mac = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={mac}", "X-GitHub-Event": "issues"}
        web = self.world.running.web
        assert web is not None
        return httpx2.post(f"http://127.0.0.1:{web.port}/webhooks/tracker", content=body, headers=headers).status_code

    def asks(self, user: str, line: str) -> dict[str, Any]:
        self.world.pg.reload(user)
        self.world.pg.slash(user, self.world.product, "/ticket-intel", line)
        return self.world.until(lambda: self.world.whispered(user))[-1]


@pytest.fixture(scope="module")
def it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracked]:
    with serving(GitHubVendor()) as vendor:
        settings = {
            "web": True,
            "tracker": "github",
            "tracker_repository": REPOSITORY,
            "tracker_token": "t",
            "tracker_secret": SECRET,
            "tracker_api_url": vendor.url,
        }
        with slack_world(tmp_path_factory.mktemp("tracker"), **settings) as world:
            for customer, text in zip(world.customers, LOGIN, strict=False):
                world.pg.say(customer, world.support, text)
            world.until(lambda: world.posted(world.product))
            world.settle()
            yield Tracked(world, vendor)


def test_from_an_alert_to_an_issue_to_the_reporters_and_back(it: Tracked) -> None:
    world, vendor = it.world, it.vendor
    old = {"number": 1, "html_url": f"https://github.com/{REPOSITORY}/issues/1", "state": "open", "state_reason": None}
    vendor.issues.append(old | {"title": "Login page <!channel> *loops*", "body": ""})

    # Create issue: what may be the same first
    world.pg.click(world.pm, world.product, it.alert["ts"], "issue.open")
    view: Any = world.until(lambda: (v := opened(world)) and v["callback_id"] == "issue_open" and v)
    shown = json.dumps(view["blocks"])
    assert "May be the same" in shown
    assert "acme/app#1 Login page" in shown
    assert "<!channel>" not in shown
    world.pg.submit(world.pm, view["id"], {"title": {"title": "SSO login via Okta loops"}})
    world.until(lambda: it.theme.issue_key)
    world.settle()
    assert it.theme.issue_key == "acme/app#2"
    assert "Okta" in vendor.issues[1]["body"]
    assert "acme/app#2" in json.dumps(it.alert)

    # The live count is one comment, edited
    world.settle()
    assert "5 tickets" in vendor.comments[0]["body"]
    world.pg.say(world.customers[5], world.support, MORE)
    world.until(lambda: "6 tickets" in it.alert["text"])
    world.settle()
    assert it.deliver(2, "labeled") == 200
    world.until(lambda: "6 tickets" in vendor.comments[0]["body"])
    assert len(vendor.comments) == 1

    # Cancelled and forged deliveries tell nobody
    vendor.issues[1] |= {"state": "closed", "state_reason": "not_planned"}
    assert it.deliver(2, "closed", secret="not ours") == 401
    assert it.deliver(2, "closed") == 200
    world.settle()
    assert it.theme.state != "verifying"
    assert "Nobody waits" in it.asks(world.agent, "loop")["text"]

    # Done: the theme is fixed, the thread of its alert hears that reporters can be told
    vendor.issues[1] |= {"state_reason": "completed"}
    it.deliver(2, "closed")
    world.until(lambda: it.theme.state == "verifying")
    world.settle()
    thread = world.posted(world.product, it.alert["ts"])
    assert [m["text"] for m in thread if "6 reporters can be told" in m["text"]]
    assert "Verifying" in json.dumps(it.alert)

    # Reopened: withdrawn. Done again: they wait again.
    vendor.issues[1] |= {"state": "open", "state_reason": "reopened"}
    it.deliver(2, "reopened")
    world.until(lambda: it.theme.state != "verifying")
    assert "Nobody waits" in it.asks(world.agent, "loop")["text"]
    vendor.issues[1] |= {"state": "closed", "state_reason": "completed"}
    it.deliver(2, "closed")
    world.until(lambda: it.theme.state == "verifying")
    world.settle()

    # One click, one reporter, in their own thread
    waiting = it.asks(world.agent, "loop")
    assert "6 reporters can be told" in waiting["text"]
    assert "you and 5 others" in json.dumps(waiting["blocks"], ensure_ascii=False)
    world.pg.click(world.agent, world.product, waiting["ts"], "loop.send", ephemeral=True)
    world.until(lambda: told_in_threads(world))
    world.settle()
    assert len(told_in_threads(world)) == 1
    world.until(lambda: "5 reporters can be told" in world.whispered(world.agent)[-1]["text"])

    # It comes back: nobody else is told that it is fixed, whatever is clicked
    for customer in world.customers[:5]:
        world.pg.say(customer, world.support, f"{AGAIN} ({customer})")
    world.until(lambda: it.tickets == 11)
    world.settle()
    blocked = it.asks(world.agent, "loop")
    assert "5 tickets came since TI-1 was marked as fixed." in json.dumps(blocked["blocks"])
    assert "loop.send" not in json.dumps(blocked["blocks"])
    vendor.issues[1] |= {"state": "open", "state_reason": "reopened"}
    it.deliver(2, "reopened")
    world.until(lambda: it.theme.state != "verifying")
    assert "Nobody waits" in it.asks(world.agent, "loop")["text"]
    assert len(told_in_threads(world)) == 1
    assert world.pg.problems == []


def test_an_issue_that_exists_is_tied_with_a_click(it: Tracked) -> None:
    world = it.world
    for customer, text in zip(world.customers, EXPORT, strict=False):
        world.pg.say(customer, world.support, text)
    alert = world.until(lambda: world.posted(world.product)[1:])[0]
    world.settle()
    world.pg.click(world.pm, world.product, alert["ts"], "issue.open")
    view: Any = world.until(lambda: (v := opened(world)) and v["callback_id"] == "issue_open" and v)
    first = next(block["block_id"] for block in view["blocks"] if block.get("accessory"))
    world.pg.view_action(world.pm, view["id"], "issue.tie", block_id=first)
    world.until(lambda: "is tied to acme/app#1 (open)." in json.dumps(world.pg.view_of(world.pm)))
    world.settle()
    assert [one["issue"] for one in it.vendor.comments] == ["2", "1"]
    assert "acme/app#1" in json.dumps(world.posted(world.product)[-1])
    assert world.pg.problems == []


def test_a_delivery_that_is_too_large_is_cut_off(it: Tracked) -> None:
    web = it.world.running.web
    assert web is not None
    place = f"http://127.0.0.1:{web.port}/webhooks/tracker"
    assert httpx2.post(place, content=b"x" * 1_000_001).status_code == 413
    assert httpx2.post(place, content=b"{}").status_code == 401


def opened(world: SlackWorld) -> Any:
    return world.pg.view_of(world.pm)


def told_in_threads(world: SlackWorld) -> list[dict[str, Any]]:
    roots = [m["ts"] for m in world.pg.messages(world.support)]
    return [m for ts in roots for m in world.posted(world.support, ts) if "This is fixed" in m["text"]]
