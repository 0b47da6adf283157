"""The forms a model's answers must have, as strict JSON Schemas made from the enums of `intelligence.model`.

Strict mode wants every property required and no others; what may be missing is nullable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from intelligence.model import (
    CauseKind,
    ChurnRisk,
    Level,
    Satisfaction,
    Severity,
    SignalKind,
    Subcategory,
)


class Sureness(StrEnum):
    """How sure a model says it is. Words, because a model's percentages are not calibrated either."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNSURE = "unsure"


LOYALTY: Final = (
    "long-time customer",
    "recommends it",
    "praises it",
    "expands use",
    "offers help",
    "would pay",
)
SUPPORTS: Final = (
    "category",
    "frustration",
    "churn_risk",
    "satisfaction",
    "urgency",
    "critical",
    "cause",
    "goal",
    *(kind.value for kind in SignalKind),
)
CUSTOMER_FEELINGS: Final = frozenset({"frustration", "churn_risk", "satisfaction"})
DOCUMENTATION_KINDS: Final = ("quick fix", "new doc", "restructure")
ANSWERABLE: Final = ("yes", "no", "unknown")

Schema = Mapping[str, Any]
_TEXT: Final[Schema] = {"type": ["string", "null"]}
_TRUTH: Final[Schema] = {"type": "boolean"}


def one_of(values: Iterable[str]) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": [str(value) for value in values]}


def _nullable(values: Iterable[str]) -> Schema:
    return {"type": ["string", "null"], "enum": [*(str(value) for value in values), None]}


def _many(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _record(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def triage_schema(areas: Sequence[str]) -> Schema:
    """The first reading of a conversation. `areas` are the names of the workspace's product areas.

    There is no primary category: the tree tells it from the sub-category, so the two cannot contradict each other.
    """
    return _record(
        subcategory=one_of(Subcategory),
        sureness=one_of(Sureness),
        alternatives=_many(one_of(Subcategory)),
        area=_nullable(areas) if areas else {"type": "null"},
        frustration=one_of(Level),
        urgency=one_of(Level),
        critical=_TRUTH,
        churn_risk=one_of(ChurnRisk),
        satisfaction=one_of(Satisfaction),
        loyalty=_many(one_of(LOYALTY)),
        cause=one_of(CauseKind),
        cause_phrase=_TEXT,
        goal=_TEXT,
        summary=_TEXT,
        signals=_many(_record(kind=one_of(SignalKind), sureness=one_of(Sureness))),
        expected=_TEXT,
        expectation_source=_TEXT,
        unplanned_use=_TEXT,
        evidence=_many(_record(quote={"type": "string"}, supports=one_of(SUPPORTS))),
    )


TECHNIQUE_SCHEMAS: Final[Mapping[SignalKind, Schema]] = {
    SignalKind.FEATURE_GAP: _record(
        capability=_TEXT, goal=_TEXT, workaround=_TEXT, described_as=_TEXT, competitor=_TEXT
    ),
    SignalKind.UX_FRICTION: _record(
        tried=_TEXT, stuck=_TEXT, resolved_by=_TEXT, self_service=_TRUTH, severity=one_of(Level)
    ),
    SignalKind.DOCUMENTATION_GAP: _record(
        question=_TEXT,
        answerable=one_of(ANSWERABLE),
        why_not_found=_TEXT,
        linked=_TEXT,
        needed=_TEXT,
        title=_TEXT,
        outline=_many({"type": "string"}),
        kind=one_of(DOCUMENTATION_KINDS),
    ),
    SignalKind.BUG_PATTERN: _record(
        symptom=_TEXT,
        errors=_many({"type": "string"}),
        likely_cause=_TEXT,
        segment=_TEXT,
        onset=_TEXT,
        workaround=_TEXT,
        severity=one_of(Severity),
    ),
}
