"""A model's reply becomes an analysis, or the reason why not.

A reply is a stranger's text: the conversation may have steered the model. Labels must be words of the taxonomy, quotes
must stand in the conversation and lines may bring in nothing new (`intelligence.grounding`). Wrong parts are dropped; a
reply without a usable label, or with invented quotes only, is refused whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

from intelligence.grounding import Grounds
from intelligence.model import (
    Alternative,
    Analysis,
    CauseKind,
    ChurnRisk,
    Evidence,
    Level,
    Role,
    Satisfaction,
    Signal,
    SignalKind,
    Subcategory,
)
from intelligence.ports import Conversation
from intelligence.prompts.request import ModelRequest
from intelligence.prompts.schemas import CUSTOMER_FEELINGS, LOYALTY, SUPPORTS, Sureness
from intelligence.taxonomy import primary_of

STATED: Final[Mapping[Sureness, float]] = {Sureness.CERTAIN: 0.9, Sureness.LIKELY: 0.75, Sureness.UNSURE: 0.45}
_LONGEST: Final = 200_000
_MAX_ALTERNATIVES: Final = 2
_MAX_EVIDENCE: Final = 8
_SUMMARY: Final = 180
_Choice = TypeVar("_Choice", bound=StrEnum)


class BadReply(Exception):
    """The reply cannot be used; the message is the reason, in words for people."""


class Fields:
    """The values of a reply by name, each asked for by its type."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    @classmethod
    def of(cls, reply: str) -> Fields:
        """Parse a reply. A fence of ``` around the object is forgiven. Raises BadReply."""
        text = reply.strip()
        if text.startswith("```"):
            text = text.strip("`").removeprefix("json").strip()
        if len(text) > _LONGEST:
            raise BadReply("the reply is far too long")
        try:
            values: object = json.loads(text)
        except (ValueError, RecursionError):
            raise BadReply("the reply is no JSON") from None
        if not isinstance(values, dict):
            raise BadReply("the reply is no JSON object")
        return cls(cast("dict[str, Any]", values))

    def choice(self, name: str, kind: type[_Choice]) -> _Choice:
        """A word of an enum. Raises BadReply for any other."""
        found = chosen(self._values.get(name), kind)
        if found is None:
            raise BadReply(f"the reply has no valid {name}")
        return found

    def value(self, name: str) -> object:
        return self._values.get(name)

    def true(self, name: str) -> bool:
        return self._values.get(name) is True

    def many(self, name: str) -> list[object]:
        found = self._values.get(name)
        return cast("list[object]", found) if isinstance(found, list) else []

    def records(self, name: str) -> list[Fields]:
        """The objects of a list; other entries are dropped."""
        return [Fields(cast("dict[str, Any]", item)) for item in self.many(name) if isinstance(item, dict)]


def chosen(value: object, kind: type[_Choice]) -> _Choice | None:
    """The enum's member of that value, or None."""
    return next((member for member in kind if member.value == value), None)


def read_triage(reply: str, conversation: Conversation, request: ModelRequest, second: Analysis) -> Analysis:
    """What a triage reply says of a conversation, as far as the conversation bears it out.

    `second` is the local analyzer's reading. It decides what a model cannot know (whether the encoder reads the
    language), has a say in what would wake people, and where it is sure of another label, the model's counts for less.
    Raises BadReply.
    """
    fields = Fields.of(reply)
    grounds = Grounds(conversation.messages, conversation.subject, request.instructions)
    sub = fields.choice("subcategory", Subcategory)
    evidence = _evidence(fields, grounds)
    sureness = _weighed(fields.choice("sureness", Sureness), sub, second)
    urgency = fields.choice("urgency", Level)
    answered = any(m.role is Role.AGENT and not m.private_note for m in conversation.messages)
    satisfaction = fields.choice("satisfaction", Satisfaction)
    return replace(
        second,
        primary=primary_of(sub),
        subcategory=sub,
        confidence=STATED[sureness],
        sub_confidence=STATED[sureness],
        unsure=sureness is Sureness.UNSURE or not second.reads,
        alternatives=_alternatives(fields, sub, STATED[sureness]),
        area=conversation.area or _area(fields, conversation),
        frustration=fields.choice("frustration", Level),
        urgency=urgency,
        churn_risk=fields.choice("churn_risk", ChurnRisk),
        satisfaction=satisfaction if answered else Satisfaction.UNKNOWN,
        loyalty=tuple(indicator for indicator in LOYALTY if indicator in fields.many("loyalty")),
        cause=fields.choice("cause", CauseKind),
        cause_phrase=grounds.phrase(fields.value("cause_phrase")),
        goal=grounds.phrase(fields.value("goal")),
        signals=_signals(fields, grounds),
        evidence=evidence,
        critical=second.critical or _alarming(fields, urgency, evidence, second),
        prompt_version=request.version,
        fallback=None,
        drivers=second.drivers if sub is second.subcategory else (),
        summary=grounds.line(fields.value("summary"), limit=_SUMMARY),
    )


