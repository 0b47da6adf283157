"""Does the weekly report of a story whose truth is known say what happened, with the right counts?

    uv run python -m benchmarks.story_truth --scale 0.8 --seed 7 --keep FOLDER
    uv run python -m benchmarks.story_report FOLDER --html report.html --png CHARTS

For each finding that the story expects: what the report of the last whole week has about it (a theme or an entry of a
backlog: the one that shares most tickets with the finding), how many of the finding's tickets of that week it holds
(recall) and how much of it they are (precision), its count against the story's, and what it says of it. The bot never
sees the truth.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from benchmarks.story_truth import TRUTH
from bot.answers import Period
from bot.answers_mining import BacklogItem, BacklogKind
from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.flows.backlogs import backlog
from bot.flows.reports.reporting import ReportRequest, report
from bot.flows.reports.spans import span_of
from bot.report_command import Files, write_files
from bot.settings import load_settings
from bot.words_mining import todo
from intelligence.model import Scope
from intelligence.reports.values import Report, Span, ThemeEntry
from storage import memberships, reports, themes, workspaces

BACKLOGS = {
    "feature_gap": BacklogKind.GAPS,
    "rising": BacklogKind.GAPS,
    "documentation_gap": BacklogKind.DOCS,
    "expectation": BacklogKind.EXPECTATIONS,
    "use_case": BacklogKind.USECASES,
    "regression": BacklogKind.BUGS,
    "new": BacklogKind.BUGS,
    "ongoing": BacklogKind.BUGS,
    "critical": BacklogKind.BUGS,
}


@dataclass(frozen=True, slots=True)
class Match:
    """What the bot has about a finding: its name, what it says besides, its tickets, and those it rightly holds."""

    name: str
    says: str
    tickets: int
    hits: int


def theme_match(session: Session, scope: Scope, span: Span, wanted: frozenset[int], shown: Report) -> Match | None:
    """The theme with most of the finding's tickets, with what the report says of it."""
    best: Match | None = None
    for theme in themes.load(session, scope.workspace).values():
        inside = {m.ticket_id for m in memberships.members(session, scope, theme.id, start=span.start, end=span.end)}
        hits = len(inside & wanted)
        if hits and (best is None or hits > best.hits):
            entry = next((one for one in shown.themes if one.key == theme.key), None)
            told = _told(entry) if entry else ["not in the list"]
            best = Match(f"{theme.key} {theme.title}", "; ".join(filter(None, told)), len(inside), hits)
    return best


def _told(entry: ThemeEntry) -> list[str | None]:
    """What the report says of a theme beside its counts."""
    climbs = "rises week by week" if entry.climbs else None
    return [entry.state, climbs, entry.segment, entry.onset and f"began {entry.onset}", *entry.suspects[:1]]


def item_match(items: Sequence[BacklogItem], wanted: frozenset[int]) -> Match | None:
    """The entry of a backlog with most of the finding's tickets."""
    found = [Match(one.name, todo(one), one.tickets, len(wanted.intersection(one.ticket_ids))) for one in items]
    return max((one for one in found if one.hits), key=lambda one: one.hits, default=None)


def _row(finding: Mapping[str, Any], place: str, match: Match | None, wanted: int) -> str:
    if match is None:
        return f"| {finding['intent']} | {finding['kind']} | {wanted} | {place} | none | 0 | 0.00 | | |"
    name, says = match.name.replace("|", "/"), match.says.replace("|", "/")
    shares = f"{match.hits / max(1, wanted):.2f} | {match.hits / match.tickets:.2f}"
    return f"| {finding['intent']} | {finding['kind']} | {wanted} | {place} | {name} | {match.tickets} | {shares} | {says} |"


def compare(deps: Deps, kept: Mapping[str, Any], workspace: str, week: str) -> None:
    """Print the table of one week."""
    scope, span = Scope(workspace), span_of(week, deps.clock.now(), deps.settings.zone)
    shown = report(deps, scope, ReportRequest(week)).report
    intents = {int(ticket): intent for ticket, intent in kept["intents"].items()}
    print(f"\n{span.name}: {shown.volume.tickets} tickets\n")
    print("| finding | kind | in truth | where | called | tickets | recall | precision | says |")
    print("|---|---|---:|---|---|---:|---:|---:|---|")
    with deps.db.read() as session:
        period = Period(span.name, span.start, span.end)
        here = [one.ticket_id for one in reports.tickets(session, scope, span.start, span.end)]
        lists = {kind: backlog(deps, session, scope, kind, period, size=None).items for kind in set(BACKLOGS.values())}
        for finding in kept["truth"]["expected_findings"]:
            wanted = frozenset(ticket for ticket in here if intents.get(ticket) == finding["intent"])
            kind = BACKLOGS[finding["kind"]]
            print(_row(finding, "theme", theme_match(session, scope, span, wanted, shown), len(wanted)))
            print(_row(finding, kind.value, item_match(lists[kind], wanted), len(wanted)))


def main() -> None:
    """Compare, and write the report as files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kept", type=Path)
    parser.add_argument("--week", default="week")
    parser.add_argument("--html")
    parser.add_argument("--markdown")
    parser.add_argument("--png")
    asked = parser.parse_args()
    kept = json.loads((asked.kept / TRUTH).read_text(encoding="utf-8"))
    clock = SimulatedClock(datetime.fromisoformat(kept["end"]))
    deps = build_deps(load_settings(None, database_url=f"sqlite:///{asked.kept}/demo.db"), clock=clock)
    with deps.db.read() as session:
        workspace = next(iter(workspaces.all_ids(session)))
    compare(deps, kept, workspace, asked.week)
    answer = report(deps, Scope(workspace), ReportRequest(asked.week))
    print("\n".join(write_files(answer, Files(html=asked.html, markdown=asked.markdown, png=asked.png))))
    deps.close()


if __name__ == "__main__":
    main()
