"""Answers in a terminal and as JSON, from hostile words: readable, inert, and nothing that breaks."""

from __future__ import annotations

import io
import json
from typing import Any

import answer_values as values
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rich.console import Console

from bot.answers import Period, ThemeLine, ThemeList
from bot.help import help_on
from bot.printing.show import show, to_json
from bot.verbs.parts import Where
from bot.verbs.table import BY_NAME
from intelligence.changes import Change
from intelligence.model import Theme, ThemeState

ANSWERS: dict[str, st.SearchStrategy] = {
    "themes": values.THEME_LISTS,
    "theme": values.CARDS,
    "known": values.KNOWN,
    "search": values.SEARCHES,
    "why": values.WHYS,
    "health": values.HEALTHS,
    "channel": values.CHANNELS,
    "channels": st.lists(values.CHANNELS, max_size=3).map(tuple),
    "backtest": values.BACKTESTS,
    "done": values.DONES,
    "import": values.IMPORTS,
    "help": st.sampled_from([None, *BY_NAME]).map(lambda name: help_on(name, where=Where.CLI)),
}
quick = settings(
    max_examples=12,
    suppress_health_check=list(HealthCheck),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking 40 kB words takes minutes and tells no more
)


def printed(value: object) -> str:
    out = io.StringIO()
    show(value, Console(file=out, width=100, force_terminal=False))
    return out.getvalue()


@pytest.mark.parametrize("name", ANSWERS)
def test_prints_and_dumps_any_answer(name: str) -> None:
    @quick
    @given(ANSWERS[name])
    def check(answer: Any) -> None:
        text = printed(answer)
        assert text.strip()
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert len(text) < 20_000
        json.loads(to_json(answer))

    check()


def test_what_a_list_of_themes_looks_like() -> None:
    theme = Theme(
        2, "T1", 2, "SSO login [bold]fails[/] for Okta users", "", ThemeState.NEW, True, values.NOW, values.NOW
    )
    change = Change(12, 23, 91.7, within_noise=False)
    answer = ThemeList(
        Period("7d", values.NOW, values.NOW),
        {"area": "sign_in"},
        (ThemeLine(1, theme, 23, 17, 4, change, rising=True),),
        1240,
        0.62,
        0.08,
        0,
        values.NOW,
        1,
        1,
    )
    assert printed(answer).splitlines() == [
        "Themes, last 7 days",
        "1,240 tickets · 62% in a theme · 8% read as unsure · last ticket 2026-01-12 09:30",
        "Only area sign in",
        *printed(answer).splitlines()[3:],
    ]
    assert "SSO login [bold]fails[/] for Okta users" in printed(answer)
    assert "up 92%" in printed(answer)
    dumped = json.loads(to_json(answer))
    assert dumped["lines"][0]["theme"]["key"] == "TI-2"
    assert dumped["lines"][0]["theme"]["state"] == "new"
    assert dumped["last_ticket_at"] == "2026-01-12T09:30:00+00:00"


def test_says_what_cannot_be_printed() -> None:
    with pytest.raises(TypeError, match="object cannot be printed"):
        show(object())
