"""The category tree as data: what each label means, when it wins, and an example people recognise.

The order of `LABEL_RULES` is the order in which a careful reader decides (the first that holds wins).
"""

from __future__ import annotations

from dataclasses import dataclass

from intelligence.model import PrimaryCategory, SignalKind, Subcategory


@dataclass(frozen=True, slots=True)
class Definition:
    """A sub-category with its parent, a title for people, a one-line definition and an example."""

    subcategory: Subcategory
    primary: PrimaryCategory
    title: str
    meaning: str
    example: str


LABEL_RULES: tuple[tuple[PrimaryCategory, str], ...] = (
    (PrimaryCategory.ACCOUNT_BILLING, "it is about money, an order, a contract or the account itself"),
    (PrimaryCategory.EXPECTATION_GAP, "it names a source, a rival or a belief that told otherwise"),
    (PrimaryCategory.BUG_REPORT, "something that should work broke, is slow, wrong or lost"),
    (PrimaryCategory.FEATURE_REQUEST, "it asks for what does not exist"),
    (PrimaryCategory.HOW_TO, "it exists and the person needs help to find or use it"),
)

PRIMARY_TITLES: dict[PrimaryCategory, str] = {
    PrimaryCategory.BUG_REPORT: "Bug report",
    PrimaryCategory.HOW_TO: "How-to question",
    PrimaryCategory.FEATURE_REQUEST: "Feature request",
    PrimaryCategory.EXPECTATION_GAP: "Expectation gap",
    PrimaryCategory.ACCOUNT_BILLING: "Account or billing",
}

SIGNAL_TITLES: dict[SignalKind, str] = {
    SignalKind.FEATURE_GAP: "Feature gap",
    SignalKind.UX_FRICTION: "UX friction",
    SignalKind.DOCUMENTATION_GAP: "Documentation gap",
    SignalKind.BUG_PATTERN: "Bug pattern",
    SignalKind.EXPECTATION_MISMATCH: "Expectation mismatch",
    SignalKind.USE_CASE_EXPANSION: "Use-case expansion",
}


def _tree() -> tuple[Definition, ...]:
    bug, how_to = PrimaryCategory.BUG_REPORT, PrimaryCategory.HOW_TO
    request, gap = PrimaryCategory.FEATURE_REQUEST, PrimaryCategory.EXPECTATION_GAP
    account, sub = PrimaryCategory.ACCOUNT_BILLING, Subcategory
    rows: list[tuple[Subcategory, PrimaryCategory, str, str, str]] = [
        (sub.FUNCTIONAL_BUG, bug, "Functional bug", "a function fails or misbehaves", "Saving a filter shows an error"),
        (sub.PERFORMANCE_ISSUE, bug, "Performance issue", "it works, too slowly", "The dashboard takes a minute"),
        (sub.DATA_INTEGRITY, bug, "Data integrity", "data are wrong, doubled or lost", "Totals differ after export"),
        (sub.INTEGRATION_FAILURE, bug, "Integration failure", "a link to another system fails", "Okta login loops"),
        (sub.FEATURE_DISCOVERY, how_to, "Feature discovery", "did not know it exists", "Can I schedule a report?"),
        (sub.FEATURE_LOCATION, how_to, "Feature location", "knows it, cannot find it", "Where is the share button?"),
        (sub.FEATURE_USAGE, how_to, "Feature usage", "found it, cannot use it", "How do I write this filter?"),
        (sub.WORKFLOW_QUESTION, how_to, "Workflow question", "combines features", "Alert when two charts differ?"),
        (sub.NEW_CAPABILITY, request, "New capability", "something that is not there at all", "Please add forecasts"),
        (sub.ENHANCEMENT, request, "Enhancement", "more of what is there", "Allow more than 10 filters"),
        (sub.INTEGRATION_REQUEST, request, "Integration request", "a link to another system", "Support Notion"),
        (sub.UI_UX_IMPROVEMENT, request, "UI or UX improvement", "a better way to see or use it", "Dark mode, please"),
        (sub.DOCUMENTATION_MISLED, gap, "Documentation misled", "the docs said otherwise", "Your guide says any plan"),
        (sub.MARKETING_MISLED, gap, "Marketing misled", "an ad or page promised it", "The site says unlimited"),
        (sub.ASSUMED_CAPABILITY, gap, "Assumed capability", "took it for granted", "I thought it would sync"),
        (sub.COMPETITIVE_EXPECTATION, gap, "Competitive expectation", "a rival does it", "Elsewhere this is one click"),
        (sub.TECHNICAL_BILLING_ISSUE, account, "Technical billing issue", "a payment goes wrong", "Charged twice"),
        (sub.PRICING_QUESTION, account, "Pricing question", "what it costs, and why", "What does a seat cost?"),
        (sub.ACCOUNT_MANAGEMENT, account, "Account management", "the account or contract", "Please close my account"),
    ]
    return tuple(Definition(*row) for row in rows)


TAXONOMY: tuple[Definition, ...] = _tree()
DEFINITIONS: dict[Subcategory, Definition] = {definition.subcategory: definition for definition in TAXONOMY}


def primary_of(subcategory: Subcategory) -> PrimaryCategory:
    """The primary category that a sub-category belongs to."""
    return DEFINITIONS[subcategory].primary


def subcategories_of(primary: PrimaryCategory) -> tuple[Subcategory, ...]:
    """The sub-categories of a primary category, in the order of the tree."""
    return tuple(d.subcategory for d in TAXONOMY if d.primary is primary)
