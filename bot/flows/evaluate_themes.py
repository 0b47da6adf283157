"""`ticket-intel eval themes`: how well texts are grouped, and whether groups keep their names when more come.

Rows arrive as an import's do: read, encoded and assigned in production batches, then a nightly pass, then a twentieth
more and another night. The second night falls a week after the first, when production tidies however little is new:
stability is measured through a real tidying. What is compared are the permanent theme ids as stored.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.clock import SimulatedClock
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import analyze, assign, nightly
from bot.flows.eval_rows import Cells, read_csv, text_of, time_of
from bot.flows.importing import READ_CHUNK
from bot.throw_away import AnalyzerName, TextTicket, store, throw_away
from intelligence import scoring
from intelligence.intervals import bootstrap, wilson
from intelligence.ports import Embedder
from storage import memberships

WORKSPACE = "eval"
DAY = timedelta(days=1)
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)  # of the simulated day, for rows without `at`
FIRST_SHARE = 0.95

Labels = NDArray[np.int64]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A row: `label` is for scoring only; `at` is None where the file has no times."""

    text: str
    label: str
    at: datetime | None = None


def read_rows(path: Path) -> list[LabelledText]:
    """The rows of a CSV file text,label[,at]. Raises BadInput (bad rows named by line) or FileUnreadable."""
    rows = read_csv(path, ("text", "label"), _row)
    untimed = sum(row.at is None for row in rows)
    if 0 < untimed < len(rows):
        raise BadInput(problem=f"{path}: {untimed} rows have no time in `at`.", fix="Fill the column or remove it.")
    return rows


def _row(row: Cells) -> LabelledText:
    at = time_of(row, "at") if (row.get("at") or "").strip() else None
    return LabelledText(text_of(row, "text"), text_of(row, "label"), at)


def evaluate_themes(
    path: Path,
    *,
    analyzer: AnalyzerName = "local",
    seed: int = 0,
    embedder: Embedder | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Figures of grouping and stability as one JSON-ready dictionary; `progress` hears how many rows have a home.

    Raises BadInput or FileUnreadable before anything is measured.
    """
    rng = np.random.default_rng(seed)
    rows = in_order(read_rows(path), rng)
    started = time.perf_counter()
    clock = SimulatedClock(rows[0].at)
    with throw_away(clock, analyzer=analyzer, embedder=embedder) as deps:
        before, after = _two_snapshots(deps, clock, rows, progress)
    timing = {"seconds": time.perf_counter() - started, "peak_rss_mb": peak_rss_mb()}
    return score([row.label for row in rows], before, after, rng) | timing


@dataclass(frozen=True, slots=True)
class Arrival:
    """A row with the time at which it arrives."""

    text: str
    label: str
    at: datetime


def in_order(rows: Sequence[LabelledText], rng: np.random.Generator) -> list[Arrival]:
    """Rows by their own times, or shuffled and spread evenly over one day where they have none."""
    timed = [Arrival(row.text, row.label, row.at) for row in rows if row.at is not None]
    if timed:
        return sorted(timed, key=lambda row: row.at)
    places = rng.permutation(len(rows)).tolist()
    return [Arrival(rows[p].text, rows[p].label, START + DAY * n / len(rows)) for n, p in enumerate(places)]


def score(labels: Sequence[str], before: Labels, after: Labels, rng: np.random.Generator) -> dict[str, Any]:
    """Figures of `after` (theme ids row for row, 0 = none) against labels, and of how much of `before` was kept.

    `before` holds 0 for rows that had not come yet. An unassigned row counts as a group of its own.
    """
    truth, found = scoring.encoded(labels), scoring.encoded(scoring.alone(after))
    figures = {"nmi": scoring.nmi, "ari": scoring.ari, "accuracy": scoring.hungarian_accuracy}
    had = int((before > 0).sum())
    assigned = int((after > 0).sum())
    intervals: dict[str, Any] = {
        name: bootstrap(len(truth), lambda rows, figure=figure: figure(truth[rows], found[rows]), rng)
        for name, figure in figures.items()
    }
    intervals["assigned"] = wilson(assigned, len(after))
    intervals["stability"] = wilson(int(((before == after) & (before > 0)).sum()), had)
    return {
        "n": len(truth),
        "k_true": len(set(labels)),
        "k_found": len(np.unique(after[after > 0])),
        **{name: figure(truth, found) for name, figure in figures.items()},
        "assigned": assigned / len(after),
        "stability": scoring.stability(before, after) if had else None,
        "intervals": intervals,
    }


def _two_snapshots(
    deps: Deps, clock: SimulatedClock, rows: Sequence[Arrival], progress: Progress | None
) -> tuple[Labels, Labels]:
    """Theme ids after the first night (0 for rows that had not come) and after the second."""
    cut = max(1, round(FIRST_SHARE * len(rows)))
    first = _stream(deps, clock, rows[:cut], 0, progress)
    nightly.nightly(deps, WORKSPACE)
    before = _homes(deps, first)
    later = _stream(deps, clock, rows[cut:], cut, progress)
    clock.advance(nightly.TIDY_AT_LEAST)
    nightly.nightly(deps, WORKSPACE)
    return np.concatenate([before, np.zeros(len(later), np.int64)]), _homes(deps, [*first, *later])


def _stream(
    deps: Deps, clock: SimulatedClock, rows: Sequence[Arrival], done: int, progress: Progress | None
) -> list[int]:
    """Let rows arrive as an import's do; their ticket ids."""
    ids: list[int] = []
    for start in range(0, len(rows), READ_CHUNK):
        chunk = rows[start : start + READ_CHUNK]
        clock.set(chunk[-1].at)
        stored = [TextTicket(f"{done + start + n}", row.at, row.text) for n, row in enumerate(chunk)]
        fresh = store(deps, WORKSPACE, stored, history=True)
        analyze.read_tickets(deps, WORKSPACE, fresh, assign=False)
        assign.assign_tickets(deps, WORKSPACE, fresh, alerts=False)
        ids += fresh
        if progress is not None:
            progress(done + len(ids))
    return ids


def _homes(deps: Deps, ticket_ids: Sequence[int]) -> Labels:
    with deps.db.read() as session:
        found = memberships.homes(session, ticket_ids)
    return np.array([found.get(ticket, 0) for ticket in ticket_ids], np.int64)


def peak_rss_mb() -> float | None:
    """The most memory this process has used so far; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
