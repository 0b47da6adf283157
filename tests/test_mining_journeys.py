"""Backlogs where people ask for them: in Slack through the real bot, and in a terminal with its files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_world import SlackWorld, slack_world
from test_command_line import Ran, run

from bot.verbs.table import BY_NAME

__all__ = ["run"]

WISHES = (
    "Please add a dark mode, the white background hurts my eyes in the evening",
    "Any plans for a dark mode? My eyes hurt from the white background",
    "Could there be a dark mode for the night shift? White is far too bright",
    "Is there a way to get webhooks when a report is ready?",
    "We need webhooks, is it possible to call our endpoint when a report is ready?",
    "How do I filter with OR? I can't find the filter syntax in your docs",
    "Where is the filter syntax described? I searched your docs for OR in filters",
    "I am really angry, this is the third time, we will switch to Tableau if it goes on",
)
VERBS = sorted(name for name, verb in BY_NAME.items() if verb.mined)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackWorld]:
    with slack_world(tmp_path_factory.mktemp("mining")) as made:
        for customer, text in zip(made.customers, WISHES, strict=True):
            made.pg.say(customer, made.support, text)
        made.settle()
        yield made
        assert made.pg.problems == []


def everything(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def asked(world: SlackWorld, line: str) -> dict[str, Any]:
    before = {message["ts"] for message in world.whispered(world.pm)}
    world.pg.slash(world.pm, world.product, "/ticket-intel", line)
    return world.until(lambda: [m for m in world.whispered(world.pm) if m["ts"] not in before])[0]


@pytest.mark.parametrize("verb", VERBS)
def test_every_backlog_answers_in_slack(world, verb):
    answer = asked(world, verb)
    assert "Something went wrong" not in answer["text"]
    assert answer["blocks"][0]["type"] == "header"


def test_wishes_are_counted_named_and_quoted_word_for_word(world):
    answer = everything(asked(world, "gaps 7d")["blocks"])
    assert "dark mode" in answer.lower()
    assert "3 tickets" in answer
    assert "2 tickets" in answer
    assert any(text in answer or text.split("? ")[0] in answer or text.split(", ")[0] in answer for text in WISHES[:3])


def test_a_backlog_is_shared_and_copied_as_markdown(world):
    answer = asked(world, "gaps 7d")
    before = len(world.posted(world.product))
    world.pg.click(world.pm, world.product, answer["ts"], "share", ephemeral=True)
    world.until(lambda: len(world.posted(world.product)) == before + 1)
    assert "Copy as Markdown" not in everything(world.posted(world.product)[-1])
    world.pg.click(world.pm, world.product, answer["ts"], "copy", ephemeral=True)
    view = world.until(lambda: world.pg.view_of(world.pm))
    assert "# Feature gaps" in everything(view)
    assert "dark mode" in everything(view).lower()


def test_a_filter_that_fits_nothing_says_what_to_do(world):
    answer = asked(world, "gaps 7d plan:enterprise")
    assert "Try a longer period" in everything(answer)
    assert "takes" in everything(asked(world, "gaps colour:red"))


# ---- the terminal ---------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(run: Callable[..., Ran], tmp_path: Path) -> Callable[..., Ran]:
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    rows = [
        {"text": text, "created_at": (now - timedelta(hours=n + 1)).isoformat(), "company": f"=cmd{n}"}
        for n, text in enumerate(WISHES)
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert run("import", "t.jsonl").code == 0
    return run


def test_exports_hold_what_the_answer_holds(filled, tmp_path):
    answer = filled("gaps", "7d", "--json").json
    assert "dark mode" in answer["items"][0]["name"].lower()
    assert answer["items"][0]["tickets"] == 3
    for ending in ("md", "csv", "json"):
        assert filled("gaps", "7d", "--export", f"out.{ending}").code == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
    assert [int(row["tickets"]) for row in rows] == [item["tickets"] for item in answer["items"]]
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())
    assert json.loads((tmp_path / "out.json").read_text())["items"][0]["name"] == answer["items"][0]["name"]
    assert "## 1. " in (tmp_path / "out.md").read_text()
    assert filled("gaps", "--export", "out.pdf").code == 2
    assert "no ending" in filled("gaps", "--export", "out.pdf").err
    assert filled("risk", "7d", "--export", "risk.csv").code == 0
    shown = filled("gaps", "7d")
    assert "1. Dark" in shown.out


def test_pages_tell_which_would_have_answered(filled, tmp_path):
    folder = tmp_path / "help"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "expressions.md").write_text("# Expressions\n## Filter syntax\nUse OR with a pipe in filters.\n")
    (folder / "gone.md").write_text("# 404\nPage not found\n")
    (folder / "latin.md").write_bytes(b"\xff\xfe\xe4")
    ran = filled("docs", "import", "help", "--json")
    assert (ran.json["stored"], ran.json["refused"], ran.json["what"]) == (1, 2, "page")
    assert filled("docs", "import", "help", "--json").json["total"] == 1
    items = filled("docs", "7d", "--json").json["items"]
    page = next(item["facts"] for item in items if item["facts"]["page"])
    assert page["page"]["url"] == "deep/expressions"
    assert page["not_found"] in {"buried", "other words"}
    assert page["work"] in {"restructure", "quick fix"}
    text = "at,query,results,clicked\n2999-01-01 10:00,filter or,0,\nyesterday-ish,x,0,\n2999-01-01,y,many,\n"
    (tmp_path / "s.csv").write_text(text)
    told = filled("docs", "import", "s.csv")
    assert told.code == 0
    assert "1 search stored, 2 refused" in told.out
    assert '"many" is no number of results' in told.out


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("nothing.csv", None, "there is no such file"),
        ("empty.csv", "", "cannot be read"),
        ("columns.csv", "a,b\n1,2\n", "it has no column url and no column title"),
        ("gone.csv", "url,title,text\nhttps://x.y/a,404 Not Found,\n", "the page says that it is not there (404)"),
        (
            "index.xml",
            "<sitemapindex><sitemap><loc>https://x.y/s.xml</loc></sitemap></sitemapindex>",
            "list of sitemaps",
        ),
        ("none.xml", "<urlset></urlset>", "names no page"),
        ("big.csv", "x" * 25_000_001, "25 MB is the most"),
    ],
)
def test_what_is_no_list_of_pages_is_refused_in_a_sentence(run, tmp_path, name, content, told):
    if content is not None:
        (tmp_path / name).write_text(content)
    ran = run("docs", "import", name)
    assert ran.code == 2
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_an_import_needs_one_path(run):
    assert run("docs", "import").code == 2
    assert run("docs", "import", "a", "b").code == 2
