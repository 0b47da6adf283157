"""Receipts: why a pattern was reported, in numbers that a person can check."""

from __future__ import annotations

from intelligence.model import Receipt
from intelligence.patterns.policy import Policy
from intelligence.patterns.significance import usual_range


def rise_receipt(
    *,
    count: int,
    expected: float,
    spread: float,
    days: int,
    baseline_days: float,
    p_value: float,
    policy: Policy,
    rule: str,
    deviation: float | None = None,
    agreed: bool = False,
) -> Receipt:
    """The receipt of a count above its usual range; `spread` is the dispersion of a window of that length, `deviation`
    the weighted mean of daily deviations where a lasting rise was the reason. `agreed`: the tickets themselves were
    asked whether they see the rise."""
    low, high = usual_range(expected, spread)
    needed = max(policy.least, int(policy.ratio * expected) + 1, high + 1)
    notes = () if baseline_days >= 28 else (f"the usual range rests on {baseline_days:.0f} days",)
    why = "hardly by chance"
    if deviation is not None:
        why = f"day after day more than {policy.sustained:.1f} standard deviations above it in the weighted mean"
        notes = (f"weighted mean of the daily deviations: {deviation:.1f} standard deviations", *notes)
    return Receipt(
        rule=rule,
        count=count,
        expected=round(expected, 2),
        low=low,
        high=high,
        window_hours=days * 24.0,
        baseline_days=baseline_days,
        ratio=round(count / expected, 2) if expected > 0 else None,
        p_value=p_value,
        threshold=f"at least {policy.ratio:g} times the usual and {policy.least} tickets, and {why}"
        + (", as at least half of the newest of them see it, too" if agreed else ""),
        silent_if=f"fewer than {needed} tickets had come in {_span(days)}"
        + (", or most of the newest of them saw no rise around themselves" if agreed else ""),
        notes=(*notes, *_weak(expected, days)),
    )


def new_receipt(*, count: int, days: float, baseline_days: float, policy: Policy) -> Receipt:
    """The receipt of a theme that nobody had seen before."""
    return Receipt(
        rule="new pattern",
        count=count,
        expected=0.0,
        low=0,
        high=0,
        window_hours=round(float(days) * 24, 1),
        baseline_days=baseline_days,
        ratio=None,
        p_value=None,
        threshold=f"{policy.new_tickets} tickets within {policy.new_days} days on something not seen before",
        silent_if=f"fewer than {policy.new_tickets} tickets had come, or some had come before",
    )


def regression_receipt(*, count: int, days: float, baseline_days: float, policy: Policy) -> Receipt:
    """The receipt of a resolved theme that is back."""
    return Receipt(
        rule="back after a fix",
        count=count,
        expected=0.0,
        low=0,
        high=policy.regression_tickets - 1,
        window_hours=round(float(days) * 24, 1),
        baseline_days=baseline_days,
        ratio=None,
        p_value=None,
        threshold=f"{policy.regression_tickets} tickets since it was resolved",
        silent_if=f"fewer than {policy.regression_tickets} tickets had come since it was resolved",
    )


def _span(days: int) -> str:
    return "24 hours" if days == 1 else f"{days} days"


def _weak(expected: float, days: int) -> tuple[str, ...]:
    """What this rule cannot see at so low a volume (a doubling needs about 21 tickets to be told from chance)."""
    per_day = expected / days
    if 0 < per_day < 4:
        return (f"at {per_day:.1f} a day a doubling shows only after about {21 / (2 * per_day):.0f} days",)
    return ()
