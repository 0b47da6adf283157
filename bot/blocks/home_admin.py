"""The administrators' part of App Home: sources, channels, the alert rule with its preview, areas, roles, privacy."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers_home import AdminPart, SourceLine
from bot.answers_settings import SettingLine
from bot.answers_workspace import ChannelView
from bot.blocks import areas as area_blocks
from bot.blocks import ids
from bot.blocks.parts import (
    Block,
    actions,
    button,
    context,
    header,
    inline,
    moment,
    option,
    person,
    plain,
    section,
)
from bot.preferences import ADMINS, AGENTS, ALERTS, EDITORS, QUIET, RETENTION
from bot.rules import Rule
from bot.words import QUOTE_WORDS, ROLE_WORDS, SOURCE_WORDS, count, joined
from intelligence.model import ChannelRole

SOURCES = frozenset({ChannelRole.SUPPORT, ChannelRole.NOTIFICATIONS})
MOST_CHANNELS = 15
MOST_NAMED = 8
DAYS = "90d"


def part(answer: AdminPart) -> list[Block]:
    """Everything that an administrator looks after, each with the way to change it."""
    return [
        header("Sources and channels"),
        section(_sources(answer.sources)),
        section(_channels(answer.channels)),
        actions(button("All channels", f"{ids.OPEN}:channel", "channel")),
        header("Alert rule"),
        *_rule(answer),
        *area_blocks.home(answer.areas),
        header("Roles"),
        section(_roles(answer)),
        header("Privacy"),
        section(_privacy(answer)),
        actions(button("All settings", f"{ids.OPEN}:settings", "settings")),
    ]


def _sources(sources: Sequence[SourceLine]) -> str:
    lines = [_source(one) for one in sources]
    return "\n".join(lines) or "No tickets yet. Invite me to a support channel, or `ticket-intel import FILE.csv`."


def _source(one: SourceLine) -> str:
    last = f", last {moment(one.last_at)}" if one.last_at else ""
    asked = " · I ask there what changed" if one.polled else ""
    return f"*{SOURCE_WORDS[one.source]}* {count(one.tickets, 'ticket')}{last}{asked}"


def _channels(channels: Sequence[ChannelView]) -> str:
    lines = [f"*#{inline(view.name, 80)}* {_purpose(view)}" for view in channels[:MOST_CHANNELS] if view.name.strip()]
    if len(channels) > MOST_CHANNELS:
        lines.append(f"and {count(len(channels) - MOST_CHANNELS, 'more channel')}")
    return "\n".join(lines) or "I am in no channel yet."


def _purpose(view: ChannelView) -> str:
    facts = [ROLE_WORDS[view.role] if view.role else "not chosen yet"]
    facts += [f"area {inline(view.area, 60)}"] if view.area else []
    return " · ".join([*facts, *([] if view.member else ["I am not in it"])])


def _rule(answer: AdminPart) -> list[Block]:
    rule = answer.rule
    told = (
        f"A spike is {rule.spike:g} times normal, a new pattern {count(rule.new, 'ticket')}, and at most about "
        f"{rule.budget:g} false alarms a week are aimed at.\nFalse alarms: {inline(str(answer.budget), 200)}."
    )
    blocks: list[Block] = [section(told)]
    if answer.can_preview:
        preview = "What would it have sent over the last 90 days, and what became of that? I tell you in a message."
        blocks.append(section(preview, _previews(rule)))
    else:
        blocks.append(context("With more tickets a preview shows here what the rule would have sent"))
    return blocks


def _previews(rule: Rule) -> Block:
    """The rule in force, and its neighbours, each a question to `backtest`."""
    stricter = f"spike={min(20.0, rule.spike * 1.5):g} new={min(50, rule.new + 3)}"
    looser = f"spike={max(1.2, rule.spike * 0.75):g} new={max(3, rule.new - 2)}"
    options = [
        option("This rule", f"backtest {DAYS}", str(rule)),
        option("A stricter one", f"backtest {DAYS} {stricter}", stricter),
        option("A looser one", f"backtest {DAYS} {looser}", looser),
    ]
    return {
        "type": "static_select",
        "action_id": f"{ids.OPEN}:backtest",
        "placeholder": plain("Preview", 150),
        "options": options,
    }


def _roles(answer: AdminPart) -> str:
    named = answer.settings
    return "\n".join(
        (
            f"*Admins* change settings and erase customers: {_people(named[ADMINS])}",
            f"*Editors* change themes and alerts: {_people(named[EDITORS])}",
            f"*Agents* answer tickets, and edit: {_people(named[AGENTS])}",
            "*Viewers* are all others: they ask and read what they may see in Slack.",
        )
    )


def _people(line: SettingLine) -> str:
    return joined([person(one) for one in line.people], MOST_NAMED) if line.people else inline(line.value, 160)


def _privacy(answer: AdminPart) -> str:
    named = answer.settings
    words: dict[str, list[str]] = {}
    for view in answer.channels:
        if view.role in SOURCES and view.name.strip():
            words.setdefault(QUOTE_WORDS.get(view.quotes, view.quotes), []).append(f"#{inline(view.name, 80)}")
    shown = [f"Shown elsewhere, {told}: {joined(names, MOST_NAMED)}." for told, names in sorted(words.items())]
    return "\n".join(
        (
            f"*Words of customers* are kept {inline(named[RETENTION].value, 160)}.",
            *shown,
            f"*Alerts* {inline(named[ALERTS].value, 120)}; quiet hours {inline(named[QUIET].value, 120)}.",
            "`/ticket-intel forget NAME` erases a customer; `/ticket-intel channel` says what a channel shows.",
        )
    )
