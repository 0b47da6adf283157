"""Three real processes of the bot on one PostgreSQL, one of them killed under load again and again: nothing that was
acknowledged is lost, nothing is done twice, no alert is posted twice.

SOAK_SECONDS decides the size: .ci/run uses a small one, `make soak` ten minutes. Leases run out by themselves here, so a
kill costs up to a minute.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from bot_process import BotProcess, Town, town
from slack_world import LOGIN
from test_faults_soak import acknowledged, said, trouble

from storage import queue

SECONDS = float(os.environ.get("SOAK_SECONDS", "20"))
KILLS = 10 if SECONDS >= 120 else 2
PAUSE = 0.25 if SECONDS < 120 else 0.1  # between two messages
pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]


@pytest.fixture
def place(tmp_path: Path, postgres_url: str) -> Iterator[Town]:
    with town(tmp_path, url=postgres_url) as here:
        yield here


@pytest.fixture
def fleet(place: Town) -> Iterator[list[BotProcess]]:
    """Three identical processes, running."""
    bot = place.bot
    made = [BotProcess(place.pg, bot.folder, bot.settings, url=bot.db.url, name=f"bot{n}") for n in range(3)]
    try:
        for process in made:
            process.launch()
        for process in made:
            process.wait_until_running(180)
        place.pg.wait_until_connected(60, sockets=3)
        yield made
    finally:
        for process in made:
            process.close()


def alerts_posted(here: Town) -> Counter[str]:
    """How often each alert was posted, by the key in its message's metadata."""
    shown = [m for m in here.bot.posted(here.product) if "metadata" in m]
    return Counter(str(m["metadata"]["event_payload"]["key"]) for m in shown)


def test_one_of_three_is_killed_under_load(place: Town, fleet: list[BotProcess], record_property) -> None:
    rng, over, count = random.Random(3), threading.Event(), [0]

    def talk() -> None:
        while not over.wait(PAUSE):
            text = LOGIN[count[0] // 3 % len(LOGIN)] if count[0] % 3 == 0 else trouble(count[0])
            place.pg.say(rng.choice(place.customers), place.support, text)
            count[0] += 1

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        for _ in range(KILLS):
            enough = len(acknowledged(place)) + rng.randint(8, 16)
            place.bot.until(lambda enough=enough: len(acknowledged(place)) >= enough, 120)
            victim = rng.choice(fleet)
            victim.kill()
            victim.launch()  # as its supervisor does
        for process in fleet:
            process.wait_until_running(180)
        until = time.monotonic() + min(SECONDS, 300)
        while time.monotonic() < until:
            time.sleep(0.2)
    finally:
        over.set()
        talker.join()
    began = time.monotonic()
    place.bot.settle(300)
    stored, readings, posted = place.bot.texts(), place.bot.readings(), alerts_posted(place)
    figures = f"kills {KILLS} acknowledged {len(acknowledged(place))} alerts {len(posted)}"
    record_property("figures", f"{figures} settled after {time.monotonic() - began:.0f} s")
    assert acknowledged(place) - set(stored) == set()
    assert set(said(place)) - set(stored) == set()
    assert {key: n for key, n in readings.items() if n != 1} == {}
    assert set(readings) == set(stored)
    assert posted
    assert {key: n for key, n in posted.items() if n > 1} == {}
    with place.bot.db.read() as session:
        assert set(queue.counts(session)) == {"done"}
        homes = "SELECT ticket_id FROM memberships WHERE kind = 'home' GROUP BY ticket_id HAVING count(*) > 1"
        assert session.execute(sa.text(homes)).all() == []
        current = "SELECT ticket_id FROM analyses WHERE current GROUP BY ticket_id HAVING count(*) > 1"
        assert session.execute(sa.text(current)).all() == []


def test_roles_share_the_work(place: Town) -> None:
    """One listens, two work; the one that listens runs no job, and what it stores wakes the others."""
    bot = place.bot
    listener, *workers = (
        BotProcess(place.pg, bot.folder, bot.settings, url=bot.db.url, name=f"{role}{n}", role=role)
        for n, role in enumerate(("listen", "work", "work"))
    )
    try:
        listener.launch()
        listener.wait_until_running(120)
        place.pg.wait_until_connected()
        message = place.pg.say(place.customers[0], place.support, trouble(1))
        place.bot.until(lambda: acknowledged(place))
        key = f"{place.support}/{message['ts']}"
        assert not place.bot.has_reading(key)
        for process in workers:
            process.launch()
        for process in workers:
            process.wait_until_running(120)
        place.bot.until(lambda: place.bot.has_reading(key), 60)
        place.bot.settle(60)
        assert [process.stop() for process in (listener, *workers)] == [0, 0, 0]
    finally:
        for process in (listener, *workers):
            process.close()
