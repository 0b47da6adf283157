"""Words are kept as long as the workspace says; counts, labels and themes are kept for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from databases import NOW
from office import HERE, SCOPE, Office, an_office
from stored import analysis

from bot.errors import BadInput
from bot.flows import preferences, retention
from bot.flows.reports.publishing import publish_due
from bot.flows.reports.reporting import ReportRequest, report
from bot.schedule import TICKS
from intelligence.model import Evidence, Scope
from storage import analyses, memberships, queue, themes, ticket_volumes, vectors, workspaces
from storage.tables import Row

OLD, NEW = "The marmalade export is empty", "The periwinkle export is empty"


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as made:
        yield made


def kept(office: Office) -> str:
    with office.deps.db.read() as session:
        return "\n".join(str(row) for t in Row.metadata.sorted_tables for row in session.execute(sa.select(t)))


def night(office: Office) -> None:
    """What the alarm clock enqueues at 04:00."""
    with office.deps.db.write() as session:
        args = {"workspace": HERE, "due": office.clock.now().isoformat()}
        queue.enqueue(session, "retention", args, key=f"r:{office.clock.now()}", now=office.clock.now())
    office.work()


def aged(office: Office, text: str, days: int) -> int:
    """A ticket of long ago with a reading that quotes it, in a theme."""
    made_at = office.clock.now()
    office.clock.advance(-timedelta(days=days))
    with office.deps.db.write() as session:
        made = office.ticket(session, text)
        read = analysis(evidence=(Evidence(text, "category", "k1"),), summary=f"Says: {text}")
        analyses.store(session, HERE, made, read, f"again{made}", office.clock.now())
        vectors.store(
            session, HERE, made, office.deps.embedder.model, f"h{made}", office.deps.embedder.encode([text])[0]
        )
    office.clock.advance(made_at - office.clock.now())
    return made


def test_old_words_go_and_counts_stay(office: Office) -> None:
    deps = office.deps
    old, new = aged(office, OLD, 400), aged(office, NEW, 20)
    with deps.db.write() as session:
        theme = themes.give_birth(session, HERE, NOW, first_at=NOW, title="Export is empty")
        memberships.place_many(session, HERE, [(old, theme, 1.0), (new, theme, 1.0)], NOW)
    night(office)
    assert "marmalade" in kept(office), "off until somebody says how long"
    told = preferences.change(deps, HERE, "retention", "12 months", by="U0ADMIN")
    assert "At 04:00 the words of 1 ticket from before 12 Jan 2025 go, for good" in told.details[-1]
    shown = next(line for line in preferences.settings(deps, HERE).lines if line.name == "retention")
    assert shown.value.startswith("12 months; at 04:00 the words of 1 ticket")
    night(office)
    assert "marmalade" not in kept(office)
    assert "periwinkle" in kept(office)
    with deps.db.read() as session:
        assert memberships.size(session, SCOPE, theme) == 2
        assert analyses.labels(session, SCOPE, [old])[old].area == "login"
        assert list(vectors.of(session, deps.embedder.model, [old, new])) == [new]
        assert workspaces.audit_trail(session, HERE)[0].action == "retention"
    night(office)
    office.clock.advance(timedelta(days=380))
    night(office)
    assert "periwinkle" not in kept(office), "what grew old since is found though only news are looked at"
    with deps.db.read() as session:
        assert memberships.size(session, SCOPE, theme) == 2


def test_a_report_keeps_its_figures_and_loses_its_quotes(office: Office) -> None:
    deps = office.deps
    found, made = office.theme(5)
    with deps.db.write() as session:
        for one in made:
            text = "The login page comes back again and again"
            vectors.store(session, HERE, one, deps.embedder.model, f"h{one}", deps.embedder.encode([text])[0])
    office.clock.advance(timedelta(days=7))
    assert publish_due(deps, HERE, office.clock.now())
    before = report(deps, Scope(HERE), ReportRequest("2026-W03")).report
    assert before.themes[0].quotes
    preferences.change(deps, HERE, "retention", "6", by="U0ADMIN")
    office.clock.advance(timedelta(days=250))
    night(office)
    after = report(deps, Scope(HERE), ReportRequest("2026-W03"))
    assert after.report.volume == before.volume
    assert [entry.tickets for entry in after.report.themes] == [entry.tickets for entry in before.themes]
    assert all(not entry.quotes and entry.helped is None for entry in after.report.themes)
    assert after.note == "Edited: its quotes were removed by age."
    assert "comes back again" not in kept(office)
    assert found


def test_a_ticket_without_words_is_never_read_again(office: Office) -> None:
    old = aged(office, OLD, 400)
    preferences.change(office.deps, HERE, "retention", "12", by="U0ADMIN")
    night(office)
    with office.deps.db.write() as session:
        queue.enqueue(session, "read", {"workspace": HERE, "ticket": old}, key="again", now=office.clock.now())
    office.work()
    with office.deps.db.read() as session:
        assert analyses.current(session, SCOPE, [old])[old].analyzer == analysis().analyzer
        assert ticket_volumes.span(session, HERE)[0] == 1


@pytest.mark.parametrize("typed", ["5", "121", "soon", "-3", "12 days", "1e3"])
def test_what_is_no_number_of_months_is_refused(office: Office, typed: str) -> None:
    with pytest.raises(BadInput, match="no number of months"):
        preferences.change(office.deps, HERE, "retention", typed, by="U0ADMIN")


def test_keeping_everything_again_stops_it(office: Office) -> None:
    aged(office, OLD, 400)
    preferences.change(office.deps, HERE, "retention", "12", by="U0ADMIN")
    preferences.change(office.deps, HERE, "retention", "none", by="U0ADMIN")
    night(office)
    assert "marmalade" in kept(office)


@pytest.mark.parametrize(
    ("now", "months", "expected"),
    [
        ("2026-03-31T12:00", 1, "2026-02-28"),
        ("2024-03-31T12:00", 1, "2024-02-29"),
        ("2026-01-12T12:00", 12, "2025-01-12"),
        ("2026-01-12T12:00", 1, "2025-12-12"),
        ("2026-12-31T23:30", 6, "2026-07-01"),  # the team is in the next year already
    ],
)
def test_the_cutoff_is_the_same_day_of_an_earlier_month(now: str, months: int, expected: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    found = retention.cutoff(datetime.fromisoformat(now).replace(tzinfo=UTC), months, zone)
    assert (found.date().isoformat(), found.time().isoformat(), found.tzinfo) == (expected, "00:00:00", zone)


def test_the_night_rings() -> None:
    assert "retention" in {tick.job for tick in TICKS}
