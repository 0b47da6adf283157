"""A workspace in which a helpdesk, Slack and a tracker meet: a signed webhook, the playground and a local GitHub."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from slack_world import LOGIN, SlackWorld, slack_world
from tracker_vendors import REPOSITORY, SECRET, GitHubVendor, serving

from bot.clock import SystemClock
from bot.flows import nightly
from integrations.events import sign
from storage import themes

HELPDESK_SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
IN_HELPDESK, IN_SLACK = LOGIN[:3], (*LOGIN[3:], "Okta single sign-on login redirects endlessly, we cannot sign in")


class LaterClock:
    """The machine's time, which a test moves on by days."""

    def __init__(self) -> None:
        self._real, self._later = SystemClock(), timedelta()

    def now(self) -> datetime:
        return self._real.now() + self._later

    def wait(self, days: int) -> None:
        self._later += timedelta(days=days)


@dataclass
class Journey:
    """The world with its vendors. `tickets` are those of the helpdesk, by their number there."""

    world: SlackWorld
    github: GitHubVendor
    clock: LaterClock
    tickets: list[str] = field(default_factory=list)

    @property
    def theme(self) -> Any:
        with self.world.running.deps.db.read() as session:
            return themes.by_number(session, self.world.workspace, 1)

    @property
    def alert(self) -> dict[str, Any]:
        return self.world.posted(self.world.product)[0]

    @property
    def thread(self) -> list[str]:
        """What the bot said in the thread of the alert."""
        return [
            m["text"] for m in self.world.posted(self.world.product, self.alert["ts"]) if m["ts"] != self.alert["ts"]
        ]

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        """Deliver, and again where it could not be stored, as vendors do."""
        web = self.world.running.web
        assert web is not None

        def sent() -> bool:
            answer = httpx2.post(f"http://127.0.0.1:{web.port}{path}", content=body, headers=headers)
            assert answer.status_code in {200, 503}, answer.text
            return answer.status_code == 200

        self.world.until(sent)

    def helpdesk_ticket(self, text: str) -> None:
        """The helpdesk sends a ticket, signed as Standard Webhooks say."""
        number = f"47{len(self.tickets):02d}"
        self.tickets.append(number)
        now = self.clock.now()
        ticket = {
            "id": number,
            "subject": "Login",
            "status": "open",
            "created_at": now.isoformat(),
            "updated_at": now.isoformat(),
            "url": f"https://help.acme.example/tickets/{number}",
            "customer": {"id": f"c{number}", "name": f"Reporter {number}", "email": f"r{number}@firm{number}.example"},
            "messages": [{"id": f"m{number}", "role": "customer", "text": text, "at": now.isoformat()}],
        }
        body = json.dumps({"type": "ticket.created", "data": ticket}).encode()
        signature = sign(HELPDESK_SECRET, f"msg_{number}", now, body)
        headers = {"webhook-id": f"msg_{number}", "webhook-timestamp": str(int(now.timestamp()))}
        self._post("/webhooks/webhook", body, headers | {"webhook-signature": signature})

    def github_calls(self, number: int, action: str) -> None:
        """GitHub sends that an issue changed."""
        told = {"action": action, "issue": {"number": number}, "repository": {"full_name": REPOSITORY}}
        body = json.dumps(told | {"n": len(self.github.sent)}).encode()
        mac = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={mac}", "X-GitHub-Event": "issues"}
        self._post("/webhooks/tracker", body, headers)

    def reports(self) -> None:
        """Six people report the same, three in the helpdesk and three in Slack; an alert comes of it."""
        for text in IN_HELPDESK:
            self.helpdesk_ticket(text)
        for customer, text in zip(self.world.customers, IN_SLACK, strict=False):
            self.world.pg.say(customer, self.world.support, text)
        self.world.until(lambda: self.world.posted(self.world.product))
        self.world.until(lambda: "6 tickets" in self.alert["text"])
        self.world.settle()

    def done(self) -> None:
        """Developers close the issue."""
        self.github.issues[-1] |= {"state": "closed", "state_reason": "completed"}
        self.github_calls(len(self.github.issues), "closed")
        self.world.until(lambda: self.theme.state == "verifying")
        self.world.settle()

    def two_weeks_later(self) -> None:
        """Nothing comes again; what the nightly pass does about fixes is done (its tidying of themes is not)."""
        self.clock.wait(15)
        deps = self.world.running.deps
        with deps.db.write() as session:
            nightly.move_states(deps, session, self.world.workspace)
        self.world.running.desk.wake()
        self.world.settle()


@contextmanager
def a_journey(folder: Path, **settings: Any) -> Iterator[Journey]:
    """The world before anything has happened."""
    clock = LaterClock()
    with serving(GitHubVendor()) as github:
        values: dict[str, Any] = {
            "web": True,
            "webhook_secret": HELPDESK_SECRET,
            "tracker": "github",
            "tracker_repository": REPOSITORY,
            "tracker_token": "t",
            "tracker_secret": SECRET,
            "tracker_api_url": github.url,
        }
        with slack_world(folder, clock=clock, **(values | settings)) as world:
            yield Journey(world, github, clock)
