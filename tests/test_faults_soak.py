"""The real bot process is killed, stopped, cut off and locked out: nothing acknowledged is lost, nothing is done twice.

SOAK_SECONDS decides the size: .ci/run uses a small one, `make soak` ten minutes.
"""

from __future__ import annotations

import os
import random
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bot_process import Town, town, without_settings
from fault_counts import LONG, acknowledged, count, said, told, trouble
from slack_world import LOGIN

KILLS = 10 if LONG else 3
pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as here:
        yield here


def test_killed_during_intake(place: Town, record_property) -> None:
    """kill -9 of everything under load, again and again."""
    rng, numbers = random.Random(11), iter(range(10**6))
    over = threading.Event()

    def talk() -> None:
        while not over.wait(0.1):
            place.pg.say(rng.choice(place.customers), place.support, trouble(next(numbers)))

    talker = threading.Thread(target=talk)
    place.bot.start()
    talker.start()
    try:
        for _ in range(KILLS):
            enough = len(acknowledged(place)) + rng.randint(5, 15)
            place.bot.until(lambda enough=enough: len(acknowledged(place)) >= enough)
            place.bot.kill()
            place.bot.expire_leases()
            place.bot.start()
    finally:
        over.set()
        talker.join()
    place.bot.settle(120)
    stored, readings = place.bot.texts(), place.bot.readings()
    told("kill -9 under load", KILLS, count(place), record_property)
    assert {key: n for key, n in readings.items() if n != 1} == {}
    assert set(said(place)) - set(stored) == set(), "what was said while it was away is read from the channel"
    assert set(readings) == set(stored)


def test_stopped_while_people_talk(place: Town, record_property) -> None:
    """Stop, 200 messages, replies, edits and deletes, start: as if it had been there."""
    number = 1000 if LONG else 200
    rng = random.Random(5)
    place.bot.start()
    before = [place.pg.say(rng.choice(place.customers), place.support, trouble(n)) for n in range(20)]
    replies = [place.pg.say(m["user"], place.support, f"More about {m['ts']}", m["ts"]) for m in before[:6]]
    place.bot.settle()
    assert place.bot.stop() == 0
    author = {m["ts"]: m["user"] for m in [*before, *replies]}
    for n in range(number):
        kind = n % 10
        if kind < 6:
            made = place.pg.say(rng.choice(place.customers), place.support, trouble(1000 + n))
            author[made["ts"]] = made["user"]
        elif kind < 8:
            root = rng.choice(before)["ts"]
            place.pg.say(author[root], place.support, f"It is still the same on my side, note {n}", root)
        else:
            old = rng.choice([*before[6:], *replies])["ts"]
            place.pg.edit(author[old], place.support, old, f"Corrected: {trouble(5000 + n)}")
    place.pg.delete(replies[0]["user"], place.support, replies[0]["ts"])
    alone = place.pg.say(place.customers[0], place.support, trouble(9001))
    place.pg.delete(place.customers[0], place.support, alone["ts"])
    lonely = next(m for m in before if not place.pg.message(place.support, m["ts"]).get("reply_count"))
    place.pg.delete(lonely["user"], place.support, lonely["ts"])
    place.pg.delete(before[0]["user"], place.support, before[0]["ts"])  # has replies: a tombstone stays
    place.bot.start()
    place.bot.settle(120)
    place.bot.until(lambda: place.bot.texts() == said(place), 20)
    told(f"stopped while {number} messages, edits and deletes came", 1, count(place), record_property)


def test_said_before_anything_was_heard(place: Town) -> None:
    """A channel that was chosen and then spoke only while the bot was away."""
    place.pg.say(place.customers[0], place.support, trouble(1))
    place.bot.start()
    place.bot.until(lambda: place.bot.texts() == said(place), 20)


def test_slack_goes_away_with_alerts_waiting(place: Town, record_property) -> None:
    """Sockets cut and the Web API down with letters in the outbox: each goes out once, an alert before its growth."""
    place.bot.start()
    place.pg.faults.add("chat.postMessage", status=503, times=2)
    for customer, text in zip(place.customers, LOGIN, strict=False):
        place.pg.say(customer, place.support, text)
    place.bot.until(lambda: [c for c in place.pg.calls_of("chat.postMessage") if not c.ok])
    place.pg.faults.down(True)
    place.pg.say(place.customers[6], place.support, "Okta login loops here too, nobody of us can sign in")
    time.sleep(60 if LONG else 8)  # several tries of the socket and of the outbox come to nothing
    place.pg.faults.down(False)
    place.pg.wait_until_connected(60)
    place.bot.settle(120)
    assert len(place.bot.posted(place.product)) == 1
    assert place.bot.texts() == said(place)
    assert place.pg.problems == []
    told("Slack down with alerts waiting", 1, count(place), record_property)


def test_killed_between_posting_and_recording(place: Town, record_property) -> None:
    """The message is there, the record is not: it is found by its metadata and not posted again."""
    place.bot.start()
    place.pg.faults.add("chat.postMessage", delay=10, applied=True)
    for customer, text in zip(place.customers, LOGIN, strict=False):
        place.pg.say(customer, place.support, text)
    place.bot.until(lambda: place.bot.posted(place.product))
    place.bot.kill()
    place.bot.expire_leases()
    place.bot.start()
    place.bot.settle()
    assert len(place.bot.posted(place.product)) == 1
    place.pg.say(place.customers[6], place.support, "Okta login loops here too, nobody of us can sign in")
    place.bot.settle()
    edited = [c for c in place.pg.calls_of("chat.update") if c.ok]
    assert edited, "the alert that was found is edited as it grows"
    told("kill -9 between posting an alert and recording it", 1, count(place), record_property)


def test_database_locked_by_another(place: Town, record_property) -> None:
    """No acknowledgement while nothing can be stored; Slack delivers again; stored once."""
    place.bot.start()
    lock = sqlite3.connect(place.bot.folder / "bot.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        message = place.pg.say(place.customers[0], place.support, trouble(1))
        key = f"{place.support}/{message['ts']}"
        place.pg.wait_for(lambda pg: [d for d in pg.deliveries if len(d.attempts) >= 2], 20)
        assert key not in acknowledged(place)
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    place.bot.settle()
    assert key in acknowledged(place)
    assert place.bot.readings() == {key: 1}
    assert "delivery_not_stored" in place.bot.log.read_text()
    told("database locked by another program", 1, count(place), record_property)


def _command(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env=without_settings(os.environ) | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = _command(tmp_path, "demo", "--no-browser", "--port", str(port), "--scale", "0.1")
    assert done.returncode == 1
    assert f"Port {port} on this machine is already in use" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """One sentence with the path, whoever runs it: root may write everywhere but into /proc."""
    path = Path("/proc/bot.db")
    if os.geteuid() != 0:
        path = tmp_path / "read-only" / "bot.db"
        path.parent.mkdir(mode=0o555)
    done = _command(tmp_path, "themes", DATABASE_URL=f"sqlite:///{path}")
    assert done.returncode in {1, 2}
    assert str(path) in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
