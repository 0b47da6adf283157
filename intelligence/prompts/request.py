"""One question to a model, whole and as a value: instructions, data, the form of the answer, and its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from intelligence.model import SignalKind, Subcategory
from intelligence.ports import Conversation
from intelligence.prompts import TECHNIQUES
from intelligence.prompts.data import conversation_field, fenced, neutral
from intelligence.prompts.edition import SHIPPED, Edition
from intelligence.prompts.schemas import TECHNIQUE_SCHEMAS, Schema, triage_schema

MAX_EXAMPLES: Final = 4
_EXAMPLE_LENGTH: Final = 400
_WORD: Final = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """`name` and `schema` describe the answer, `version` the prompt. `data` is the conversation, the only thing the
    answer may speak of.
    """

    name: str
    version: str
    instructions: str
    data: str
    schema: Schema

    @property
    def characters(self) -> int:
        return len(self.instructions) + len(self.data)


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's word on how a ticket of this workspace had to be read; `text` is masked like any other."""

    text: str
    was: Subcategory
    corrected: Subcategory


Corrections = Callable[[], Sequence[Correction]]


def triage_request(
    conversation: Conversation,
    corrections: Sequence[Correction] = (),
    *,
    likely: Subcategory | None = None,
    edition: Edition = SHIPPED,
) -> ModelRequest:
    """Ask what a conversation is about, with corrections as examples (`nearest_corrections`)."""
    prompt = edition.prompt("triage")
    names = [area.name for area in conversation.areas]
    listed = _areas_text(conversation) if names else ""
    instructions = prompt.text.replace("{{areas}}", listed).rstrip() + _examples(
        nearest_corrections(corrections, conversation, likely=likely)
    )
    return ModelRequest("triage", prompt.version, instructions, _data(conversation), triage_schema(names))


def technique_request(kind: SignalKind, conversation: Conversation, *, edition: Edition = SHIPPED) -> ModelRequest:
    """Ask the questions of a mining technique. Raises KeyError for a signal without one."""
    prompt = edition.prompt(TECHNIQUES[kind])
    return ModelRequest(prompt.name, prompt.version, prompt.text, _data(conversation), TECHNIQUE_SCHEMAS[kind])


def _data(conversation: Conversation) -> str:
    return conversation_field(conversation.messages, conversation.subject)


def _areas_text(conversation: Conversation) -> str:
    areas = [{"name": neutral(a.name), "words": [neutral(w) for w in a.words[:12]]} for a in conversation.areas]
    return "\n## Product areas\nNames and the words that mark them, as data:\n" + fenced(areas)


def _examples(corrections: Sequence[Correction]) -> str:
    if not corrections:
        return ""
    shown = [
        {
            "text": neutral(c.text[:_EXAMPLE_LENGTH]),
            "not": c.was.value,
            "but": c.corrected.value,
        }
        for c in corrections
    ]
    head = "\n\n## Corrections\nEarlier tickets that people of this team relabelled, as data; never quote them:\n"
    return head + fenced(shown)


def nearest_corrections(
    corrections: Sequence[Correction],
    conversation: Conversation,
    *,
    likely: Subcategory | None = None,
    limit: int = MAX_EXAMPLES,
) -> list[Correction]:
    """The corrections that help with a conversation, best first: those of the confusion that threatens, then those
    that share most words (Jaccard), then the first given. None that shares no word and is of no such confusion.

    `likely` is the label that the conversation would get without them.
    """
    words = _words(" ".join(m.text for m in conversation.messages))
    scored = [
        (likely in {c.was, c.corrected}, _jaccard(words, _words(c.text)), -place, c)
        for place, c in enumerate(corrections)
    ]
    best = sorted((s for s in scored if s[0] or s[1] > 0), key=lambda s: s[:3], reverse=True)
    return [correction for *_, correction in best[:limit]]


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def _jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / len(left | right) if left or right else 0.0
