"""Candidates in a terminal: the same words as in Slack, as lines."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from bot import candidate_words as words
from bot.answers_candidate import CandidateCard, CandidateList
from bot.blocks.parts import clean, truncate
from bot.words import count
from intelligence.taxonomy import DEFINITIONS

MOST_LINE = 600


def listing(out: Console, answer: CandidateList) -> None:
    """The answer to `candidate`."""
    if answer.model is None:
        _line(out, "The local analyzer reads, and asks no model", "bold")
    else:
        edition = f"candidate {answer.number}" if answer.number is not None else "as shipped"
        _line(out, f"{answer.model} reads, {edition}: {', '.join(answer.reads_with)}", "bold")
    for one in answer.candidates:
        _line(out, f"Candidate {one.number}, {words.standing(one)}. {words.verdict(one)}.")
        for change in one.changes:
            _line(out, f"  {change}", "dim")
    for proposal in answer.proposals:
        _line(out, words.proposal(proposal))
        _line(out, f"  now: {proposal.before}", "dim")
        _line(out, f"  proposed: {proposal.after}", "dim")
        _line(out, f"  To try it: ticket-intel candidate try {proposal.said.value}", "dim")
    _line(out, f"{count(answer.words, 'ticket')} that people spoke about", "dim")


def card(out: Console, answer: CandidateCard) -> None:
    """One candidate with what came of it."""
    _line(out, f"Candidate {answer.number}, {words.standing(answer)}. {words.verdict(answer)}.", "bold")
    for change in answer.changes:
        _line(out, f"  {change}")
    for one in answer.sharpened:
        _line(out, f"  {DEFINITIONS[one.label].title}, now: {one.before}", "dim")
        _line(out, f"  {DEFINITIONS[one.label].title}, proposed: {one.after}", "dim")
    if answer.unmeasured:
        _line(out, answer.unmeasured)
    if answer.comparison is not None:
        for figure in answer.comparison.figures:
            _line(out, f"  {words.figure(figure)}")
        _line(out, words.counted(answer), "dim")
    for case in answer.cases:
        live, candidate, said = (DEFINITIONS[label].title for label in (case.live, case.candidate, case.said))
        _line(out, f"  ticket {case.ticket_id}: {live} → {candidate}, people say {said}")
        if case.excerpt:
            _line(out, f"     “{truncate(clean(case.excerpt), 160)}”", "dim")
    if answer.hidden:
        _line(out, f"  {count(answer.hidden, 'changed ticket')} more", "dim")
    if answer.comparison is not None:
        _line(out, words.CAVEAT, "dim")
    _next(out, answer)


def _next(out: Console, answer: CandidateCard) -> None:
    if answer.live:
        _line(out, "To take it back: ticket-intel candidate back", "dim")
    elif not answer.stale and not answer.waiting:
        force = " force" if answer.refusal else ""
        if answer.refusal:
            _line(out, answer.refusal)
        _line(out, f"To switch it on: ticket-intel candidate use {answer.number}{force}", "dim")


def _line(out: Console, text: str, style: str = "") -> None:
    out.print(Text(truncate(clean(text), MOST_LINE) or "–", style=style), soft_wrap=True)
