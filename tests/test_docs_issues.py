"""Documentation gaps as issues of their own place: what is written, how they are followed, and who is told of a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from databases import NOW
from office import HERE, SCOPE, Office, an_office
from rich.console import Console
from stored import analysis
from tracker_vendors import REPOSITORY, GitHubVendor, hears, serving

from bot.answers_mining import Backlog
from bot.blocks import backlog as drawn
from bot.blocks import loop as loop_blocks
from bot.blocks.theme import theme_card
from bot.errors import BadInput
from bot.flows import cards, following, import_docs, loop, merge, tracking, undo
from bot.flows.ask import Asker, ask
from bot.grammar import parse
from bot.printing.show import show
from integrations.trackers.github import GitHub
from intelligence.model import PrimaryCategory, Signal, SignalKind, Subcategory, Visibility
from storage import analyses, memberships, themes, tracked_issues, vectors
from storage.tracked_issues import DOCS, MAIN

ASKED = (
    "How do I filter with OR? I cannot find the filter syntax anywhere",
    "Where is the filter syntax described? I need OR in a filter",
    "Is there a page about the filter syntax, how do I write OR?",
    "How can I write a filter with OR, where is the syntax?",
    "Please tell me where the filter syntax with OR is described",
    "What is the syntax of OR in a filter? I looked for a page",
)
PAGE = "https://help.acme.example/filter_syntax_or"


@dataclass
class Docs:
    office: Office
    main: GitHubVendor
    docs: GitHubVendor

    def asked(self, line: str) -> Any:
        return ask(self.office.deps, Asker(SCOPE, "UPIA"), parse(line))

    def row(self, theme: int, target: str = DOCS) -> Any:
        with self.office.deps.db.read() as session:
            return tracked_issues.of_theme(session, HERE, theme, target)

    def close(self, vendor: GitHubVendor, delivery: str) -> None:
        vendor.issues[0] |= {"state": "closed", "state_reason": "completed"}
        hears(self.office, "1", delivery, docs=vendor is self.docs)
        self.office.work()


@pytest.fixture
def it(tmp_path: Path, sqlite_template: Path) -> Iterator[Docs]:
    with serving(GitHubVendor()) as main, serving(GitHubVendor()) as docs, an_office(tmp_path, sqlite_template) as made:
        docs.repository = "acme/docs"
        places = [
            GitHub(repository, "t", base_url=vendor.url, timeout=2.0)
            for repository, vendor in ((REPOSITORY, main), ("acme/docs", docs))
        ]
        made.deps = replace(made.deps, tracker=places[0], docs_tracker=places[1])
        yield Docs(made, main, docs)
        for place in places:
            place.close()


def questions(it: Docs, **values: Any) -> int:
    """A theme of people who ask what a page should answer."""
    deps = it.office.deps
    gap = {"question": "How do I write OR in a filter?", "outline": "OR between two conditions"}
    read = analysis(
        primary=PrimaryCategory.HOW_TO,
        subcategory=Subcategory.FEATURE_USAGE,
        signals=(Signal(SignalKind.DOCUMENTATION_GAP, 0.9, gap),),
        evidence=(),
    )
    now = it.office.clock.now()
    with deps.db.write() as session:
        found = themes.give_birth(session, HERE, now, first_at=now, title="OR in filters")
        made = [it.office.ticket(session, text, **values) for text in ASKED]
        memberships.place_many(session, HERE, [(one, found, 1.0) for one in made], now)
        for one, text in zip(made, ASKED, strict=True):
            analyses.store(session, HERE, one, read, f"docs{one}", now)
            vectors.store(session, HERE, one, deps.embedder.model, f"h{one}", deps.embedder.encode([text])[0])
    it.office.clock.advance(timedelta(minutes=1))
    return found


def works(it: Docs, times: int = 3) -> None:
    for _ in range(times):
        it.office.work()


def test_the_documentation_backlog_opens_issues_in_a_place_of_its_own(it: Docs) -> None:
    theme = questions(it)
    answer = it.asked("docs 30d")
    assert isinstance(answer, Backlog)
    blocks = json.dumps(drawn.backlog(answer, parse("docs 30d")).blocks)
    assert '"value": "theme:TI-1 target:docs"' in blocks
    assert "target:docs" not in json.dumps(drawn.backlog(answer, parse("docs 30d"), shared=True).blocks)

    it.docs.alike = False
    out = StringIO()
    show(it.asked("issue TI-1 docs"), Console(file=out, width=200))
    assert "TI-1 OR in filters: an issue in GitHub acme/docs" in out.getvalue()
    assert "To open it: ticket-intel issue TI-1 docs confirm" in out.getvalue()
    assert "GitHub (acme/docs)" in it.asked("issue TI-1 docs confirm").text
    with pytest.raises(BadInput, match="has an issue for the documentation already"):
        it.asked("issue TI-1 docs confirm")
    meanwhile = json.dumps(drawn.backlog(it.asked("docs 30d"), parse("docs 30d")).blocks)
    assert "An issue is being opened" in meanwhile
    assert "target:docs" not in meanwhile
    works(it)
    assert (len(it.main.issues), len(it.docs.issues)) == (0, 1)
    body = it.docs.issues[0]["body"]
    for told in (
        "New doc: 6 tickets",
        "## What people ask\n- How do I write OR in a filter? (6)",
        "## Outline\n- OR between two conditions",
        "Ticket Intel TI-1, documentation backlog",
    ):
        assert told in body, told
    assert ["TI-1 now: 6 tickets" in one["body"] for one in it.docs.comments] == [True]
    assert it.office.standing(theme).issue_key == "acme/docs#1"

    again = it.asked("docs 30d")
    assert "Issue acme/docs#1 is open" in json.dumps(drawn.backlog(again, parse("docs 30d")).blocks)
    assert "target:docs" not in json.dumps(drawn.backlog(again, parse("docs 30d")).blocks)


def test_what_people_ask_goes_there_from_everywhere_and_a_fault_does_not(it: Docs) -> None:
    asked, broken = questions(it), it.office.theme(5)[0]
    for theme in (asked, broken):
        tracking.request(it.office.deps, SCOPE, it.office.standing(theme).key, "Title", by="UPIA")
    works(it)
    assert (it.row(asked, MAIN), it.row(broken, DOCS)) == (None, None)
    assert it.row(asked).place == "github acme/docs"
    assert it.row(broken, MAIN).place == "github acme/app"


def test_a_number_is_another_issue_elsewhere(it: Docs) -> None:
    asked, broken = questions(it), it.office.theme(5)[0]
    for theme in (asked, broken):
        tracking.request(it.office.deps, SCOPE, it.office.standing(theme).key, "Title", by="UPIA")
    works(it)
    it.close(it.main, "d1")
    assert (it.office.standing(asked).state, it.office.standing(broken).state) == ("new", "verifying")


def test_who_asked_hears_of_the_page_that_answers_now(it: Docs) -> None:
    theme = questions(it, thread_ts="1.000100")
    it.asked("issue TI-1 docs confirm")
    works(it)
    assert it.row(theme).page is None
    said = "How to write a filter with OR: the filter syntax of OR in a filter."
    file = Path(it.office.deps.settings.database_url.removeprefix("sqlite:///")).parent / "pages.csv"
    file.write_text(f"url,title,text\n{PAGE},How do I write OR in a filter,{said}\n")
    import_docs.import_docs(it.office.deps, HERE, file)
    it.close(it.docs, "d1")
    assert (it.office.standing(theme).state, it.row(theme).page) == ("verifying", PAGE)
    drafts = loop.review(it.office.deps, SCOPE)
    assert drafts.waiting == 6
    assert "Our help pages answer this now." in drafts.shown[0].text
    assert PAGE in json.dumps(loop_blocks.drafts(drafts).blocks)
    out = StringIO()
    show(drafts, Console(file=out, width=300))
    assert f"ticket-intel loop send {drafts.shown[0].id}" in out.getvalue()
    it.asked(f"loop send {drafts.shown[0].id}")
    works(it)
    sent = it.office.posted("CSUPPORT")
    assert [PAGE in message.text for message in sent] == [True]
    assert "This is fixed" not in sent[0].text


def test_a_fix_decides_before_a_page(it: Docs) -> None:
    theme = questions(it, thread_ts="1.000100")
    it.asked("issue TI-1 docs confirm")
    tracking.request(it.office.deps, SCOPE, "TI-1", "OR is broken", by="UPIA", target=MAIN)
    works(it)
    assert it.office.standing(theme).issue_key == "acme/app#1"
    told = json.dumps(theme_card(cards.card(it.office.deps, SCOPE, "TI-1")).blocks)
    assert "acme/app#1> (open)" in told
    assert "documentation <https://github.com/acme/docs/issues/1|acme/docs#1> (open)" in told
    it.close(it.docs, "d1")
    assert it.office.standing(theme).state == "new"
    assert loop.review(it.office.deps, SCOPE).waiting == 0
    it.close(it.main, "d2")
    assert it.office.standing(theme).state == "verifying"
    assert "This is fixed" in loop.review(it.office.deps, SCOPE).shown[0].text


def test_private_questions_stay_inside(it: Docs) -> None:
    theme = questions(it, channel="CINTERNAL", visibility=Visibility.PRIVATE)
    it.asked("issue TI-1 docs confirm")
    works(it)
    assert it.row(theme).key == "acme/docs#1"
    assert "filter" not in it.docs.issues[0]["body"].replace("# OR in filters", "")


def test_without_a_place_of_its_own_it_goes_to_the_tracker_beside_the_fix(it: Docs) -> None:
    it.office.deps = replace(it.office.deps, docs_tracker=None)
    questions(it)
    it.asked("issue TI-1 confirm")
    it.asked("issue TI-1 docs confirm")
    works(it)
    assert ["documentation backlog" in one["body"] for one in it.main.issues] == [False, True]


def test_both_issues_follow_a_merge_and_its_undo(it: Docs) -> None:
    asked, broken = questions(it), it.office.theme(5)[0]
    for theme in (asked, broken):
        tracking.request(it.office.deps, SCOPE, it.office.standing(theme).key, "Title", by="UPIA")
    works(it)
    merged = merge.merge_themes(it.office.deps, SCOPE, "TI-1", "TI-2", by="UPIA")
    assert (it.row(asked).key, it.row(asked, MAIN).key) == ("acme/docs#1", "acme/app#1")
    assert it.office.standing(asked).issue_key == "acme/app#1"
    undo.undo(it.office.deps, SCOPE, int(str(merged.undo).split(":")[-1]), by="UPIA")
    assert (it.row(broken, MAIN).key, it.row(asked, MAIN)) == ("acme/app#1", None)
    assert it.office.standing(asked).issue_key == "acme/docs#1"


def test_a_place_that_is_not_connected_any_more_is_said(it: Docs) -> None:
    theme = questions(it)
    it.asked("issue TI-1 docs confirm")
    works(it)
    before = len(it.main.sent)
    it.office.deps = replace(it.office.deps, docs_tracker=None)
    following.poll(it.office.deps, HERE, due=NOW.replace(minute=3))
    it.office.work()
    assert it.row(theme).error == "github acme/docs is not connected any more"
    assert len(it.main.sent) == before  # its number is not asked for in another repository
    assert "cannot be read" in json.dumps(theme_card(cards.card(it.office.deps, SCOPE, "TI-1")).blocks)


def test_an_issue_is_tied_where_its_name_belongs(it: Docs) -> None:
    theme = questions(it)
    for vendor in (it.main, it.docs):
        vendor._opened({"title": "There already", "body": ""})
    assert "acme/docs#1" in it.asked("link TI-1 acme/docs#1").text
    assert "acme/app#1" in it.asked("link TI-1 acme/app#1").text
    assert (it.row(theme).key, it.row(theme, MAIN).key) == ("acme/docs#1", "acme/app#1")


@pytest.mark.parametrize("line", ["loop send", "loop tell 3", "loop send x", "loop send 999"])
def test_a_word_about_a_draft_that_is_none_is_refused(it: Docs, line: str) -> None:
    with pytest.raises(BadInput):
        it.asked(line)


def test_a_reporter_in_a_helpdesk_is_told_there_and_once(it: Docs) -> None:
    theme, _ = it.office.theme(1)
    with it.office.deps.db.write() as session:
        now = it.office.clock.now()
        themes.update(session, theme, state="verifying", resolved_at=now)
        loop.begin(it.office.deps, session, it.office.standing(theme), None)
    draft = loop.review(it.office.deps, SCOPE).shown[0]
    assert draft.copy_only
    assert "I told them" in json.dumps(loop_blocks.drafts(loop.review(it.office.deps, SCOPE)).blocks)
    with pytest.raises(BadInput, match="not in Slack"):
        it.asked(f"loop send {draft.id}")
    assert "they are told" in it.asked(f"loop told {draft.id}").text
    with pytest.raises(BadInput, match="decided this before"):
        it.asked(f"loop told {draft.id}")
    with it.office.deps.db.write() as session:
        assert loop.begin(it.office.deps, session, it.office.standing(theme), None) == 0
