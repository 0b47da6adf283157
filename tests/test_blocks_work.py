"""Surfaces of daily work drawn from hostile words: edits of themes, the tracker, the loop and the backlogs."""

from __future__ import annotations

import re

import answer_values as values
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_blocks_surfaces import assert_inert, assert_ours, quick, schema

from bot import answers, edits
from bot import answers_evidence as proof
from bot import answers_mining as mining
from bot import answers_tracking as tracked
from bot.blocks import backlog, editing, evidence, issue_rules, loop, told, tracker
from bot.blocks.markdown import docs_issue
from bot.blocks.message import MOST_CHARACTERS, Rendered, characters
from bot.errors import ChangedMeanwhile
from bot.grammar import Request
from integrations.trackers.port import Issue, IssueState
from intelligence.issue_rules import IssueMode
from intelligence.mining.bug_patterns import BugFacts
from intelligence.mining.documentation_gaps import DocFacts, DocWork, KnownPage, NotFound
from intelligence.mining.expectations import ExpectationFacts
from intelligence.mining.feature_gaps import GapFacts
from intelligence.mining.mention import Phrase
from intelligence.mining.use_cases import UseFacts
from intelligence.mining.ux_friction import FrictionFacts
from intelligence.model import ChurnRisk, Level, Severity, Theme
from intelligence.reports.articles import Counts, avoided
from intelligence.severity import Judgement
from playground.block_rules import check_blocks, check_view

