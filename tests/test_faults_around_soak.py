"""What the bot depends on has trouble: Slack repeats itself and keeps no order, is slow; the model and the helpdesk are
away for long.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from bot_process import Town, town
from databases import NOW
from fault_counts import LONG, Counts, count, count_stored, said, told, trouble
from model_server import KEY, ModelServer, Said
from slack_world import LOGIN, encoder
from test_helpdesks import HERE, Vendor, comment

from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.flows import helpdesk_pages
from bot.helpdesks import Helpdesks
from bot.jobs import build_registry
from bot.settings import load_settings
from bot.worker import Worker
from intelligence.model import Source
from storage import queue

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
ROUNDS = 5 if LONG else 1


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as here:
        yield here


def test_deliveries_come_twice_and_in_any_order(place: Town, record_property) -> None:
    """Replies before their roots, edits before their messages, and everything that was delivered once more."""
    rng = random.Random(3)
    place.bot.start()
    for run in range(ROUNDS):
        place.pg.hold_events()
        roots = [place.pg.say(rng.choice(place.customers), place.support, trouble(100 * run + n)) for n in range(20)]
        for root in roots[:10]:
            place.pg.say(root["user"], place.support, f"More about {root['ts']}: it is still so", root["ts"])
        for root in roots[10:14]:
            place.pg.edit(root["user"], place.support, root["ts"], f"Corrected: {trouble(9000 + run)} {root['ts']}")
        place.pg.delete(roots[15]["user"], place.support, roots[15]["ts"])
        if not run:
            for customer, text in zip(place.customers, LOGIN, strict=False):
                place.pg.say(customer, place.support, text)
        place.pg.release_events(backwards=True)
        place.bot.settle(120)
        again = [delivery for delivery in place.pg.deliveries if delivery.kind == "event"]
        rng.shuffle(again)
        for delivery in again:
            place.pg.send_event(delivery.event, delivery.payload["event_id"] if rng.random() < 0.5 else None)
        place.bot.settle(400)
    assert place.bot.texts() == said(place)
    assert place.bot.posted(place.product)
    told("deliveries twice and in any order", ROUNDS, count(place), record_property)


def test_slack_is_slow_and_refuses(place: Town, record_property) -> None:
    """Every call takes seconds, is refused, or is carried out without an answer."""
    place.bot.start()
    for _ in range(ROUNDS):
        place.pg.faults.add("chat.postMessage", delay=3, applied=True)
        place.pg.faults.add("chat.postMessage", status=429, headers={"Retry-After": "1"}, times=2)
        place.pg.faults.add("chat.postMessage", drop=True, applied=True)
        place.pg.faults.add("chat.update", status=500, times=2)
        place.pg.faults.add("conversations.history", delay=2, times=3)
    for customer, text in zip(place.customers, LOGIN, strict=False):
        place.pg.say(customer, place.support, text)
    place.bot.settle(400)
    place.pg.say(place.customers[6], place.support, "Okta login loops here too, nobody of us can sign in")
    place.bot.settle(400)
    assert len(place.bot.posted(place.product)) == 1
    told("Slack slow, refusing, and silent after doing what was asked", ROUNDS, count(place), record_property)


def test_the_model_is_away_slow_and_back(tmp_path: Path, record_property) -> None:
    """While nobody answers, or answers nonsense, the local analyzer reads; nothing waits and nothing is read twice."""
    moods = [Said(500), Said(429, {}, {"Retry-After": "1"}), Said(body=b"<html>"), Said(slow=True), Said(body={})]
    server = ModelServer(lambda body: moods[len(server.requests) % len(moods)])
    settings = {"ANALYZER": "openai", "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url, "OPENAI_TIMEOUT": "1"}
    try:
        with town(tmp_path, **settings) as here:
            here.bot.start()
            number = 40 * ROUNDS
            for n in range(number):
                here.pg.say(here.customers[n % 8], here.support, trouble(n))
                if n == number // 2:
                    here.bot.until(lambda: len(server.requests) >= len(moods), 120)
                    server.close()  # from here on the connection is refused
            here.bot.settle(240)
            assert set(here.bot.readings()) == set(said(here))
            told("model failing, slow, then gone", number, count(here), record_property)
    finally:
        if not server.closing.is_set():
            server.close()


def test_the_helpdesk_is_away_for_a_day(tmp_path: Path, record_property) -> None:
    """Polls and fetches of 24 hours fail; when it is back every change is there, once."""
    vendor, clock = Vendor(), SimulatedClock(NOW)
    options = load_settings(None, database_url=f"sqlite:///{tmp_path / 't.db'}", debounce_seconds=0)
    deps = build_deps(options, clock=clock, embedder=encoder())
    deps = replace(deps, helpdesks=Helpdesks({Source.ZENDESK: vendor.desk}))
    worker = Worker(deps, build_registry(deps), threads=1)
    listed = {"id": 5158, "status": "open", "updated_at": "2026-01-12T08:30:00Z", "created_at": "2026-01-12T08:00:00Z"}
    path = "/api/v2/incremental/tickets/cursor.json"
    vendor.show()
    vendor.answers[path] = {"tickets": [listed], "end_of_stream": True, "after_cursor": "a"}
    runs = 24 if LONG else 8
    try:
        vendor.status = 503
        for hour in range(runs):
            helpdesk_pages.start_poll(deps, HERE, because=f"{hour}")
            for _ in range(30):
                worker.run_due()
                clock.advance(timedelta(hours=24 / runs) / 30)
        with deps.db.read() as session:
            assert "dead" not in queue.counts(session), "a day away is no reason to give up"
        vendor.status = 200
        late = comment(5, 7, "Still broken a day later")
        vendor.show(comments=[comment(1, 7, "I cannot log in since the release, it loops"), late], minute=40)
        listed["updated_at"] = "2026-01-12T08:40:00Z"
        for again in ("back", "and again"):
            helpdesk_pages.start_poll(deps, HERE, because=again)
            clock.advance(timedelta(minutes=5))
            worker.run_due()
        stored, doubled, _ = count_stored(deps.db)
        wanted = {"zendesk/acme/5158#1", "zendesk/acme/5158#5"}
        found = {key for key in stored if key.endswith(("1", "5"))}
        assert len(found) == len(wanted), stored
        told(
            f"helpdesk away for 24 hours, {runs} polls", runs, Counts(2, 2 - len(found), doubled, 0, 0), record_property
        )
    finally:
        vendor.desk.close()
        vendor.server.shutdown()
        vendor.server.server_close()
        vendor.thread.join()
        deps.close()
