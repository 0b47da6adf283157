"""Comparing a candidate with what reads now: paired figures, what is noise, and definitions that corrections suggest."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intelligence.definitions import Word, proposals
from intelligence.model import LabelSet, Level, Subcategory
from intelligence.prompts import load
from intelligence.prompts.edition import LONGEST_DEFINITION, BadPrompt, Edition, PromptFile, check
from intelligence.taxonomy import DEFINITIONS
from intelligence.trials import ENOUGH, ON_CARDS, Judged, Outcome, chance_of, compare, paired_interval

BUG, USAGE, WISH = Subcategory.FUNCTIONAL_BUG, Subcategory.FEATURE_USAGE, Subcategory.NEW_CAPABILITY


def labels(sub: Subcategory, urgency: Level = Level.LOW) -> LabelSet:
    return LabelSet(sub, None, Level.LOW, urgency)


def judged(
    said: Subcategory, live: Subcategory, candidate: Subcategory, n: int, *, drawn: bool = False
) -> list[Judged]:
    return [Judged(i, labels(said), labels(live), labels(candidate), drawn=drawn) for i in range(n)]


def test_a_candidate_that_breaks_more_than_chance_explains_is_worse() -> None:
    found = compare(judged(BUG, BUG, BUG, 20) + judged(BUG, BUG, WISH, 8) + judged(BUG, WISH, BUG, 1))
    assert found.outcome is Outcome.WORSE
    category = found.figures[0]
    assert (category.live.hits, category.candidate.hits, category.gained, category.lost) == (28, 21, 1, 8)
    assert category.difference is not None
    assert category.difference[1] < 0
    assert [one.live.subcategory for one in found.changed] == [BUG] * 8 + [WISH], "what was lost is shown first"


def test_as_many_won_as_lost_is_no_difference() -> None:
    found = compare(judged(BUG, BUG, BUG, 20) + judged(BUG, BUG, WISH, 5) + judged(BUG, WISH, BUG, 6))
    assert found.outcome is Outcome.SAME


def test_better_needs_the_category_and_enough_tickets() -> None:
    good = judged(BUG, WISH, BUG, 9)
    assert compare(good).outcome is Outcome.FEW
    assert compare(good + judged(BUG, BUG, BUG, ENOUGH)).outcome is Outcome.BETTER
    hurry = [
        Judged(n, labels(BUG, Level.HIGH), labels(BUG, Level.HIGH), labels(BUG), drawn=True) for n in range(ENOUGH)
    ]
    assert compare(hurry).outcome is Outcome.WORSE, "urgency that is lost is worse, whatever the category says"


def test_random_cards_are_counted_by_themselves_because_corrections_flatter_any_other_reader() -> None:
    corrected = judged(BUG, WISH, BUG, 12)
    cards = judged(BUG, BUG, WISH, 8, drawn=True) + judged(BUG, BUG, BUG, 20, drawn=True)
    found = compare(corrected + cards)
    assert found.figures[0].gained > found.figures[0].lost
    alone = next(figure for figure in found.figures if figure.name == ON_CARDS)
    assert (alone.gained, alone.lost, alone.live.n) == (0, 8, 28)
    assert found.outcome is Outcome.WORSE


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 200))
def test_chance_and_interval_are_what_their_names_say(gained: int, lost: int, same: int) -> None:
    chance = chance_of(gained, lost)
    assert 0 < chance <= 1
    assert chance == chance_of(lost, gained)
    n = gained + lost + same
    found = paired_interval(gained, lost, n)
    if n == 0:
        assert found is None
        return
    assert found is not None
    assert -1 <= found[0] <= (gained - lost) / (n + 2) <= found[1] <= 1


def test_mcnemars_exact_test_against_known_values() -> None:
    assert chance_of(0, 6) == pytest.approx(0.03125)
    assert chance_of(1, 8) == pytest.approx(2 * (1 + 9) / 2**9)
    assert chance_of(5, 5) == 1.0
    assert not math.isnan(chance_of(0, 0))


FORMULA = [f"The formula bar in sheet {n} does not take my formula" for n in ("one", "two", "three", "four")]


def test_a_definition_is_proposed_where_one_confusion_comes_again_and_again() -> None:
    told = [Word(WISH, USAGE, text, text) for text in FORMULA] + [
        Word(WISH, WISH, f"Please add dark mode {n}", n) for n in "abc"
    ]
    [found] = proposals(told, {})
    assert (found.said, found.was, found.tickets) == (USAGE, WISH, 4)
    assert "formula" in found.words
    assert found.after.startswith(DEFINITIONS[USAGE].meaning)
    assert found.after.endswith("this rather than new_capability")
    assert proposals(told, {USAGE: found.after}) == (), "nothing is proposed that stands already"
    assert proposals(told[:2], {}) == ()
    [doubt] = proposals(told[:4], {})
    assert doubt.words == (), "without tickets that are rightly the other label nothing sets these apart"
    assert "when in doubt, this rather than new_capability" in doubt.after


def test_the_words_of_one_customer_alone_are_in_no_definition() -> None:
    others = [Word(WISH, WISH, f"Please add dark mode {n}", n) for n in "abc"]
    [found] = proposals([Word(WISH, USAGE, text, "one customer") for text in FORMULA] + others, {})
    assert (found.tickets, found.words) == (4, ())


@given(st.lists(st.text(max_size=60), min_size=3, max_size=6))
def test_a_proposal_holds_nothing_of_a_ticket_but_single_shared_words(texts: list[str]) -> None:
    for found in proposals([Word(WISH, USAGE, t, t) for t in texts] + [Word(WISH, WISH, "", n) for n in "abc"], {}):
        assert len(found.after) <= LONGEST_DEFINITION
        assert all(word.isalpha() and len(word) <= 20 for word in found.words)
        assert len(found.words) <= 4
        assert all(sum(word in text.lower() for text in texts) >= 3 for word in found.words)


def test_an_edition_asks_with_its_own_file_and_definitions_and_says_so_in_its_version() -> None:
    own = PromptFile(100, load("triage").template + "\nBe careful.")
    assert Edition().prompt("triage") == load("triage")
    assert Edition("r1", prompts={"triage": own}).prompt("triage").version == "triage.v100"
    sharper = Edition("r2", definitions={USAGE: "found it; with formula"})
    assert sharper.prompt("triage").version == "triage.v1.r2"
    assert "Feature usage, found it; with formula;" in sharper.prompt("triage").text
    assert sharper.prompt("feature_gaps") == load("feature_gaps"), "a prompt without the tree is what it was"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: "", "empty"),
        (lambda text: text + "x" * 30_000, "longer"),
        (lambda text: text.replace("JSON", "text"), "JSON"),
        (lambda text: text.replace("<data-", "<x-"), "data-"),
        (lambda text: text.replace("{{taxonomy}}", ""), "taxonomy"),
        (lambda text: text + "{{secrets}}", "secrets"),
    ],
)  # fmt: skip
def test_a_prompt_that_would_drop_a_guard_is_refused(change: object, reason: str) -> None:
    assert callable(change)
    text = load("triage").template
    check("triage", text)
    with pytest.raises(BadPrompt, match=reason):
        check("triage", str(change(text)))
