"""The alert rule that people choose: how strict, in three numbers, and how it is written: "spike=2 new=5 budget=2"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from bot.errors import BadInput
from bot.normal_forms import number
from bot.settings import Settings
from bot.verbs.filters import FILTERS, RULE
from intelligence.patterns import Policy

KEPT: Final = "none"  # typed to go back to the operator's own numbers


@dataclass(frozen=True, slots=True)
class Rule:
    """Times the usual that a spike must reach, tickets that make a new pattern, false alarms a week aimed at."""

    spike: float
    new: int
    budget: float

    def __str__(self) -> str:
        return f"spike={self.spike:g} new={self.new} budget={self.budget:g}"

    @property
    def policy(self) -> Policy:
        """The detectors' thresholds that follow from it."""
        return Policy.for_budget(self.budget, ratio=self.spike, new_tickets=self.new)

    def settings(self) -> dict[str, object]:
        """The same as values of Settings."""
        return {"spike_ratio": self.spike, "new_pattern": self.new, "alerts_per_week": self.budget}


def rule_of(settings: Settings, chosen: Mapping[str, Any] | None) -> Rule:
    """The operator's rule with the numbers that a workspace chose in their place."""
    said = chosen or {}
    return Rule(
        float(said.get("spike", settings.spike_ratio)),
        int(float(said.get("new", settings.new_pattern))),
        float(said.get("budget", settings.alerts_per_week)),
    )


def changed(rule: Rule, said: Mapping[str, str]) -> Rule:
    """The rule with some of its numbers as they were typed."""
    values = asdict(rule) | {name: float(said[name]) for name in RULE if name in said}
    return Rule(values["spike"], int(values["new"]), values["budget"])


def read(text: str) -> dict[str, float] | None:
    """The numbers in "spike=3 budget=1"; None for "none". Raises BadInput."""
    if text.casefold() == KEPT:
        return None
    said: dict[str, float] = {}
    for word in text.replace(", ", " ").split():
        name, sign, value = word.partition("=")
        name = next((known for known in RULE if name.casefold() in {known, *FILTERS[known].aliases}), "")
        allowed = FILTERS[name].number if name else None
        if not sign or allowed is None or name in said:
            fix = f"Write it as `settings rule spike=2 new=5 budget=2`, or `settings rule {KEPT}`."
            raise BadInput(problem=f'"{word[:40]}" is no part of a rule, or is there twice.', fix=fix)
        said[name] = float(number(name, allowed, value))
    if not said:
        raise BadInput(problem="A rule has numbers.", fix="For example: `settings rule spike=3`.")
    return said


def show(chosen: Mapping[str, Any] | None) -> str:
    """What a workspace chose of the rule."""
    if not chosen:
        return "as the operator set it"
    return " ".join(f"{name}={float(chosen[name]):g}" for name in RULE if name in chosen)
