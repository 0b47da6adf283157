"""How long a weekly report takes over many tickets, and where the time goes.

    uv run python -m benchmarks.report_speed --tickets 100000 --days 365

The tickets are made up: `--days` of four hundred themes, three thousand accounts, signals, readings and vectors as the
local analyzer gives them. The database is kept with --keep. Seconds are of the clock and of the processor.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.flows.reports.reporting import ReportRequest, report
from bot.settings import load_settings
from intelligence.model import Level, PrimaryCategory, Scope, SignalKind, Subcategory
from storage import workspaces
from storage.tables import (
    AccountRow,
    AnalysisRow,
    MembershipRow,
    MessageRow,
    SignalRow,
    ThemeRow,
    TicketRow,
    VectorRow,
)
from storage.upsert import put_many

NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)
HERE = "bench"
THEMES, ACCOUNTS = 400, 3_000
KINDS = tuple(SignalKind)
CATEGORIES = (
    (PrimaryCategory.BUG_REPORT, Subcategory.FUNCTIONAL_BUG),
    (PrimaryCategory.HOW_TO, Subcategory.FEATURE_USAGE),
    (PrimaryCategory.FEATURE_REQUEST, Subcategory.NEW_CAPABILITY),
    (PrimaryCategory.ACCOUNT_BILLING, Subcategory.PRICING_QUESTION),
)


def fill(deps: Deps, tickets: int, rng: np.random.Generator, days: float = 365.0) -> None:
    """Put tickets of a year (or of so many days) in, a few thousand rows a transaction."""
    with deps.db.write() as session:
        workspaces.ensure(session, HERE, NOW - timedelta(days=366))
        accounts = [
            {"id": n + 1, "workspace_id": HERE, "key": f"a{n}", "name": f"Account {n}", "updated_at": NOW,
             "plan": ("Free", "Pro", "Enterprise")[n % 3], "attributes": {"arr": str(n * 10)}}
            for n in range(ACCOUNTS)
        ]  # fmt: skip
        put_many(session, AccountRow, accounts, unique=["id"])
        for n in range(THEMES):
            first = NOW - timedelta(days=365 if n % 20 else 5)
            session.add(ThemeRow(id=n + 1, workspace_id=HERE, number=n + 1, title=f"Theme number {n}", title_by="machine",
                                 state="steady", created_at=first, first_at=first, last_at=NOW))  # fmt: skip
    popular = rng.zipf(1.3, tickets) % THEMES + 1
    back = np.sort(rng.uniform(0, days * 86_400, tickets))
    middles = rng.standard_normal((THEMES + 1, deps.embedder.dim)).astype(np.float32)
    for start in range(0, tickets, 2_000):
        ids = range(start, min(tickets, start + 2_000))
        _batch(deps, ids, popular, back, rng)
        _vectors(deps, ids, middles[popular[ids.start : ids.stop]], rng)


def _batch(deps: Deps, ids: range, popular: np.ndarray, back: np.ndarray, rng: np.random.Generator) -> None:
    rows: dict[type, list[dict[str, object]]] = {
        kind: [] for kind in (TicketRow, MessageRow, AnalysisRow, SignalRow, MembershipRow)
    }
    for n in ids:
        at = NOW - timedelta(seconds=float(back[n]))
        here = {"workspace_id": HERE, "ticket_id": n + 1}
        account = int(rng.integers(ACCOUNTS)) + 1
        rows[TicketRow].append(
            {"id": n + 1, "workspace_id": HERE, "source": "import", "at": at, "updated_at": at, "state": "open",
             "request": "request", "request_by": "machine", "subject": "", "account_id": account,
             "segments": {"plan": ("Free", "Pro", "Enterprise")[account % 3], "region": ("eu", "us")[account % 2]},
             "visibility": "public", "history": False, "placeholder": False}
        )  # fmt: skip
        text = f"For theme {popular[n]} it does not work as we expect since the last change, number {n}"
        rows[MessageRow].append(
            {**here, "id": n + 1, "source": "import", "external_id": f"m{n}", "visibility": "public", "role": "customer",
             "author": "c", "text": text, "at": at, "private_note": False}
        )  # fmt: skip
        primary, sub = CATEGORIES[int(popular[n]) % 4]
        rows[AnalysisRow].append(
            {**here, "id": n + 1, "content_key": f"k{n}", "current": True, "primary": primary, "subcategory": sub,
             "confidence": 0.8, "sub_confidence": 0.6, "unsure": n % 9 == 0, "alternatives": [],
             "frustration": Level.LOW, "urgency": Level.LOW, "churn_risk": "low", "satisfaction": "unknown",
             "loyalty": [], "cause": "unknown", "critical": False, "evidence": [], "drivers": [], "analyzer": "local",
             "model": "m", "prompt_version": "", "reads": True, "tokens_in": 0, "tokens_out": 0, "created_at": at}
        )  # fmt: skip
        if n % 2:
            kind = KINDS[int(popular[n]) % len(KINDS)]
            rows[SignalRow].append(
                {"analysis_id": n + 1, "kind": kind, "workspace_id": HERE, "ticket_id": n + 1, "probability": 0.8,
                 "fields": {"capability": f"export {popular[n]}", "symptom": f"fails {popular[n]}", "stuck": "menu"}}
            )  # fmt: skip
        rows[MembershipRow].append(
            {**here, "theme_id": int(popular[n]), "kind": "home", "decided_by": "machine", "similarity": 0.8, "at": at}
        )
    with deps.db.write() as session:
        for table, values in rows.items():
            unique = {SignalRow: ["analysis_id", "kind"], MembershipRow: ["ticket_id", "theme_id"]}.get(table, ["id"])
            put_many(session, table, values, unique=unique)


def _vectors(deps: Deps, ids: range, middles: np.ndarray, rng: np.random.Generator) -> None:
    """Unit vectors around the middle of each ticket's theme, about as near to each other as real ones."""
    made = middles + 0.9 * rng.standard_normal(middles.shape).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    rows = [
        {"ticket_id": n + 1, "model": deps.embedder.model, "workspace_id": HERE, "text_hash": f"h{n}", "embedding": one}
        for n, one in zip(ids, made, strict=True)
    ]
    with deps.db.write() as session:
        put_many(session, VectorRow, rows, unique=["ticket_id", "model"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--periods", nargs="*", default=["week", "month", "quarter"])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = asked.keep or Path(folder) / "bench.db"
        fresh = not file.exists()
        deps = build_deps(
            load_settings(None, database_url=f"sqlite:///{file}", workspace=HERE), clock=SimulatedClock(NOW)
        )
        if fresh:
            fill(deps, asked.tickets, np.random.default_rng(7), asked.days)
        for period in asked.periods:
            began, spent = time.perf_counter(), time.process_time()
            made = report(deps, Scope(HERE), ReportRequest(period)).report
            seconds = time.perf_counter() - began
            cpu = time.process_time() - spent
            print(
                f"{period}: {seconds:.2f} s, {cpu:.2f} s of CPU, {made.volume.tickets:,} tickets of {asked.tickets:,}"
            )
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
        deps.close()


if __name__ == "__main__":
    main()
