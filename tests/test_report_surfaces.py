"""A report on every surface: Slack within its limits, Markdown, HTML, CSV, pictures, the terminal."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from reporting import SLOW, SSO, START, answer, report, theme

from bot.blocks import report as blocks
from bot.blocks.message import MOST_BLOCKS, MOST_CHARACTERS, Rendered, characters
from bot.charts.charts import charts
from bot.charts.png import png
from bot.charts.svg import svg
from bot.errors import FileUnreadable
from bot.grammar import Request, parse, render
from bot.printing.show import show, to_json
from bot.report_command import Files, write_files
from bot.report_document import document, moved
from bot.report_files import html, markdown, tables
from bot.verbs.parts import Where
from intelligence.changes import change_of
from intelligence.reports.values import BacklogEntry, BacklogPart, Report, ReportKind, Said, ThemeEntry
from playground.block_rules import check_blocks

EVIL = "<!channel> *now* <https://evil.example|x> `x` & [a](javascript:alert(1)) <script>alert(1)</script> =1+1"
ASKED = Request("report", {"period": "week"})


def valid(shown: Rendered) -> None:
    made = [dict(block) for block in shown.blocks]
    assert check_blocks(made) == []
    assert len(made) <= MOST_BLOCKS
    assert characters(made) + len(shown.text) <= MOST_CHARACTERS
    assert shown.text.strip()


def every(made: Report) -> list[Rendered]:
    told = replace(answer(), report=made, changes=("TI-1 80 → 89 tickets.",), note="This period is not over.")
    return [
        blocks.parent(told),
        *blocks.thread(told),
        blocks.report(told, ASKED),
        blocks.report(told, ASKED, shared=True),
    ]


def words(shown: Rendered) -> str:
    return json.dumps([*shown.blocks], ensure_ascii=False)


def test_the_channel_gets_decisions_volume_and_the_first_themes() -> None:
    said = words(blocks.parent(answer()))
    assert "847 tickets, up 12% on last week (756)" in said
    assert said.index("Decisions wanted") < said.index("Volume") < said.index("Top themes")
    assert "Okta (sso) 61% of this theme" in said
    assert "#support was silent on 6 Jan" in said
    assert "Of the change (+91): +40 Acme alone" in said


def test_the_thread_holds_the_rest_in_order() -> None:
    said = "".join(map(words, blocks.thread(answer())))
    order = [
        "Top themes",
        "Feature requests extracted: 34",
        "Documentation gaps identified: 12",
        "UX friction",
        "Bugs: 130",
    ]
    order += ["Fixed, and back again", "Not alerted on, and why", "How far to trust this"]
    assert [said.index(title) for title in order] == sorted(said.index(title) for title in order)
    assert "Category accuracy 87% (95% CI 81–92, n=140)" in said
    assert "2 of 3 acted on within 7 days, 1 marked as noise" in said
    assert "12,345 tokens in 10 requests" in said
    assert "We need a real Excel file, not CSV" in said
    assert "Since the last report (2026-W01): new in the list TI-2; gone from it TI-8; TI-1 steady → growing" in said


@pytest.mark.parametrize("kind", list(ReportKind))
def test_every_message_is_valid(kind: ReportKind) -> None:
    made = report()
    made = replace(made, span=replace(made.span, kind=kind))
    for shown in every(made):
        valid(shown)


def test_long_reports_are_cut_at_entries_and_lose_no_part() -> None:
    quotes = tuple(Said("word " * 50, "Acme", START, "https://x.example/" + "p" * 300) for _ in range(2))
    themes = tuple(
        theme(f"TI-{n}", "Title " * 30, quotes=quotes, segment="s" * 200, began="b" * 200) for n in range(10)
    )
    parts = tuple(
        BacklogPart(
            name, 99, tuple(BacklogEntry("wish " * 40, 9, 9, change_of(1, 9), "TI-1", "n" * 300) for _ in range(10))
        )
        for name in ("features", "docs", "friction", "bugs", "expectations", "usecases")
    )
    made = report(themes=themes, backlogs=parts)
    for shown in every(made):
        valid(shown)
    said = "".join(map(words, blocks.thread(replace(answer(), report=made))))
    assert all(f"{place}. TI-{place - 1}" in said for place in range(1, 11))
    assert "How far to trust this" in said


texts = st.text(max_size=120) | st.just(EVIL)


@settings(max_examples=40, deadline=None)
@given(texts, texts, texts, st.integers(0, 10**6), st.integers(0, 10**6))
def test_any_words_make_valid_messages_and_files(title: str, quote: str, who: str, before: int, now: int) -> None:
    one = theme(title=title, segment=title, quotes=(Said(quote, who, START, quote),), change=change_of(before, now))
    made = report(
        themes=(one, SSO, SLOW),
        backlogs=(BacklogPart("features", now, (BacklogEntry(title, now, now),)),),
        summary=(title,),
    )
    for shown in every(made):
        valid(shown)
        for said in _marked_up(list(shown.blocks)):
            assert "<!" not in said.replace("<!date", "")
            assert "<https://evil" not in said
    shown = document(replace(answer(), report=made))
    assert markdown.markdown(shown)
    _Page().feed(html.page(shown, made))
    tables.evidence_csv(made)


def _marked_up(value: Any) -> list[str]:
    """Every text that Slack parses: mrkdwn objects; rich text and plain text parse nothing."""
    if isinstance(value, dict):
        own = [str(value["text"])] if value.get("type") == "mrkdwn" else []
        return own + [text for entry in value.values() for text in _marked_up(entry)]
    return [text for entry in value for text in _marked_up(entry)] if isinstance(value, list | tuple) else []


class _Page(HTMLParser):
    """Refuses what a report's page may never hold, and checks that its elements are closed in order."""

    VOID = frozenset({"meta", "br", "rect", "polyline", "polygon", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "iframe", "img", "link", "object", "form"}
        assert not any(name.startswith("on") or name == "src" for name, _ in attrs)
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_page_loads_nothing_and_links_only_to_tickets() -> None:
    page = html.page(document(answer()), report(themes=(theme(title=EVIL), SSO)))
    seen = _Page()
    seen.feed(page)
    assert seen.open == []
    assert set(seen.links) == {"https://slack.example/p1"}
    assert "default-src 'none'" in page
    assert page.count("<svg") == 3
    assert "prefers-color-scheme:dark" in page
    assert "@media print" in page


def test_markdown_says_the_report_and_nothing_of_a_ticket_styles_it() -> None:
    text = markdown.markdown(document(replace(answer(), report=report(themes=(theme(title=EVIL),)))))
    assert "## Decisions wanted" in text
    assert "847 tickets, up 12% on last week" in text
    assert "\\<script\\>" in text
    assert "[a](javascript" not in text
    assert "1\\. TI-1" in text or "**1. TI-1" in text


def test_tables_hold_every_theme_and_disarm_formulas() -> None:
    made = report(themes=(theme(title="=HYPERLINK(1)", quotes=(Said("+49 call us", "@acme", START),)), SSO))
    rows = list(csv.DictReader(io.StringIO(tables.themes_csv(made))))
    assert [(row["theme"], row["tickets"], row["new"]) for row in rows] == [("TI-1", "89", "no"), ("TI-2", "67", "yes")]
    assert rows[0]["title"] == "'=HYPERLINK(1)"
    evidence = list(csv.DictReader(io.StringIO(tables.evidence_csv(made))))
    assert evidence[0]["quote"] == "'+49 call us"
    assert evidence[0]["quote_by"] == "'@acme"
    assert (evidence[0]["revenue"], evidence[0]["accounts_with_revenue"]) == ("120000.0", "9")
    assert evidence[0]["trend_8_weeks"] == "3 4 9 20 31 44 61 89"


def test_values_come_back_as_they_were() -> None:
    kept: TypeAdapter[Report] = TypeAdapter(Report)
    made = report()
    assert kept.validate_python(json.loads(json.dumps(kept.dump_python(made, mode="json")))) == made


def test_pictures_are_drawn_in_both_forms() -> None:
    for drawing in charts(report()):
        assert png(drawing).startswith(b"\x89PNG")
        picture = svg(drawing)
        assert 'role="img"' in picture
        assert re.search(r'aria-label="[^"]{20,}"', picture)


def test_nothing_to_draw_is_no_picture() -> None:
    made = report()
    empty = replace(made, themes=(), volume=replace(made.volume, days=(), categories=()))
    assert charts(empty) == ()
    for shown in every(empty):
        valid(shown)


def test_the_terminal_prints_and_dumps(capsys: pytest.CaptureFixture[str]) -> None:
    show(answer())
    said = capsys.readouterr().out
    assert "Weekly report 2026-W02, 5–11 Jan 2026" in said
    dumped: dict[str, Any] = json.loads(to_json(answer()))
    assert dumped["report"]["volume"]["change"]["now"] == 847


def test_files_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    files = Files(*(str(tmp_path / name) for name in ("r.html", "r.md", "r.csv", "e.csv", "charts")))
    assert len(write_files(answer(), files)) == 7
    assert (tmp_path / "charts" / "2026-W02-pareto.png").stat().st_size > 1000
    with pytest.raises(FileUnreadable, match="cannot be written"):
        write_files(answer(), Files(html=str(tmp_path / "no" / "r.html")))


@pytest.mark.parametrize(
    ("line", "period", "fresh"),
    [
        ("report", None, False),
        ("report week", "week", False),
        ("weekly", None, False),
        ("report last month", "month", False),
        ("report quarterly fresh", "quarter", True),
        ("report review --fresh", "agenda", True),
        ("report 2026-w02", "2026-W02", False),
        ("report 2026-q1", "2026-Q1", False),
        ("report 2026-01", "2026-01", False),
        ("report 7 days", "7d", False),
        ("report 2025-W52-W01", "2025-W52-W01", False),
    ],
)
def test_what_people_type_after_report(line: str, period: str | None, fresh: bool) -> None:
    request = parse(line)
    assert (request.args.get("period"), "fresh" in request.filters) == (period, fresh)
    assert parse(render(request), where=Where.CLI) == request


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (theme(new=True), "new"),
        (theme(change=change_of(29, 41), climbs=True), "rising"),
        (theme(change=change_of(29, 30)), "ongoing"),
        (theme(change=change_of(20, 60), climbs=True), "up 200%"),
    ],
)
def test_how_a_theme_moved_in_a_word(entry: ThemeEntry, told: str) -> None:
    assert moved(entry) == told
