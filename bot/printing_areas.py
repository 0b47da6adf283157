"""Product areas in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import area_grammar, area_words
from bot.answers_areas import AreaForm, AreaLine, AreaPreview, AreaProposals, AreasView
from bot.blocks.parts import clean, truncate
from bot.words import count


def _line(out: Console, text: str, style: str = "") -> None:
    out.print(Text(truncate(clean(text), 600) or "–", style=style), soft_wrap=True)


def areas(out: Console, view: AreasView) -> None:
    _line(out, f"Product areas: {area_words.summary(view)}", "bold")
    if view.lines:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for column in ("area", "tickets", "owner", "alerts to", "all of", "words"):
            table.add_column(column, justify="right" if column == "tickets" else "left", overflow="fold")
        for one in view.lines:
            table.add_row(*_cells(one))
        out.print(table)
    for note in (area_words.unlisted(view), area_words.run(view.run)):
        if note:
            _line(out, note, "dim")
    _line(out, "To change them: ticket-intel areas propose, or ticket-intel help areas", "dim")


def _cells(one: AreaLine) -> tuple[Text, ...]:
    area = one.area
    sources = ", ".join(f"#{name}" for name in one.sources)
    cells = (area.name, f"{one.tickets:,}", area.owner or "", area.channel or "", sources, ", ".join(area.words))
    return tuple(Text(truncate(clean(cell), 200)) for cell in cells)


def form(out: Console, answer: AreaForm) -> None:
    if answer.area is None:
        _line(out, f"Type: ticket-intel {area_grammar.EXAMPLES['add']}")
        return
    _line(out, f"{answer.area.name}: {count(answer.tickets, 'ticket')} of {answer.days} days", "bold")
    _line(out, f"  words: {', '.join(answer.area.words) or 'none'}")
    for example in answer.area.examples:
        _line(out, f"  example: {example}")
    for action in ("rename", "words", "examples", "owner", "channel", "remove"):
        _line(out, f"  ticket-intel {area_grammar.EXAMPLES[action]}", "dim")


def preview(out: Console, answer: AreaPreview) -> None:
    _line(out, f"{answer.text}.", "bold")
    for place, told in enumerate(area_words.effect(answer.effect)):
        _line(out, f"  {told}" if place else told)
    for note in answer.notes:
        _line(out, note, "dim")
    _line(out, "Type the same with confirm at its end to do it.", "dim")


def proposals(out: Console, answer: AreaProposals) -> None:
    _line(out, f"{count(answer.tickets, 'ticket')} of {answer.days} days are in no area of the list", "bold")
    for one in answer.proposals:
        imported = ", as imports call it" if one.imported else ""
        _line(out, f"{one.name}: {count(one.tickets, 'ticket')}{imported}", "bold")
        _line(out, f"  words: {', '.join(one.words) or 'none'}")
        for title in one.titles:
            _line(out, f"  theme: {title}", "dim")
        for quote in one.quotes:
            _line(out, f"  “{quote.text}” ({quote.who})", "dim")
        _line(out, f"  ticket-intel {one.line}", "dim")
    if not answer.proposals:
        _line(out, "Nothing to propose: too few tickets, or their themes are in an area.")
