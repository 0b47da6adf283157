"""A model's answer to a mining technique becomes the fields of a signal, as far as the conversation bears them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from intelligence.grounding import Grounds
from intelligence.model import Level, Role, Severity, SignalKind
from intelligence.ports import Conversation
from intelligence.prompts.request import ModelRequest
from intelligence.prompts.schemas import ANSWERABLE, DOCUMENTATION_KINDS
from intelligence.replies import BadReply, Fields, chosen

_MAX_PARTS: Final = 5
_TITLE: Final = 90
Found = Mapping[str, str | None]


def read_technique(kind: SignalKind, reply: str, conversation: Conversation, request: ModelRequest) -> dict[str, str]:
    """The extracted fields by name; what the conversation does not bear out is left away.

    Raises BadReply where nothing is left, KeyError for a signal without a technique.
    """
    fields = Fields.of(reply)
    grounds = Grounds(conversation.messages, conversation.subject, request.instructions)
    found = {name: text for name, text in _READERS[kind](fields, grounds).items() if text}
    if not found.keys() - _RATINGS:
        raise BadReply("nothing in the reply is borne out by the conversation")
    return found | (_effort(conversation) if kind is SignalKind.UX_FRICTION else {})


_RATINGS: Final = frozenset({"severity", "self_service", "answerable", "kind"})


def _feature_gap(fields: Fields, grounds: Grounds) -> Found:
    return {
        "capability": grounds.line(fields.value("capability")),
        "goal": grounds.phrase(fields.value("goal")),
        "workaround": grounds.phrase(fields.value("workaround")),
        "described_as": grounds.words(fields.value("described_as"), by=Role.CUSTOMER),
        "competitor": grounds.words(fields.value("competitor"), limit=_TITLE),
    }


def _ux_friction(fields: Fields, grounds: Grounds) -> Found:
    return {
        "tried": grounds.phrase(fields.value("tried")),
        "stuck": grounds.phrase(fields.value("stuck")),
        "resolved_by": grounds.phrase(fields.value("resolved_by")),
        "self_service": "yes" if fields.true("self_service") else "no",
        "severity": fields.choice("severity", Level).value,
    }


def _documentation_gap(fields: Fields, grounds: Grounds) -> Found:
    linked = grounds.quote(fields.value("linked"), by=Role.AGENT)
    outline = (grounds.line(part, limit=_TITLE) for part in fields.many("outline")[:_MAX_PARTS])
    return {
        "question": grounds.phrase(fields.value("question")),
        "answerable": _word(fields.value("answerable"), ANSWERABLE),
        "why_not_found": grounds.phrase(fields.value("why_not_found")),
        "linked": linked.text if linked else None,
        "needed": grounds.line(fields.value("needed")),
        "title": grounds.line(fields.value("title"), limit=_TITLE),
        "outline": "\n".join(part for part in outline if part),
        "kind": _word(fields.value("kind"), DOCUMENTATION_KINDS),
    }


def _bug_pattern(fields: Fields, grounds: Grounds) -> Found:
    errors = (grounds.quote(error) for error in fields.many("errors")[:_MAX_PARTS])
    severity = chosen(fields.value("severity"), Severity)
    return {
        "symptom": grounds.phrase(fields.value("symptom")),
        "errors": "\n".join(dict.fromkeys(error.text for error in errors if error)),
        "likely_cause": grounds.phrase(fields.value("likely_cause")),
        "segment": grounds.phrase(fields.value("segment")),
        "onset": grounds.phrase(fields.value("onset")),
        "workaround": grounds.phrase(fields.value("workaround")),
        "severity": severity.value if severity else None,
    }


_READERS: Final[Mapping[SignalKind, Callable[[Fields, Grounds], Found]]] = {
    SignalKind.FEATURE_GAP: _feature_gap,
    SignalKind.UX_FRICTION: _ux_friction,
    SignalKind.DOCUMENTATION_GAP: _documentation_gap,
    SignalKind.BUG_PATTERN: _bug_pattern,
}


def _word(value: object, allowed: tuple[str, ...]) -> str | None:
    return value if isinstance(value, str) and value in allowed else None


def _effort(conversation: Conversation) -> dict[str, str]:
    """How many messages it took and, once it is resolved, how long: counted, because a model would guess."""
    spoken = [m for m in conversation.messages if not m.private_note]
    effort = {"messages": str(len(spoken))}
    if conversation.resolved and len(spoken) > 1:
        effort["minutes"] = str(round((spoken[-1].at - spoken[0].at).total_seconds() / 60))
    return effort
