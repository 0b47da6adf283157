"""The answer to a question in free words: statements, their numbered evidence, and the requests that were asked."""

from __future__ import annotations

from dataclasses import replace

from bot.answers_asked import Asked, Proof
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, actions, button, context, inline, link, section
from bot.words import count

_LINE = 75  # a button's label
_PROOFS = 12


def asked(answer: Asked) -> Rendered:
    """For the asker alone or for everybody: pressing a button answers who pressed it."""
    said = [_statement(one.text, one.evidence) for one in answer.statements]
    few = [inline(answer.few, 300)] if answer.few else []
    blocks: list[Block | None] = [
        section("\n".join([*(f"_{one}_" for one in few), *said])),
        context("\n".join(_proof(proof) for proof in answer.proofs[:_PROOFS])),
        context(_footer(answer)),
        _buttons(answer),
    ]
    return rendered(" ".join([*few, *said]), blocks)


def unanswered(answer: Rendered, reason: str) -> Rendered:
    """An answer by keywords, with why it is not the model's."""
    told = context(f"By keywords alone: the model has no answer, because {inline(reason, 200)}.")
    return replace(answer, blocks=(*answer.blocks[:1], told, *answer.blocks[1:]) if answer.blocks else ())


def _statement(text: str, evidence: tuple[int, ...]) -> str:
    return f"{inline(text, 340)} {''.join(f'[{number}]' for number in evidence)}"


def _proof(proof: Proof) -> str:
    return f"[{proof.number}] {link(proof.link, proof.label)}"


def _footer(answer: Asked) -> str:
    told = [f"Asked: {inline(' · '.join(answer.lines), 600)}", f"Written by {inline(answer.by, 60)}, figures checked"]
    if answer.dropped:
        told.append(f"{count(answer.dropped, 'sentence')} dropped: nothing bore them out")
    return " · ".join(told)


def _buttons(answer: Asked) -> Block | None:
    """What was asked, to be asked again by anyone, and the themes."""
    lines = dict.fromkeys([*answer.lines, *(proof.line for proof in answer.proofs if proof.line)])
    made = [button(line, f"{ids.OPEN}:{n}", line) for n, line in enumerate(lines) if len(line) <= _LINE]
    return actions(*made[:8]) if made else None
