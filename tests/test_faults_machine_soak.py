"""The machine of the bot has trouble: it freezes, its disk is full, its clock jumps."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from bot_process import BotProcess, Town, town, without_settings
from fault_counts import LONG, acknowledged, count, said, told, trouble
from slack_world import LOGIN

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
FREEZES = 8 if LONG else 2
JUMPS = 6 if LONG else 2
FULL_SECONDS = 60 if LONG else 4
HERE = Path(__file__).parent


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as here:
        yield here


@contextmanager
def talking(here: Town, pause: float = 0.1) -> Iterator[None]:
    """Customers who write all the time, on new things."""
    over = threading.Event()

    def talk() -> None:
        number = 10_000
        while not over.wait(pause):
            number += 1
            here.pg.say(here.customers[number % len(here.customers)], here.support, trouble(number))

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        yield
    finally:
        over.set()
        talker.join()


def frozen_outside_of_a_write(bot: BotProcess) -> None:
    """SIGSTOP at a moment when it holds no lock of the file: such a lock would freeze the others, too."""
    assert bot.process is not None
    for _ in range(200):
        bot.process.send_signal(signal.SIGSTOP)
        probe = sqlite3.connect(bot.folder / "bot.db", isolation_level=None, timeout=0)
        try:
            probe.execute("BEGIN IMMEDIATE")
            probe.execute("ROLLBACK")
            return
        except sqlite3.OperationalError:
            bot.process.send_signal(signal.SIGCONT)
            time.sleep(0.01)
        finally:
            probe.close()
    raise AssertionError("it was never outside of a write")


def test_frozen_past_its_lease_while_another_takes_over(place: Town, record_property) -> None:
    """SIGSTOP with jobs in hand, another process does them, SIGCONT: what the first one holds is thrown away."""
    place.bot.start()
    first = place.bot.process
    assert first is not None
    for run in range(FREEZES):
        with talking(place, 0.05):
            place.bot.until(lambda: place.bot.jobs().get("running"))
            frozen_outside_of_a_write(place.bot)
            place.bot.expire_leases()
            other = BotProcess(place.pg, place.bot.folder, place.bot.settings, log_folder=place.bot.folder / "log")
            assert other.log_folder is not None
            other.log_folder.mkdir(exist_ok=True)
            other.start()
            if not run:
                for customer, text in zip(place.customers, LOGIN, strict=False):
                    place.pg.say(customer, place.support, text)
            enough = len(acknowledged(place)) + 10
            other.until(lambda enough=enough: len(acknowledged(place)) >= enough, 240)
        first.send_signal(signal.SIGCONT)
        assert other.process is not None
        other.process.kill()
        other.process.wait(30)
        other.process = None
        other.close()
        place.bot.expire_leases()
    place.bot.settle(400)
    assert place.bot.texts() == said(place)
    told("frozen past its lease, another process takes over", FREEZES, count(place), record_property)


@contextmanager
def a_small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("mounting a small disk is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(file: Path) -> None:
    """Write until nothing more fits."""
    with file.open("wb", buffering=0) as out, suppress(OSError):
        while out.write(b"x" * 4096):
            pass


def test_the_disk_is_full(tmp_path: Path, record_property) -> None:
    """Nothing is acknowledged that cannot be stored, the log says why, and all goes on when there is room again."""
    disk, filler = tmp_path / "disk", tmp_path / "disk" / "filler"
    disk.mkdir()
    with a_small_disk(disk, 24), town(disk) as here:
        here.bot.log_folder = tmp_path
        _full_for_a_while(here, lambda: fill(filler), filler.unlink, record_property, "disk full")


def test_the_file_may_not_grow(place: Town, record_property) -> None:
    """The same where a quota stops the file: the system says "too large" and not "no space"."""

    def limit(size: int) -> None:
        assert place.bot.process is not None
        resource.prlimit(place.bot.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    place.bot.log_folder = place.bot.folder / "log"
    place.bot.log_folder.mkdir()
    _full_for_a_while(
        place, lambda: limit(4096), lambda: limit(resource.RLIM_INFINITY), record_property, "quota used up"
    )


def _full_for_a_while(
    here: Town, full: Callable[[], None], room: Callable[[], None], record: Callable[[str, object], None], name: str
) -> None:
    here.bot.start()
    for number in range(20):
        here.pg.say(here.customers[number % 8], here.support, trouble(number))
    here.bot.settle()
    with talking(here):
        full()
        # Nothing else makes it so: a busy machine's locked database refuses deliveries, too.
        here.bot.until(lambda: "error=disk_full" in here.bot.log.read_text(), 240)
        time.sleep(FULL_SECONDS)
        room()
        enough = len(acknowledged(here)) + 10
        here.bot.until(lambda: len(acknowledged(here)) >= enough, 240)
    here.pg.settle(60)
    given_up = len(said(here)) - len(acknowledged(here))
    # What Slack gave up delivering is read from the channel, without a restart or a new connection.
    here.bot.until(lambda: here.bot.texts() == said(here), 240)
    here.bot.settle(400)
    told(f"{name} ({given_up} were never acknowledged, read later)", 1, count(here), record)


def test_an_import_on_a_full_disk_says_so_and_goes_on_later(tmp_path: Path) -> None:
    rows = "\n".join(f'{n},2026-01-05T09:00:00Z,"{trouble(n)}"' for n in range(400))
    (tmp_path / "old.csv").write_text(f"id,created_at,body\n{rows}\n")

    def bring(size: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", "import", "old.csv", "--json"],
            cwd=tmp_path,
            env=without_settings(os.environ) | {"DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY)),
        )

    refused = bring(900_000)
    assert refused.returncode == 1
    assert "disk is full" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    done = bring(resource.RLIM_INFINITY)
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(tmp_path / "bot.db") as db:
        assert db.execute("SELECT count(*), count(DISTINCT external_id) FROM messages").fetchone() == (400, 400)
        assert db.execute("SELECT count(*), count(DISTINCT ticket_id) FROM analyses WHERE current").fetchone() == (
            400,
            400,
        )


def test_the_clock_jumps(tmp_path: Path, record_property) -> None:
    """A day forward under load (every lease runs out, every tick is missed) and back again, then stays there."""
    ahead = tmp_path / "ahead"
    ahead.write_text("0")
    with town(tmp_path, SLACK_POST_SECONDS="0.2") as here:
        here.bot.command = (str(HERE / "jumping_bot.py"), str(ahead))
        here.bot.start()
        with talking(here, 0.05):
            for _ in range(JUMPS):
                for seconds in (26 * 3600, 0):
                    enough = len(acknowledged(here)) + 15
                    here.bot.until(lambda enough=enough: len(acknowledged(here)) >= enough, 240)
                    ahead.write_text(str(seconds))
            for customer, text in zip(here.customers, LOGIN, strict=False):
                here.pg.say(customer, here.support, text)
        here.bot.until(lambda: here.bot.posted(here.product), 240)
        here.bot.settle(400)  # what was planned by the wrong clock does not wait for its time
        assert here.bot.texts() == said(here)
        told("clock jumps 26 h forward and back", JUMPS, count(here), record_property)
