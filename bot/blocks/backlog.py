"""Backlogs and customers at risk: what to decide on, with its evidence."""

from __future__ import annotations

from dataclasses import replace

from bot.answers_mining import Backlog, BacklogItem, BacklogKind, RiskLine, RiskList
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, actions, button, context, header, inline, overflow, quotes, section
from bot.grammar import Request, render
from bot.words import count, filtered, period
from bot.words_mining import TITLES, below, details, facts_line, risk_facts, risk_totals, todo, totals, trend

MOST_VALUE = 2000
_DETAIL = 220
_QUOTE = 200


def backlog(answer: Backlog, request: Request, *, shared: bool = False) -> Rendered:
    """A backlog; `request` is what was asked, for paging, sharing and copying."""
    title = f"{TITLES[answer.kind]}, {period(answer.period.name)}"
    first = answer.items[0] if answer.items else None
    text = f"{inline(title)}: {totals(answer)}" + (f". First: {inline(first.name)}" if first else "")
    blocks: list[Block | None] = [
        header(title),
        context(*_lines(totals(answer), answer.filters)),
        context(answer.few) if answer.few else None,
        *(block for item in answer.items for block in _item(item, _opens(answer, item) and not shared)),
        context(inline(answer.note, 300)) if answer.note else None,
        context(inline(below(answer), 300)) if answer.of_tickets else None,
        paging(request, answer.page, answer.pages, shown=bool(answer.items), shared=shared),
    ]
    return rendered(text, blocks)


def risk(answer: RiskList, request: Request, *, shared: bool = False) -> Rendered:
    """Customers who may leave, worst first."""
    title = f"Customers at risk, {period(answer.period.name)}"
    blocks: list[Block | None] = [
        header(title),
        context(*_lines(risk_totals(answer), answer.filters)),
        *(block for line in answer.lines for block in _customer(line)),
        context(inline(answer.note, 300)) if answer.note else None,
        paging(request, answer.page, answer.pages, shown=bool(answer.lines), shared=shared),
    ]
    return rendered(f"{inline(title)}: {inline(risk_totals(answer), 200)}", blocks)


def _lines(told: str, filters: object) -> list[str]:
    lines = [inline(told, 200)]
    if isinstance(filters, dict) and filters:
        named = (filtered(str(name), str(value)) for name, value in filters.items())
        lines.append("Filter: " + ", ".join(inline(words, 80) for words in named))
    return lines


def _opens(answer: Backlog, item: BacklogItem) -> bool:
    """Whether an issue for docs writers can be opened of it: a theme follows it from then on."""
    return answer.kind is BacklogKind.DOCS and answer.tracker and item.issue is None and bool(item.themes)


def _item(item: BacklogItem, opens: bool) -> list[Block | None]:
    """The item in words, one quote of a customer, and what it would take."""
    facts = facts_line(item)
    rising = not item.change.within_noise and item.change.now > item.change.before
    shown = [inline(fact, 60) for fact in facts]
    shown[0] = f"*{shown[0]}*"
    if rising:
        shown = [f"*{fact}*" if fact.startswith(("up ", "none before")) else fact for fact in shown]
    lines = [f"*{item.rank}. {inline(item.name, 90)}*  `{trend(item)}`", " · ".join(shown)]
    lines += [f"_{label}:_ {inline(words, _DETAIL)}" for label, words in details(item)]
    lines.append(f"*→* {inline(todo(item), 240)}")
    menu = [(f"Open {theme.key}", f"theme {theme.key}") for theme in item.themes[:2]]
    menu += [(f"Evidence of {theme.key}", f"window:{ids.ROW_EVIDENCE} theme:{theme.key}") for theme in item.themes[:1]]
    menu += [("Copy as issue", f"window:{ids.ROW_ISSUE} theme:{theme.key}") for theme in item.themes[:1]]
    said = quotes(item.quotes[:1], _QUOTE)
    held = context(f"{count(item.held_back, 'quote')} held back: their channels share counts only")
    return [
        section("\n".join(lines), overflow(ids.ROW, menu) if menu else None),
        said,
        held if item.held_back and said is None else None,
        actions(button("Create issue", ids.ISSUE_OPEN, f"theme:{item.themes[0].key} target:docs")) if opens else None,
    ]


def _customer(line: RiskLine) -> list[Block | None]:
    facts = [inline(fact, 60) for fact in risk_facts(line)]
    lines = [f"*{line.rank}. {inline(line.name, 80)}*", f"*{facts[0]}* · {' · '.join(facts[1:])}"]
    if line.themes:
        lines.append(f"_Over:_ {', '.join(f'{theme.key} {inline(theme.title, 60)}' for theme in line.themes)}")
    if line.loyalty:
        lines.append(f"_But:_ {inline(', '.join(word.replace('_', ' ') for word in line.loyalty), 120)}")
    menu = [(f"Open {theme.key}", f"theme {theme.key}") for theme in line.themes]
    return [section("\n".join(lines), overflow(ids.ROW, menu) if menu else None), quotes(line.quotes[:1], _QUOTE)]


def paging(request: Request, page: int, pages: int, *, shown: bool, shared: bool) -> Block | None:
    if shared or not request.verb:
        return None
    here = replace(request, page=page)
    made = [
        button(label, f"{ids.SHOW}:{to}", render(replace(request, page=to)))
        for label, to in (("Back", page - 1), (f"Page {page + 1} of {pages}", page + 1))
        if 1 <= to <= pages
    ]
    if shown:
        made.append(button("Share here", ids.SHARE, render(here)))
        made.append(button("Copy as Markdown", ids.COPY, render(here)))
    made = [entry for entry in made if len(entry["value"]) <= MOST_VALUE]
    return actions(*made) if made else None
