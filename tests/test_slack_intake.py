"""What is delivered is stored before it is acknowledged, once, whatever it is and whatever happens meanwhile."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from slack_world import SlackWorld, slack_world
from sqlmodel import select

from intelligence.model import Source
from playground.http_mode import signature
from storage import inbox, messages
from storage.tables import InboxRow, MessageRow

PROBLEMS = ("the chart is empty", "invoices show no tax", "Okta login loops", "webhooks arrive twice")
SLACKS_OWN = 3.0  # seconds: how long it waits for an acknowledgement
QUESTION = "How do I export the monthly report to Excel? I cannot find the button anywhere"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackWorld]:
    with slack_world(tmp_path_factory.mktemp("intake"), ack_timeout=SLACKS_OWN) as world:
        yield world


@pytest.fixture(autouse=True)
def quiet(world: SlackWorld) -> Iterator[None]:
    yield
    world.settle()
    assert world.pg.problems == []


def stored(world: SlackWorld, channel: str, ts: str) -> messages.StoredMessage | None:
    with world.running.deps.db.read() as session:
        return messages.find(session, world.workspace, Source.SLACK, f"{channel}/{ts}")


def rows(world: SlackWorld, kind: Any = InboxRow) -> int:
    with world.running.deps.db.read() as session:
        return len(session.exec(select(kind)).all())


def refusals(world: SlackWorld) -> list[str]:
    with world.running.deps.db.read() as session:
        return [reason for _, reason, _ in inbox.refused(session, world.workspace)]


def test_a_message_is_a_ticket_under_its_channel_and_time(world):
    said = world.pg.say(world.customers[0], world.support, QUESTION)
    world.settle()
    message = stored(world, world.support, said["ts"])
    assert message is not None
    assert message.ticket_id


def test_the_same_event_delivered_again_changes_nothing(world):
    said = world.pg.say(world.customers[1], world.support, QUESTION + " again")
    world.settle()
    delivery = next(d for d in reversed(world.pg.deliveries) if d.kind == "event" and d.event.get("ts") == said["ts"])
    before = rows(world), rows(world, MessageRow)
    world.pg.send_event(dict(delivery.event), event_id=delivery.payload["event_id"])
    world.pg.send_event(dict(delivery.event))  # the same message under another event id
    world.settle()
    assert (rows(world), rows(world, MessageRow)) == before


def test_a_mention_comes_twice_and_is_answered_once(world):
    root = world.pg.say(world.customers[2], world.support, "Exports to Excel lose the last column of my report")
    world.settle()
    world.pg.say(world.agent, world.support, f"<@{world.pg.bot_user_id}> is this known?", thread_ts=root["ts"])
    world.settle()
    assert len(world.posted(world.support, root["ts"])) == 1
    assert len(world.pg.calls_of("chat.postMessage")) == len(
        {c.args["text"] for c in world.pg.calls_of("chat.postMessage")}
    )


def test_edits_and_deletes_follow_their_message(world):
    said = world.pg.say(world.customers[3], world.support, "The invoice shows the wrong tax number since May")
    world.settle()
    world.pg.edit(world.customers[3], world.support, said["ts"], "The invoice shows a wrong tax number since June")
    world.settle()
    message = stored(world, world.support, said["ts"])
    with world.running.deps.db.read() as session:
        assert "June" in messages.customer_text(session, message.ticket_id)
    world.pg.delete(world.customers[3], world.support, said["ts"])
    world.settle()
    assert stored(world, world.support, said["ts"]).deleted
    with world.running.deps.db.read() as session:
        assert not session.exec(select(MessageRow).where(MessageRow.text.contains("June"))).all()
        assert not session.exec(
            select(InboxRow).where(InboxRow.processed_at.is_not(None), InboxRow.payload != {})
        ).all()


@pytest.mark.parametrize(
    "text",
    [
        "x " * 20_000,
        "\u200b\u200b\u200b",
        "\u202emirrored text with an override",
        "<!channel> <!here> <@U0EVERYBODY> *bold* _it_ `code`",
        "<script>alert(1)</script> & &lt;b&gt;",
        "🙂🙂🙂",
        "\x00 nul and \x1b[31m colours",
    ],
)
def test_hostile_texts_are_stored_or_refused_cleanly(world, text):
    world.pg.say(world.customers[4], world.support, text, raw=True)
    world.settle()
    assert all(d.outcome == "acknowledged" for d in world.pg.deliveries if d.kind == "event")
    counts = world.running.deps.db
    with counts.read() as session:
        from storage import queue

        assert not queue.counts(session).get("dead")


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"type": "message"},
        {"type": "message", "channel": None, "ts": 17},
        {"type": "message", "channel": "C1", "ts": "yesterday", "user": ["U1"], "text": {"a": 1}},
        {"type": "message", "subtype": "message_changed", "channel": "C1"},
        {"type": "message", "subtype": "from_the_future", "channel": "C1", "ts": "1.000001"},
        {"type": "reaction_added", "item": {}, "reaction": 7},
        {"type": "app_mention", "text": None},
        {"type": "member_joined_channel"},
        {"type": "channel_rename", "channel": "C1"},
        {"type": "something_new", "event_ts": "1.1"},
    ],
)
def test_malformed_events_are_acknowledged_and_make_nothing(world, event):
    before = rows(world, MessageRow)
    delivery = world.pg.send_event({"event_ts": "1.1", **event})
    world.settle()
    assert delivery.outcome == "acknowledged"
    assert len(delivery.attempts) == 1
    assert rows(world, MessageRow) == before


def test_a_locked_database_means_no_ack_and_slack_delivers_again(world, capsys):
    path = world.settings.database_url.removeprefix("sqlite:///")
    lock = sqlite3.connect(path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    said = world.pg.say(world.customers[5], world.support, "Our webhook deliveries stopped at noon without an error")
    delivery = world.pg.deliveries[-1]
    world.pg.wait_for(lambda _: delivery.attempts)
    assert delivery.attempts[0].failure
    lock.execute("ROLLBACK")
    lock.close()
    world.settle()
    assert delivery.outcome == "acknowledged"
    assert len(delivery.attempts) > 1
    assert stored(world, world.support, said["ts"]) is not None
    with world.running.deps.db.read() as session:
        found = session.exec(select(MessageRow).where(MessageRow.external_id == f"{world.support}/{said['ts']}")).all()
    assert len(found) == 1
    assert "delivery_not_stored" in capsys.readouterr().out


def test_a_listener_that_fails_tells_a_reference_and_still_acknowledges(world):
    world.pg.faults.add("conversations.info", error="fatal_error", times=5)
    place = world.pg.add_channel("broken", members=[world.admin])
    world.pg.invite(world.admin, place, world.pg.bot_user_id)
    world.settle()
    world.pg.faults.clear()
    assert world.pg.deliveries[-1].outcome == "acknowledged"
    told = world.until(lambda: [m for m in _heard(world) if "ref " in m["text"] or "wait" in m["text"].lower()])
    assert told


def _heard(world: SlackWorld) -> list[dict[str, Any]]:
    return [
        *world.whispered(world.admin),
        *world.posted(world.pg.open_im(world.admin)),
    ]


def test_what_was_stored_but_not_answered_is_answered_after_a_restart(tmp_path: Path):
    with slack_world(tmp_path) as world:
        root = world.pg.say(world.customers[0], world.support, QUESTION)
        world.settle()
        asked = world.pg.say(world.agent, world.support, f"<@{world.pg.bot_user_id}> known?", thread_ts=root["ts"])
        world.settle()
        answered = world.posted(world.support, root["ts"])
        deps = world.running.deps
        delivery = next(d for d in world.pg.deliveries if d.kind == "event" and d.event.get("ts") == asked["ts"])
        with deps.db.write() as session:  # as a process leaves it that died between the ack and the answer
            row = session.exec(select(InboxRow).where(InboxRow.kind == "mention")).one()
            row.processed_at, row.payload = None, delivery.payload
            session.add(row)
        world.stop()
        world.pg.delete(world.pg.bot_user_id, world.support, answered[0]["ts"])
        world.start()
        assert world.until(lambda: world.posted(world.support, root["ts"]))


def test_stopped_then_started_nothing_is_missing_and_nothing_doubled(tmp_path: Path):
    with slack_world(tmp_path, new_pattern=50) as world:  # this is not about alerts
        heard = [world.pg.say(c, world.support, f"{QUESTION}, says team {n}") for n, c in enumerate(world.customers)]
        world.settle()
        world.stop()
        missed = []
        for n in range(60):
            customer = world.customers[n % 8]
            missed.append(world.pg.say(customer, world.support, f"While you were away, {n}: {PROBLEMS[n % 4]}"))
        replies = [
            world.pg.say(world.agent, world.support, f"Please try again, number {n}", thread_ts=m["ts"])
            for n, m in enumerate([heard[0], *missed[:10]])
        ]
        world.pg.edit(world.customers[1], world.support, heard[1]["ts"], "This one was edited while nobody listened")
        world.pg.edit(world.customers[0], world.support, missed[0]["ts"], "Edited before it was ever heard")
        world.start()
        world.pg.say(world.customers[2], world.support, "And now you are back, the login is slow")
        world.settle(60)
        with world.running.deps.db.read() as session:
            found = [row.external_id for row in session.exec(select(MessageRow)).all()]
            texts = {row.external_id: row.text for row in session.exec(select(MessageRow)).all()}
        wanted = {f"{world.support}/{m['ts']}" for m in [*heard, *missed, *replies]}
        assert wanted <= set(found)
        assert len(found) == len(set(found)) == len(wanted) + 1
        assert "edited while nobody listened" in texts[f"{world.support}/{heard[1]['ts']}"]
        assert "before it was ever heard" in texts[f"{world.support}/{missed[0]['ts']}"]
        assert world.posted(world.support) == []


def test_a_gap_in_the_connection_is_repaired(tmp_path: Path):
    with slack_world(tmp_path) as world:
        world.pg.say(world.customers[0], world.support, QUESTION)
        world.settle()
        world.pg.faults.down()
        said = world.pg.say(world.customers[1], world.support, "Said while the connection was gone: exports fail")
        world.until(lambda: world.running.connection is not None and not world.running.connection.is_open)
        world.until(lambda: world.running.connection._lost_at is not None)
        world.pg.faults.down(on=False)
        world.until(lambda: stored(world, world.support, said["ts"]), 40)


# ---- over HTTP -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackWorld]:
    with slack_world(tmp_path_factory.mktemp("http"), web=True, slack_app_token=None) as world:
        assert world.running.web is not None
        world.pg.http_target = f"http://127.0.0.1:{world.running.web.port}/slack/events"
        yield world


def _address(http: SlackWorld, path: str) -> str:
    return f"http://127.0.0.1:{http.running.web.port}{path}"


def _post(http: SlackWorld, body: bytes, *, secret: str | None = None, at: int | None = None, **headers: str) -> int:
    stamp = str(at if at is not None else int(time.time()))
    signed = {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature(secret or http.pg.signing_secret, stamp, body),
    }
    with httpx2.Client(trust_env=False) as client:
        return client.post(_address(http, "/slack/events"), content=body, headers={**signed, **headers}).status_code


EVENT = json.dumps(
    {
        "type": "event_callback",
        "team_id": "T",
        "event_id": "Ev1",
        "event": {"type": "message", "channel": "C1", "ts": "1.1"},
    }
).encode()


def test_http_takes_messages_and_commands(http):
    said = http.pg.say(http.customers[0], http.support, QUESTION)
    http.settle()
    assert stored(http, http.support, said["ts"]) is not None
    http.pg.slash(http.pm, http.product, "/ticket-intel", "help")
    assert http.until(lambda: http.whispered(http.pm))


@pytest.mark.parametrize("case", ["unsigned", "forged", "stale", "garbage"])
def test_unsigned_forged_and_stale_requests_are_refused_and_not_stored(http, case):
    before = rows(http)
    if case == "unsigned":
        with httpx2.Client(trust_env=False) as client:
            status = client.post(_address(http, "/slack/events"), content=EVENT).status_code
    elif case == "forged":
        status = _post(http, EVENT, secret="not the secret")
    elif case == "stale":
        status = _post(http, EVENT, at=int(time.time()) - 600)
    else:
        status = _post(http, b"\xff\xfe\x00", secret="not the secret")
    assert status in ({401} if case != "garbage" else {400, 401})
    assert rows(http) == before


def test_a_body_that_is_too_large_is_refused(http):
    assert _post(http, b"x" * 1_100_000) == 413


def test_slacks_own_check_of_the_address_is_answered(http):
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"}).encode()
    assert _post(http, body, **{"content-type": "application/json"}) == 200


def test_health_and_readiness(http):
    with httpx2.Client(trust_env=False) as client:
        assert client.get(_address(http, "/healthz")).json() == {"status": "ok"}
        assert client.get(_address(http, "/readyz")).json()["database"] == "ok"
        assert client.get(_address(http, "/docs")).status_code == 404


def test_eight_slow_writes_do_not_block_the_health_check(http):
    lock = sqlite3.connect(http.settings.database_url.removeprefix("sqlite:///"), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    for n in range(4):
        http.pg.say(http.customers[n], http.support, f"{QUESTION}, slowly {n}")
    with httpx2.Client(trust_env=False) as client:
        began = time.perf_counter()
        assert client.get(_address(http, "/healthz")).status_code == 200
        assert time.perf_counter() - began < 1.0
    lock.execute("ROLLBACK")
    lock.close()
    http.settle()