SMALL = st.integers(1, 10**6)
PHRASES = values.some(st.builds(Phrase, values.WORDS, SMALL), 3)
TALLY = values.some(st.tuples(values.WORDS, SMALL), 3)
FACTS = st.one_of(
    st.builds(BugFacts, st.builds(Judgement, st.sampled_from(Severity), values.WORDS), *[PHRASES] * 2, TALLY, PHRASES, PHRASES),
    st.builds(
        DocFacts,
        st.sampled_from(DocWork),
        PHRASES,
        st.one_of(st.none(), st.builds(KnownPage, values.URLS.map(str), values.WORDS, SMALL, values.WORDS)),
        st.sampled_from(NotFound),
        values.WORDS,
        values.WORDS,
        PHRASES,
        SMALL,
        values.some(st.tuples(values.URLS.map(str), SMALL), 3),
        values.some(st.tuples(values.WORDS, SMALL, SMALL), 3),
    ),
    st.builds(ExpectationFacts, PHRASES, PHRASES, TALLY),
    st.builds(GapFacts, *[PHRASES] * 4, TALLY),
    st.builds(UseFacts, PHRASES, PHRASES),
    st.builds(
        FrictionFacts,
        st.sampled_from(Level),
        st.just(((Level.HIGH, 2),)),
        *[PHRASES] * 3,
        st.floats(0, 99),
        st.one_of(st.none(), st.floats(0, 9999)),
        SMALL,
    ),
)  # fmt: skip
ISSUE_LINES = st.builds(answers.IssueLine, values.WORDS, values.URLS, values.WORDS)
ITEMS = st.builds(
    mining.BacklogItem,
    SMALL, values.WORDS, SMALL, SMALL, SMALL, SMALL, st.floats(0, 99), values.CHANGES, values.DAYS,
    values.some(values.THEMES, 3), values.MAYBE_WORDS, TALLY, values.some(values.LIFTS, 3), values.some(values.QUOTES, 3),
    SMALL, FACTS, st.just((1, 2)), values.WORKAROUNDS, values.some(values.WORDS, 3),
    st.one_of(st.none(), st.tuples(values.TIMES, values.TIMES)), st.one_of(st.none(), ISSUE_LINES),
)  # fmt: skip
FILTERS = st.dictionaries(st.sampled_from(["area", "plan"]), values.WORDS, max_size=2)
BACKLOGS = st.builds(
    mining.Backlog,
    st.sampled_from(mining.BacklogKind), values.PERIODS, FILTERS, values.some(ITEMS, 5), SMALL, SMALL, SMALL, SMALL,
    values.NUMBERS, SMALL, st.integers(1, 3), st.integers(1, 3), values.MAYBE_WORDS, values.NUMBERS, st.booleans(),
)  # fmt: skip
RISKS = st.builds(
    mining.RiskList,
    values.PERIODS,
    FILTERS,
    values.some(
        st.builds(
            mining.RiskLine,
            SMALL, values.WORDS, values.MAYBE_WORDS, st.sampled_from(ChurnRisk), SMALL, SMALL, SMALL, SMALL, values.TIMES,
            values.some(values.THEMES, 3), values.some(values.WORDS, 3), values.some(values.QUOTES, 3),
            st.dictionaries(values.NAMES, values.WORDS, max_size=2),
        ),
        5,
    ),
    SMALL, SMALL, SMALL, st.integers(1, 3), st.integers(1, 3), values.MAYBE_WORDS,
)  # fmt: skip
EVIDENCE = st.builds(
    proof.EvidenceList,
    values.PERIODS,
    values.some(
        st.builds(
            proof.EvidenceLine,
            values.WORDS, values.WORDS, values.some(values.THEMES, 3), st.one_of(st.none(), values.URLS.map(str)),
            values.MAYBE_WORDS, SMALL, SMALL, SMALL, st.one_of(st.none(), st.floats(0, 1e9)), SMALL,
            st.tuples(*[SMALL] * 12), values.some(values.WORDS, 3), values.some(values.QUOTES, 3), SMALL,
        ),
        5,
    ),
    SMALL, st.integers(1, 3), st.integers(1, 3), values.MAYBE_WORDS,
)  # fmt: skip
ARTICLES = st.builds(
    proof.ArticleList,
    values.some(
        st.builds(
            proof.ArticleLine, values.THEMES, values.URLS.map(str), values.TIMES, st.one_of(st.none(), values.THEMES),
            st.sampled_from([None, avoided(Counts(40, 10), Counts(50, 40), 28)]), values.MAYBE_WORDS,
        ),
        5,
    ),
    values.MAYBE_WORDS,
)  # fmt: skip
ISSUES = st.builds(
    Issue, values.WORDS, values.WORDS, values.URLS.map(str), values.WORDS, st.sampled_from(IssueState)
)  # fmt: skip
FORMS = st.builds(
    tracked.IssueForm,
    values.THEMES, st.one_of(st.none(), values.some(ISSUES, 5)), st.sampled_from(["main", "docs"]), values.WORDS,
)  # fmt: skip
PREVIEWED = st.builds(
    tracked.IssuePreview,
    st.sampled_from([IssueMode.PROPOSE, IssueMode.AUTO]), SMALL, st.just(90),
    values.some(
        st.builds(
            tracked.PreviewLine,
            values.THEMES, values.TIMES, SMALL, st.one_of(st.none(), ISSUE_LINES), values.MAYBE_WORDS, st.booleans(),
            st.booleans(),
        ),
        30,
    ),
    SMALL,
)  # fmt: skip
PROPOSED = st.builds(tracked.Proposed, values.THEMES, SMALL, SMALL, values.WORDS, values.some(ISSUE_LINES, 3))
DRAFTS = st.builds(
    tracked.Drafts,
    values.some(
        st.builds(
            tracked.Draft, SMALL, values.THEMES, values.WORDS, values.URLS, values.MAYBE_WORDS, st.booleans(),
            values.URLS,
        ),
        12,
    ),
    SMALL,
)  # fmt: skip
PARTS = st.lists(st.tuples(values.WORDS, values.some(values.QUOTES, 2)), min_size=1, max_size=3).map(
    lambda found: tuple(edits.Part(n, title, 4, 3, 1, said) for n, (title, said) in enumerate(found, 1))
)
NEAREST = st.lists(values.THEMES, max_size=5, unique_by=lambda theme: theme.number).map(tuple)
PREVIEWS = st.one_of(
    st.builds(edits.EditForm, values.THEMES, SMALL, SMALL),
    st.builds(
        edits.MergePreview,
        values.THEMES, values.THEMES, SMALL, SMALL, SMALL, SMALL, values.some(values.QUOTES, 2),
        values.some(values.QUOTES, 2), SMALL,
    ),
    st.builds(edits.SplitPreview, values.THEMES, SMALL, PARTS, SMALL, SMALL, st.sampled_from([None, 1])),
    st.builds(edits.MoveForm, SMALL, values.WORDS, st.one_of(st.none(), values.THEMES), NEAREST),
)  # fmt: skip
PROPOSALS = values.some(
    st.builds(edits.Proposal, SMALL, values.THEMES, values.WORDS, SMALL, st.one_of(st.none(), values.THEMES)), 4
)
ASKED = Request("gaps", {"period": "7d"}, {"area": "single sign on"})

