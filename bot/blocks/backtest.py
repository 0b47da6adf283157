"""The alerts that a rule would have sent, as a message to one person."""

from __future__ import annotations

from collections.abc import Sequence

from bot import backtest_words as said
from bot.answers_alerts import Backtest, BacktestBegun, PastAlert
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, actions, button, context, header, inline, moment, person, section
from bot.words import KIND_WORDS

MOST_SHOWN = 12
MOST_LOST = 8


def begun(answer: BacktestBegun) -> Rendered:
    """What is said while it works."""
    told = f"{said.begun(answer)} The result comes as a direct message to you alone."
    return rendered(told, [section(told)])


def backtest(answer: Backtest) -> Rendered:
    """Figures first, then each alert with what became of it, then what would be missing."""
    blocks: list[Block] = [
        header(f"Backtest {said.title(answer)}"),
        section("\n".join(inline(line, 300) for line in (said.pace(answer), *said.comparison(answer)))),
        context(inline(said.read(answer), 200)),
        *_list(answer.alerts, MOST_SHOWN),
        section(f"*{inline(said.lost(answer), 200)}*"),
        *_list(answer.lost, MOST_LOST),
        section("\n".join(f"• {inline(rule, 200)}" for rule in answer.rules)),
    ]
    typed = f"`/ticket-intel {said.adopting(answer)}`"
    notes = [inline(note, 300) for note in answer.notes]
    if answer.adopt:
        take = actions(button("Use this rule", f"{ids.OPEN}:rule", said.adopting(answer), style="primary"))
        notes.append(f"{typed} does the same; `/ticket-intel settings rule none` goes back to the operator's rule.")
        return rendered(_text(answer), [*blocks, take, context("\n".join(notes))])
    notes += [f"An admin takes the rule with {typed}."] if answer.rule != answer.present else []
    return rendered(_text(answer), [*blocks, context("\n".join(notes))])


def _text(answer: Backtest) -> str:
    return f"Backtest {inline(said.title(answer), 200)}"


def _list(alerts: Sequence[PastAlert], most: int) -> list[Block]:
    shown, left = said.cut(alerts, most)
    blocks = [_alert(alert) for alert in shown]
    if left:
        blocks.append(context(f"{left} older ones: `ticket-intel backtest` in a terminal lists all, also as `--json`"))
    return blocks


def _alert(alert: PastAlert) -> Block:
    name = f"*{alert.theme.key}* {inline(alert.theme.title)}" if alert.theme else "In no theme today"
    facts = [moment(alert.at), KIND_WORDS[alert.kind], inline(said.figures(alert), 100), said.sides(alert)]
    later = [inline(told, 200)] if (told := said.fate(alert)) else []
    later += [f"owned by {person(alert.fate.owner)}"] if alert.fate.owner else []
    lines = [name, " · ".join(facts), *([f"→ {', '.join(later)}"] if later else [])]
    opened = button("Theme", ids.OPEN, f"theme {alert.theme.key}") if alert.theme else None
    return section("\n".join(lines), opened)
