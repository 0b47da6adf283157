"""Backlogs and customers at risk in a terminal."""

from __future__ import annotations

from functools import partial

from rich.console import Console

from bot import words
from bot.answers import Quote
from bot.answers_evidence import ArticleList, EvidenceList
from bot.answers_mining import Backlog, RiskList
from bot.blocks.parts import clean, truncate
from bot.printing.parts import indented
from bot.words_evidence import article_said, evidence_facts, evidence_head, evidence_who
from bot.words_mining import TITLES, below, details, facts_line, risk_facts, risk_totals, todo, totals, trend

_QUOTE = 200
_line = partial(indented, most=400)


def backlog(out: Console, answer: Backlog) -> None:
    """A backlog: each item with what was said and what it would take."""
    _line(out, f"{TITLES[answer.kind]}, {words.period(answer.period.name)}", "bold")
    _line(out, totals(answer), "dim")
    _filters(out, answer)
    if answer.few:
        _line(out, answer.few)
    for item in answer.items:
        _line(out, "")
        _line(out, f"{item.rank}. {item.name}  {trend(item)}", "bold")
        _line(out, f"   {' · '.join(facts_line(item))}")
        for label, told in details(item):
            _line(out, f"   {label}: {told}")
        for quote in item.quotes[:1]:
            _quote(out, quote)
        keys = ", ".join(theme.key for theme in item.themes)
        _line(out, f"   → {todo(item)}{f' ({keys})' if keys else ''}")
    _line(out, "")
    _end(out, answer, below(answer) if answer.of_tickets else None)


def risk(out: Console, answer: RiskList) -> None:
    """Customers who may leave."""
    _line(out, f"Customers at risk, {words.period(answer.period.name)}", "bold")
    _line(out, risk_totals(answer), "dim")
    _filters(out, answer)
    for line in answer.lines:
        _line(out, "")
        _line(out, f"{line.rank}. {line.name}", "bold")
        _line(out, f"   {' · '.join(risk_facts(line))}")
        if line.themes:
            _line(out, f"   Over: {', '.join(f'{theme.key} {theme.title}' for theme in line.themes)}")
        for quote in line.quotes[:1]:
            _quote(out, quote)
    _line(out, "")
    _end(out, answer, None)


def evidence(out: Console, answer: EvidenceList) -> None:
    """What roadmap items can show for themselves."""
    _line(out, f"Evidence for the roadmap, {words.period(answer.period.name)}", "bold")
    for line in answer.lines:
        _line(out, "")
        _line(out, f"{evidence_head(line)}  {words.sparkline(line.weeks)}", "bold")
        _line(out, f"   {' · '.join(evidence_facts(line))}")
        if told := evidence_who(line):
            _line(out, f"   {told}")
        for quote in line.quotes[:3]:
            _quote(out, quote)
        if line.held_back:
            _line(out, f"   {words.count(line.held_back, 'quote')} held back: their channels share counts only", "dim")
    _line(out, "")
    _end(out, answer, None)


def articles(out: Console, answer: ArticleList) -> None:
    """Articles with what they spared."""
    for line in answer.lines:
        _line(out, f"{line.theme.key} {line.theme.title}: {line.url}, live since {line.at:%Y-%m-%d}", "bold")
        _line(out, f"   {article_said(line)}")
    if answer.note:
        _line(out, answer.note)


def _filters(out: Console, answer: Backlog | RiskList) -> None:
    if answer.filters:
        _line(out, "Only " + ", ".join(words.filtered(name, value) for name, value in answer.filters.items()), "dim")


def _quote(out: Console, quote: Quote) -> None:
    _line(out, f"   “{truncate(clean(quote.text), _QUOTE)}” ({clean(quote.who)}, {quote.at:%Y-%m-%d})")


def _end(out: Console, answer: Backlog | RiskList | EvidenceList, told: str | None) -> None:
    if answer.note:
        _line(out, answer.note)
    if told:
        _line(out, told, "dim")
    if answer.pages > 1:
        _line(out, f"Page {answer.page} of {answer.pages}; page:{min(answer.page + 1, answer.pages)} turns", "dim")