def _alarming(fields: Fields, urgency: Level, evidence: Sequence[Evidence], second: Analysis) -> bool:
    """Whether a model may wake people: by the customer's own words, and not where the local analyzer hears no urgency
    at all, which no text can talk it out of.
    """
    own = any(e.supports == "critical" for e in evidence)
    return fields.true("critical") and urgency is Level.CRITICAL and own and second.urgency is not Level.LOW


def _weighed(stated: Sureness, sub: Subcategory, second: Analysis) -> Sureness:
    """One step less sure where the local analyzer is sure of another primary category."""
    if second.unsure or not second.reads or second.primary is primary_of(sub):
        return stated
    steps = list(Sureness)
    return steps[min(steps.index(stated) + 1, len(steps) - 1)]


def _alternatives(fields: Fields, sub: Subcategory, confidence: float) -> tuple[Alternative, ...]:
    named = [chosen(value, Subcategory) for value in fields.many("alternatives")]
    others = list(dict.fromkeys(other for other in named if other is not None and other is not sub))
    others = others[:_MAX_ALTERNATIVES]
    share = (1 - confidence) / (len(others) + 1)
    return tuple(Alternative(primary_of(other), other, share) for other in others)


def _area(fields: Fields, conversation: Conversation) -> str | None:
    return next((area.name for area in conversation.areas if area.name == fields.value("area")), None)


def _signals(fields: Fields, grounds: Grounds) -> tuple[Signal, ...]:
    found: dict[SignalKind, Signal] = {}
    for record in fields.records("signals"):
        kind, sureness = chosen(record.value("kind"), SignalKind), chosen(record.value("sureness"), Sureness)
        if kind is not None and sureness is not None and kind not in found:
            found[kind] = Signal(kind, STATED[sureness], _told(kind, fields, grounds))
    return tuple(sorted(found.values(), key=lambda signal: -signal.probability))


def _told(kind: SignalKind, fields: Fields, grounds: Grounds) -> dict[str, str]:
    """The fields of the two signals that have no mining technique of their own."""
    if kind is SignalKind.EXPECTATION_MISMATCH:
        names = {"expected": "expected", "source": "expectation_source"}
    elif kind is SignalKind.USE_CASE_EXPANSION:
        names = {"use": "unplanned_use"}
    else:
        return {}
    lines = {name: grounds.phrase(fields.value(asked)) for name, asked in names.items()}
    return {name: line for name, line in lines.items() if line}


def _evidence(fields: Fields, grounds: Grounds) -> tuple[Evidence, ...]:
    given: Sequence[Fields] = fields.records("evidence")
    found: dict[Evidence, None] = {}
    for record in given:
        supports = record.value("supports")
        if not isinstance(supports, str) or supports not in SUPPORTS:
            continue
        # An agent's words never count as the customer's feelings, nor as the reason to wake somebody.
        by = Role.CUSTOMER if supports in CUSTOMER_FEELINGS or supports == "critical" else None
        quote = grounds.quote(record.value("quote"), by=by)
        if quote:
            found[Evidence(quote.text, supports, quote.message.key)] = None
    if given and not found:
        raise BadReply("none of the quotes in the reply is borne out by the conversation")
    return tuple(found)[:_MAX_EVIDENCE]
