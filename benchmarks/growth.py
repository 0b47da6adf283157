"""How the costs grow with the archive: the same work over databases of 1,000, 10,000 and 100,000 tickets.

    uv run python -m benchmarks.growth                      # more tickets in the same year
    uv run python -m benchmarks.growth --grow age           # the same tickets a day, for more years

CPU seconds of the process (all threads), so that other programs on the machine count for nothing; every size in a
process of its own, so that its peak memory is its own. The exponent is the slope between sizes on logarithmic scales:
0 costs the same whatever the archive, 1 grows as the archive does. The tickets are those of `report_speed`, with
vectors around the middle of their theme; what arrives is real text and is encoded, read and assigned for real.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarks.archive import fill_archive
from benchmarks.latency import FAULTS, FRAMES, THINGS
from benchmarks.report_speed import HERE, NOW, THEMES
from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.flows import analyze, assign, nightly
from bot.flows.importing import import_file
from bot.flows.recognize import Question, known
from bot.flows.report import ThemesRequest, list_themes, search
from bot.flows.reports.reporting import ReportRequest, report
from bot.settings import load_settings
from intelligence.model import Role, Scope, Source, Visibility
from storage import inbox, messages, queue, tickets, workspaces

SIZES = (1_000, 10_000, 100_000)
NEWS = 64  # tickets that arrive while we measure
PER_DAY = 274  # of the archive that grows older: a year of it is 100,000
DIM = 384


def texts(count: int, rng: np.random.Generator) -> list[str]:
    pick = lambda words: words[int(rng.integers(len(words)))]  # noqa: E731
    return [f"{pick(FRAMES).format(thing=pick(THINGS), fault=pick(FAULTS))} (case {n})" for n in range(count)]


def arrive(deps: Deps, said: list[str]) -> list[int]:
    """Store new tickets as a channel brings them, not read yet."""
    now, made = deps.clock.now(), []
    with deps.db.write() as session:
        for number, text in enumerate(said):
            new = tickets.NewTicket(Source.SLACK, now, channel="C1", visibility=Visibility.PUBLIC)
            one = tickets.open_ticket(session, HERE, new, now)
            key = f"C1/{now.timestamp():.0f}.{number}"
            tickets.add_ref(session, HERE, Source.SLACK, key, one)
            message = messages.NewMessage(Source.SLACK, key, Role.CUSTOMER, text, now, f"U{number}", channel="C1")
            messages.add(session, HERE, one, message, now)
            made.append(one)
    return made


def acknowledge(deps: Deps, number: int) -> None:
    """What is written before Slack is told that we have a message."""
    now = deps.clock.now()
    with deps.db.intake() as session:
        delivery = inbox.receive(session, HERE, f"message:C1/{number}", "event", {"event": {"text": "x" * 300}}, now)
        queue.enqueue(session, "ingest", {"delivery": delivery}, key=f"ingest:{number}", now=now, priority=-1)


def cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def median_of(count: int, work: Callable[[int], object]) -> float:
    """Median CPU seconds of one of several runs."""
    return float(np.median([cpu(lambda n=n: work(n)) for n in range(count)]))


def measure(size: int, grow: str, folder: Path, *, quick: bool = False) -> dict[str, float]:
    """Fill, then do each piece of work; CPU seconds by name, and megabytes at the peak."""
    clock, rng = SimulatedClock(NOW), np.random.default_rng(7)
    deps = build_deps(load_settings(None, database_url=f"sqlite:///{folder / 'g.db'}", workspace=HERE), clock=clock)
    days = 365.0 if grow == "volume" else size / PER_DAY
    fill_archive(deps, size, rng, days=days)
    with deps.db.write() as session:
        workspaces.update(session, HERE, next_theme=THEMES + 1)
        workspaces.put_state(session, HERE, nightly.TIDIED, {"at": NOW.isoformat(), "tickets": size}, NOW)
    found: dict[str, float] = {"resident before, MB": peak()}
    found["acknowledge one message"] = median_of(200, lambda n: acknowledge(deps, n))
    fresh = arrive(deps, texts(NEWS, rng))
    found["read one ticket"] = cpu(lambda: analyze.read_tickets(deps, HERE, fresh, assign=False)) / NEWS
    found["first assignment after a start"] = cpu(lambda: assign.assign_tickets(deps, HERE, fresh[:1]))
    found["assign one ticket"] = cpu(lambda: [assign.assign_tickets(deps, HERE, [one]) for one in fresh[1:]]) / (
        NEWS - 1
    )
    scope = Scope(HERE)
    found["themes 7d"] = median_of(3, lambda _: list_themes(deps, scope, ThemesRequest("7d")))
    asked = texts(5, rng)
    found["known, the first time"] = cpu(lambda: known(deps, scope, Question(asked[0])))
    found["known"] = median_of(3, lambda n: known(deps, scope, Question(asked[n])))
    found["search"] = median_of(3, lambda n: search(deps, scope, asked[n]))
    found["weekly report"] = cpu(lambda: report(deps, scope, ReportRequest("week")))
    clock.advance(timedelta(days=1))
    found[f"night after {NEWS} new tickets"] = cpu(lambda: nightly.nightly(deps, HERE))
    found["peak without tidying, MB"] = peak()
    if not quick:
        found["tidying (once a week, or a fifth more)"] = cpu(lambda: nightly.tidy(deps, HERE))
    csv = folder / "news.csv"
    csv.write_text(
        "id,created_at,body\n" + "\n".join(f'{n},2026-01-12T08:00:00Z,"{t}"' for n, t in enumerate(texts(200, rng)))
    )
    found["import of 200 tickets"] = cpu(lambda: import_file(deps, HERE, csv))
    found["peak, MB"] = peak()
    deps.close()
    return found


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_its_own_process(size: int, grow: str, *, quick: bool) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="ticket-intel-growth-") as folder:
        command = [sys.executable, "-m", "benchmarks.growth", "--one", str(size), "--grow", grow, "--folder", folder]
        command += ["--quick"] if quick else []
        return json.loads(
            subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]
        )


def table(sizes: list[int], found: list[dict[str, float]]) -> str:
    """Markdown: a line a piece of work, a column a size, and the exponent over the last step."""
    head = f"| CPU seconds | {' | '.join(f'{size:,}' for size in sizes)} | exponent |"
    lines = [head, f"|---|{'---:|' * (len(sizes) + 1)}"]
    for name in found[0]:
        values = [one[name] for one in found]
        slope = math.log(values[-1] / values[-2]) / math.log(sizes[-1] / sizes[-2]) if len(sizes) > 1 else math.nan
        shown = " | ".join(
            f"{value:.0f}" if "MB" in name else f"{value:.4f}" if value < 0.1 else f"{value:.2f}" for value in values
        )
        lines.append(f"| {name} | {shown} | {slope:.2f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--grow", choices=("volume", "age"), default="volume")
    parser.add_argument("--quick", action="store_true", help="leave the tidying out, which takes longer than the rest")
    parser.add_argument("--one", type=int)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.one is not None:
        print(json.dumps(measure(asked.one, asked.grow, asked.folder, quick=asked.quick)))
        return
    found = []
    for size in asked.sizes:
        found.append(in_its_own_process(size, asked.grow, quick=asked.quick))
        print(table(asked.sizes[: len(found)], found), flush=True)


if __name__ == "__main__":
    main()
