"""The alerts that a rule would have sent, in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import backtest_words as said
from bot.answers_alerts import Backtest, PastAlert
from bot.blocks.parts import clean, truncate
from bot.words import KIND_WORDS


def backtest(out: Console, answer: Backtest) -> None:
    """Figures, every alert, what would be missing, and what the figures do not know."""
    _line(out, said.title(answer), "bold")
    for line in (said.pace(answer), *said.comparison(answer)):
        _line(out, line)
    _line(out, said.read(answer), "dim")
    if answer.alerts:
        out.print(_table(answer.alerts))
    _line(out, said.lost(answer), "bold" if answer.lost else "")
    if answer.lost:
        out.print(_table(answer.lost))
    for line in (*answer.rules, *answer.notes):
        _line(out, f"  {line}", "dim")
    if answer.rule != answer.present:
        _line(out, f"To take this rule: ticket-intel {said.adopting(answer)}", "dim")


def _line(out: Console, text: str, style: str = "") -> None:
    out.print(Text(truncate(clean(text), 600) or "–", style=style), soft_wrap=True)


def _table(alerts: Sequence[PastAlert]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("when", "kind", "theme", "figures", "sent", "since"):
        table.add_column(column, overflow="fold")
    for alert in alerts:
        theme = f"{alert.theme.key} {alert.theme.title}" if alert.theme else "none"
        owner = f"owned by {alert.fate.owner}" if alert.fate.owner else ""
        since = ", ".join(part for part in (said.fate(alert), owner) if part)
        cells = (said.figures(alert), said.sides(alert), since)
        table.add_row(
            f"{alert.at:%Y-%m-%d %H:%M}",
            KIND_WORDS[alert.kind],
            *(Text(truncate(clean(cell), 110)) for cell in (theme, *cells)),
        )
    return table
