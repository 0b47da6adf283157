"""Changes in a terminal: what would move or go, the line that does it, what was done."""

from __future__ import annotations

from rich.console import Console

from bot import words
from bot.answers import (
    Done,
)
from bot.answers_privacy import ForgetPreview
from bot.edits import EditForm, MergePreview, MoveForm, SplitPreview
from bot.printing.parts import quoted, say
from bot.privacy_words import FINAL, forgetting


def edit_form(out: Console, form: EditForm) -> None:
    theme = form.theme
    say(out, f"{theme.key} {theme.title}", "bold")
    say(out, f"{words.count(form.tickets, 'ticket')}, planned for {theme.roadmap or 'nothing'}")
    say(out, f"ticket-intel rename {theme.key} <title> · ticket-intel plan {theme.key} Q2", "dim")


def merge_preview(out: Console, preview: MergePreview) -> None:
    kept, absorbed = preview.kept, preview.absorbed
    alerts, tickets = words.count(preview.alerts, "alert"), words.count(preview.tickets, "ticket")
    say(out, f"Moves {tickets} from {absorbed.key} into {kept.key}; {alerts} follow", "bold")
    for theme, said in ((kept, preview.kept_quotes), (absorbed, preview.absorbed_quotes)):
        say(out, f"{theme.key} {theme.title}")
        quoted(out, said, 0)
    if preview.stays_out:
        say(out, f"{words.count(preview.stays_out, 'ticket')} stay out: somebody said that they are not {kept.key}.")
    say(out, f"To do it: ticket-intel merge {kept.key} {absorbed.key} confirm", "dim")


def split_preview(out: Console, preview: SplitPreview) -> None:
    say(out, f"{preview.theme.key} {preview.theme.title}: {words.count(preview.tickets, 'ticket')}", "bold")
    for part in preview.parts:
        size = f"{words.count(part.tickets, 'ticket')}, {words.people(part.customers, part.unknown)}"
        say(out, f"{part.number}. {part.title} ({size})")
        quoted(out, part.quotes, 0)
    number = preview.chosen or preview.parts[0].number
    say(out, f"To let a part leave: ticket-intel split {preview.theme.key} {number} confirm", "dim")


def move_form(out: Console, form: MoveForm) -> None:
    home = f"in {form.home.key} {form.home.title}" if form.home else "in no theme"
    say(out, f"Ticket {form.ticket_id} is {home}", "bold")
    say(out, form.excerpt)
    for theme in form.nearest[:5]:
        say(out, f"  {theme.key} {theme.title}")
    say(out, f"To move it: ticket-intel move {form.ticket_id} TI-n, or: move {form.ticket_id} new", "dim")


def forget_preview(out: Console, preview: ForgetPreview) -> None:
    headline, *rest = forgetting(preview)
    say(out, headline, "bold")
    for line in rest:
        say(out, f"  {line}")
    say(out, FINAL)
    say(out, f"To do it: ticket-intel forget {preview.handle} confirm", "dim")


def done(out: Console, answer: Done) -> None:
    say(out, answer.text)
    for line in answer.details:
        say(out, f"  {line}", "dim")
    if answer.undo and answer.undo.startswith("area:"):
        say(out, f"To take it back: ticket-intel areas undo {answer.undo.removeprefix('area:')}", "dim")
    if answer.undo and answer.undo.startswith("event:"):
        say(out, f"To take it back: ticket-intel undo {answer.undo.removeprefix('event:')}", "dim")
    if answer.undo and answer.undo.startswith("edition:"):
        say(out, "To take it back: ticket-intel candidate back", "dim")
