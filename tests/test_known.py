"""Is this known? Verdicts, reasons, and weights that behave."""

from __future__ import annotations

from intelligence.known import FEATURES, Member, phrase_keys, recognise, shipped_weights, theme_features
from intelligence.model import Verdict

OKTA = "After the update our Okta users get error AUTH-4012 when they sign in with SSO"


def members(near: float = 0.85, far: float = 0.35) -> list[Member]:
    return [
        *(
            Member(1, near - 0.01 * n, "Okta users see error AUTH-4012 when signing in with SSO since the update")
            for n in range(3)
        ),
        *(Member(theme, far, "Where can I change the colour of the dashboard chart?") for theme in range(2, 8)),
    ]


def test_a_close_theme_that_shares_words_is_known():
    found = recognise(OKTA, members(), sizes={1: 12})
    assert found.verdict is Verdict.KNOWN
    assert found.candidates[0].theme == 1
    assert found.probability == found.candidates[0].probability >= shipped_weights().known
    assert any("auth-4012" in phrase for phrase in found.matched)


def test_nothing_near_is_new():
    found = recognise(OKTA, members(near=0.36)[3:], sizes={})
    assert found.verdict is Verdict.NEW
    assert found.matched == ()
    assert "okta" in " ".join(found.differs)


def test_no_themes_yet_is_new():
    assert recognise(OKTA, [], sizes={}).verdict is Verdict.NEW


def test_too_few_words_are_not_judged():
    for text in ("", "help please", "it is not working", "???", "hi, same here"):
        assert recognise(text, members(), sizes={}).verdict is Verdict.NOT_ENOUGH_TEXT


def test_probability_rises_with_nearness_words_and_size():
    keys = phrase_keys(OKTA)
    weights = shipped_weights()

    def chance(near: float, size: int) -> float:
        return weights.probability(theme_features(keys, members(near), {1: size})[1])

    assert chance(0.9, 5) > chance(0.7, 5) > chance(0.5, 5)
    assert chance(0.7, 10) > chance(0.7, 2)
    assert chance(0.7, 12) == chance(0.7, 500)
    assert len(weights.coefficients) == len(FEATURES)


def test_at_most_three_candidates_best_first():
    found = recognise(OKTA, members(), sizes={})
    chances = [candidate.probability for candidate in found.candidates]
    assert len(chances) == 3
    assert chances == sorted(chances, reverse=True)


def test_the_answer_agrees_with_itself_as_the_thread_grows():
    longer = OKTA + ". We tried another browser and cleared the cache, the error stays."
    assert recognise(OKTA, members(), sizes={1: 12}).verdict is recognise(longer, members(), sizes={1: 12}).verdict
