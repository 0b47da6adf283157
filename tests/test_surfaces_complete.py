"""No message and no window without a test: whatever draws one is drawn here and judged by the schema of Slack's own types."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import CodeType, FrameType
from typing import Any

import answer_values as values
import pytest
import reporting
import test_blocks_surfaces as surfaces
import test_blocks_work as work
import test_review_blocks as reviewing
from hypothesis import given, settings
from hypothesis import strategies as st

import bot.blocks
from bot import answers_areas, answers_candidate
from bot.answers_asked import Asked, Proof
from bot.answers_privacy import ForgetPreview
from bot.blocks import areas, asked, candidate, forget, modals, report, review, told, tracker
from bot.blocks.message import Rendered
from bot.grammar import Request
from intelligence.asking import Statement
from intelligence.model import Area
from playground.block_rules import check_blocks, check_view

Draw = Callable[[Any], Any]
#: What puts surfaces together and is none.
PARTS = {("message", "rendered"), ("modals", "modal")}
_AREA = st.builds(
    Area, values.NAMES.map(lambda name: name[:60] or "Area"), values.some(values.WORDS), values.some(values.WORDS)
)
_MOVES = st.from_type(answers_areas.AreaEffect)
_FORMS = st.builds(
    answers_areas.AreaForm,
    st.one_of(st.none(), _AREA),
    values.NUMBERS,
    st.just(30),
    values.NUMBERS,
    st.one_of(st.none(), _MOVES),
)
_LINE = st.just("areas add Billing: invoice confirm")
_PROPOSED = st.builds(
    answers_areas.ProposedArea,
    name=values.WORDS,
    words=values.some(values.WORDS),
    tickets=values.NUMBERS,
    titles=values.some(values.WORDS),
    quotes=values.some(values.QUOTES, 2),
    imported=st.booleans(),
    line=_LINE,
)
_TRIED = st.from_type(answers_candidate.CandidateCard)
REPORTS = st.builds(
    lambda title, said: replace(reporting.answer(themes=(reporting.theme(title=title),)), note=said),
    values.WORDS,
    values.WORDS,
)

_ASKED = st.builds(
    Asked,
    st.lists(st.builds(Statement, values.WORDS, st.just((1, 2))), min_size=1, max_size=4).map(tuple),
    values.some(
        st.builds(Proof, st.integers(1, 30), values.WORDS, st.sampled_from(["theme TI-42", None]), values.URLS), 20
    ),
    values.some(st.sampled_from(["themes 7d", "risk 30d plan:pro", "search " + "wide " * 80]), 4),
    values.MAYBE_WORDS,
    values.WORDS,
    values.NUMBERS,
)

MORE: dict[str, tuple[st.SearchStrategy, Draw]] = {
    "a question": (_ASKED, asked.asked),
    "a question to the keywords": (_ASKED, lambda found: asked.unanswered(asked.asked(found), found.by)),
    "areas": (values.SHOWN_AREAS, areas.areas),
    "an area's change": (
        st.builds(answers_areas.AreaPreview, values.WORDS, _MOVES, values.some(values.WORDS), _LINE),
        areas.preview,
    ),
    "proposed areas": (
        st.builds(answers_areas.AreaProposals, values.some(_PROPOSED, 6), values.NUMBERS, st.just(30)),
        areas.proposals,
    ),
    "an area": (_FORMS, areas.message),
    "an area's window": (_FORMS, lambda form: areas.window(form, "C1", problem="It is taken.")),
    "candidates": (st.from_type(answers_candidate.CandidateList), candidate.listing),
    "a candidate": (_TRIED, candidate.card),
    "a candidate was tried": (_TRIED, candidate.told),
    "forget": (st.from_type(ForgetPreview), forget.preview),
    "report": (REPORTS, lambda answer: report.report(answer, Request("report", {"period": "week"}))),
    "report in a channel": (REPORTS, report.parent),
    "a theme has formed": (values.THEMES, told.formed),
    "the tracker is asked": (st.just("TI-42"), tracker.searching),
    "copy": (values.WORDS, modals.copy_markdown),
    "the window of a label": (reviewing.FORMS, review.window),
}
TABLES: dict[str, tuple[st.SearchStrategy, Draw]] = {
    **surfaces.MESSAGES,
    **{f"window: {name}": entry for name, entry in surfaces.VIEWS.items()},
    **{f"work: {name}": entry for name, entry in work.MESSAGES.items()},
    **{f"work, window: {name}": entry for name, entry in work.VIEWS.items()},
    **{f"review: {name}": entry for name, entry in reviewing.DRAWN.items()},
    **{f"more: {name}": entry for name, entry in MORE.items()},
}


def drawing() -> dict[tuple[str, str], CodeType]:
    """Every public function of bot/blocks that makes a message or a view."""
    found: dict[tuple[str, str], CodeType] = {}
    for module in pkgutil.iter_modules(bot.blocks.__path__):
        room = importlib.import_module(f"bot.blocks.{module.name}")
        for name, function in vars(room).items():
            if not inspect.isfunction(function) or function.__module__ != room.__name__ or name.startswith("_"):
                continue
            if str(inspect.signature(function).return_annotation) in {"Rendered", "View", "dict[str, Any]"}:
                found[module.name, name] = function.__code__
    return {place: code for place, code in found.items() if place not in PARTS}


@contextmanager
def noting(called: set[CodeType]) -> Iterator[None]:
    """Remember which functions run."""
    before = sys.getprofile()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            called.add(frame.f_code)

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)


def judge(made: Any) -> None:
    """By the playground's rules, and by the schema where it is beside this checkout."""
    if isinstance(made, Rendered):
        blocks = [dict(block) for block in made.blocks]
        assert [str(problem) for problem in check_blocks(blocks)] == []
        assert made.text.strip()
        strict, shown = surfaces.schema("blocks"), blocks
    else:
        assert [str(problem) for problem in check_view(made)] == []
        strict, shown = surfaces.schema("view"), made
    assert [error.json_path for error in strict.iter_errors(shown)] == [] if strict else True


def some_of(strategy: st.SearchStrategy, draw: Draw, most: int, called: set[CodeType]) -> None:
    """Draw and judge a few answers; what runs meanwhile is remembered."""

    @settings(surfaces.quick, max_examples=most, database=None)
    @given(strategy)
    def check(answer: Any) -> None:
        with noting(called):
            made = draw(answer)
        judge(made)

    check()


@pytest.mark.parametrize("name", TABLES)
def test_every_surface_is_one_that_slack_takes(name: str) -> None:
    some_of(*TABLES[name], 4, set())


def test_nothing_is_drawn_that_was_not_judged() -> None:
    called: set[CodeType] = set()
    for strategy, draw in TABLES.values():
        some_of(strategy, draw, 1, called)
    assert sorted(place for place, code in drawing().items() if code not in called) == []
