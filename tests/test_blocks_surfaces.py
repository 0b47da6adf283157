"""Every surface drawn from hostile answers: Slack would take it, and nobody's words speak for us."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import answer_values as values
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from bot.blocks import (
    alert_list,
    alerts,
    backtest,
    burst,
    channel,
    done,
    errors,
    health,
    help,
    home,
    known,
    modals,
    push,
    search,
    theme,
    themes,
    told,
    welcome,
    why,
)
from bot.blocks import settings as setting_blocks
from bot.blocks.markdown import alert_issue, theme_issue
from bot.blocks.message import MOST_CHARACTERS, Rendered, characters
from bot.errors import BadInput, ThemeNotFound
from bot.grammar import Request, help_for, help_on, parse
from bot.verbs.parts import Persona
from bot.verbs.table import BY_NAME
from intelligence.model import AlertState, PatternKind, Verdict
from playground.block_rules import check_blocks, check_view

SCHEMAS = Path(__file__).parents[2] / "shared" / "schemas"
REQUEST = Request("themes", {"period": "7d"}, {"area": "single sign on"})
DATE = re.compile(r"<!date\^\d+\^\{date_short_pretty\} \{time\}\|[-\d: ]+>")
LINK = re.compile(r"<https?://[^<>|]+\|[^<>|]+>")
MENTION = re.compile(r"<(@[UW]|#[CG]|!subteam\^S)[A-Z0-9]+>")

MESSAGES: dict[str, tuple[st.SearchStrategy, Callable[[Any], Rendered]]] = {
    "themes": (values.THEME_LISTS, lambda answer: themes.themes(answer, REQUEST)),
    "themes shared": (values.THEME_LISTS, lambda answer: themes.themes(answer, REQUEST, shared=True)),
    "theme": (values.CARDS, theme.theme_card),
    "alert": (values.ALERTS, alerts.alert),
    **{
        f"note, {about}": (values.ALERTS, lambda view, about=about: alerts.note(view, about))
        for about in ("grown", "graver", "awake", "critical", "joined")
    },
    "known": (values.KNOWN, known.known),
    "known, customers read": (values.KNOWN, lambda answer: known.known(answer, customers_read=True)),
    "known, short": (values.KNOWN, lambda answer: known.known(answer, short=True)),
    "known, shared": (values.KNOWN, lambda answer: known.known(answer, shared=True)),
    "customer-safe reply": (values.WORDS, known.safe_reply),
    "pushed": (values.CARDS, lambda card: push.line(card, 0.97, 17)),
    "burst": (values.BURSTS, burst.burst),
    "an alert found its channel archived": (
        st.one_of(st.none(), values.THEMES),
        lambda theme: told.undelivered(theme, 12, "is_archived", "C0OLD"),
    ),
    "an alert was refused": (values.WORDS, lambda word: told.undelivered(None, 12, word, "C0OLD")),
    "told it is fixed": (values.THEMES, lambda found: told.fixed(found, found.resolved_release)),
    "told of a rise": (values.THEMES, lambda found: told.risen(found, PatternKind.SPIKE)),
    "search": (values.SEARCHES, search.search),
    "why": (values.WHYS, why.why),
    "health": (values.HEALTHS, health.health),
    "alerts": (values.ALERT_LISTS, alert_list.alerts),
    "backtest": (values.BACKTESTS, backtest.backtest),
    "backtest, begun": (values.BEGUN, backtest.begun),
    "settings": (values.SETTINGS, setting_blocks.settings),
    "channel": (values.CHANNELS, channel.choice),
    "channels": (st.lists(values.CHANNELS, max_size=120), channel.listing),
    "chosen": (values.CHANNELS, lambda view: channel.chosen(view, threads=1240, minutes=6.2)),
    "done": (values.DONES, done.done),
    "error": (values.WORDS, lambda word: errors.error(ThemeNotFound(key=word))),
    "bad input": (values.WORDS, lambda word: errors.error(BadInput(problem=word, fix=word))),
    "unexpected": (values.WORDS, errors.unexpected),
    "start": (st.sampled_from(Persona), lambda persona: help.start(help_for(persona))),
    "help": (st.sampled_from([None, *BY_NAME]), lambda name: help.help_message(help_on(name))),
    "welcome": (st.sampled_from(Persona), lambda persona: welcome.welcome(help_for(persona))),
    "not a member": (st.just(None), lambda _: welcome.not_a_member()),
}
VIEWS: dict[str, tuple[st.SearchStrategy, Callable[[Any], dict[str, Any]]]] = {
    "snooze": (st.integers(1, 10**9), modals.snooze),
    "not useful": (st.integers(1, 10**9), modals.not_useful),
    "copy alert": (values.ALERTS, lambda view: modals.copy_issue(f"alert:{view.alert_id}", alert_issue(view))),
    "copy theme": (values.CARDS, lambda card: modals.copy_issue(f"theme:{card.theme.key}", theme_issue(card))),
    "evidence": (values.EVIDENCE, modals.evidence),
    "ask": (st.just(None), lambda _: modals.ask()),
    "message": (st.just(None), lambda _: modals.message("Too late", "This alert is closed.")),
    "home": (values.HOMES, home.home),
    "customer-safe": (values.WORDS, lambda words: known.safe_window(words, "channel:C1 thread:1.2 theme:TI-1")),
}
quick = settings(
    max_examples=15,
    suppress_health_check=list(HealthCheck),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking 40 kB words takes minutes and tells no more
)


@cache
def schema(name: str) -> Draft7Validator | None:
    path = SCHEMAS / f"slack-block-kit.{name}.schema.json"
    return Draft7Validator(json.loads(path.read_text())) if path.exists() else None


def strings(value: Any, kind: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a block with the type of the object it stands in."""
    if isinstance(value, dict):
        for name, entry in value.items():
            if name == "text" and isinstance(entry, str):
                yield str(value.get("type", kind)), entry
            else:
                yield from strings(entry, kind)
    elif isinstance(value, list):
        for entry in value:
            yield from strings(entry, kind)


