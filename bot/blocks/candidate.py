"""Candidates: what reads now, what was tried beside it, the changed tickets, and the buttons that switch."""

from __future__ import annotations

from bot import candidate_words as words
from bot.answers_candidate import CandidateCard, CandidateList, ChangedCase
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, actions, button, context, divider, escape, header, inline, link, section
from bot.words import count
from intelligence.definitions import Proposal
from intelligence.taxonomy import DEFINITIONS

MOST_TEXT = 300


def listing(answer: CandidateList) -> Rendered:
    """The answer to `candidate`."""
    reader = f"*{inline(answer.model, 80)}* reads" if answer.model else "The local analyzer reads, and asks no model"
    edition = f"candidate {answer.number}" if answer.number is not None else "as shipped"
    asked = f", {edition}: {', '.join(inline(one, 60) for one in answer.reads_with)}" if answer.model else ""
    first = f"{reader}{asked}."
    blocks: list[Block | None] = [header("What reads, and what could"), section(first)]
    for card in answer.candidates:
        blocks += [divider(), section(_head(card)), _row(card)]
    for proposal in answer.proposals:
        blocks += [divider(), *_proposal(proposal, measurable=answer.model is not None)]
    blocks.append(context(_hint(answer)))
    return rendered(first, blocks)


def _hint(answer: CandidateList) -> str:
    told = f"{count(answer.words, 'ticket')} that people spoke about. "
    if answer.model is None:
        return told + escape(words.UNMEASURED)
    return told + "`candidate try triage.v2`, `candidate try gpt-4o`, or both at once, tries another beside it."


def _proposal(value: Proposal, *, measurable: bool) -> list[Block]:
    told = f"*{inline(words.proposal(value), 160)}*\n{_before_after(value.before, value.after)}"
    label = "Try this definition" if measurable else "Look at it"
    return [section(told), actions(button(label, ids.OPEN, f"candidate try {value.said.value}"))]


def _before_after(before: str, after: str) -> str:
    return f"Now: {inline(before, MOST_TEXT)}\nProposed: {inline(after, MOST_TEXT)}"


def card(answer: CandidateCard) -> Rendered:
    """One candidate with what came of it."""
    first = f"Candidate {answer.number}: {words.verdict(answer)}"
    blocks: list[Block | None] = [header(first), section(_changes(answer))]
    blocks += [
        section(f"*{DEFINITIONS[one.label].title}*\n{_before_after(one.before, one.after)}") for one in answer.sharpened
    ]
    if answer.unmeasured:
        blocks.append(section(escape(answer.unmeasured)))
    if answer.comparison is not None:
        figures = "\n".join(f"• {escape(words.figure(figure))}" for figure in answer.comparison.figures)
        blocks += [section(figures), context(escape(words.counted(answer)))]
    if answer.cases:
        blocks.append(section("\n".join(["*Read differently*", *map(_case, answer.cases)])))
    if answer.hidden:
        blocks.append(context(f"{count(answer.hidden, 'changed ticket')} more, or not yours to see."))
    blocks.append(_row(answer, shown=True))
    if answer.comparison is not None:
        blocks.append(context(escape(words.CAVEAT)))
    return rendered(first, blocks)


def told(answer: CandidateCard) -> Rendered:
    """The direct message that a trial is over."""
    first = f"Candidate {answer.number}: {words.verdict(answer)}"
    figures = answer.comparison.figures[:2] if answer.comparison else ()
    lines = [f"*{escape(first)}*", *(f"• {escape(words.figure(figure))}" for figure in figures)]
    blocks: list[Block | None] = [section("\n".join(lines)), section(_changes(answer)), _row(answer)]
    return rendered(first, [*blocks, context("You asked to try it. Nothing changed so far.")])


def _changes(answer: CandidateCard) -> str:
    return "\n".join(inline(line, 200) for line in answer.changes) or "Nothing differs any more"


def _head(answer: CandidateCard) -> str:
    told = f"*Candidate {answer.number}*, {words.standing(answer)}. {escape(words.verdict(answer))}."
    return f"{told}\n{_changes(answer)}"


def _case(case: ChangedCase) -> str:
    live, candidate, said = (DEFINITIONS[label].title for label in (case.live, case.candidate, case.said))
    mark = "lost" if case.live is case.said else "gained" if case.candidate is case.said else "both wrong"
    quoted = f" “{inline(case.excerpt, 120)}”" if case.excerpt else ""
    opened = f" {link(case.link, 'open')}" if case.link else ""
    return f"• Ticket {case.ticket_id}, {mark}: {live} → {candidate}, people say {said}.{quoted}{opened}"


def _row(answer: CandidateCard, *, shown: bool = False) -> Block | None:
    """Buttons: what can be done with it now."""
    made: list[Block] = []
    if answer.live:
        made.append(button("Take back", ids.UNDO, f"edition:{answer.number}"))
    elif not answer.stale and not answer.waiting:
        made.append(_use(answer))
    if not shown:
        made.append(button("Show the tickets", ids.OPEN, f"candidate show {answer.number}"))
    return actions(*made) if made else None


def _use(answer: CandidateCard) -> Block:
    if answer.refusal is None:
        return button("Use it", ids.OPEN + ":use", f"candidate use {answer.number}", style="primary")
    return button("Use it all the same", ids.OPEN + ":use", f"candidate use {answer.number} force", style="danger")
