"""Conversations and model replies that several tests of the model's reading share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from intelligence.model import (
    Analysis,
    Area,
    CauseKind,
    ChurnRisk,
    Level,
    Message,
    PrimaryCategory,
    Role,
    Satisfaction,
    Signal,
    SignalKind,
    Subcategory,
)
from intelligence.ports import Conversation

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
AREAS = (Area("Reporting", ("export", "chart")), Area("Login", ("okta", "sso")))


def talk(*texts: str, subject: str = "", resolved: bool = False) -> Conversation:
    """Customer and agent in turn, a minute apart, keys m1, m2, ..."""
    roles = (Role.CUSTOMER, Role.AGENT)
    messages = tuple(
        Message(roles[i % 2], text, AT + timedelta(minutes=i), key=f"m{i + 1}") for i, text in enumerate(texts)
    )
    return Conversation(messages, subject, AREAS, resolved=resolved)


EXPORT = talk(
    "Is there a way to export the chart to Excel? We copy 40 rows by hand, in Tabula it is one click.",
    "Sorry, native Excel is not supported yet. See https://docs.acme.test/export for CSV.",
    "That is a pity.",
)


def triage(quote: str, **changes: Any) -> dict[str, Any]:
    """A triage reply in the right form, resting on one quote."""
    return {
        "subcategory": "new_capability",
        "sureness": "certain",
        "alternatives": ["enhancement"],
        "area": None,
        "frustration": "low",
        "urgency": "low",
        "critical": False,
        "churn_risk": "low",
        "satisfaction": "neutral",
        "loyalty": [],
        "cause": "not_built",
        "cause_phrase": None,
        "goal": None,
        "summary": None,
        "signals": [],
        "expected": None,
        "expectation_source": None,
        "unplanned_use": None,
        "evidence": [{"quote": quote, "supports": "category"}],
    } | changes


EXPORT_TRIAGE = triage(
    "Is there a way to export the chart to Excel?",
    area="Reporting",
    cause_phrase="native Excel is not supported yet",
    goal="export the chart to Excel",
    summary="Customer wants native Excel export of charts and copies 40 rows by hand.",
    signals=[{"kind": "feature_gap", "sureness": "certain"}],
)
EXPORT_GAP = {
    "capability": "Native Excel export of charts",
    "goal": "export the chart to Excel",
    "workaround": "We copy 40 rows by hand",
    "described_as": "a way to export the chart to Excel",
    "competitor": "Tabula",
}


def said(value: Any) -> str:
    return json.dumps(value)


class Plain:
    """A local analyzer that answers the same for every conversation, and remembers what it was given."""

    name = "local"

    def __init__(self, **changes: Any) -> None:
        self.given: list[Conversation] = []
        self._changes = changes

    def analyze(self, conversations: Sequence[Conversation]) -> list[Analysis]:
        self.given += conversations
        return [local_reading(**self._changes) for _ in conversations]


def local_reading(**changes: Any) -> Analysis:
    values: dict[str, Any] = {
        "primary": PrimaryCategory.FEATURE_REQUEST,
        "subcategory": Subcategory.ENHANCEMENT,
        "confidence": 0.6,
        "sub_confidence": 0.4,
        "unsure": False,
        "alternatives": (),
        "area": None,
        "frustration": Level.LOW,
        "urgency": Level.LOW,
        "churn_risk": ChurnRisk.LOW,
        "satisfaction": Satisfaction.UNKNOWN,
        "loyalty": (),
        "cause": CauseKind.UNKNOWN,
        "cause_phrase": None,
        "goal": None,
        "signals": (Signal(SignalKind.FEATURE_GAP, 0.7, {"capability": "local words"}),),
        "evidence": (),
        "critical": False,
        "analyzer": "local",
        "model": "local-1+test",
        "prompt_version": "",
    }
    return Analysis(**(values | changes))
