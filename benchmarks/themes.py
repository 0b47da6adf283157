"""How good are themes on labelled texts? Streams a file through the online index and the nightly pass.

    uv run python -m benchmarks.themes rows.csv --seeds 3    # columns text,label; --where column=value

Rows are shuffled by the seed and arrive within one day: 95%, a nightly pass, snapshot A, the other 5%, a nightly pass,
snapshot B. All scores are from B; stability is the share of tickets with the same permanent id in A and B.
"""

from __future__ import annotations

import argparse
import csv
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from intelligence import scoring
from intelligence.encoder.minilm import MiniLMEncoder
from intelligence.themes.index import ThemeIndex
from intelligence.themes.plans import Snapshot
from intelligence.themes.recluster import recluster

FIRST_SHARE = 0.95
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Rows:
    texts: list[str]
    labels: NDArray[np.int64]
    vectors: NDArray[np.float32]

    def shuffled(self, rng: np.random.Generator) -> Rows:
        order = rng.permutation(len(self.texts))
        return Rows([self.texts[row] for row in order], self.labels[order], self.vectors[order])


def read(path: Path, where: str | None) -> Rows:
    column, _, wanted = (where or "").partition("=")
    with path.open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if not column or row[column] == wanted]
    texts = [row["text"] for row in rows]
    return Rows(texts, scoring.encoded([row["label"] for row in rows]), MiniLMEncoder().encode(texts))


def stream(rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The themes of snapshots A and B."""
    size = len(rows.texts)
    first = int(FIRST_SHARE * size)
    times = np.linspace(0, DAY, size)
    numbers = count(1)
    homes = np.zeros(size, np.int64)
    snapshots: list[NDArray[np.int64]] = []
    for start, end in ((0, first), (first, size)):
        homes[start:end] = _arrivals(rows, homes, times, start, end, lambda: next(numbers))
        ids = np.arange(1, end + 1)
        snapshot = Snapshot(ids, rows.vectors[:end], homes[:end].copy(), times[:end], texts=rows.texts[:end])
        homes[:end] = recluster(snapshot, next_theme=lambda: next(numbers)).theme_ids
        snapshots.append(homes[:end].copy())
    return snapshots[0], snapshots[1]


def _arrivals(
    rows: Rows,
    homes: NDArray[np.int64],
    times: NDArray[np.float64],
    start: int,
    end: int,
    next_theme: Callable[[], int],
) -> NDArray[np.int64]:
    """Homes that the online index gives to rows start..end (a theme born of older waiting ones is tidied at night)."""
    ids = np.arange(1, start + 1)
    index = ThemeIndex.build(
        ids, rows.vectors[:start], homes[:start], times[:start], next_theme=next_theme, now=float(times[start])
    )
    arriving = np.arange(start + 1, end + 1)
    index.assign_batch(rows.vectors[start:end], times[start:end], arriving)
    return np.array([index.home(int(ticket)) or 0 for ticket in arriving], np.int64)


def report(rows: Rows, seed: int) -> str:
    shuffled = rows.shuffled(np.random.default_rng(seed))
    began = time.perf_counter()
    before, after = stream(shuffled)
    seconds = time.perf_counter() - began
    groups = scoring.encoded(scoring.alone(after))
    truth = shuffled.labels
    figures = {
        "found": len(np.unique(after[after > 0])),
        "nmi": scoring.nmi(truth, groups),
        "ari": scoring.ari(truth, groups),
        "accuracy": scoring.hungarian_accuracy(truth, groups),
        "assigned": float((after > 0).mean()),
        "stability": scoring.stability(before, after[: len(before)]),
        "seconds": seconds,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    told = " ".join(f"{name} {value:.3f}" if value < 10 else f"{name} {value:.0f}" for name, value in figures.items())
    return f"seed {seed}: n {len(truth)} true {len(np.unique(truth))} {told}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path, help="CSV with the columns text and label")
    parser.add_argument("--where", help="keep only rows with column=value")
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    rows = read(chosen.rows, chosen.where)
    for seed in range(chosen.seeds):
        print(report(rows, seed), flush=True)


if __name__ == "__main__":
    main()
