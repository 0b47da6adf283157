"""Helpdesks in: signatures, hostile payloads, and the way from a delivery to a ticket, over real HTTP and databases."""

from __future__ import annotations

import base64
import hmac
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from databases import NOW
from fastapi import FastAPI
from fastapi.testclient import TestClient
from helpdesk_vendors import mutated
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_world import encoder

from bot.bodies import Bodies
from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.errors import BadSettings
from bot.flows import helpdesk, helpdesk_pages
from bot.helpdesks import Helpdesks, build_helpdesks
from bot.jobs import build_registry
from bot.senders import FORGED_PER_MINUTE, Senders
from bot.settings import load_settings
from bot.webhooks import add_webhooks
from bot.worker import Worker
from integrations.helpdesks import signatures
from integrations.helpdesks.generic import GenericWebhook
from integrations.helpdesks.loose import json_object
from integrations.helpdesks.port import (
    AccessDenied,
    Forged,
    Nothing,
    NotThere,
    Rejected,
    Unavailable,
)
from integrations.helpdesks.zendesk import Zendesk
from intelligence.model import Role, Scope, Source, TicketState
from storage import tickets

SCHEMAS = Path(__file__).resolve().parents[2] / "shared" / "schemas"
HERE = "T1"
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
CAPTURED = {
    "type": "zen:event-type:ticket.agent_assignment_changed",
    "id": "c6d7e8f9",
    "subject": "zen:ticket:5158",
    "time": "2026-01-12T08:59:00.789012345Z",
    "detail": {"id": "5158", "status": "OPEN"},
    "event": {},
}


def told(**changed: Any) -> dict[str, Any]:
    data = {
        "id": "4711",
        "subject": "Export fails",
        "status": "open",
        "created_at": "2026-01-12T08:00:00Z",
        "updated_at": "2026-01-12T08:30:00Z",
        "customer": {"id": "c1", "name": "Ann", "email": "ann@acme.example", "account": "Acme", "plan": "enterprise"},
        "segments": {"region": "eu"},
        "messages": [
            {
                "id": "m1",
                "role": "customer",
                "text": "The export stops at 50% every time",
                "at": "2026-01-12T08:00:00Z",
            },
            {"id": "m2", "role": "agent", "text": "SECRET-NOTE", "at": "2026-01-12T08:10:00Z", "private": True},
        ],
    }
    return {"type": "ticket.updated", "data": data | changed}


def signed(body: bytes, *, message: str = "msg_1", at: datetime = NOW) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    mac = hmac.digest(signatures.standard_key(SECRET), f"{message}.{stamp}.".encode() + body, "sha256")
    return {
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1,AAAA v1," + base64.b64encode(mac).decode(),
    }


def test_vendors_signature_vectors() -> None:
    path = SCHEMAS / "signature_vectors.json"
    if not path.exists():
        pytest.skip(f"{path} is not there: the vendors' signature vectors are kept beside the checkout")
    vectors = {vector["provider"]: vector for vector in json.loads(path.read_text())}
    one = vectors["standard-webhooks"]
    headers = {"webhook-id": one["webhook-id"], "webhook-timestamp": one["webhook-timestamp"]}
    headers["webhook-signature"] = one["signature"]
    then = datetime.fromtimestamp(int(one["webhook-timestamp"]), UTC)
    assert signatures.standard(one["secret"], headers, one["body"].encode(), then) == one["webhook-id"]
    hub = vectors["github"]
    signatures.hex_of_body(hub["secret"], hub["signature"], hub["body"].encode(), prefix="sha256=", algorithm="sha256")
    plain = vectors["plain"]
    body = (SCHEMAS / plain["body_file"]).read_bytes()
    signatures.hex_of_body(plain["secret"], plain["signature"], body, prefix="", algorithm="sha256")
    old = vectors["zendesk-LEGACY-ORDER"]
    desk = Zendesk("acme", "a@acme.example", "t", secret=old["secret"])
    stale = {"x-zendesk-webhook-signature": old["signature"], "x-zendesk-webhook-signature-timestamp": old["timestamp"]}
    with pytest.raises(Forged, match="does not fit"):
        desk.verify(stale, old["body"].encode(), datetime.fromisoformat(old["timestamp"]))


