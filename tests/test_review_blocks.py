"""Cards, the label's window and quality drawn from hostile words: Slack would take them, and nobody speaks for us."""

from __future__ import annotations

import answer_values as values
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_blocks_surfaces import assert_ours, quick, schema

from bot.answers_review import (
    AlertQuality,
    FixForm,
    Progress,
    Quality,
    ReviewCard,
    ReviewOver,
    Saved,
    Spoken,
    Taught,
)
from bot.blocks import quality, review
from bot.blocks.message import MOST_CHARACTERS, Rendered, characters
from intelligence.model import Draw, LabelSet, Level, PrimaryCategory, Role, Subcategory
from intelligence.quality import Accuracy, Agreement, Confusion, Share
from playground.block_rules import check_blocks, check_view

LABELS = st.builds(
    LabelSet, st.sampled_from(Subcategory), values.MAYBE_WORDS, st.sampled_from(Level), st.sampled_from(Level)
)
PROGRESS = st.builds(Progress, st.integers(0, 50), st.integers(0, 50))
SAVED = st.one_of(st.none(), st.builds(Saved, values.WORDS, st.just("review:17")))
SPOKEN = st.builds(Spoken, st.sampled_from([Role.CUSTOMER, Role.AGENT]), values.WORDS)
CARDS = st.builds(
    ReviewCard,
    st.integers(1, 10**9),
    st.integers(1, 10**9),
    values.TIMES,
    values.some(SPOKEN),
    st.one_of(st.none(), values.ANALYSES),
    st.sampled_from(Draw),
    PROGRESS,
    values.URLS,
    SAVED,
)
SHARES = st.integers(0, 300).flatmap(lambda n: st.builds(Share, st.integers(0, n), st.just(n)))
QUALITIES = st.builds(
    Quality,
    st.just(90),
    st.builds(
        Accuracy, SHARES, SHARES, st.lists(st.tuples(st.sampled_from(PrimaryCategory), SHARES), max_size=5).map(tuple)
    ),
    st.builds(Agreement, st.integers(0, 9), st.integers(0, 9), st.one_of(st.none(), st.floats(-1, 1))),
    values.some(st.builds(Confusion, st.sampled_from(Subcategory), st.sampled_from(Subcategory), values.NUMBERS)),
    st.builds(
        AlertQuality,
        values.NUMBERS,
        st.floats(1, 20),
        st.floats(0.1, 50),
        SHARES,
        values.NUMBERS,
        SHARES,
        st.just(7),
        values.NUMBERS,
    ),
    st.one_of(st.none(), st.builds(Taught, st.just("c1"), values.NUMBERS, values.NUMBERS, values.NUMBERS)),
    values.NUMBERS,
    st.just(20),
    st.just(5),
)
FORMS = st.builds(
    FixForm,
    st.sampled_from(["card:3", "ticket:17"]),
    values.WORDS,
    LABELS,
    st.lists(values.NAMES, max_size=130),
    st.booleans(),
)
DRAWN = {
    "card": (CARDS, review.card),
    "over": (st.builds(ReviewOver, values.WORDS, PROGRESS, SAVED), review.over),
    "quality": (QUALITIES, quality.quality),
}


@pytest.mark.parametrize("name", DRAWN)
def test_messages_are_taken_and_inert(name: str) -> None:
    strategy, draw = DRAWN[name]

    @given(strategy)
    @quick
    def holds(answer: object) -> None:
        shown: Rendered = draw(answer)
        blocks = list(shown.blocks)
        assert check_blocks(blocks) == []
        assert characters(blocks) <= MOST_CHARACTERS
        assert_ours(blocks)
        assert_ours({"type": "mrkdwn", "text": shown.text})
        if (strict := schema("blocks")) is not None:
            strict.validate(blocks)

    holds()


@given(FORMS, st.one_of(st.none(), st.sampled_from(PrimaryCategory)))
@quick
def test_the_window_is_taken(form: FixForm, chosen: PrimaryCategory | None) -> None:
    view = review.window(form, chosen=chosen)
    assert check_view(view) == []
    assert_ours(view["blocks"])
    if (strict := schema("view")) is not None:
        strict.validate(view)


def test_the_category_decides_the_sub_categories_and_keeps_the_rest() -> None:
    labels = LabelSet(Subcategory.FEATURE_USAGE, "login", Level.HIGH, Level.LOW)
    form = FixForm("card:3", "It fails", labels, ["billing", "login"])
    view = review.window(form, chosen=PrimaryCategory.BUG_REPORT)
    by_label = {b["label"]["text"]: b["element"] for b in view["blocks"] if b["type"] == "input"}
    assert [o["value"] for o in by_label["Sub-category"]["options"]] == [
        "functional_bug", "performance_issue", "data_integrity", "integration_failure"
    ]  # fmt: skip
    assert "initial_option" not in by_label["Sub-category"]
    assert by_label["Product area"]["initial_option"]["text"]["text"] == "login"
    assert by_label["Frustration"]["initial_option"]["value"] == "high"


def test_a_blind_reader_sees_no_label() -> None:
    form = FixForm(
        "card:3", "It fails", LabelSet(Subcategory.FEATURE_USAGE, None, Level.LOW, Level.LOW), [], blind=True
    )
    assert "initial_option" not in str(review.window(form))
    assert "Sub-category" not in str(review.window(form))


def test_few_cards_are_said_to_be_few_and_many_have_an_interval() -> None:
    from bot.review_words import share

    assert share(Share(3, 4), enough=20) == "not yet reviewed here (4 of 20 cards)"
    assert share(Share(122, 140), enough=20) == "87% (95% CI 81–92, n=140)"
