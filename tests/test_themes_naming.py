"""Titles people can read: short, unique, distinctive, in customers' words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intelligence.similarity import Floats
from intelligence.themes.headlines import headlines
from intelligence.themes.naming import Words, name_themes
from intelligence.themes.phrases import clauses
from intelligence.themes.spelling import Spelling

SSO = [
    "SSO login fails for Okta users",
    "Okta SSO login fails since Monday",
    "Our Okta users cannot do the SSO login",
    "SSO login fails again",
]
EXCEL = [
    "How do I export to Excel?",
    "Export to Excel only gives CSV",
    "We need the Excel export, not CSV",
    "excel export missing",
]


def words(texts: list[str]) -> list[Words]:
    return [Words(text, 0.9 - place / 100) for place, text in enumerate(texts)]


def test_titles_say_what_the_theme_is_about():
    names = name_themes({1: words(SSO), 2: words(EXCEL)})
    assert "sso" in names[1].title.lower()
    assert "excel" in names[2].title.lower()
    assert not {"how", "do", "i"} & set(names[2].title.lower().split())
    assert any("sso login" in phrase for phrase in names[1].phrases)
    assert "Customers write" in names[1].description


def test_titles_are_unique_even_against_those_in_use():
    names = name_themes({1: words(SSO), 2: words(SSO), 3: words(SSO)}, taken=["sso login fails"])
    titles = [name.title.casefold() for name in names.values()]
    assert len(set(titles)) == 3
    assert "sso login fails" not in titles


def test_a_theme_without_words_still_has_a_name():
    names = name_themes({1: words(["???", "12345678"]), 2: words(["!!"]), 3: []})
    assert len({name.title for name in names.values()}) == 3
    assert names[1].phrases == ()


def test_addresses_links_and_numbers_never_name_a_theme():
    texts = ["refund to bob@example.com 4242424242424242 https://pay.example/x failed"] * 4
    name = name_themes({1: words(texts)})[1]
    told = " ".join([name.title, *name.phrases])
    assert "@" not in told
    assert "://" not in told
    assert "4242" not in told


def test_a_negation_is_not_lost():
    texts = ["My card is not working", "card not working abroad", "the card isn't working", "card not working at all"]
    assert "not" in name_themes({1: words(texts)})[1].title.lower().replace("isn't", "not")


def test_background_makes_ordinary_words_weigh_less():
    texts = ["dashboard loads slowly", "dashboard slow", "slow dashboard in the app", "dashboard slow today"]
    plain = name_themes({1: words(texts)}, background=["dashboard question", "dashboard colours", "the dashboard app"])
    assert "slow" in plain[1].title.lower()


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.integers(1, 50), st.lists(st.text(max_size=60).map(lambda text: Words(text, 0.5)), max_size=6), max_size=6
    )
)
def test_any_text_gives_short_unique_titles(themes: dict[int, list[Words]]):
    names = name_themes(themes)
    assert set(names) == set(themes)
    assert len({name.title.casefold() for name in names.values()}) == len(themes)
    for name in names.values():
        assert name.title
        assert len(name.title.split()) <= 9  # eight words, and a number where nothing else tells two apart


def test_two_words_are_named_as_customers_put_them_together():
    texts = ["hide rows per user", "A user must only get own rows", "rows: each user another", "rows per user, please"]
    others = ["dark theme is missing", "Dark theme wanted", "a dark theme", "dark theme please"]
    assert name_themes({1: words(texts), 2: words(others)})[1].title in {"Rows per user", "Hide rows per user"}


def lies(text: str) -> Floats:
    """A vector by three subjects: mail, login, anything else."""
    place = 0 if "mail" in text.lower() else 1 if "login" in text.lower() else 2
    return np.eye(3, dtype=np.float32)[place]


def encode(texts: Sequence[str]) -> Floats:
    return np.stack([lies(text) for text in texts])


def test_the_encoder_prefers_what_lies_in_the_middle():
    texts = ["The report is empty and the reset mail does not arrive"] * 2 + [
        "our report is empty, the reset mail does not arrive",
        "Report is empty. Reset mail does not arrive",
    ]
    near = {1: [Words(text, 0.9, np.eye(3, dtype=np.float32)[0]) for text in texts]}
    far = {1: [Words(text, 0.9, np.eye(3, dtype=np.float32)[2]) for text in texts]}
    assert name_themes(near, encode=encode)[1].title == "Reset mail does not arrive"
    assert name_themes(far, encode=encode)[1].title == "Report empty"


def test_a_title_stays_until_another_is_clearly_better():
    first = name_themes({1: words(SSO)})[1].title
    rival = next(one for one in ("SSO login", "Okta users") if one != first)
    assert name_themes({1: words(SSO)}, current={1: first})[1].title == first
    assert name_themes({1: words(SSO)}, current={1: rival})[1].title == first
    assert name_themes({1: words(SSO)}, current={1: "Nothing that anybody wrote"})[1].title == first


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Since yesterday I can't open the shared folder", "Cannot open shared folder"),
        ("why doesn't my password reset mail arrive?", "Password reset mail does not arrive"),
        ("Hi team, how do I export to Excel?", "Export to Excel"),
        ("Is there a way to set a default range?", "Set default range"),
        ("we were charged twice for June", "Charged twice"),
        ("The right column of the weekly report is cut off in the PDF.", "Column of weekly report cut off in PDF"),
        ("My card hasn't arrived yet", "Card not arrived"),
        ("The exchange rate for cash withdrawal is wrong", "Exchange rate for cash withdrawal wrong"),
        ("Why was my top-up cancelled?", "Top-up cancelled"),
        ("the payment did not go through", "Payment did not go through"),
        ("PLEASE CHANGE THE BILLING EMAIL", "Change billing email"),
    ],
)
def test_a_sentence_becomes_a_headline(said: str, expected: str):
    found = [one.text for clause in clauses(said) for one in headlines(clause)]
    assert expected in found


@pytest.mark.parametrize(
    ("said", "cut"),
    [
        ("Tableau, which finance misses badly", "Finance misses"),
        ("alerts on order volume fail at night", "Order volume fail"),
        ("What is the best way?", "Best"),
        ("this damn export fails", "Damn export fails"),
        ("why doesn't the mail arrive", "Mail arrive"),
        ("when will the payment go through", "Payment go through"),
    ],
)
def test_a_headline_is_never_half_a_sentence(said: str, cut: str):
    assert cut not in [one.text for clause in clauses(said) for one in headlines(clause)]


def test_one_customers_number_is_no_title():
    texts = [f"Invoice CP-2{place}913 paid twice" for place in range(6)]
    assert not any(letter.isdigit() for letter in name_themes({1: words(texts)})[1].title)


SUBJECTS = ["password reset mail", "Excel export", "shared folder", "login page", "monthly invoice", "webhook"]
TROUBLES = ["does not arrive", "is broken", "fails since Monday", "can't be opened", "loads slowly", "was sent twice"]
OPENINGS = ["", "Hi, ", "Hello [customer 3], ", "We have a problem: ", "Since yesterday ", "URGENT! "]
SENTENCES = st.builds(
    "{}the {} {}.".format, st.sampled_from(OPENINGS), st.sampled_from(SUBJECTS), st.sampled_from(TROUBLES)
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.integers(1, 9), st.lists(SENTENCES, min_size=3, max_size=8), min_size=1, max_size=4))
def test_sentences_give_titles_of_two_to_eight_words_without_masks(themes: dict[int, list[str]]):
    names = name_themes({theme: words(texts) for theme, texts in themes.items()})
    titles = [name.title for name in names.values()]
    assert len({title.casefold() for title in titles}) == len(titles)
    for title in titles:
        assert 2 <= len(title.split()) <= 8
        assert title[0].isupper()
        assert "customer" not in title
        assert "[" not in title
        assert title.split()[-1].lower() not in {"the", "of", "to", "and", "is", "not", "since"}
    assert names == name_themes({theme: words(texts) for theme, texts in themes.items()})


def test_names_are_spelled_as_most_customers_spell_them():
    texts = [
        "hi, the sso login loops in Okta",
        "our sso login loops, Okta again",
        "SSO LOGIN LOOPS IN OKTA!!",
        "sso login loops",
    ]
    title = name_themes({1: words(texts)})[1].title
    assert "SSO" in title
    assert "sso" not in title.replace("SSO", "") and "LOGIN" not in title
    exported = [
        "we need the Excel export",
        "where is the Excel export",
        "no excel export for us",
        "Excel export is missing",
    ]
    assert "Excel export" in name_themes({1: words(exported)})[1].title


@pytest.mark.parametrize(
    ("title", "spelled"),
    [
        ("Sso broken", "SSO broken"),
        ("IOS and Android", "iOS and Android"),
        ("csv and format", "CSV and format"),
        ("", ""),
    ],
)
def test_known_names_have_one_spelling(title: str, spelled: str):
    assert Spelling([]).respelled(title) == spelled


def test_a_title_of_today_is_kept_and_only_respelled():
    assert name_themes({1: words(SSO)}, current={1: "Sso login fails"})[1].title == "SSO login fails"
