"""Masks hide names and numbers from a reader; they must not make two texts alike to an encoder."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from intelligence.redact import MASK, KnownPeople, redact, without_masks

KNOWN = KnownPeople({"Ada Lovelace": "[customer 12]"})
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=120)


def test_masks_leave_the_words_around_them():
    shown = redact("Ada Lovelace (ada@example.com) can't log in, call +49 30 901820.", people=KNOWN).text
    assert MASK.search(shown)
    assert without_masks(shown) == "can't log in, call."


def test_lines_stay_lines():
    assert (
        without_masks("[customer 3]\nThe export fails.\n\nAsk [agent 4] , please") == "The export fails.\n\nAsk, please"
    )


def test_nothing_but_masks_is_left_alone():
    assert without_masks("[email 1] [customer 2]") == "[email 1] [customer 2]"


@given(WORDS)
def test_a_text_without_masks_is_unchanged(text: str):
    if not MASK.search(text):
        assert without_masks(text) == text


@given(
    st.lists(st.sampled_from(["[email 1]", "[id number 22]", "[customer 7]", "fails", "login", "\n", ", "]), min_size=1)
)
def test_no_mask_is_left_where_there_are_words(parts: list[str]):
    text = " ".join(parts)
    shown = without_masks(text)
    if {"fails", "login"} & set(parts):
        assert not MASK.search(shown)
        assert shown.count("fails") == text.count("fails")
    assert without_masks(shown) == shown
