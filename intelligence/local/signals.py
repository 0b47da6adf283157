"""The fields of each product signal, per mining technique: plain verbatim strings by name, absent where unsaid."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from intelligence.advice import tells_what_to_do
from intelligence.local.extract import (
    Sentence,
    cited_source,
    error_strings,
    goal_phrase,
    linked_page,
    matching,
    rival,
)
from intelligence.model import Level, SignalKind

_CAPABILITY: Final = re.compile(
    r"\b(?:add|support(?: for)?|ability to|option (?:to|for)|feature (?:to|for|that)|possible to|way to|allow(?: us| me| users)? to"
    r"|would be (?:nice|great|good|helpful|useful|awesome|cool) (?:to|if)|can (?:i|we|you)|please|i wish|no|request:?|need)\s+"
    r"([^.?!;\n]{4,110})",
    re.IGNORECASE,
)
_WORKAROUND: Final = re.compile(  # what they do about it, never a question whether something could be done
    r"(?:workaround|work(?:ing|ed)? around|by hand|manually"
    r"|\b(?:right now|currently|instead|for now|until then|until now|so far|meanwhile|today) (?:i|we|they)\b"
    r"|\b(?:i|we|they|people)(?:'ve| have|'re| are)? (?:now |just |then |always |have to |must |had to )?(?:copy|copying|paste|pasting|retype|retyping|ended up"
    r"|keep a|keeping a|export and|use a spreadsheet)\b)[^?]*$"
)
_TRIED: Final = re.compile(
    r"\b(?:i|we)(?:'ve| have)? (?:tried|try|clicked|went|looked|searched|did|set|changed|followed|checked|used)"
)
_STUCK: Final = re.compile(
    r"can't|cannot|couldn't|unable|don't (?:see|know|understand)|nowhere|confus|stuck|not sure|no idea|where (?:is|do|are)|but\b"
)
_USE: Final = re.compile(
    r"\b(?:we|i)(?:'re| are|'m| am)? (?:us(?:e|ing)|run(?:ning)?|do(?:ing)?|build(?:ing)?|manag)|use case|instead of"
)
_RESTRUCTURE: Final = re.compile(
    r"\b(?:searched|looked|can't find|couldn't find|hard to find|buried|scattered|nowhere|which page)\b"
)
_DOCS: Final = re.compile(
    r"\b(?:docs?|documentation|guide|manual|readme|tutorial|article|help page|faq|instructions)\b"
)


_WANTING: Final = (
    SignalKind.FEATURE_GAP,
    SignalKind.USE_CASE_EXPANSION,
    SignalKind.EXPECTATION_MISMATCH,
    SignalKind.UX_FRICTION,
)
_NEEDING: Final = (
    SignalKind.DOCUMENTATION_GAP,
    SignalKind.UX_FRICTION,
    SignalKind.EXPECTATION_MISMATCH,
    SignalKind.BUG_PATTERN,
    SignalKind.FEATURE_GAP,
)


def wanted_capability(heard: Sequence[Sentence], key: str | None) -> str | None:
    """The capability the customer asks for, in their words, else the sentence that carries the signal."""
    return next((m.group(1).strip() for s in heard if s.customer and (m := _CAPABILITY.search(s.text))), None) or key


def needed_page(heard: Sequence[Sentence], key: str | None) -> str | None:
    """What a page would have to answer: the goal, else the question, in the customer's words."""
    return goal_phrase(heard) or next((s.text for s in heard if s.customer and s.text.endswith("?")), None) or key


def carriers(kinds: Sequence[SignalKind], *, wants: bool, needs: bool) -> tuple[SignalKind | None, SignalKind | None]:
    """Which of the signals found names the wanted capability, and which the page to write (None: neither does)."""
    wanting = next((kind for kind in _WANTING if kind in kinds), None) if wants else None
    return wanting, next((kind for kind in _NEEDING if kind in kinds), None) if needs else None


def signal_fields(kind: SignalKind, heard: Sequence[Sentence], key: str | None, severity: Level) -> dict[str, str]:
    """What a technique's questions can be answered with, from the sentences of a ticket.

    `key` is the sentence that carries the signal most; `severity` the level that friction is rated with.
    """
    found = _EXTRACTORS[kind](heard, key, severity)
    return {name: text for name, text in found.items() if text}


Fields = Mapping[str, str | None]


def _feature_gap(heard: Sequence[Sentence], key: str | None, severity: Level) -> Fields:
    return {
        "goal": goal_phrase(heard),
        "workaround": matching(heard, _WORKAROUND),
        "described_as": key,
        "competitor": rival(heard),
    }


def _ux_friction(heard: Sequence[Sentence], key: str | None, severity: Level) -> Fields:
    answers = [s.text for s in heard if not s.customer and tells_what_to_do(s.text)]
    return {
        "tried": matching(heard, _TRIED) or goal_phrase(heard),
        "stuck": matching(heard, _STUCK) or key,
        "resolved_by": answers[-1] if answers else None,
        "messages": str(len({id(s.message) for s in heard})),
        "severity": severity.value,
    }


def _documentation_gap(heard: Sequence[Sentence], key: str | None, severity: Level) -> Fields:
    question = next((s.text for s in heard if s.customer and s.text.endswith("?")), None)
    linked = linked_page(heard)
    said = " ".join(s.text.lower() for s in heard if s.customer)
    if _DOCS.search(said):
        kind = "restructure" if _RESTRUCTURE.search(said) else "quick fix"
    else:
        kind = "restructure" if linked else "new doc"
    return {"question": question or key, "linked": linked, "kind": kind}


def _bug_pattern(heard: Sequence[Sentence], key: str | None, severity: Level) -> Fields:
    return {
        "symptom": key,
        "errors": "\n".join(error_strings(heard)[:5]) or None,
        "workaround": matching(heard, _WORKAROUND),
    }


def _expectation_mismatch(heard: Sequence[Sentence], key: str | None, severity: Level) -> Fields:
    return {"expected": key, "source": cited_source(heard), "competitor": rival(heard)}


def _use_case(heard: Sequence[Sentence], key: str | None, severity: Level) -> Fields:
    return {"use": matching(heard, _USE) or key}


_EXTRACTORS: Final[dict[SignalKind, Callable[[Sequence[Sentence], str | None, Level], Fields]]] = {
    SignalKind.FEATURE_GAP: _feature_gap,
    SignalKind.UX_FRICTION: _ux_friction,
    SignalKind.DOCUMENTATION_GAP: _documentation_gap,
    SignalKind.BUG_PATTERN: _bug_pattern,
    SignalKind.EXPECTATION_MISMATCH: _expectation_mismatch,
    SignalKind.USE_CASE_EXPANSION: _use_case,
}
