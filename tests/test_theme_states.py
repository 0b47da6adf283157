"""States that themes take by themselves: what grows, what rests, and what a silent source does not say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.flows.nightly import next_state
from intelligence.model import ThemeState
from storage.themes import Facts

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)


def state_after(
    was: ThemeState, weeks: tuple[int, int], everything: tuple[int, int], *, days_old: int = 90
) -> ThemeState:
    """The state of a theme with tickets in this week and the last one; `everything` counts all themes."""
    born = NOW - timedelta(days=days_old)
    return next_state(Facts(1, born, born, None, False, was), *weeks, NOW, everything)


@pytest.mark.parametrize(
    ("weeks", "everything", "state"),
    [
        ((10, 10), (200, 200), ThemeState.STEADY),
        ((30, 10), (220, 200), ThemeState.GROWING),
        ((0, 0), (200, 200), ThemeState.QUIET),
        ((30, 10), (30, 10), ThemeState.GROWING),  # the only theme there is
    ],
)
def test_a_theme_is_what_its_weeks_say(weeks, everything, state):
    assert state_after(ThemeState.STEADY, weeks, everything) is state


@pytest.mark.parametrize("was", [ThemeState.STEADY, ThemeState.GROWING])
def test_a_silent_source_is_no_falling_theme(was):
    assert state_after(was, (0, 0), (0, 0)) is was
    assert state_after(was, (0, 30), (0, 600)) is was


def test_the_return_of_a_source_is_no_growth():
    assert state_after(ThemeState.STEADY, (30, 4), (600, 80)) is ThemeState.STEADY
    assert state_after(ThemeState.STEADY, (120, 4), (690, 80)) is ThemeState.GROWING


def test_a_young_theme_is_new():
    assert state_after(ThemeState.NEW, (30, 0), (600, 500), days_old=5) is ThemeState.NEW
