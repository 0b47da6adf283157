"""Themes in a terminal: the list, and one with all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import words
from bot.answers import (
    ThemeCard,
    ThemeLine,
    ThemeList,
)
from bot.printing.parts import columns, cut, quoted, say, workaround


def themes(out: Console, answer: ThemeList) -> None:
    facts = [words.count(answer.total_tickets, "ticket")]
    if answer.total_tickets:
        facts.append(f"{words.percent(answer.covered)} in a theme")
        facts.append(f"{words.percent(answer.unsure)} read as unsure")
    facts += [f"{answer.not_read:,} not read (language)"] if answer.not_read else []
    facts += [f"last ticket {answer.last_ticket_at:%Y-%m-%d %H:%M}"] if answer.last_ticket_at else []
    say(out, f"Themes, {words.period(answer.period.name)}", "bold")
    say(out, " · ".join(facts), "dim")
    if answer.filters:
        say(out, "Only " + ", ".join(words.filtered(name, value) for name, value in answer.filters.items()), "dim")
    if answer.lines:
        out.print(rows(answer.lines))
    if answer.pages > 1:
        say(out, f"Page {answer.page} of {answer.pages}; page:{min(answer.page + 1, answer.pages)} turns", "dim")
    for said in (answer.few, answer.note):
        if said:
            say(out, said)


def rows(lines: Sequence[ThemeLine]) -> Table:
    table = columns("", "id", "theme", "tickets", "customers", "change", "state", "sev", "owner", right=("tickets",))
    for line in lines:
        theme = line.theme
        change = Text(words.change(line.change), style="dim" if line.change.within_noise else "bold")
        people = words.people(line.customers, line.unknown).replace(" customers", "").replace(" customer", "")
        table.add_row(
            str(line.rank or ""),
            theme.key,
            cut(theme.title, 70),
            f"{line.tickets:,}",
            people,
            change,
            words.STATE_WORDS[theme.state],
            str(theme.severity or ""),
            cut(theme.owner or "", 20),
        )
    return table


def card(out: Console, card: ThemeCard) -> None:
    theme = card.theme
    say(out, f"{theme.key} {theme.title}", "bold")
    say(out, f"{words.STATE_WORDS[theme.state]}, {words.STATE_MEANS[theme.state]}. {_facts(card)}")
    if card.days:
        say(out, f"{words.sparkline([n for _, n in card.days])}  {words.days_line(card.days, card.usual)}")
    for release in card.releases:
        say(out, f"  release {release.name} on {release.at:%Y-%m-%d}", "dim")
    for entry in card.lifts[:3]:
        say(out, f"  {words.lift(entry)}")
    quoted(out, card.quotes, card.held_back)
    workaround(out, card.workaround)
    for page in card.links:
        say(out, f"{words.posted_link(page)} {page.url}")
    for entry in card.lineage:
        taken = ", taken back" if entry.undone else ""
        say(out, f"  {entry.at:%Y-%m-%d}: {entry.text} ({entry.actor}{taken})", "dim")


def _facts(card: ThemeCard) -> str:
    facts = [words.count(card.tickets, "ticket"), words.people(card.customers, card.unknown)]
    facts += [f"{card.frustrated} frustrated"] if card.frustrated else []
    facts += [str(card.theme.severity)] if card.theme.severity else []
    facts += [f"owner {card.theme.owner}"] if card.theme.owner else []
    stands = f" ({card.issue_status})" if card.issue_status else ""
    facts += [f"issue {card.theme.issue_key}{stands}"] if card.theme.issue_key else []
    if card.docs_issue:
        facts.append(f"documentation {card.docs_issue.key} ({card.docs_issue.status})")
    facts += [f"planned for {card.planned}"] if card.planned else []
    return " · ".join(facts)
