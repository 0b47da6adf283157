"""The nouns of Ticket Intel: values that every room shares.

Frozen dataclasses and enums only: nothing here reads, writes or computes more than a property. Times are timezone-aware
and mean UTC unless a name says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Source(StrEnum):
    """Where a ticket or a person was first heard of."""

    SLACK = "slack"
    NOTIFICATION = "notification"
    IMPORT = "import"
    WEBHOOK = "webhook"
    ZENDESK = "zendesk"
    INTERCOM = "intercom"
    FRESHDESK = "freshdesk"
    GITHUB = "github"
    JIRA = "jira"
    LINEAR = "linear"
    EMAIL = "email"


class Role(StrEnum):
    """Who speaks in a conversation."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"


class Visibility(StrEnum):
    """Who may read the place a message came from."""

    PUBLIC = "public"
    PRIVATE = "private"
    SHARED = "shared"


class ChannelRole(StrEnum):
    """What a person chose a Slack channel to be for. Nothing is read before the choice."""

    SUPPORT = "support"
    NOTIFICATIONS = "notifications"
    PRODUCT = "product"
    ENGINEERING = "engineering"
    DOCS = "docs"
    RELEASES = "releases"
    NOTHING = "nothing"


TICKET_ROLES = frozenset({ChannelRole.SUPPORT, ChannelRole.NOTIFICATIONS})
READ_ROLES = TICKET_ROLES | {ChannelRole.RELEASES}
"""What is read of Slack at all: two kinds of channel for tickets, one for when versions went out."""


class QuotePolicy(StrEnum):
    """What may leave a source: only numbers, masked quotes, or all of it."""

    COUNTS = "counts"
    MASKED = "masked"
    ALL = "all"


class TicketState(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class RequestVerdict(StrEnum):
    """The request gate's answer: does this message ask for something?"""

    REQUEST = "request"
    NOT_REQUEST = "not_request"
    UNSURE = "unsure"


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


class ThemeState(StrEnum):
    NEW = "new"
    GROWING = "growing"
    STEADY = "steady"
    FIXING = "fixing"
    VERIFYING = "verifying"
    QUIET = "quiet"
    REGRESSED = "regressed"


class Severity(StrEnum):
    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class PatternKind(StrEnum):
    """What a detector found."""

    NEW = "new"
    SPIKE = "spike"
    RAMP = "ramp"
    REGRESSION = "regression"
    SEGMENT = "segment"
    CRITICAL = "critical"


class Audience(StrEnum):
    """Which team an alert is for."""

    PRODUCT = "product"
    ENGINEERING = "engineering"
    DOCS = "docs"


class AlertState(StrEnum):
    """The life of one alert episode."""

    SHADOW = "shadow"
    OPEN = "open"
    SNOOZED = "snoozed"
    DISMISSED = "dismissed"
    CLOSED = "closed"


class Verdict(StrEnum):
    """The answer to "is this a known pattern?"."""

    KNOWN = "known"
    PROBABLY = "probably"
    NEW = "new"
    NOT_ENOUGH_TEXT = "not_enough_text"


class MembershipKind(StrEnum):
    HOME = "home"
    MENTION = "mention"


class DecidedBy(StrEnum):
    MACHINE = "machine"
    PERSON = "person"


class Draw(StrEnum):
    """Why a reading was reviewed: drawn at random (the estimate), because it was uncertain, or flagged by somebody."""

    RANDOM = "random"
    UNCERTAIN = "uncertain"
    FLAG = "flag"


class ReviewVerdict(StrEnum):
    RIGHT = "right"
    FIXED = "fixed"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose data a query may touch: one workspace, and what the asker may see of it.

    `channels` are the private or shared channels the asker is a member of; None means the system itself, which sees
    all. `public` is False for readers from outside, who may see nothing but these channels.
    """

    workspace: str
    asker: str | None = None
    channels: frozenset[str] | None = None
    public: bool = True

    @property
    def sees_all(self) -> bool:
        return self.channels is None


@dataclass(frozen=True, slots=True)
class Account:
    """A customer organisation. Unknown attributes are absent, never guessed."""

    key: str
    name: str
    plan: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """A person who asks for help; `ref` is the id in the source they came from."""

    ref: str
    name: str = ""
    email: str | None = None
    account: Account | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation. `key` is its id in the source (Slack: "channel/ts")."""

    role: Role
    text: str
    at: datetime
    key: str = ""
    author: str = ""
    permalink: str | None = None
    private_note: bool = False
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A support conversation. `at` is the first customer message: the time that every statistic uses."""

    id: int
    workspace: str
    source: Source
    at: datetime
    messages: tuple[Message, ...]
    subject: str = ""
    state: TicketState = TicketState.OPEN
    request: RequestVerdict = RequestVerdict.REQUEST
    customer: Customer | None = None
    account: Account | None = None
    segments: Mapping[str, str] = field(default_factory=dict[str, str])
    area: str | None = None
    channel: str | None = None
    thread_ts: str | None = None
    visibility: Visibility = Visibility.PUBLIC
    url: str | None = None
    history: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A product area of the workspace: the words and examples that mark it, and who owns it."""

    name: str
    words: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    owner: str | None = None
    channel: str | None = None


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


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The labels that people review."""

    subcategory: Subcategory
    area: str | None
    frustration: Level
    urgency: Level


@dataclass(frozen=True, slots=True)
class Review:
    """A person's word on one reading. `was` is what the machine had said; `said` is None where nobody can tell.

    A `blind` review is a second reading by somebody who saw neither the machine's label nor the first reader's: it
    measures agreement and changes nothing.
    """

    id: int
    ticket_id: int
    reviewer: str
    draw: Draw
    blind: bool
    verdict: ReviewVerdict
    was: LabelSet
    said: LabelSet | None
    at: datetime
    card_id: int | None = None
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    name: str
    at: datetime
    source: str = "verb"
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Theme:
    """A lasting group of tickets about one thing. `number` is the n of TI-n: per workspace, never reused."""

    id: int
    workspace: str
    number: int
    title: str
    description: str
    state: ThemeState
    provisional: bool
    created_at: datetime
    first_at: datetime
    severity: Severity | None = None
    area: str | None = None
    owner: str | None = None
    issue_key: str | None = None
    issue_url: str | None = None
    roadmap: str | None = None
    resolved_at: datetime | None = None
    resolved_release: str | None = None
    merged_into: int | None = None

    @property
    def key(self) -> str:
        """The name people use for ever, e.g. "TI-42"."""
        return f"TI-{self.number}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Why a pattern was reported: every number of the rule that fired, and what would have kept it silent.

    `count` tickets in the window against `expected`; `low` and `high` bound the usual range for a window of that
    length; `baseline_days` is the age of the baseline, `p_value` the tail probability where the rule has one.
    """

    rule: str
    count: int
    expected: float
    low: int
    high: int
    window_hours: float
    baseline_days: float
    ratio: float | None
    p_value: float | None
    threshold: str
    silent_if: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lift:
    """A segment that stands out: `share` of the theme against `base_share` of all tickets, with a 95% interval of the
    ratio.
    """

    attribute: str
    value: str
    share: float
    base_share: float
    lift: float
    low: float
    high: float
    p_value: float
    tickets: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A detector's finding about one theme: `ticket_ids` are those counted in the window of the rule that fired."""

    kind: PatternKind
    theme_id: int
    at: datetime
    ticket_ids: tuple[int, ...]
    receipt: Receipt
    onset_from: datetime | None = None
    onset_to: datetime | None = None