def test_forged_stale_and_future_deliveries() -> None:
    webhook, body = GenericWebhook(SECRET), json.dumps(told()).encode()
    assert webhook.verify(signed(body), body, NOW) == "msg_1"
    for headers, content in (
        ({}, body),
        (signed(body), body + b" "),
        (signed(body) | {"webhook-id": "msg_2"}, body),
        (signed(body) | {"webhook-timestamp": "٣"}, body),
        (signed(body) | {"webhook-signature": "v1," + "é" * 50}, body),
        (signed(body, at=NOW - timedelta(minutes=6)), body),
        (signed(body, at=NOW + timedelta(minutes=6)), body),
    ):
        with pytest.raises(Forged):
            webhook.verify(headers, content, NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a": NaN}', b'{"a": 1e999}', b"\xff", b"[" * 100_000])
def test_bodies_that_are_no_json_object(body: bytes) -> None:
    with pytest.raises(ValueError):
        json_object(body)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_key_deleted_or_mutated_gives_the_same_ticket_or_none(data: st.DataObject) -> None:
    payload, path = mutated(data, told())
    read = GenericWebhook(SECRET).read({}, payload)
    if isinstance(read, Nothing):
        assert read.reason
        return
    assert read.external_id == "4711" or path == ("data", "id")
    for said in read.ticket.messages if read.ticket else ():
        said.text.encode()
        assert said.at.tzinfo is not None
        assert "SECRET" not in said.text or said.private or path[-1] == "private"


class Vendor:
    """A Zendesk on this machine: answers by path, or the same to everything."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.status, self.headers, self.close_half = 200, dict[str, str](), False
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = vendor.answers.get(self.path.partition("?")[0])
                body = json.dumps(found).encode() if vendor.status == 200 and found is not None else b"{}"
                self.send_response(vendor.status if found is not None or vendor.status != 200 else 404)
                for key, value in vendor.headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(body) + (100 if vendor.close_half else 0)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                return None

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        base = f"http://127.0.0.1:{self.server.server_port}"
        self.desk = Zendesk("acme", "a@acme.example", "t", secret="s", base_url=base, timeout=5)

    def show(self, *, status: str = "open", comments: list[dict[str, Any]] | None = None, minute: int = 30) -> None:
        users = [
            {"id": 7, "name": "Ann", "email": "ann@acme.example", "role": "end-user", "organization_id": 9},
            {"id": 8, "name": "Bo", "role": "agent"},
        ]
        self.answers["/api/v2/tickets/5158.json"] = {
            "ticket": {
                "id": 5158, "subject": "Cannot login", "status": status, "requester_id": 7,
                "created_at": "2026-01-12T08:00:00Z", "updated_at": f"2026-01-12T08:{minute}:00Z",
            },
            "users": users,
            "organizations": [{"id": 9, "name": "Acme", "organization_fields": {"plan": "enterprise", "region": "eu"}}],
        }  # fmt: skip
        self.answers["/api/v2/tickets/5158/comments.json"] = {"comments": comments or COMMENTS, "users": users}


def comment(number: int, author: int, text: str, *, public: bool = True, channel: str = "web") -> dict[str, Any]:
    at = f"2026-01-12T08:0{number}:00Z"
    return {"id": number, "author_id": author, "plain_body": text, "public": public, "created_at": at,
            "via": {"channel": channel}}  # fmt: skip


COMMENTS = [
    comment(1, 7, "I cannot log in since the release, it loops"),
    comment(2, -1, "We got your request", channel="rule"),
    comment(3, 8, "SECRET-NOTE", public=False),
    comment(4, 8, "Please clear your cookies"),
]


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    made = Vendor()
    yield made
    made.desk.close()
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


def test_every_failure_of_the_vendor_has_its_error(vendor: Vendor) -> None:
    for status, error in ((401, AccessDenied), (403, AccessDenied), (404, NotThere), (302, Rejected), (422, Rejected),
                          (500, Unavailable), (503, Unavailable)):  # fmt: skip
        vendor.status = status
        with pytest.raises(error):
            vendor.desk.fetch("zendesk/acme/5158")
    vendor.status, vendor.headers = 429, {"Retry-After": "7"}
    with pytest.raises(Unavailable) as caught:
        vendor.desk.fetch("zendesk/acme/5158")
    assert caught.value.after == timedelta(seconds=7)
    vendor.status, vendor.headers, vendor.close_half = 200, {}, True
    vendor.show()
    vendor.desk._api._client.timeout = 0.2
    with pytest.raises(Unavailable):
        vendor.desk.fetch("zendesk/acme/5158")


def test_a_subdomain_never_leads_elsewhere() -> None:
    for bad in ("evil.example/", "acme.zendesk.com", "acme@evil", "https://acme", "a b", "-a"):
        with pytest.raises(BadSettings, match="ZENDESK_SUBDOMAIN"):
            load_settings(None, zendesk_subdomain=bad)
    with pytest.raises(BadSettings, match="ZENDESK_API_TOKEN"):
        build_helpdesks(load_settings(None, zendesk_subdomain="acme", zendesk_email="a@acme.example"))
    assert build_helpdesks(load_settings(None)).webhooks() == []
    desk = Zendesk("acme", "a@acme.example", "t", base_url="http://127.0.0.1:1")
    with pytest.raises(Rejected, match="another address"):
        desk._api.get("https://evil.example/next")
    desk.close()


@pytest.fixture
def deps(tmp_path: Path, sqlite_template: Path, vendor: Vendor) -> Iterator[Deps]:
    shutil.copy(sqlite_template, tmp_path / "t.db")
    options = load_settings(None, database_url=f"sqlite:///{tmp_path / 't.db'}", debounce_seconds=0)
    built = build_deps(options, clock=SimulatedClock(NOW), embedder=encoder(), migrate=False)
    here = Helpdesks({Source.ZENDESK: vendor.desk}, {Source.WEBHOOK: GenericWebhook(SECRET)})
    yield replace(built, helpdesks=here)
    built.close()


def deliver(deps: Deps, payload: dict[str, Any], delivery: str, source: Source = Source.WEBHOOK) -> helpdesk.Receipt:
    webhook = deps.helpdesks.webhook(source)
    assert webhook is not None
    receipt = helpdesk.receive(deps, HERE, webhook, delivery, {}, payload)
    Worker(deps, build_registry(deps), threads=1).run_due()
    return receipt


def stored(deps: Deps, source: Source, ref: str) -> Any:
    with deps.db.read() as session:
        found = tickets.find(session, HERE, source, ref)
        return tickets.one(session, Scope(HERE), found) if found is not None else None


def test_a_told_ticket_is_stored_once_and_never_set_back(deps: Deps) -> None:
    assert deliver(deps, told(), "m1").new
    assert not deliver(deps, told(), "m1").new
    solved = told(status="solved", updated_at="2026-01-12T08:45:00Z")
    deliver(deps, solved, "m2")
    deliver(deps, told(updated_at="2026-01-12T08:40:00Z", subject="Old"), "m3")
    ticket = stored(deps, Source.WEBHOOK, "4711")
    assert (ticket.subject, ticket.state) == ("Export fails", TicketState.RESOLVED)
    assert (ticket.account.name, ticket.account.plan, ticket.segments["region"]) == ("Acme", "enterprise", "eu")
    assert [(m.role, m.private_note) for m in ticket.messages] == [(Role.CUSTOMER, False), (Role.AGENT, True)]
    deliver(deps, {"type": "ticket.deleted", "data": {"id": 4711, "updated_at": "2026-01-12T08:50:00Z"}}, "m4")
    deliver(deps, told(updated_at="2026-01-12T08:55:00Z"), "m5")
    assert stored(deps, Source.WEBHOOK, "4711").messages == ()


def test_a_zendesk_event_becomes_its_ticket_and_follows_redactions(deps: Deps, vendor: Vendor) -> None:
    path = SCHEMAS / "zendesk/event.ticket.agent_assignment_changed.json"
    event = json.loads(path.read_text()) if path.exists() else CAPTURED
    vendor.show()
    deliver(deps, event, "d1", Source.ZENDESK)
    ticket = stored(deps, Source.ZENDESK, "zendesk/acme/5158")
    assert [m.role for m in ticket.messages] == [Role.CUSTOMER, Role.BOT, Role.AGENT, Role.AGENT]
    assert [m.private_note for m in ticket.messages] == [False, False, True, False]
    assert (ticket.customer.email, ticket.account.name) == ("ann@acme.example", "Acme")
    vendor.show(status="solved", comments=[COMMENTS[0] | {"plain_body": "I cannot log in, it \u2587\u2587"}], minute=40)
    helpdesk.fetch_ticket(deps, HERE, Source.ZENDESK, "zendesk/acme/5158")
    ticket = stored(deps, Source.ZENDESK, "zendesk/acme/5158")
    assert [m.text for m in ticket.messages] == ["I cannot log in, it \u2587\u2587"]
    assert ticket.state is TicketState.RESOLVED


def test_a_poll_fetches_each_state_once_and_honours_deletions(deps: Deps, vendor: Vendor) -> None:
    vendor.show()
    listed = {"id": 5158, "status": "open", "updated_at": "2026-01-12T08:30:00Z"}
    export = {"tickets": [listed], "after_cursor": "c1", "end_of_stream": True}
    vendor.answers["/api/v2/incremental/tickets/cursor.json"] = export
    worker = Worker(deps, build_registry(deps), threads=1)
    for tick in ("1", "2"):
        helpdesk_pages.start_poll(deps, HERE, because=tick)
        worker.run_due()
    assert stored(deps, Source.ZENDESK, "zendesk/acme/5158") is not None
    assert helpdesk_pages.preview(vendor.desk, NOW) == (1, True)
    vendor.status = 404  # what is only not shown is kept
    assert helpdesk.fetch_ticket(deps, HERE, Source.ZENDESK, "zendesk/acme/5158").refusal
    assert stored(deps, Source.ZENDESK, "zendesk/acme/5158").messages
    listed |= {"status": "deleted", "updated_at": "2026-01-12T08:50:00Z"}
    vendor.status = 200
    del vendor.answers["/api/v2/tickets/5158.json"]  # Zendesk tells it in its export alone
    helpdesk_pages.start_poll(deps, HERE, because="3")
    worker.run_due()
    assert stored(deps, Source.ZENDESK, "zendesk/acme/5158").messages == ()


def test_the_route_answers_each_delivery_and_exists_only_with_its_secret(deps: Deps) -> None:
    class Here:
        home = HERE
        woken = 0

        def wake(self) -> None:
            self.woken += 1

    web, here = FastAPI(), Here()
    here.deps = replace(deps, helpdesks=Helpdesks(senders=deps.helpdesks.senders))
    add_webhooks(web, here, Bodies(), Senders(6, deps.clock))
    client, body = TestClient(web), json.dumps(told()).encode()
    post = lambda content, **more: client.post("/webhooks/webhook", content=content, headers=signed(content) | more)  # noqa: E731
    assert [post(body).json()["status"] for _ in range(2)] == ["accepted", "duplicate"]
    assert here.woken == 1
    assert post(body, **{"webhook-id": "other"}).status_code == 401
    assert client.post("/webhooks/webhook", content=b"x" * 10_000_000).status_code == 413
    assert client.post("/webhooks/zendesk", content=body).status_code == 404
    empty = b'{"type": "ticket.updated"}'
    answer = client.post("/webhooks/webhook", content=empty, headers=signed(empty, message="msg_9")).json()
    assert answer == {"status": "ignored", "reason": "data.id must be a string or an integer"}
    broken = client.post("/webhooks/webhook", content=b"[]", headers=signed(b"[]", message="msg_8"))
    assert broken.status_code == 400
    forged = [post(body, **{"webhook-id": "other"}) for _ in range(FORGED_PER_MINUTE)]
    assert [answer.status_code for answer in forged] == [401] * (FORGED_PER_MINUTE - 1) + [429]
    answers = [post(body) for _ in range(3)]  # two more than the source's six a minute allow, forged ones not counted
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["retry-after"] == forged[-1].headers["retry-after"].replace("2", "10")
    deps.clock.advance(timedelta(seconds=10))
    assert post(body).status_code == 200
