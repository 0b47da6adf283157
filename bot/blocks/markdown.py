"""An alert or a theme as Markdown for any issue tracker: inert there too."""

from __future__ import annotations

import re

from bot.answers import AlertView, Quote, ThemeCard, Workaround
from bot.blocks.parts import address, clean, truncate
from bot.words import KIND_WORDS, count, days_line, lift, people, receipt_lines, sparkline
from bot.words import workaround as workaround_words

MOST = 3000  # what a Slack input can be filled with
_MARKS = re.compile(r"([\\`*_{}\[\]|~])")
_MENTION = re.compile(r"(?<![\w])@(?=\w)")


def words(text: str, most: int = 300) -> str:
    """Words of others in Markdown: one line, no HTML, no marks, and nobody mentioned."""
    line = truncate(clean(text), most).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = _MARKS.sub(r"\\\1", line)
    line = re.sub(r"^([#+-])", r"\\\1", line)
    return _MENTION.sub("@\u2060", line)


def alert_issue(view: AlertView) -> str:
    """Title, what happened, who is affected, quotes and receipt of an alert."""
    parts = [
        f"# {words(view.headline, 120) or KIND_WORDS[view.kind]}",
        f"{count(view.tickets, 'ticket')}, {people(view.customers, view.unknown)} in {words(view.window, 40)}"
        + (f", since {words(view.since, 60)}." if view.since else "."),
        _list("Impact", _impact(view)),
        _list("Who is different", [words(lift(entry), 160) for entry in view.lifts[:3]]),
        _list("Shortly before (may be a coincidence)", [words(entry, 120) for entry in view.suspects]),
        _quotes(view.quotes),
        _workaround(view.workaround),
        _list("Why this was noticed", [words(line, 240) for line in receipt_lines(view.receipt)]),
        f"Ticket Intel {view.theme.key if view.theme else f'alert {view.alert_id}'}",
    ]
    return _fit(parts)


def theme_issue(card: ThemeCard) -> str:
    """The same for a theme."""
    chart = [f"`{sparkline([n for _, n in card.days])}` {days_line(card.days, card.usual)}"] if card.days else []
    parts = [
        f"# {words(card.theme.title, 120)}",
        f"{count(card.tickets, 'ticket')}, {people(card.customers, card.unknown)}."
        + (f" Severity {card.theme.severity}." if card.theme.severity else ""),
        *chart,
        _list("Who is different", [words(lift(entry), 160) for entry in card.lifts[:3]]),
        _quotes(card.quotes),
        _workaround(card.workaround),
        _list("Pages agents answered with", [entry.url for entry in card.links if address(entry.url)]),
        f"Ticket Intel {card.theme.key}",
    ]
    return _fit(parts)


def _impact(view: AlertView) -> list[str]:
    lines = [f"{words(plan, 40)}: {count(number, 'ticket')}" for plan, number in view.plans[:3]]
    lines += [f"{view.frustrated} frustrated"] if view.frustrated else []
    if view.severity:
        lines.append(f"{view.severity}{f': {words(view.severity_reason, 160)}' if view.severity_reason else ''}")
    return lines


def _list(title: str, lines: list[str]) -> str:
    return "\n".join([f"## {title}", *(f"- {line}" for line in lines if line)]) if any(lines) else ""


def _quotes(quotes: tuple[Quote, ...]) -> str:
    made = []
    for quote in quotes:
        if said := words(quote.text):
            url = address(quote.link)
            where = f" ([open]({url.replace('(', '%28').replace(')', '%29')}))" if url else ""
            made.append(f"> {said}\n>\n> {words(quote.who, 60) or 'a customer'}, {quote.at:%Y-%m-%d}{where}")
    return "## What customers say\n" + "\n\n".join(made) if made else ""


def _workaround(value: Workaround | None) -> str:
    if value is None or not clean(value.text):
        return ""
    return f"## {workaround_words(value)}\n> {words(value.text, 400)}"


def _fit(parts: list[str]) -> str:
    """What fits into an input: whole parts from the start, the last line always."""
    *body, last = [part for part in parts if part]
    kept: list[str] = []
    for part in body:
        if len("\n\n".join([*kept, part, last])) > MOST:
            break
        kept.append(part)
    return "\n\n".join([*kept, last])
