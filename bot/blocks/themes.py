"""The list of themes: what people ask about most."""

from __future__ import annotations

from dataclasses import replace

from bot.answers import ThemeLine, ThemeList
from bot.blocks import ids
from bot.blocks.editing import proposal_lines
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import (
    Block,
    actions,
    button,
    context,
    header,
    inline,
    link,
    moment,
    overflow,
    person,
    section,
)
from bot.grammar import Request, render
from bot.words import change, count, filtered, people, percent, period, standing

MOST_VALUE = 2000


def themes(answer: ThemeList, request: Request, *, shared: bool = False) -> Rendered:
    """The answer to `themes`; `request` is what was asked, for paging and sharing. A shared answer has no buttons that
    would change it for everybody."""
    title = f"Themes, {period(answer.period.name)}"
    told = f"{title}: {count(answer.total_tickets, 'ticket')}"
    first = answer.lines[0] if answer.lines else None
    text = f"{inline(told)}. First: {inline(first.theme.title)}" if first else f"{inline(told)}."
    blocks: list[Block | None] = [
        header(title),
        context(*_facts(answer)),
        context(answer.few) if answer.few else None,
        *proposal_lines(answer.proposals, shared=shared),
        *(_row(line, names=not shared) for line in answer.lines),
        context(inline(answer.note, 400)) if answer.note else None,
        _buttons(answer, request, shared=shared),
    ]
    return rendered(text, blocks)


def _facts(answer: ThemeList) -> list[str]:
    facts = [count(answer.total_tickets, "ticket")]
    if answer.total_tickets:
        facts.append(f"{percent(answer.covered)} in a theme")
        facts.append(f"{percent(answer.unsure)} read as unsure")
    if answer.not_read:
        facts.append(f"{answer.not_read:,} not read (language)")
    if answer.last_ticket_at:
        facts.append(f"last ticket {moment(answer.last_ticket_at)}")
    lines = [" · ".join(facts)]
    if answer.filters:
        lines.append(
            "Filter: " + ", ".join(inline(filtered(name, value), 80) for name, value in answer.filters.items())
        )
    return lines


def _row(line: ThemeLine, *, names: bool) -> Block:
    theme = line.theme
    facts = [f"*{count(line.tickets, 'ticket')}*", people(line.customers, line.unknown), _change(line)]
    facts.append(standing(theme.state, line.change))
    facts += [str(theme.severity)] if theme.severity else []
    facts += [f"owner {person(theme.owner)}"] if theme.owner and names else []
    facts += [link(theme.issue_url, theme.issue_key)] if theme.issue_key else []
    words = f"*{line.rank}. {theme.key}* {inline(theme.title)}\n{' · '.join(facts)}"
    menu = overflow(
        ids.ROW,
        [
            ("Open", f"theme {theme.key}"),
            ("Edit, merge, split", f"window:{ids.ROW_EDIT} theme:{theme.key}"),
            ("Evidence", f"window:{ids.ROW_EVIDENCE} theme:{theme.key}"),
            ("Copy as issue", f"window:{ids.ROW_ISSUE} theme:{theme.key}"),
            ("Watch", f"watch {theme.key}"),
        ],
    )
    return section(words, menu)


def _change(line: ThemeLine) -> str:
    """Bold when it means something, grey (italic) when it is within noise."""
    told = change(line.change)
    if line.change.within_noise:
        return f"_{told}_"
    return f"*{told}*" if line.rising else told


def _buttons(answer: ThemeList, request: Request, *, shared: bool) -> Block | None:
    if shared:
        return None
    made: list[Block] = []
    for label, page in (("Back", answer.page - 1), (f"Page {answer.page + 1} of {answer.pages}", answer.page + 1)):
        if 1 <= page <= answer.pages:
            made.append(_button(label, f"{ids.SHOW}:{page}", replace(request, page=page)))
    if answer.lines:
        made.append(_button("Share here", ids.SHARE, replace(request, page=answer.page)))
    made = [entry for entry in made if len(entry["value"]) <= MOST_VALUE]
    return actions(*made) if made else None


def _button(label: str, action: str, request: Request) -> Block:
    return button(label, action, render(request))
