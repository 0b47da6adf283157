"""Evidence for the roadmap, and what articles spared, as Slack messages."""

from __future__ import annotations

from bot.answers_evidence import ArticleList, EvidenceLine, EvidenceList
from bot.blocks import ids
from bot.blocks.backlog import paging
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, context, header, inline, link, overflow, quotes, section
from bot.grammar import Request
from bot.words import count, period, sparkline
from bot.words_evidence import article_said, evidence_facts, evidence_head, evidence_who

QUOTES, QUOTE = 3, 240


def evidence(answer: EvidenceList, request: Request, *, shared: bool = False) -> Rendered:
    """What each roadmap item can show for itself."""
    title = f"Evidence for the roadmap, {period(answer.period.name)}"
    first = f": {inline(evidence_head(answer.lines[0]))}" if answer.lines else ""
    blocks: list[Block | None] = [
        header(title),
        *(block for line in answer.lines for block in _line(line)),
        context(inline(answer.note, 300)) if answer.note else None,
        paging(request, answer.page, answer.pages, shown=bool(answer.lines), shared=shared),
    ]
    return rendered(f"{inline(title)}{first}", blocks)


def _line(line: EvidenceLine) -> list[Block | None]:
    head = evidence_head(line)
    lines = [f"*{link(line.url, head) if line.url else inline(head, 120)}*  `{sparkline(line.weeks)}`"]
    lines.append(" · ".join(inline(fact, 80) for fact in evidence_facts(line)))
    if told := evidence_who(line):
        lines.append(inline(told, 300))
    held = f"{count(line.held_back, 'quote')} held back: their channels share counts only"
    menu = [(f"Open {theme.key}", f"theme {theme.key}") for theme in line.themes[:4]]
    return [
        section("\n".join(lines), overflow(ids.ROW, menu) if menu else None),
        quotes(line.quotes[:QUOTES], QUOTE),
        context(held) if line.held_back else None,
    ]


def articles(answer: ArticleList) -> Rendered:
    """Every article with what it spared."""
    lines = [
        f"• {link(line.url, line.url)} for *{inline(f'{line.theme.key} {line.theme.title}')}*, live since "
        f"{line.at:%Y-%m-%d}: {inline(article_said(line), 300)}"
        for line in answer.lines[:20]
    ]
    told = answer.note or count(len(answer.lines), "article")
    return rendered(
        inline(told, 300), [header("Articles, and what they spared"), section("\n".join(lines) or inline(told, 300))]
    )
