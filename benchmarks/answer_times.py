"""How long an answer takes over many tickets: every verb that people type, and App Home, as Slack's listeners make them.

    uv run --group bench python -m benchmarks.answer_times --tickets 100000 --keep bench.db

The database is filled through `ticket-intel import` and stays where --keep says; one that has tickets is used as it is.
Each line is parsed, answered and drawn as blocks, in one process; Slack and the network are not in it. Lines with a text
get another text each time, so that nothing is remembered from the one before. Seconds are of the processor; those on the
wall beside them are more where the machine has other work. What `run` reads at its start is read before.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.copies import multiply
from benchmarks.latency import FAULTS, THINGS, background
from bot.blocks import home as blocks
from bot.compose import build_deps
from bot.deps import Deps
from bot.flows import home
from bot.flows.ask import Asker, ask
from bot.flows.reports.publishing import publish_due
from bot.grammar import parse
from bot.listeners.drawing import draw
from bot.settings import load_settings
from bot.verbs.parts import Persona, Where
from intelligence.model import Scope
from tests.bot_process import without_settings

HERE = "T0BENCH"
ADMIN, AGENT = "U0ADMIN", "U0AGENT"
TARGET = 1.0  # seconds in which an answer comes
IMPORTED = 10_000
STRETCH = 6.0  # how much longer the time is over which more tickets came: a year, not two months
PLANS = ("Free", "Pro", "Enterprise")
COLUMNS = ("id", "created_at", "subject", "body", "email", "organisation", "plan")
LINES = (
    "", "themes", "themes 30d", "themes 30d page:2", "themes 90d plan:Enterprise", "themes 30d kind:bug", "themes 30d mine",
    "theme {theme}", "known {text}", "search {text}", "why {theme}", "why ticket {ticket}", "report week", "gaps", "friction",
    "docs", "bugs", "expectations", "usecases", "risk", "alerts", "review", "quality", "health", "settings", "areas", "loop",
    "channel", "candidate", "merge {theme} {other}", "rename {theme}", "help", "help themes",
)  # fmt: skip


def fill(file: Path, count: int, rng: random.Random) -> None:
    """Import tickets of 400 companies on three plans, 10,000 of 60 days at most; more are copies over a longer time."""
    imported(file, min(count, IMPORTED), rng)
    if count > IMPORTED:
        times = count // IMPORTED
        multiply(file, times, stretch=STRETCH)


def imported(file: Path, count: int, rng: random.Random) -> None:
    with tempfile.TemporaryDirectory(prefix="ticket-intel-answers-") as folder:
        path = Path(folder) / "old.csv"
        with path.open("w", newline="") as out:
            writer = csv.DictWriter(out, COLUMNS)
            writer.writeheader()
            for row in background(count, rng):
                company = int(400 * rng.random() ** 2)
                who = {"email": f"p{rng.randrange(9)}@c{company}.example", "organisation": f"Company {company}"}
                writer.writerow(row | who | {"plan": PLANS[company % 3]})
        told = {"DATABASE_URL": f"sqlite:///{file}", "WORKSPACE": HERE, "ADMINS": ADMIN, "AGENTS": AGENT}
        command = [sys.executable, "-m", "bot", "import", str(path), "--json"]
        subprocess.run(command, env=without_settings(os.environ) | told, check=True, stdout=subprocess.DEVNULL)


def texts(rng: random.Random) -> Iterator[str]:
    """Questions on the stored subjects, none twice."""
    number = 0
    while True:
        number += 1
        yield f"our {rng.choice(THINGS)} {rng.choice(FAULTS)} since {number} days"


def asker(user: str, persona: Persona) -> Asker:
    return Asker(Scope(HERE, user), user, persona, connected=True, where=Where.SLACK)


def answered(deps: Deps, who: Asker, line: str) -> None:
    request = parse(line)
    draw(ask(deps, who, request), request)


def drawn_home(deps: Deps, who: Asker, *, admin: bool) -> None:
    blocks.home(home.home(deps, who.scope, who.persona, edits=True, admin=admin))


def timed(act: Callable[[], None], times: int) -> list[tuple[float, float]]:
    """Seconds on the wall, and seconds of work by this process, of each time."""
    found: list[tuple[float, float]] = []
    for _ in range(times):
        began, worked = time.perf_counter(), time.process_time()
        act()
        found.append((time.perf_counter() - began, time.process_time() - worked))
    return found


def measure(deps: Deps, times: int, only: Sequence[str]) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """Each line's seconds, the first time it is asked included."""
    asked = texts(random.Random(23))
    who = asker(ADMIN, Persona.ADMIN)
    public = Asker(Scope(HERE), ADMIN, Persona.ADMIN, connected=True, where=Where.SLACK)
    for line in LINES:
        if only and line.split(" ")[0] not in only:
            continue

        def act(line: str = line) -> None:
            named = {"theme": "TI-1", "other": "TI-2", "ticket": 4711, "text": next(asked)}
            answered(deps, who, line.format(**named))

        yield line or "(nothing)", timed(act, times)
    for name, person in (("App Home, a person", False), ("App Home, an admin", True)):
        if not only or "home" in only:
            yield name, timed(lambda person=person: drawn_home(deps, who, admin=person), times)
    if not only or "report" in only:
        publish_due(deps, HERE, deps.clock.now())
        yield "report week, published", timed(lambda: answered(deps, public, "report week"), times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tickets", type=int, default=10_000)
    parser.add_argument("--keep", type=Path, help="the database; filled if it is not there")
    parser.add_argument("--times", type=int, default=20, help="how often each line is asked")
    parser.add_argument("--only", nargs="*", default=(), help="these verbs alone")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ticket-intel-answers-") as folder:
        file = (wanted.keep or Path(folder) / "bench.db").resolve()
        if not file.exists():
            fill(file, wanted.tickets, random.Random(17))
        told = load_settings(None, database_url=f"sqlite:///{file}", workspace=HERE, admins=ADMIN, agents=AGENT)
        deps = build_deps(told)
        with deps.memory.rows(deps.db, HERE, deps.clock.now()):
            pass  # as `run` reads them at its start
        slow = 0
        for line, seconds in measure(deps, wanted.times, wanted.only):
            wall, work = np.percentile(seconds, [50, 95], axis=0).T
            slow += work[1] > TARGET
            told = f"{line:30} first {seconds[0][1]:6.3f}  p50 {work[0]:6.3f}  p95 {work[1]:6.3f}  on the wall {wall[1]:6.3f}"
            print(f"{told}{'  SLOW' * int(work[1] > TARGET)}", flush=True)
        deps.close()
        print(f"{slow} lines above {TARGET:g} s; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
