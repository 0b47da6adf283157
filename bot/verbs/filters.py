"""The filters that verbs take, and the words for each of their values."""

from __future__ import annotations

from dataclasses import dataclass

from intelligence.model import ChannelRole, PrimaryCategory, QuotePolicy, ThemeState


@dataclass(frozen=True, slots=True)
class Number:
    """The numbers that may be given, both ends included."""

    least: float
    most: float
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A `name:value` filter. `choices` maps every accepted word to its value (short forms included); None takes any
    words. `flag` filters are a word without a value. `bare` words of the choices work without the name too. A `number`
    is written `name=2.5`, and its name means nothing to verbs that do not take it.
    """

    name: str
    shown: str
    aliases: tuple[str, ...] = ()
    choices: dict[str, str] | None = None
    flag: bool = False
    bare: bool = False
    number: Number | None = None


KINDS: dict[str, str] = {kind.value: kind.value for kind in PrimaryCategory} | {
    "bug": "bug_report",
    "bugs": "bug_report",
    "how-to": "how_to",
    "howto": "how_to",
    "question": "how_to",
    "feature": "feature_request",
    "features": "feature_request",
    "request": "feature_request",
    "expectation": "expectation_gap",
    "promise": "expectation_gap",
    "billing": "account_billing",
    "account": "account_billing",
}
STATES: dict[str, str] = {state.value: state.value for state in ThemeState} | {
    "rising": "rising",
    "up": "rising",
    "back": "regressed",
    "fixed": "verifying",
    "calm": "quiet",
    "ongoing": "steady",
}
ROLES: dict[str, str] = {role.value: role.value for role in ChannelRole} | {
    "tickets": "notifications",
    "helpdesk": "notifications",
    "threads": "support",
    "pm": "product",
    "eng": "engineering",
    "documentation": "docs",
    "deploys": "releases",
    "deployments": "releases",
    "none": "nothing",
    "off": "nothing",
}
SHARED: dict[str, str] = {policy.value: policy.value for policy in QuotePolicy} | {
    "none": "counts",
    "numbers": "counts",
    "quotes": "masked",
    "words": "all",
}
FILTERS: dict[str, Filter] = {
    entry.name: entry
    for entry in (
        Filter("area", "area:X", aliases=("product",)),
        Filter("plan", "plan:X", aliases=("tier",)),
        Filter("kind", "kind:bug|how_to|feature|expectation|billing", aliases=("category", "type"), choices=KINDS),
        Filter("state", "state:new|rising|...", aliases=("status",), choices=STATES, bare=True),
        Filter("quotes", "quotes:counts|masked|all", aliases=("show",), choices=SHARED),
        Filter("confirm", "confirm", aliases=("yes",), flag=True),
        Filter("docs", "docs", aliases=("documentation",), flag=True),
        Filter("mine", "mine", aliases=("my",), flag=True),
        Filter("force", "force", aliases=("--force", "anyway"), flag=True),
        Filter("fresh", "fresh", aliases=("--fresh", "again"), flag=True),
        Filter("spike", "spike=2.0", aliases=("ratio",), number=Number(1.2, 20)),
        Filter("new", "new=5", aliases=("new_pattern",), number=Number(3, 50, whole=True)),
        Filter("budget", "budget=2", aliases=("aim",), number=Number(0.1, 50)),
    )
}
#: What makes an alert rule, in `backtest` and in `settings rule`.
RULE = ("spike", "new", "budget")
