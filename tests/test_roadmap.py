"""Evidence for the roadmap by theme and by issue, and what articles spared against a control theme."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from stored import HERE
from test_reports import BERLIN, EVERYTHING, MONDAY, Team, a_team

from bot import exports
from bot.answers import Period
from bot.answers_evidence import ArticleList, EvidenceList
from bot.blocks.evidence import articles as drawn_articles
from bot.blocks.evidence import evidence as drawn
from bot.blocks.message import MOST_BLOCKS
from bot.errors import BadInput, ThemeNotFound
from bot.flows.ask import Asker, ask
from bot.flows.roadmap import evidence
from bot.grammar import Request, parse
from bot.printing.show import to_json
from bot.verbs.parts import Where
from storage import people, releases, themes

TOLD = 6  # tickets of the template
QUARTER = Period("90d", MONDAY - timedelta(days=90), MONDAY)


@pytest.fixture(scope="module")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two themes of one issue, a planned one, and one that nobody decided on."""
    path = tmp_path_factory.mktemp("roadmap") / "t.db"
    shutil.copyfile(sqlite_template, path)
    team = a_team(f"sqlite:///{path}")
    excel, sheets, dark, login = (team.theme(title) for title in ("Excel", "Sheets", "Dark mode", "Login"))
    for number, (theme, who) in enumerate(
        [(excel, "acme"), (excel, "globex"), (sheets, "acme"), (dark, "acme"), (login, "acme"), (excel, "initech")]
    ):
        team.ask(MONDAY - timedelta(days=3 + 7 * number), theme=theme, who=who)
    with team.deps.db.write() as session:
        for theme in (excel, sheets):
            url = "https://linear.example/ENG-812"
            themes.update(session, theme, issue_key="ENG-812", issue_url=url)
        themes.update(session, dark, roadmap="Q2")
        people.account_id(session, HERE, "acme", MONDAY, attributes={"revenue": "120,000"})
        people.account_id(session, HERE, "globex", MONDAY, attributes={"MRR": "1000"})
    team.deps.close()
    return path


@pytest.fixture
def team(template: Path, tmp_path: Path) -> Iterator[Team]:
    shutil.copyfile(template, tmp_path / "t.db")
    made = a_team(f"sqlite:///{tmp_path}/t.db")
    made.number = TOLD
    yield made
    made.deps.close()


def answer(team: Team, line: str) -> object:
    return ask(team.deps, Asker(EVERYTHING, "ana"), parse(line, where=Where.CLI))


def test_an_issue_has_the_evidence_of_all_its_themes(team: Team) -> None:
    found = evidence(team.deps, EVERYTHING, QUARTER)
    assert [line.subject for line in found.lines] == ["ENG-812", "TI-3"]
    issue = found.lines[0]
    assert ([theme.key for theme in issue.themes], issue.tickets, issue.customers) == (["TI-1", "TI-2"], 4, 3)
    assert (issue.revenue, issue.revenue_accounts) == (132_000.0, 2)
    assert sum(issue.weeks) == 4
    assert len(issue.weeks) == 12
    assert issue.accounts[0] == "Acme"
    assert issue.quotes
    assert found.lines[1].roadmap == "Q2"


@pytest.mark.parametrize("subject", ["ENG-812", "eng-812", "#ENG-812"])
def test_an_issue_is_found_as_people_write_it(team: Team, subject: str) -> None:
    [line] = evidence(team.deps, EVERYTHING, QUARTER, subject).lines
    assert line.subject == "ENG-812"


def test_a_theme_that_nobody_decided_on_can_be_asked_for(team: Team) -> None:
    [line] = evidence(team.deps, EVERYTHING, QUARTER, "TI-4").lines
    assert (line.subject, line.tickets, line.url) == ("TI-4", 1, None)
    with pytest.raises(ThemeNotFound):
        evidence(team.deps, EVERYTHING, QUARTER, "TI-99")
    with pytest.raises(BadInput, match="No theme is linked to ENG-1"):
        evidence(team.deps, EVERYTHING, QUARTER, "ENG-1")


def test_the_verb_answers_with_a_page_or_what_to_do(team: Team) -> None:
    found = answer(team, "evidence")
    assert isinstance(found, EvidenceList)
    shown = drawn(found, Request("evidence"))
    assert len(shown.blocks) <= MOST_BLOCKS
    assert "ENG-812" in str(shown.blocks)
    assert "132,000" in str(shown.blocks)
    with team.deps.db.write() as session:
        for theme in themes.load(session, HERE):
            themes.update(session, theme, issue_key=None, issue_url=None, roadmap=None)
    empty = answer(team, "evidence 30d")
    assert isinstance(empty, EvidenceList)
    assert "link TI-42 ENG-812" in str(empty.note)
    assert "link TI-42" in str(drawn(empty, Request("evidence")).blocks)


def test_exports_hold_every_item_and_quote(team: Team, tmp_path: Path) -> None:
    found = evidence(team.deps, EVERYTHING, QUARTER, size=None)
    for ending in ("csv", "md", "json"):
        exports.export(found, tmp_path / f"e.{ending}")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "e.csv").read_text())))
    assert {row["subject"] for row in rows} == {"ENG-812", "TI-3"}
    assert sum(row["subject"] == "ENG-812" for row in rows) == len(found.lines[0].quotes)
    assert rows[0]["revenue"] == "132000.0"
    assert "## ENG-812 Excel" in (tmp_path / "e.md").read_text()
    assert json.loads((tmp_path / "e.json").read_text()) == json.loads(to_json(found))


