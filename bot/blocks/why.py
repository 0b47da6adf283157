"""The receipt: what was counted, compared and decided, in words and numbers."""

from __future__ import annotations

from bot.answers_tickets import TicketReading, Why
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import (
    Block,
    actions,
    button,
    context,
    divider,
    header,
    inline,
    person,
    quoted,
    rich,
    rich_section,
    section,
    text,
)
from bot.receipt_words import receipt_lines
from bot.words import percent
from intelligence.model import Analysis, Receipt
from intelligence.taxonomy import DEFINITIONS

MOST_RECEIPTS = 5


def why(answer: Why) -> Rendered:
    """The answer to `why` for a theme or a ticket."""
    blocks: list[Block | None] = [
        header(f"Why {answer.subject}"),
        *(_reading(answer.reading) if answer.reading else []),
        section("\n".join(f"• {inline(line, 240)}" for line in answer.lines[:12])) if answer.lines else None,
    ]
    for receipt in answer.receipts[-MOST_RECEIPTS:]:
        blocks += [divider(), section(_receipt(receipt))]
    if len(answer.receipts) > MOST_RECEIPTS:
        blocks.append(context(f"The newest {MOST_RECEIPTS} of {len(answer.receipts)} receipts"))
    first = inline(answer.lines[0], 240) if answer.lines else ""
    return rendered(f"Why {inline(answer.subject)}: {first}", blocks)


def _receipt(receipt: Receipt) -> str:
    first, *rest = receipt_lines(receipt)
    return "\n".join([f"*{inline(first, 200)}*", *(inline(line, 240) for line in rest[:10])])


def _reading(reading: TicketReading) -> list[Block]:
    blocks: list[Block] = [rich(quoted(reading.excerpt, 240))]
    if reading.analysis is not None:
        blocks.append(section("\n".join(labels(reading.analysis))))
        if reading.analysis.drivers:
            shown = ", ".join(f"“{inline(word, 40)}”" for word in reading.analysis.drivers[:6])
            blocks.append(context(f"Words that decided: {shown}"))
        evidence = [quoted(item.quote, 200) for item in reading.analysis.evidence[:2]]
        if evidence:
            blocks.append(rich(rich_section(text("Evidence", bold=True)), *evidence))
    if reading.similarity is not None and reading.theme_key:
        blocks.append(context(f"Similarity to {reading.theme_key}: {reading.similarity:.2f}"))
    blocks.append(actions(button("Move", ids.EDIT_MOVE, f"ticket:{reading.ticket_id}")))
    return blocks


def labels(analysis: Analysis) -> list[str]:
    """The labels with how sure they are; below the threshold the two candidates."""
    title = DEFINITIONS[analysis.subcategory].title
    if analysis.corrected_by:
        line = f"*{title}*, by {person(analysis.corrected_by)}'s word, which stands over every reading"
    elif analysis.unsure:
        near = [f"{DEFINITIONS[a.subcategory].title} {percent(a.probability)}" for a in analysis.alternatives[:2]]
        line = f"*Unsure*: {' or '.join(near) if near else title}"
    else:
        line = f"*{title}*, {percent(analysis.confidence)} sure"
    told = [line, f"Frustration {analysis.frustration}, urgency {analysis.urgency}, churn risk {analysis.churn_risk}"]
    if analysis.cause_phrase:
        told.append(f"Cause named: {inline(analysis.cause_phrase, 160)}")
    told.append(f"Read by {inline(analysis.analyzer, 40)} ({inline(analysis.model, 60)})")
    return told