MESSAGES = {
    "backlog": (BACKLOGS, lambda found: backlog.backlog(found, ASKED)),
    "backlog, shared": (BACKLOGS, lambda found: backlog.backlog(found, ASKED, shared=True)),
    "risk": (RISKS, lambda found: backlog.risk(found, ASKED)),
    "evidence": (EVIDENCE, lambda found: evidence.evidence(found, ASKED)),
    "articles": (ARTICLES, evidence.articles),
    "drafts": (DRAFTS, loop.drafts),
    "drafts wait": (values.THEMES, lambda theme: loop.waiting(theme, 17)),
    "a fix held": (st.builds(tracked.Held, values.THEMES, st.just(14), values.NUMBERS, values.NUMBERS), loop.held),
    "a reporter is told": (values.WORDS.map(lambda said: f"You wrote: “{said}” This is fixed."), loop.told),
    "a reporter is told of a page": (values.URLS, lambda url: loop.told("You asked: “x” It is answered.", url)),
    "an agent is told": (values.THEMES, lambda theme: told.answered(theme, theme.description)),
    "an issue, in words": (FORMS, tracker.message),
    "what a rule would do": (PREVIEWED, issue_rules.preview),
    "an issue is proposed": (PROPOSED, issue_rules.proposed),
    "an issue was opened": (
        st.tuples(values.THEMES, ISSUE_LINES, SMALL),
        lambda found: issue_rules.opened(*found),
    ),
    "an automatic issue was refused": (values.THEMES, lambda theme: issue_rules.refused(theme, theme.description)),
    "an issue was refused": (values.THEMES, lambda theme: told.refused(theme, f"GitHub: {theme.description}")),
    "edits": (PREVIEWS, editing.message),
    "somebody was quicker": (
        values.WORDS,
        lambda word: editing.changed(ChangedMeanwhile(changes=f"somebody called it {word}", redo="rename TI-1 x")),
    ),
    "proposals": (PROPOSALS.filter(bool), lambda found: Rendered("Proposals", tuple(editing.proposal_lines(found)))),
}
VIEWS = {
    "create issue": (FORMS, tracker.window),
    "edits": (PREVIEWS, lambda preview: editing.window(preview, "C123")),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_are_taken_and_inert(name: str) -> None:
    strategy, draw = MESSAGES[name]

    @quick
    @given(strategy)
    def holds(answer: object) -> None:
        made: Rendered = draw(answer)
        blocks = list(made.blocks)
        assert [str(problem) for problem in check_blocks(blocks)] == []
        assert made.text.strip()
        assert_inert(made.text)
        assert_ours(blocks)
        assert characters(blocks) + len(made.text) <= MOST_CHARACTERS
        if (strict := schema("blocks")) is not None:
            assert [error.json_path for error in strict.iter_errors(blocks)] == []

    holds()


@pytest.mark.parametrize("name", VIEWS)
def test_windows_are_taken_and_inert(name: str) -> None:
    strategy, draw = VIEWS[name]

    @quick
    @given(strategy)
    def holds(answer: object) -> None:
        view = draw(answer)
        assert [str(problem) for problem in check_view(view)] == []
        assert_ours(view["blocks"])
        if (strict := schema("view")) is not None:
            assert [error.json_path for error in strict.iter_errors(view)] == []

    holds()


@quick
@given(ITEMS.filter(lambda item: isinstance(item.facts, DocFacts)), values.THEMES)
def test_issues_for_docs_writers_are_short_and_inert(item: mining.BacklogItem, theme: Theme) -> None:
    text = docs_issue(item, theme, 90)
    assert 0 < len(text) <= 3000
    assert text.endswith(f"Ticket Intel {theme.key}, documentation backlog")
    assert all("<" not in line[2:] for line in text.splitlines() if line.startswith("> "))
    assert "<script" not in text
    assert not re.search(r"@(channel|everyone)", text)