# ---- articles -------------------------------------------------------------------------------------------------------


def story(team: Team) -> datetime:
    """Four weeks with a ticket a day and more before an article and fewer since, and a control that stays; when it
    went live.
    """
    live = MONDAY - timedelta(days=28)
    theme, control = team.theme("How to filter"), team.theme("Invoice copy")
    asked = [(live - timedelta(hours=20 * n + 1), {"theme": theme, "who": f"c{n}"}) for n in range(30)]
    asked += [(live + timedelta(days=4 * n + 1), {"theme": theme, "who": f"d{n}"}) for n in range(6)]
    asked += [(live + timedelta(hours=20 * n + 1), {"theme": control, "who": f"e{n}"}) for n in range(-30, 30)]
    team.ask_many(asked)
    return live


def test_an_article_is_noted_and_judged_against_a_theme_without_one(team: Team) -> None:
    live = story(team)
    said = answer(team, f"article TI-5 https://help.example/filter {live.astimezone(BERLIN):%Y-%m-%d %H:%M}")
    assert "Noted for TI-5" in str(getattr(said, "text", said))
    found = answer(team, "article")
    assert isinstance(found, ArticleList)
    [line] = found.lines
    assert line.control is not None
    assert line.control.key == "TI-6"
    assert line.avoided is not None
    assert (line.avoided.theme.before, line.avoided.theme.after, line.avoided.days) == (30, 6, 28)
    assert line.avoided.beyond_noise
    assert 15 < line.avoided.tickets < 30
    assert line.avoided.low > 0
    told = str(drawn_articles(found).blocks)
    assert "95% CI" in told
    assert "TI-6 Invoice copy" in told
    made = team.report().report
    assert [one.key for one in made.articles] == ["TI-5"]
    assert "avoided in 27 days" in made.articles[0].said


def test_too_early_and_too_few_are_said(team: Team) -> None:
    live = story(team)
    answer(team, "article TI-4 help.example/login")
    answer(team, f"article TI-1 https://help.example/excel {live:%Y-%m-%d}")
    found = answer(team, "article")
    assert isinstance(found, ArticleList)
    assert [line.url for line in found.lines] == ["https://help.example/login", "https://help.example/excel"]
    notes = [str(line.note) for line in found.lines]
    assert "too early to say" in notes[0]
    assert "too few to compare" in notes[1]


def test_an_article_can_be_taken_back_and_must_be_one(team: Team) -> None:
    done = answer(team, "article TI-4 https://help.example/login")
    number = str(getattr(done, "undo", "")).split(":")[-1]
    answer(team, f"undo {number}")
    empty = answer(team, "article")
    assert isinstance(empty, ArticleList)
    assert empty.lines == ()
    assert "article TI-42" in str(empty.note)
    for line, told in (
        ("article TI-4 soon", "no address"),
        ("article TI-4", "has an address"),
        ("article TI-4 https://help.example/a 2031-01-01", "in the future"),
    ):
        with pytest.raises(BadInput, match=told):
            answer(team, line)


# ---- beginnings -----------------------------------------------------------------------------------------------------


def test_a_rise_says_when_it_began_and_which_releases_came_before(team: Team) -> None:
    broke = datetime(2026, 1, 8, 9, tzinfo=UTC)
    theme = team.theme("Sign-in fails")
    asked = [(broke - timedelta(days=5 * n + 3), {"theme": theme, "who": f"b{n}"}) for n in range(8)]
    asked += [(broke + timedelta(hours=2 * n + 1), {"theme": theme, "who": f"c{n}"}) for n in range(24)]
    team.ask_many(asked)
    with team.deps.db.write() as session:
        releases.add(session, HERE, "4.2", broke - timedelta(hours=2), by=None)
        releases.add(session, HERE, "4.1", broke - timedelta(days=3), by=None)
        releases.add(session, HERE, "4.3", broke + timedelta(days=3), by=None)
    entry = team.report().report.themes[0]
    assert entry.title == "Sign-in fails"
    assert entry.onset is not None
    assert entry.onset.startswith("between ")
    assert "8 Jan" in entry.onset
    assert [told.split(",")[0] for told in entry.suspects] == ["release 4.2", "release 4.1"]
    assert "of the suspicion" in entry.suspects[0]


def test_the_receipt_shows_the_rule_of_severity_and_intervals(team: Team) -> None:
    theme = team.theme("Sign-in fails")
    with team.deps.db.write() as session:
        themes.update(session, theme, severity="P2", severity_reason="5 customers")
    team.ask_many(
        [(MONDAY - timedelta(days=2, hours=n), {"theme": theme, "segments": {"sso": "Okta"}}) for n in range(12)]
        + [(MONDAY - timedelta(days=3, hours=n), {"segments": {"sso": "Entra"}}) for n in range(40)]
    )
    told = " ".join(getattr(answer(team, "why TI-5"), "lines", ()))
    assert "The rule of severity: P0: a critical ticket reported by two" in told
    assert "Okta (sso) 100% of this theme" in told
    assert "95% CI" in told
    assert "at most 5% do so by chance" in told
