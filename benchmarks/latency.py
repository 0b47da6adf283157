"""How fast the running bot is: a real process in the playground, over a database of many tickets.

    uv run --group bench python -m benchmarks.latency --json figures.json

Nothing is simulated but Slack and the customers; the debounce is 0, so that what is measured begins after it.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psutil

from tests.bot_process import Town, town, without_settings

PAUSE = 0.005
THINGS = (
    "invoice", "dashboard", "export", "webhook", "calendar", "report", "upload", "password", "board", "template",
    "search", "comment", "timesheet", "integration", "notification", "attachment", "filter", "import", "licence", "form",
)  # fmt: skip
FAULTS = (
    "stays empty", "shows last month's numbers", "cannot be opened on the phone", "takes minutes to load",
    "was sent twice", "lost its colours", "ignores our time zone", "shows an error 500", "cannot be shared",
    "is in the wrong language", "disappeared after the weekend", "cannot be renamed",
)  # fmt: skip
FRAMES = (
    "Hello, our {thing} {fault}, what can we do?",
    "Since Monday the {thing} {fault}. Several of us see it.",
    "The {thing} {fault} and I have tried it in two browsers",
    "Could you look into this? Our {thing} {fault}.",
    "We need help: the {thing} {fault}",
)
#: Subjects that the stored tickets know nothing of; each is said by five customers in five ways.
NEW_SUBJECTS = (
    "the barcode scanner reads every label twice", "video calls freeze when somebody shares the screen",
    "the thermostat in the meeting room reports minus forty degrees", "voice messages arrive without any sound",
    "map pins of our warehouses jump into the ocean", "the kiosk tablet asks for a fingerprint it does not know",
    "signatures on contracts are mirrored", "the robot vacuum schedule starts at midnight",
    "QR codes on the tickets lead to a casino page", "the printer prints the badge upside down",
    "payroll pays overtime of people who left", "our domain certificate expired and browsers warn everybody",
    "the door opener does not accept visitor cards", "translations into Finnish come out in Estonian",
    "the parcel tracking number belongs to somebody else", "the chat widget covers the checkout button",
    "GPS tracks of the trucks end at the border", "the gift voucher is refused at the till",
    "subtitles run ten seconds behind the video", "the survey closes after the second question",
    "the fax gateway answers with a busy tone", "loyalty points were halved over night",
    "the electronic shelf labels show no prices", "the lab analyser results have no units",
)  # fmt: skip
SAID = (
    "{subject}, since this morning",
    "Help please: {subject}",
    "We have the problem that {subject}",
    "Hi, {subject}. Is this known?",
    "{subject} - all of our team see it",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: seconds unless the unit says otherwise; `target` is an upper bound."""

    name: str
    count: int
    p50: float
    p95: float
    unit: str = "s"
    target: float | None = None


def timed(name: str, seconds: Sequence[float], target: float | None = None) -> Figure:
    """The median and the 95th percentile of a sample."""
    return Figure(name, len(seconds), float(np.median(seconds)), float(np.percentile(seconds, 95)), target=target)


def single(name: str, value: float, unit: str, target: float | None = None) -> Figure:
    return Figure(name, 1, value, value, unit, target)


def background(count: int, rng: random.Random) -> Iterator[dict[str, str]]:
    """Old tickets on 240 subjects of unequal size, over the last 60 days."""
    subjects = list(itertools.product(THINGS, FAULTS))
    rng.shuffle(subjects)
    weights = [1 / (rank + 10) for rank in range(len(subjects))]
    now = datetime.now(UTC)
    for number in range(count):
        thing, fault = rng.choices(subjects, weights)[0]
        said = now - timedelta(days=60) * rng.random()
        body = rng.choice(FRAMES).format(thing=thing, fault=fault)
        yield {"id": str(number), "created_at": said.isoformat(), "subject": thing, "body": f"{body} (order {number})"}


def fill(here: Town, count: int, rng: random.Random) -> Figure:
    """Import through the command line, into the database that the bot will use."""
    path = here.bot.folder / "old.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["id", "created_at", "subject", "body"])
        writer.writeheader()
        writer.writerows(background(count, rng))
    settings = {"DATABASE_URL": here.bot.db.url, "WORKSPACE": here.pg.team_id}
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "bot", "import", str(path), "--json"],
        cwd=here.bot.folder,
        env=without_settings(os.environ) | settings,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return single(f"import of {count} tickets", count / (time.perf_counter() - began), "tickets/s")


def until(look: Callable[[], object], timeout: float) -> float | None:
    """Seconds until `look()` is true; None if it never was."""
    began = time.perf_counter()
    while time.perf_counter() - began < timeout:
        if look():
            return time.perf_counter() - began
        time.sleep(PAUSE)
    return None


