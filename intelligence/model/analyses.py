"""What one reading of a ticket finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class PrimaryCategory(StrEnum):
    BUG_REPORT = "bug_report"
    HOW_TO = "how_to"
    FEATURE_REQUEST = "feature_request"
    EXPECTATION_GAP = "expectation_gap"
    ACCOUNT_BILLING = "account_billing"


class Subcategory(StrEnum):
    FUNCTIONAL_BUG = "functional_bug"
    PERFORMANCE_ISSUE = "performance_issue"
    DATA_INTEGRITY = "data_integrity"
    INTEGRATION_FAILURE = "integration_failure"
    FEATURE_DISCOVERY = "feature_discovery"
    FEATURE_LOCATION = "feature_location"
    FEATURE_USAGE = "feature_usage"
    WORKFLOW_QUESTION = "workflow_question"
    NEW_CAPABILITY = "new_capability"
    ENHANCEMENT = "enhancement"
    INTEGRATION_REQUEST = "integration_request"
    UI_UX_IMPROVEMENT = "ui_ux_improvement"
    DOCUMENTATION_MISLED = "documentation_misled"
    MARKETING_MISLED = "marketing_misled"
    ASSUMED_CAPABILITY = "assumed_capability"
    COMPETITIVE_EXPECTATION = "competitive_expectation"
    TECHNICAL_BILLING_ISSUE = "technical_billing_issue"
    PRICING_QUESTION = "pricing_question"
    ACCOUNT_MANAGEMENT = "account_management"


class Level(StrEnum):
    """Frustration, urgency and friction severity, in rising order."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class ChurnRisk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Satisfaction(StrEnum):
    """How the customer felt about the resolution, by their own words."""

    SATISFIED = "satisfied"
    NEUTRAL = "neutral"
    DISSATISFIED = "dissatisfied"
    UNKNOWN = "unknown"


class CauseKind(StrEnum):
    RELEASE = "release"
    CONFIGURATION = "configuration"
    PERMISSION = "permission"
    DATA = "data"
    THIRD_PARTY = "third_party"
    CAPACITY = "capacity"
    NOT_BUILT = "not_built"
    HARD_TO_FIND = "hard_to_find"
    DOCUMENTATION = "documentation"
    UNKNOWN = "unknown"


class SignalKind(StrEnum):
    FEATURE_GAP = "feature_gap"
    UX_FRICTION = "ux_friction"
    DOCUMENTATION_GAP = "documentation_gap"
    BUG_PATTERN = "bug_pattern"
    EXPECTATION_MISMATCH = "expectation_mismatch"
    USE_CASE_EXPANSION = "use_case_expansion"


@dataclass(frozen=True, slots=True)
class Evidence:
    """An exact quote of a stored message; `supports` names the field it is evidence for."""

    quote: str
    supports: str
    message_key: str = ""


@dataclass(frozen=True, slots=True)
class Signal:
    """One product signal in a ticket with what its mining technique extracted (plain strings by field name)."""

    kind: SignalKind
    probability: float
    fields: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Alternative:
    """A category that was possible too."""

    primary: PrimaryCategory
    subcategory: Subcategory
    probability: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one reading of a ticket found.

    `confidence` is the calibrated probability of `primary`, `sub_confidence` of `subcategory`. `unsure` is set below
    the shipped threshold: the label is then shown as "unsure" with its alternatives. `reads` is False when the encoder
    cannot read the language: such a ticket is counted as "not read". `fallback` says why the local analyzer answered
    instead of the configured model, or is None. `corrected_by` is the person whose word stands in place of the reading's.
    """

    primary: PrimaryCategory
    subcategory: Subcategory
    confidence: float
    sub_confidence: float
    unsure: bool
    alternatives: tuple[Alternative, ...]
    area: str | None
    frustration: Level
    urgency: Level
    churn_risk: ChurnRisk
    satisfaction: Satisfaction
    loyalty: tuple[str, ...]
    cause: CauseKind
    cause_phrase: str | None
    goal: str | None
    signals: tuple[Signal, ...]
    evidence: tuple[Evidence, ...]
    critical: bool
    analyzer: str
    model: str
    prompt_version: str
    reads: bool = True
    tokens_in: int = 0
    tokens_out: int = 0
    fallback: str | None = None
    drivers: tuple[str, ...] = ()
    summary: str | None = None
    corrected_by: str | None = None
