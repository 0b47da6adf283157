"""An import from the file to named themes: once per row, resumable, silent."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bot.clock import SimulatedClock
from bot.flows import importing, nightly
from bot.flows.naming import UNNAMED
from bot.throw_away import throw_away
from intelligence.encoder.minilm import MiniLMEncoder
from storage import alerts, rereadings, themes, vectors

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SUBJECTS = ("The Excel export of my {} is cut off", "I cannot sign in to see the {}, access denied")
THINGS = ("report", "dashboard", "invoice list", "customer list", "summary", "chart", "audit log", "roadmap")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Sixteen tickets of two subjects over the last three weeks, most of them in the last days."""
    path = tmp_path / "export.csv"
    rows = [(n, subject.format(thing)) for n, thing in enumerate(THINGS) for subject in SUBJECTS]
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "created_at", "text"])
        for number, (day, text) in enumerate(rows):
            at = NOW - timedelta(days=21 if day == 0 else 1, minutes=number)
            writer.writerow([number, at.isoformat(), text])
    return path


def test_an_import_is_read_grouped_named_and_silent(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "READ_CHUNK", 5)  # several chunks, so that one is encoded ahead of another
    with throw_away(SimulatedClock(NOW), embedder=MiniLMEncoder()) as deps:
        report = importing.import_file(deps, "here", export)
        again = importing.import_file(deps, "here", export)
        assert (report.stored, again.stored, again.duplicates) == (16, 0, 16)
        nightly.nightly(deps, "here")
        with deps.db.read() as session:
            assert rereadings.unread(session, "here") == []
            rows = vectors.members(session, "here", deps.embedder.model, deps.embedder.dim)
            assert len(set(rows.theme_ids.tolist())) == 2
            assert len(rows.ticket_ids) == 16
            assert np.allclose(np.linalg.norm(rows.vectors, axis=1), 1, atol=1e-3)
            titles = themes.titles(session, "here")
            assert all(title != UNNAMED and history for title, _, history in titles.values())
            assert len(titles) == 2
            assert alerts.since(session, "here", NOW - timedelta(days=60)) == []


def test_a_few_tickets_into_a_tidy_archive_wait_for_the_night(export: Path, tmp_path: Path) -> None:
    """What an import costs goes with what it brings, not with what is there."""
    more = tmp_path / "more.csv"
    more.write_text(f"id,created_at,text\n99,{NOW.isoformat()},The Excel export of my time sheet is cut off\n")
    stages: list[list[str]] = [[], []]
    with throw_away(SimulatedClock(NOW), embedder=MiniLMEncoder()) as deps:
        for place, file in enumerate((export, more)):
            report = importing.import_file(
                deps, "here", file, progress=lambda stage, _, place=place: stages[place].append(stage)
            )
            assert report.stored
        with deps.db.read() as session:
            rows = vectors.members(session, "here", deps.embedder.model, deps.embedder.dim)
    assert "tidied" in stages[0]
    assert "tidied" not in stages[1]
    assert rows.theme_ids[-1] in rows.theme_ids[:-1], "it has its theme nevertheless"