def assert_inert(mrkdwn: str) -> None:
    """Once our own dates, links and mentions are taken away, nothing is left that Slack would read as one."""
    rest = MENTION.sub("", LINK.sub("", DATE.sub("", mrkdwn)))
    assert "<" not in rest
    assert ">" not in rest
    assert not re.search(r"&(?!amp;|lt;|gt;)", rest)


def assert_ours(value: Any) -> None:
    for kind, text in strings(value):
        assert text
        if kind == "mrkdwn":
            assert_inert(text)
        assert "\u202e" not in text
        assert "\x00" not in text


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_are_taken_and_inert(name: str) -> None:
    strategy, draw = MESSAGES[name]

    @quick
    @given(strategy)
    def check(answer: Any) -> None:
        made = draw(answer)
        blocks = list(made.blocks)
        assert [str(problem) for problem in check_blocks(blocks)] == []
        assert made.text.strip()
        assert_inert(made.text)
        assert_ours(blocks)
        assert len(blocks) <= 40
        assert characters(blocks) + len(made.text) < MOST_CHARACTERS + 1
        for value in button_values(blocks):
            assert_value(value)

    check()


@pytest.mark.parametrize("name", VIEWS)
def test_views_are_taken_and_inert(name: str) -> None:
    strategy, draw = VIEWS[name]

    @quick
    @given(strategy)
    def check(answer: Any) -> None:
        view = draw(answer)
        assert [str(problem) for problem in check_view(view)] == []
        assert_ours(view["blocks"])

    check()


def button_values(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("value"), str):
            yield value["value"]
        for entry in value.values():
            yield from button_values(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from button_values(entry)


SUBJECT = re.compile(r"(?:\w+:[\w-]+)(?: \w+:[\w-]+)*")


def assert_value(value: str) -> None:
    """A value is ids alone, or a line that the grammar reads."""
    assert SUBJECT.fullmatch(value) or parse(value).verb


@quick
@given(values.ALERTS)
def test_an_alert_offers_what_its_state_allows(view: Any) -> None:
    labels = {
        element["text"]["text"]
        for block in alerts.alert(view).blocks
        if block["type"] == "actions"
        for element in block["elements"]
    }
    if view.state is AlertState.SHADOW:
        assert labels == {"Post it", "Noise", "Evidence"}
    elif view.state in alerts.OVER:
        assert labels == {"Copy as issue", "Evidence"}
    else:
        assert labels == {"Copy as issue", "I own this", "Snooze", "Useful", "Not useful", "Evidence"}


@quick
@given(values.ALERTS, values.CARDS)
def test_issues_are_short_and_inert(view: Any, card: Any) -> None:
    for text in (alert_issue(view), theme_issue(card)):
        assert 0 < len(text) <= 3000
        for line in text.splitlines():
            if line.startswith("> "):
                assert "<" not in line[2:]
        assert "<script" not in text
        assert not re.search(r"@(channel|everyone)", text)


@quick
@given(values.KNOWN)
def test_known_says_the_verdict_first(answer: Any) -> None:
    made = known.known(answer)
    first = made.blocks[0]["text"]["text"]
    assert {Verdict.KNOWN: "Known", Verdict.NEW: "New"}.get(answer.verdict, "") in first


def test_snoozes_and_reasons_are_those_that_the_flow_takes() -> None:
    from bot.flows.alert_care import REASONS
    from bot.words import SNOOZES

    assert set(modals.SNOOZE_LABELS) == set(SNOOZES)
    assert set(modals.REASONS) == set(REASONS)