def reading_times(here: Town, count: int, rng: random.Random) -> list[float]:
    """From a post to its stored analysis, one after another."""
    found: list[float] = []
    for number in range(count):
        text = rng.choice(FRAMES).format(thing=rng.choice(THINGS), fault=rng.choice(FAULTS))
        message = here.pg.say(rng.choice(here.customers), here.support, f"{text} (live {number})")
        key = f"{here.support}/{message['ts']}"
        waited = until(lambda key=key: here.bot.has_reading(key), 30)
        if waited is None:
            raise RuntimeError(f"ticket {number} was not read within 30 s")
        found.append(waited)
    return found


def alert_times(here: Town, subjects: Sequence[str]) -> tuple[list[float], int]:
    """From the fifth post on a new subject to the alert in the product channel, and how many subjects were told before
    their fifth (a critical ticket is told at once); the others were not told within 20 s.
    """
    found: list[float] = []
    earlier = 0
    for subject in subjects:
        before = len(here.bot.posted(here.product))
        for customer, frame in zip(here.customers, SAID[:4], strict=False):
            here.pg.say(customer, here.support, frame.format(subject=subject))
        here.bot.settle()
        if len(here.bot.posted(here.product)) > before:
            earlier += 1
            continue
        here.pg.say(here.customers[4], here.support, SAID[4].format(subject=subject))
        waited = until(lambda before=before: len(here.bot.posted(here.product)) > before, 20)
        if waited is not None:
            found.append(waited)
        here.bot.settle()
    return found, earlier


def answer_times(here: Town, lines: Sequence[str]) -> list[float]:
    """From sending `/ticket-intel ...` to its answer."""

    def answers() -> int:
        return len(here.pg.calls_of("response_url")) + len(here.pg.ephemerals(here.admin))

    found: list[float] = []
    for line in lines:
        before, began = answers(), time.perf_counter()
        here.pg.slash(here.admin, here.product, "/ticket-intel", line)
        if until(lambda before=before: answers() > before, 30) is None:
            raise RuntimeError(f"no answer to {line!r} within 30 s")
        found.append(time.perf_counter() - began)
    return found


def idle_share(process: psutil.Process, seconds: float) -> float:
    """Percent of one core that the bot takes when nothing happens."""
    process.cpu_percent()
    time.sleep(seconds)
    return process.cpu_percent()


def measure(folder: Path, tickets: int, posts: int, subjects: int, asks: int, idle: float) -> Iterator[Figure]:
    rng = random.Random(17)
    with town(folder, customers=12, SLACK_POST_SECONDS="1") as here:
        if tickets:
            yield fill(here, tickets, rng)
        here.bot.start()
        assert here.bot.process is not None
        process = psutil.Process(here.bot.process.pid)
        here.bot.settle(600)
        yield timed("post -> stored analysis", reading_times(here, posts, rng), 3)
        here.bot.settle(120)
        found, earlier = alert_times(here, NEW_SUBJECTS[:subjects])
        yield single("new subjects that alerted at the fifth", len(found), f"of {subjects}")
        yield single("new subjects that alerted before it", earlier, f"of {subjects}")
        if found:
            yield timed("fifth post -> alert", found, 10)
        yield timed("themes 30d: command -> answer", answer_times(here, ["themes 30d"] * asks), 0.5)
        known = [f"known our {rng.choice(THINGS)} {rng.choice(FAULTS)} since {n} days" for n in range(asks)]
        yield timed("known: command -> answer", answer_times(here, known), 1)
        yield single("resident memory", process.memory_info().rss / 1e6, "MB", 400)
        here.bot.settle(120)
        yield single(f"idle CPU over {idle:g} s", idle_share(process, idle), "% of a core", 2)
        if here.pg.problems:
            raise RuntimeError(f"Slack would have refused: {here.pg.problems[:3]}")


def show(figure: Figure) -> None:
    verdict = "" if figure.target is None else ("ok" if figure.p95 <= figure.target else "MISSED")
    target = "" if figure.target is None else f"<= {figure.target:g}"
    print(
        f"{figure.name:40} n {figure.count:5}  p50 {figure.p50:9.3f}  p95 {figure.p95:9.3f} {figure.unit:12} "
        f"{target:8} {verdict}  load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tickets", type=int, default=10_000, help="stored before the bot starts")
    parser.add_argument("--posts", type=int, default=100)
    parser.add_argument("--subjects", type=int, default=len(NEW_SUBJECTS))
    parser.add_argument("--asks", type=int, default=40, help="of `themes` and of `known`")
    parser.add_argument("--idle", type=float, default=30.0, help="seconds of quiet")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    wanted = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="ticket-intel-latency-") as folder:
        for figure in measure(Path(folder), wanted.tickets, wanted.posts, wanted.subjects, wanted.asks, wanted.idle):
            figures.append(figure)
            show(figure)
    if wanted.json:
        wanted.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=1))


if __name__ == "__main__":
    main()
