"""A workspace with read tickets, for tests of review and learning: real database, encoder and analyzer, no Slack."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from databases import sqlite_file
from slack_world import encoder

from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.flows import analyze
from bot.jobs import build_registry
from bot.settings import load_settings
from bot.throw_away import TextTicket, store
from bot.worker import Worker
from intelligence.model import Analysis, Scope
from storage import analyses

HERE = "T1"
_KEYS = itertools.count()
AT = datetime(2026, 1, 14, 12, tzinfo=UTC)


@dataclass
class ReviewWorld:
    """Deps with a simulated clock; `add` stores and reads tickets, an hour apart, the last one just now."""

    deps: Deps

    def add(self, texts: Sequence[str]) -> list[int]:
        now = self.deps.clock.now()
        rows = [
            TextTicket(f"{next(_KEYS)}", now - timedelta(hours=(len(texts) - n) / 2), text)
            for n, text in enumerate(texts)
        ]
        made = store(self.deps, HERE, rows, history=False)
        analyze.read_tickets(self.deps, HERE, made)
        return made

    def work(self) -> int:
        return Worker(self.deps, build_registry(self.deps), threads=1).run_due()

    def reading(self, ticket: int, *, machine: bool = False) -> Analysis:
        with self.deps.db.read() as session:
            return analyses.current(session, Scope(HERE), [ticket], machine=machine)[ticket]


def review_world(folder: Path, **overrides: Any) -> ReviewWorld:
    settings = load_settings(None, database_url=sqlite_file(folder / "review.db"), **overrides)
    return ReviewWorld(build_deps(settings, clock=SimulatedClock(AT), embedder=encoder()))
