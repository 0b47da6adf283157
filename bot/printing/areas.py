"""Product areas in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from bot import area_grammar, area_words
from bot.answers_areas import AreaForm, AreaLine, AreaPreview, AreaProposals, AreasView
from bot.printing.parts import columns, cut, say
from bot.words import count


def areas(out: Console, view: AreasView) -> None:
    say(out, f"Product areas: {area_words.summary(view)}", "bold")
    if view.lines:
        table = columns("area", "tickets", "owner", "alerts to", "all of", "words", right=("tickets",))
        for one in view.lines:
            table.add_row(*_cells(one))
        out.print(table)
    for note in (area_words.unlisted(view), area_words.run(view.run)):
        if note:
            say(out, note, "dim")
    say(out, "To change them: ticket-intel areas propose, or ticket-intel help areas", "dim")


def _cells(one: AreaLine) -> tuple[Text, ...]:
    area = one.area
    sources = ", ".join(f"#{name}" for name in one.sources)
    cells = (area.name, f"{one.tickets:,}", area.owner or "", area.channel or "", sources, ", ".join(area.words))
    return tuple(cut(cell, 200) for cell in cells)


def form(out: Console, answer: AreaForm) -> None:
    if answer.area is None:
        say(out, f"Type: ticket-intel {area_grammar.EXAMPLES['add']}")
        return
    say(out, f"{answer.area.name}: {count(answer.tickets, 'ticket')} of {answer.days} days", "bold")
    say(out, f"  words: {', '.join(answer.area.words) or 'none'}")
    for example in answer.area.examples:
        say(out, f"  example: {example}")
    for action in ("rename", "words", "examples", "owner", "channel", "remove"):
        say(out, f"  ticket-intel {area_grammar.EXAMPLES[action]}", "dim")


def preview(out: Console, answer: AreaPreview) -> None:
    say(out, f"{answer.text}.", "bold")
    for place, told in enumerate(area_words.effect(answer.effect)):
        say(out, f"  {told}" if place else told)
    for note in answer.notes:
        say(out, note, "dim")
    say(out, "Type the same with confirm at its end to do it.", "dim")


def proposals(out: Console, answer: AreaProposals) -> None:
    say(out, f"{count(answer.tickets, 'ticket')} of {answer.days} days are in no area of the list", "bold")
    for one in answer.proposals:
        imported = ", as imports call it" if one.imported else ""
        say(out, f"{one.name}: {count(one.tickets, 'ticket')}{imported}", "bold")
        say(out, f"  words: {', '.join(one.words) or 'none'}")
        for title in one.titles:
            say(out, f"  theme: {title}", "dim")
        for quote in one.quotes:
            say(out, f"  “{quote.text}” ({quote.who})", "dim")
        say(out, f"  ticket-intel {one.line}", "dim")
    if not answer.proposals:
        say(out, "Nothing to propose: too few tickets, or their themes are in an area.")
