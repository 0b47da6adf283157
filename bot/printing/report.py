"""A report in a terminal, by the same document as everywhere."""

from __future__ import annotations

from rich.console import Console

from bot.answers import (
    Quote,
)
from bot.answers_reports import ReportAnswer
from bot.printing.parts import gap, quoted, say
from bot.report_document import document


def report(out: Console, answer: ReportAnswer) -> None:
    shown = document(answer)
    say(out, f"{shown.title}, {shown.period}", "bold")
    say(out, " ".join(shown.summary))
    for part in shown.parts:
        gap(out)
        say(out, part.title, "bold")
        for line in part.lead:
            say(out, line)
        for entry in part.entries:
            say(out, f"  {entry.head}: {' · '.join(entry.facts)}" if entry.facts else f"  {entry.head}")
            for note in entry.notes:
                say(out, f"     {note}", "dim")
            quoted(out, [Quote(one.text, one.who, one.at, one.link) for one in entry.quotes], 0)
    gap(out)
    for line in shown.footer:
        say(out, line, "dim")
