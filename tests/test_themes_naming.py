"""Titles people can read: short, unique, distinctive, in customers' words."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from intelligence.themes.naming import Words, name_themes

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
