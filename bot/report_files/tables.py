"""A report as CSV: its themes, and the evidence for the roadmap. Cells that a spreadsheet would run are disarmed."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from bot.blocks.parts import clean
from intelligence.reports.values import Report, ThemeEntry

THEMES = (
    "period", "rank", "theme", "title", "kind", "state", "new", "tickets", "tickets_before", "change_percent",
    "within_noise", "customers", "unknown_customers", "area", "severity", "owner", "issue", "roadmap", "segment",
    "began", "releases_before", "workaround", "workaround_threads",
)  # fmt: skip
EVIDENCE = (
    "period", "theme", "title", "issue", "roadmap", "tickets", "customers", "unknown_customers", "revenue",
    "accounts_with_revenue", "trend_8_weeks", "quote", "quote_by", "quote_on", "quote_link",
)  # fmt: skip


def themes_csv(report: Report) -> str:
    """One row a theme."""
    return _table(THEMES, (_theme(report, place, theme) for place, theme in enumerate(report.themes, 1)))


def evidence_csv(report: Report) -> str:
    """One row a quote (a theme without one has one row): what a roadmap item can show for itself."""
    rows: list[list[object]] = []
    for theme in report.themes:
        start: list[object] = [
            report.span.name,
            theme.key,
            theme.title,
            theme.issue,
            theme.roadmap,
            theme.tickets,
            theme.customers,
            theme.unknown,
            None if theme.revenue is None else round(theme.revenue, 2),
            theme.revenue_accounts,
            " ".join(map(str, theme.weeks)),
        ]
        quotes = [[one.text, one.who, f"{one.at:%Y-%m-%d}", one.link] for one in theme.quotes]
        rows += [[*start, *quote] for quote in quotes or [[None] * 4]]
    return _table(EVIDENCE, rows)


def _theme(report: Report, place: int, theme: ThemeEntry) -> list[object]:
    change, helped = theme.change, theme.helped
    return [
        report.span.name,
        place,
        theme.key,
        theme.title,
        theme.kind,
        theme.state,
        "yes" if theme.new else "no",
        theme.tickets,
        change.before,
        None if change.percent is None else round(change.percent, 1),
        "yes" if change.within_noise else "no",
        theme.customers,
        theme.unknown,
        theme.area,
        theme.severity,
        theme.owner,
        theme.issue,
        theme.roadmap,
        theme.segment,
        theme.onset,
        "; ".join(theme.suspects) or theme.began,
        helped.text if helped else None,
        helped.threads if helped else None,
    ]


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    """A value as a cell; words that begin as a formula does get an apostrophe, which spreadsheets do not show."""
    if not isinstance(value, str):
        return "" if value is None else value
    text = clean(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else text
