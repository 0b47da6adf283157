"""Releases from a channel and from a webhook: read, verified, noted once, and named as suspects."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from slack_world import encoder
from stored import HERE

from bot.bodies import Bodies
from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.flows import ingest
from bot.helpdesk_check import examine_helpdesks
from bot.release_webhook import add_release_webhook
from bot.senders import Senders
from bot.settings import load_settings
from integrations.helpdesks import signatures
from integrations.slack import message_event
from intelligence.model import ChannelRole
from intelligence.releases import named_version
from storage import releases, workspaces

NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Cinderpeak 4.2 is out. New session service.", "4.2"),
        ("Released v4.2.0 to production", "v4.2.0"),
        ("checkout@1.2.3 deployed by ana", "1.2.3"),
        ("Hotfix 4.2.1-rc.1 shipped", "4.2.1-rc.1"),
        ("Rolled back 4.2", "4.2 (rolled back)"),
        ("Good morning\n4.3.1 is live", "4.3.1"),
        ("Deploying 3.1 tomorrow", None),
        ("Will 4.3 be out?", None),
        ("We have 4.5 stars", None),
        ("192.168.1.1 is out", None),
        ("Usage is up 2.5% now, it is live", None),
        ("The release is out", None),
        ("", None),
    ],
)
def test_a_note_names_the_version_that_went_out(text: str, version: str | None) -> None:
    assert named_version(text) == version


@given(st.text(max_size=200))
def test_any_note_is_read_without_a_fault(text: str) -> None:
    found = named_version(text)
    assert found is None or found.removesuffix(" (rolled back)") in text


@pytest.fixture
def deps(sqlite_template: Path, tmp_path: Path) -> Iterator[Deps]:
    shutil.copyfile(sqlite_template, tmp_path / "t.db")
    settings = load_settings(None, database_url=f"sqlite:///{tmp_path}/t.db", workspace=HERE, release_secret=SECRET)
    made = build_deps(settings, clock=SimulatedClock(NOW), embedder=encoder())
    with made.db.write() as session:
        workspaces.ensure(session, HERE, NOW)
        workspaces.put_channel(session, HERE, "CREL", name="releases", member=True)
        workspaces.choose_channel(session, HERE, "CREL", role=ChannelRole.RELEASES, by="U1", now=NOW)
    yield made
    made.close()


def known(deps: Deps) -> list[tuple[str, datetime, str]]:
    with deps.db.read() as session:
        return [(one.name, one.at, one.source) for one in releases.between(session, HERE, NOW - timedelta(9), NOW)]


def say(deps: Deps, text: str, *, ts: str, **more: Any) -> str | None:
    event = {"type": "message", "channel": "CREL", "user": "U1", "text": text, "ts": ts, "channel_type": "channel"}
    parsed: Any = message_event(event | more)
    with deps.db.write() as session:
        return ingest.take_message(deps, session, HERE, parsed).refusal


def test_a_channel_of_release_notes_makes_releases_and_no_tickets(deps: Deps) -> None:
    at = (NOW - timedelta(hours=3)).timestamp()
    assert say(deps, "Acme 4.2 is out", ts=f"{at:.6f}") == "release 4.2"
    assert say(deps, "Acme 4.2 is out", ts=f"{at + 60:.6f}") == "release 4.2 was known"
    assert say(deps, "Who wants lunch?", ts=f"{at + 90:.6f}") == "no version went out"
    assert say(deps, "4.3 is out", ts=f"{at + 99:.6f}", thread_ts=f"{at:.6f}") == "no version went out"
    bot = {"user": None, "bot_id": "B1", "subtype": "bot_message"}
    assert say(deps, "Deployed 4.4 to production", ts=f"{at + 120:.6f}", **bot) == "release 4.4"
    assert [(name, source) for name, _, source in known(deps)] == [("4.2", "channel"), ("4.4", "channel")]
    assert known(deps)[0][1] == NOW - timedelta(hours=3)


def ours(body: bytes, *, at: datetime = NOW) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    mac = hmac.digest(signatures.standard_key(SECRET), f"m1.{stamp}.".encode() + body, "sha256")
    signed = f"v1,{base64.b64encode(mac).decode()}"
    return {"webhook-id": "m1", "webhook-timestamp": stamp, "webhook-signature": signed}


def github(body: bytes, event: str) -> dict[str, str]:
    mac = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {"x-hub-signature-256": f"sha256={mac}", "x-github-event": event}


@pytest.fixture
def web(deps: Deps) -> TestClient:
    app = FastAPI()
    desk: Any = SimpleNamespace(deps=deps, home=HERE, wake=lambda: None)
    add_release_webhook(app, desk, Bodies(), Senders(600, desk.deps.clock))
    return TestClient(app)


def post(web: TestClient, payload: object, event: str | None = None) -> tuple[int, Any]:
    body = json.dumps(payload).encode()
    answer = web.post("/webhooks/releases", content=body, headers=github(body, event) if event else ours(body))
    return answer.status_code, answer.json()


def test_a_webhook_notes_a_release_once(web: TestClient, deps: Deps) -> None:
    told = {"type": "release.published", "data": {"name": "4.2", "at": "2026-01-12T08:00:00Z"}}
    assert post(web, told) == (200, {"status": "accepted"})
    assert post(web, told) == (200, {"status": "known"})
    assert known(deps) == [("4.2", datetime(2026, 1, 12, 8, tzinfo=UTC), "webhook")]


def test_github_s_releases_and_deployments(web: TestClient, deps: Deps) -> None:
    release = {"action": "published", "release": {"tag_name": "v5", "published_at": "2026-01-11T08:00:00Z"}}
    assert post(web, release, "release") == (200, {"status": "accepted"})
    draft = {"action": "created", "release": {"tag_name": "v6", "published_at": None}}
    assert post(web, draft, "release")[1]["status"] == "ignored"
    status = {"state": "success", "environment": "Production", "created_at": "2026-01-11T09:00:00Z"}
    deployed = {"deployment_status": status, "deployment": {"ref": "main-117", "sha": "abc"}}
    assert post(web, deployed, "deployment_status") == (200, {"status": "accepted"})
    staged = {"deployment_status": status | {"environment": "staging"}, "deployment": {"ref": "main-118"}}
    assert post(web, staged, "deployment_status")[1]["status"] == "ignored"
    assert post(web, {}, "push")[1]["reason"] == "no use for push"
    assert [name for name, _, _ in known(deps)] == ["v5", "main-117"]


def test_what_nobody_signed_and_what_is_no_release(web: TestClient, deps: Deps) -> None:
    body = json.dumps({"type": "release.published", "data": {"name": "4.2", "at": "2026-01-12T08:00:00Z"}}).encode()
    assert web.post("/webhooks/releases", content=body).status_code == 401
    assert web.post("/webhooks/releases", content=body + b" ", headers=ours(body)).status_code == 401
    assert web.post("/webhooks/releases", content=body, headers=ours(body, at=NOW - timedelta(1))).status_code == 401
    broken = b"[1]"
    assert web.post("/webhooks/releases", content=broken, headers=ours(broken)).status_code == 400
    assert "time with its zone" in post(web, {"type": "release.published", "data": {"name": "1"}})[1]["reason"]
    assert "name of the version" in post(web, {"type": "release.published", "data": {"name": "x" * 81}})[1]["reason"]
    assert known(deps) == []


@pytest.mark.parametrize(("web", "said"), [(False, ["RELEASE_SECRET is set, but nothing listens."]), (True, [])])
def test_the_doctor_says_when_nothing_listens(web: bool, said: list[str]) -> None:
    found = examine_helpdesks(load_settings(None, release_secret=SECRET, web=web))
    assert [one.says for one in found if one.name == "releases webhook"] == said


def test_without_its_secret_there_is_no_route(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "t.db")
    made = build_deps(load_settings(None, database_url=f"sqlite:///{tmp_path}/t.db"), embedder=encoder())
    app = FastAPI()
    desk: Any = SimpleNamespace(deps=made, home=HERE)
    add_release_webhook(app, desk, Bodies(), Senders(600, desk.deps.clock))
    assert TestClient(app).post("/webhooks/releases", content=b"{}").status_code == 404
    made.close()
