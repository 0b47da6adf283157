"""Candidates in a terminal: the same words as in Slack, as lines."""

from __future__ import annotations

from rich.console import Console

from bot import candidate_words as words
from bot.answers_candidate import CandidateCard, CandidateList
from bot.blocks.parts import clean, truncate
from bot.printing.parts import say
from bot.words import count
from intelligence.taxonomy import DEFINITIONS


def listing(out: Console, answer: CandidateList) -> None:
    """The answer to `candidate`."""
    if answer.model is None:
        say(out, "The local analyzer reads, and asks no model", "bold")
    else:
        edition = f"candidate {answer.number}" if answer.number is not None else "as shipped"
        say(out, f"{answer.model} reads, {edition}: {', '.join(answer.reads_with)}", "bold")
    for one in answer.candidates:
        say(out, f"Candidate {one.number}, {words.standing(one)}. {words.verdict(one)}.")
        for change in one.changes:
            say(out, f"  {change}", "dim")
    for proposal in answer.proposals:
        say(out, words.proposal(proposal))
        say(out, f"  now: {proposal.before}", "dim")
        say(out, f"  proposed: {proposal.after}", "dim")
        say(out, f"  To try it: ticket-intel candidate try {proposal.said.value}", "dim")
    say(out, f"{count(answer.words, 'ticket')} that people spoke about", "dim")


def card(out: Console, answer: CandidateCard) -> None:
    """One candidate with what came of it."""
    say(out, f"Candidate {answer.number}, {words.standing(answer)}. {words.verdict(answer)}.", "bold")
    for change in answer.changes:
        say(out, f"  {change}")
    for one in answer.sharpened:
        say(out, f"  {DEFINITIONS[one.label].title}, now: {one.before}", "dim")
        say(out, f"  {DEFINITIONS[one.label].title}, proposed: {one.after}", "dim")
    if answer.unmeasured:
        say(out, answer.unmeasured)
    if answer.comparison is not None:
        for figure in answer.comparison.figures:
            say(out, f"  {words.figure(figure)}")
        say(out, words.counted(answer), "dim")
    for case in answer.cases:
        live, candidate, said = (DEFINITIONS[label].title for label in (case.live, case.candidate, case.said))
        say(out, f"  ticket {case.ticket_id}: {live} → {candidate}, people say {said}")
        if case.excerpt:
            say(out, f"     “{truncate(clean(case.excerpt), 160)}”", "dim")
    if answer.hidden:
        say(out, f"  {count(answer.hidden, 'changed ticket')} more", "dim")
    if answer.comparison is not None:
        say(out, words.CAVEAT, "dim")
    _next(out, answer)


def _next(out: Console, answer: CandidateCard) -> None:
    if answer.live:
        say(out, "To take it back: ticket-intel candidate back", "dim")
    elif not answer.stale and not answer.waiting:
        force = " force" if answer.refusal else ""
        if answer.refusal:
            say(out, answer.refusal)
        say(out, f"To switch it on: ticket-intel candidate use {answer.number}{force}", "dim")
