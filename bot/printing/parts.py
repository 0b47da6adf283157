"""The small parts of every answer in a terminal: lines, tables, quotes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import words
from bot.answers import Quote, Workaround
from bot.blocks.parts import clean, truncate

MOST_QUOTE = 300
MOST_LINE = 600


def say(out: Console, text: str, style: str = "") -> None:
    """One line, however wide the terminal is."""
    out.print(Text(truncate(clean(text), MOST_LINE) or "–", style=style), soft_wrap=True)


def indented(out: Console, text: str, style: str = "", *, most: int = 800) -> None:
    """A line of at most so many characters that keeps the spaces before it."""
    lead = text[: len(text) - len(text.lstrip())]
    out.print(Text(lead + truncate(clean(text), most), style=style), soft_wrap=True)


def gap(out: Console) -> None:
    """An empty line."""
    out.print(Text(""))


def cut(text: str, most: int = 110) -> Text:
    """Words of others for a cell of a table."""
    return Text(truncate(clean(text), most))


def columns(*names: str, right: Iterable[str] = ()) -> Table:
    """A table without lines around it, whose long cells go on below."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in names:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return table


def quoted(out: Console, quotes: Sequence[Quote], held_back: int) -> None:
    """Customers' words with who said them, and how many may not be shown."""
    for quote in quotes:
        if clean(quote.text):
            where = f"  {quote.link}" if quote.link else ""
            say(out, f"  “{truncate(clean(quote.text), MOST_QUOTE)}”")
            say(out, f"   {quote.who or 'a customer'}, {quote.at:%Y-%m-%d}{where}", "dim")
    if held_back:
        say(out, f"  {words.count(held_back, 'quote')} held back: their channels share counts only", "dim")


def workaround(out: Console, value: Workaround | None) -> None:
    """The agent's answer that helped, if there is one."""
    if value is not None and clean(value.text):
        say(out, f"{words.workaround(value)}:")
        say(out, f"  “{truncate(clean(value.text), MOST_QUOTE)}”")
