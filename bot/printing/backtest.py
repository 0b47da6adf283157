"""The alerts that a rule would have sent, in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bot import backtest_words as said
from bot.answers_alerts import Backtest, PastAlert
from bot.printing.parts import columns, cut, say
from bot.words import KIND_WORDS


def backtest(out: Console, answer: Backtest) -> None:
    """Figures, every alert, what would be missing, and what the figures do not know."""
    say(out, said.title(answer), "bold")
    for line in (said.pace(answer), *said.comparison(answer)):
        say(out, line)
    say(out, said.read(answer), "dim")
    if answer.alerts:
        out.print(_table(answer.alerts))
    say(out, said.lost(answer), "bold" if answer.lost else "")
    if answer.lost:
        out.print(_table(answer.lost))
    for line in (*answer.rules, *answer.notes):
        say(out, f"  {line}", "dim")
    if answer.rule != answer.present:
        say(out, f"To take this rule: ticket-intel {said.adopting(answer)}", "dim")


def _table(alerts: Sequence[PastAlert]) -> Table:
    table = columns("when", "kind", "theme", "figures", "sent", "since")
    for alert in alerts:
        theme = f"{alert.theme.key} {alert.theme.title}" if alert.theme else "none"
        owner = f"owned by {alert.fate.owner}" if alert.fate.owner else ""
        since = ", ".join(part for part in (said.fate(alert), owner) if part)
        cells = (said.figures(alert), said.sides(alert), since)
        table.add_row(
            f"{alert.at:%Y-%m-%d %H:%M}",
            KIND_WORDS[alert.kind],
            *(cut(cell) for cell in (theme, *cells)),
        )
    return table
