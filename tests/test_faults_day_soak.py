"""A day of traffic in minutes with everything going wrong: the whole process, all faults, one count at the end."""

from __future__ import annotations

import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from bot_process import Town, town
from fault_counts import LONG, SECONDS, count, said, told, trouble
from slack_world import LOGIN

from storage import queue

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
LEAST = 150  # acts of people, however short the run


class People:
    """Customers of one day: they ask, add, correct, delete and are helped; some of them meet the same fault."""

    def __init__(self, here: Town, rng: random.Random) -> None:
        self._here, self._rng = here, rng
        self._roots: list[dict] = []
        self._login = iter(LOGIN)
        self.acts = 0

    def act(self) -> None:
        """One thing that somebody does; the mix of a support channel."""
        kind = self._rng.random()
        self.acts += 1
        if kind < 0.6 or len(self._roots) < 5:
            text = next(self._login, None) if self.acts % 9 == 0 else None
            customer = self._here.customers[self.acts % len(self._here.customers)]
            self._roots.append(self._here.pg.say(customer, self._here.support, text or trouble(self.acts)))
            return
        root = self._rng.choice(self._roots)
        pg, channel = self._here.pg, self._here.support
        if kind < 0.85:
            pg.say(root["user"], channel, f"It is still the same on my side, note {self.acts}", root["ts"])
        elif kind < 0.93:
            pg.edit(root["user"], channel, root["ts"], f"Corrected: {trouble(self.acts)}")
        elif kind < 0.97:
            pg.react(self._here.admin, channel, root["ts"], "white_check_mark")
        else:
            self._roots.remove(root)
            pg.delete(root["user"], channel, root["ts"])


class Troubles:
    """What happens to the process and around it."""

    def __init__(self, here: Town, rng: random.Random) -> None:
        self._here, self._rng = here, rng
        kinds = (
            self._kill,
            self._freeze,
            self._lock,
            self._slack_down,
            self._refuse,
            self._repeat,
            self._disorder,
            self._refresh,
        )
        self._kinds: tuple[Callable[[], None], ...] = kinds
        self.done: list[str] = []

    def next(self) -> None:
        trouble = self._kinds[len(self.done) % len(self._kinds)]
        self.done.append(trouble.__name__)
        trouble()

    def _kill(self) -> None:
        self._here.bot.kill()
        self._here.bot.expire_leases()
        self._here.bot.start()

    def _freeze(self) -> None:
        assert self._here.bot.process is not None
        self._here.bot.process.send_signal(signal.SIGSTOP)
        time.sleep(2)
        self._here.bot.process.send_signal(signal.SIGCONT)

    def _lock(self) -> None:
        lock = sqlite3.connect(self._here.bot.folder / "bot.db", isolation_level=None, timeout=30)
        lock.execute("BEGIN IMMEDIATE")
        time.sleep(2.5)
        lock.execute("ROLLBACK")
        lock.close()

    def _slack_down(self) -> None:
        self._here.pg.faults.down(True)
        time.sleep(2)
        self._here.pg.faults.down(False)
        self._here.pg.wait_until_connected(60)

    def _refuse(self) -> None:
        self._here.pg.faults.add("chat.postMessage", status=429, headers={"Retry-After": "1"}, times=2)
        self._here.pg.faults.add("chat.postMessage", drop=True, applied=True)
        self._here.pg.faults.add("chat.update", status=503, times=2)

    def _repeat(self) -> None:
        events = [delivery for delivery in list(self._here.pg.deliveries) if delivery.kind == "event"]
        for delivery in self._rng.sample(events, min(30, len(events))):
            self._here.pg.send_event(delivery.event, delivery.payload["event_id"])

    def _disorder(self) -> None:
        self._here.pg.hold_events()
        time.sleep(1)
        self._here.pg.release_events(backwards=True)

    def _refresh(self) -> None:
        self._here.pg.refresh_connections()


def test_a_day_of_traffic_with_every_fault(tmp_path: Path, record_property) -> None:
    rng = random.Random(29)
    over = threading.Event()
    with town(tmp_path) as here:
        people, troubles = People(here, rng), Troubles(here, random.Random(31))
        here.bot.start()

        def live() -> None:
            while not over.wait(0.12):
                people.act()

        living = threading.Thread(target=live)
        living.start()
        until = time.monotonic() + SECONDS
        try:
            while time.monotonic() < until or people.acts < LEAST or len(troubles.done) < 8:
                troubles.next()
                time.sleep(rng.uniform(0.5, 3.0))
        finally:
            over.set()
            living.join()
        here.pg.faults.clear()
        here.pg.wait_until_connected(60)
        here.bot.settle(300)
        here.bot.until(lambda: here.bot.texts() == said(here), 180)  # a second gap is read a minute after the first
        with here.bot.db.read() as session:
            assert "dead" not in queue.counts(session)
        name = f"{people.acts} acts of people with {len(troubles.done)} faults of 8 kinds"
        told(name, len(troubles.done), count(here), record_property)
    assert LONG or troubles.done
