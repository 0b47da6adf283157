"""Tickets in a terminal: whether one is known, what means the same, why it was read so."""

from __future__ import annotations

from rich.console import Console

from bot import words
from bot.answers import KnownAnswer
from bot.answers_tickets import SearchResult, TicketReading, Why
from bot.blocks.parts import clean, truncate
from bot.printing.parts import MOST_QUOTE, columns, cut, gap, say
from bot.printing.themes import card
from bot.receipt_words import receipt_lines
from intelligence.taxonomy import DEFINITIONS


def known(out: Console, answer: KnownAnswer) -> None:
    word = words.VERDICT_WORDS[answer.verdict]
    if answer.best is not None:
        say(out, f"{word}, {words.sure(answer.probability)}", "bold")
        card(out, answer.best)
    else:
        say(out, f"{word}. {words.without_theme(answer)}", "bold")
    for told, phrases in (("Both say", answer.matched), ("Only this one says", answer.differs)):
        if shown := [f"“{truncate(clean(phrase), 60)}”" for phrase in phrases if clean(phrase)]:
            say(out, f"{told} {words.joined(shown, 4)}", "dim")
    if answer.draft:
        say(out, f"Draft reply: {answer.draft}")
    rest = [c for c in answer.candidates if answer.best is None or c.theme.id != answer.best.theme.id]
    for candidate in rest[:3]:
        told = f"  or {candidate.theme.key} {truncate(clean(candidate.theme.title), 80)}"
        say(out, f"{told} ({words.count(candidate.tickets, 'ticket')})", "dim")


def search(out: Console, answer: SearchResult) -> None:
    if not answer.hits:
        say(out, f"No ticket means that among {words.count(answer.total, 'ticket')}. Try fewer or plainer words.")
        return
    table = columns("ticket", "day", "theme", "who", "says", right=("ticket",))
    for hit in answer.hits:
        day = f"{hit.at:%Y-%m-%d}"
        table.add_row(str(hit.ticket_id), day, hit.theme_key or "", cut(hit.who, 24), cut(hit.excerpt, 160))
    out.print(table)
    say(out, f"Searched {words.count(answer.total, 'ticket')} by meaning, best first", "dim")


def why(out: Console, answer: Why) -> None:
    say(out, f"Why {answer.subject}", "bold")
    if answer.reading is not None:
        _reading(out, answer.reading)
    for line in answer.lines:
        say(out, f"• {line}")
    for receipt in answer.receipts:
        gap(out)
        for line in receipt_lines(receipt):
            say(out, line)


def _reading(out: Console, reading: TicketReading) -> None:
    say(out, f"  “{truncate(clean(reading.excerpt), MOST_QUOTE)}”")
    if (analysis := reading.analysis) is None:
        return
    title = DEFINITIONS[analysis.subcategory].title
    sure = "unsure" if analysis.unsure else f"{words.percent(analysis.confidence)} sure"
    sure = f"by {clean(analysis.corrected_by)}'s word" if analysis.corrected_by else sure
    say(out, f"{title} ({sure}), frustration {analysis.frustration}, urgency {analysis.urgency}")
    if analysis.drivers:
        say(out, f"Words that decided: {', '.join(analysis.drivers)}", "dim")
