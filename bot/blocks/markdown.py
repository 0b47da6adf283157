"""An alert or a theme as Markdown for any issue tracker: inert there too."""

from __future__ import annotations

import re

from bot.answers import AlertView, Quote, ThemeCard, Workaround
from bot.answers_mining import BacklogItem
from bot.blocks.parts import address, clean, truncate
from bot.receipt_words import receipt_lines
from bot.words import KIND_WORDS, count, days_line, lift, people, sparkline, spread
from bot.words import workaround as workaround_words
from intelligence.mining.documentation_gaps import DocFacts
from intelligence.mining.mention import Phrase
from intelligence.model import Theme

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
        + (f", since {words(view.since, 60)}" if view.since else "")
        + f"{spread(view)}.",
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


def docs_issue(item: BacklogItem, theme: Theme, days: int) -> str:
    """What docs writers need of an entry of their backlog: the work, what is asked, an outline, the page, evidence. `days`: the period
    it was counted over.
    """
    facts = item.facts
    assert isinstance(facts, DocFacts)
    parts = [
        f"# {words(item.name, 120)}",
        f"{words(facts.work.value.capitalize(), 40)}: {count(item.tickets, 'ticket')}, "
        f"{people(item.customers, item.unknown)} in {days} days.",
        _list("What people ask", [_asked(phrase) for phrase in facts.questions]),
        _list("Outline", [words(part.text, 160) for part in facts.outline]),
        _list("The page", _page(facts)),
        _list("Searched for in the help centre", [_searched(*entry) for entry in facts.searches]),
        _quotes(item.quotes),
        _workaround(item.workaround),
        f"Ticket Intel {theme.key}, documentation backlog",
    ]
    return _fit(parts)


def _asked(phrase: Phrase) -> str:
    return words(phrase.text, 200) + (f" ({phrase.tickets})" if phrase.tickets > 1 else "")


def _page(facts: DocFacts) -> list[str]:
    """The page that should have answered, why it did not, and what agents linked instead."""
    lines: list[str] = []
    if facts.page is not None:
        title, where = words(facts.page.title, 120), address(facts.page.url) or ""
        heading = f", section {words(facts.page.heading, 80)}" if facts.page.heading else ""
        lines.append(" ".join(part for part in (title, where) if part) + heading)
    lines += [words(facts.reason, 240)] if facts.reason else []
    seen = facts.page.url if facts.page else None
    lines += [f"Agents linked {url} in {count(n, 'ticket')}" for url, n in facts.links if address(url) and url != seen]
    return lines


def _searched(query: str, times: int, in_vain: int) -> str:
    return f"{words(query, 80)}: {times}, {in_vain} in vain"


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
