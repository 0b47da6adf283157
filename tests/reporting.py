"""Reports for tests, whole and by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.answers_reports import ReportAnswer
from intelligence.changes import change_of
from intelligence.reports.prose import sentences
from intelligence.reports.values import (
    Accuracy,
    Alerts,
    BacklogEntry,
    BacklogPart,
    Cost,
    Decision,
    Event,
    Helped,
    Outcome,
    Report,
    ReportKind,
    Said,
    SinceLast,
    Span,
    ThemeEntry,
    Withheld,
)
from intelligence.reports.volume import decompose
from intelligence.reports.volume_values import Day, Gap, Share, Volume

START = datetime(2026, 1, 5, tzinfo=UTC)
WEEK = Span(ReportKind.WEEK, "2026-W02", START, START + timedelta(weeks=1), START - timedelta(weeks=1))


def theme(key: str = "TI-1", title: str = "Export to Excel", **changed: Any) -> ThemeEntry:
    """The first theme of the example that everybody knows."""
    made = ThemeEntry(
        key,
        title,
        "growing",
        "feature_request",
        89,
        61,
        2,
        change_of(61, 89),
        new=False,
        area="Reporting",
        helped=Helped("Export as CSV and save it as a workbook in Excel.", 4, 3, "https://help.example/csv"),
        quotes=(Said("We need a real Excel file, not CSV", "Acme", START, "https://slack.example/p1"),),
        revenue=120_000.0,
        revenue_accounts=9,
        weeks=(3, 4, 9, 20, 31, 44, 61, 89),
    )
    return replace(made, **changed)


SSO = theme(
    "TI-2",
    "SSO login fails",
    state="new",
    kind="bug_report",
    tickets=67,
    customers=41,
    change=change_of(0, 67),
    new=True,
    area="Authentication",
    severity="P1",
    segment="Okta (sso) 61% of this theme, 9% of all tickets",
    began="release 4.2, 6 hours before it began",
    helped=None,
)
SLOW = theme(
    "TI-3",
    "Dashboard loads slowly",
    state="steady",
    kind="bug_report",
    tickets=54,
    change=change_of(50, 54),
    helped=None,
)


def report(**changed: Any) -> Report:
    """A week with three themes, four backlogs and a silent Tuesday."""
    asked = [(f"a{n % 300}", "Pro" if n % 3 else "Enterprise") for n in range(756)]
    volume = Volume(
        change_of(756, 847),
        change_of(700, 790),
        decompose(
            asked, [*asked, *[("a1", "Enterprise")] * 40, *[(f"b{n}", "Pro") for n in range(51)]], {"a1": "Acme"}
        ),
        tuple(Day(date(2025, 12, 15) + timedelta(days=n), 90 + n % 7 * 9, 80, 150) for n in range(28)),
        (Share("bug_report", 400, 330), Share("feature_request", 300, 280), Share("unsure", 147, 146)),
        (Gap("#support", date(2026, 1, 6), 4, 20),),
        351,
        40,
        700,
        147,
        3,
    )
    made = Report(
        WEEK,
        START + timedelta(days=7, hours=9),
        (Decision("Who owns TI-2 SSO login fails?", "67 tickets, 41 customers, P1, new", "TI-2"),),
        (Outcome("TI-1", "Export to Excel", "Plan TI-1?", "planned for Q2", 61, 89),),
        volume,
        (theme(), SSO, SLOW),
        31,
        (
            BacklogPart(
                "features",
                34,
                (BacklogEntry("Dark mode", 12, 9, change_of(3, 12)), BacklogEntry("Mobile app", 8, 8, change_of(7, 8))),
                20,
            ),
            BacklogPart("docs", 12, (BacklogEntry("Setting up integrations", 5, 5, change_of(5, 5), "TI-9"),), 11),
            BacklogPart("friction", 0, ()),
            BacklogPart("bugs", 130, (BacklogEntry("SSO login fails", 67, 41, change_of(0, 67), "TI-2"),), 60),
        ),
        (Event("TI-4", "Invoice twice", "fixed in 4.1", 0),),
        (Event("TI-5", "Sync stops", "back after 4.0", 6),),
        (Withheld("within the cool-down of its episode", 3, ("TI-2",)),),
        Alerts(3, 2, 1, 0, 2.0),
        Accuracy(140, 122, 0.81, 0.92),
        Cost(10, 12_345, ("openai:gpt-4o-mini",)),
        since=SinceLast("2026-W01", ("TI-2",), ("TI-8",), ("TI-1 steady → growing",)),
    )
    made = replace(made, summary=sentences(made))
    return replace(made, **changed)


def answer(**changed: Any) -> ReportAnswer:
    return ReportAnswer(report(**changed), "UTC", START + timedelta(days=7, hours=9))
