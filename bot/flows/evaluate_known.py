"""`ticket-intel eval known`: does "is this known?" find the theme a report belongs to, and is it right to be sure?

Every group of the file is a theme, every singleton a theme of one ticket, every product a workspace of its own: so the
candidates are rows of the same product. Each row is then asked about as a stored ticket, which production leaves out of
its own search. The score is the probability of the best candidate.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answers import KnownAnswer
from bot.clock import SimulatedClock
from bot.deps import Deps
from bot.flows import analyze, naming
from bot.flows.eval_rows import Cells, read_jsonl, text_of
from bot.flows.importing import READ_CHUNK
from bot.flows.recognize import Question, known
from bot.throw_away import AnalyzerName, TextTicket, store, throw_away
from intelligence import scoring
from intelligence.intervals import bootstrap, wilson
from intelligence.labels import BadRowError
from intelligence.model import Scope, Verdict
from intelligence.ports import Embedder
from storage import memberships, themes

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PRECISION = 0.95  # of `recall_at_precision_95`

Indices = NDArray[np.int64]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """A row: `group` None is a singleton. Groups count within a product."""

    group: str | None
    product: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was answered to a row. `grouped`: another row of its group exists; `right`: the best candidate is it."""

    grouped: bool
    right: bool
    probability: float
    verdict: Verdict


def read_rows(path: Path) -> list[Report]:
    """The rows of a JSONL file {group, product, text}. Raises BadInput (bad rows named by line) or FileUnreadable."""
    return read_jsonl(path, _row)


def _row(row: Cells) -> Report:
    if "group" not in row:
        raise BadRowError("group is missing; null stands for a row without another of its kind")
    group = row["group"]
    if group is not None and not (isinstance(group, str | int) and str(group).strip()):
        raise BadRowError("group is neither a name nor null")
    return Report(None if group is None else str(group), text_of(row, "product"), text_of(row, "text"))


def evaluate_known(
    path: Path,
    *,
    analyzer: AnalyzerName = "local",
    seed: int = 0,
    embedder: Embedder | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Figures of recognition as one JSON-ready dictionary; `progress` hears how many rows were asked about.

    Raises BadInput or FileUnreadable before anything is measured.
    """
    rows = read_rows(path)
    started = time.perf_counter()
    outcomes: list[Outcome] = []
    clock = SimulatedClock(START + len(rows) * MINUTE)  # everything has come when the first question is asked
    with throw_away(clock, analyzer=analyzer, embedder=embedder) as deps:
        for number, product in enumerate(dict.fromkeys(row.product for row in rows)):
            for outcome in _ask_all(deps, f"eval-{number}", [row for row in rows if row.product == product]):
                outcomes.append(outcome)
                if progress is not None:
                    progress(len(outcomes))
    return score(outcomes, np.random.default_rng(seed)) | {"seconds": time.perf_counter() - started}


def _ask_all(deps: Deps, workspace: str, rows: Sequence[Report]) -> list[Outcome]:
    """The outcomes of one product's rows."""
    ids = store(
        deps,
        workspace,
        [TextTicket(str(number), START + number * MINUTE, row.text) for number, row in enumerate(rows)],
        history=True,
    )
    for start in range(0, len(ids), READ_CHUNK):
        analyze.read_tickets(deps, workspace, ids[start : start + READ_CHUNK], assign=False)
    homes = _place(deps, workspace, rows, ids)
    sizes = Counter(homes)
    return [
        _outcome(known(deps, Scope(workspace), Question(ticket_id=ticket)), home, grouped=sizes[home] > 1)
        for ticket, home in zip(ids, homes, strict=True)
    ]


def _place(deps: Deps, workspace: str, rows: Sequence[Report], ids: Sequence[int]) -> list[int]:
    """Make the themes and put every ticket into its own; the theme of each row."""
    made: dict[str, int] = {}
    homes: list[int] = []
    with deps.db.write() as session:
        for row in rows:
            if row.group is None or row.group not in made:
                theme = themes.give_birth(session, workspace, START, first_at=START, title=naming.UNNAMED)
                if row.group is not None:
                    made[row.group] = theme
            else:
                theme = made[row.group]
            homes.append(theme)
        memberships.place_many(session, workspace, [(t, h, 1.0) for t, h in zip(ids, homes, strict=True)], START)
    return homes


def _outcome(answer: KnownAnswer, home: int, *, grouped: bool) -> Outcome:
    best = answer.candidates[0].theme.id if answer.candidates else None
    return Outcome(grouped, best == home, answer.probability, answer.verdict)


def score(outcomes: Sequence[Outcome], rng: np.random.Generator) -> dict[str, Any]:
    """The figures. Known or Probably with the right group is a true positive; with another or for a singleton, false.

    `ece` compares the probability of the best candidate with how often it is the right one.
    """
    scores = np.array([o.probability for o in outcomes])
    right, grouped = np.array([o.right for o in outcomes]), np.array([o.grouped for o in outcomes])
    claimed = np.array([o.verdict in {Verdict.KNOWN, Verdict.PROBABLY} for o in outcomes])

    def auc(rows: Indices) -> float | None:
        both = 0 < grouped[rows].sum() < len(rows)
        return scoring.auc(scores[rows], grouped[rows]) if both else None

    def at_precision(rows: Indices) -> float | None:
        exist = int(grouped[rows].sum())
        return scoring.recall_at_precision(scores[rows], right[rows], exist, PRECISION) if exist else None

    def ece(rows: Indices) -> float | None:
        return scoring.calibration_error(scores[rows], right[rows])

    among, claims, hits = int(grouped.sum()), int(claimed.sum()), int((claimed & right).sum())
    shares = {"recall_at_1": (int(right.sum()), among), "precision": (hits, claims), "recall": (hits, among)}
    drawn = {"auc": auc, "recall_at_precision_95": at_precision, "ece": ece}
    everything = np.arange(len(outcomes))
    return {
        "n": len(outcomes),
        "grouped": among,
        **{name: count / of if of else None for name, (count, of) in shares.items()},
        **{name: figure(everything) for name, figure in drawn.items()},
        "verdicts": {verdict.value: sum(o.verdict is verdict for o in outcomes) for verdict in Verdict},
        "intervals": {name: wilson(count, of) for name, (count, of) in shares.items()}
        | {name: bootstrap(len(outcomes), figure, rng) for name, figure in drawn.items()},
    }
