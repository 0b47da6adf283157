"""How a receipt is said: every number of the rule that fired, in a phrase or in sentences."""

from __future__ import annotations

from bot.words import count, hours
from intelligence.model import Receipt


def usual(receipt: Receipt) -> str | None:
    """ "usual range 1–8 in 3 days"; None where the rule has no range."""
    if receipt.high <= 0 or receipt.window_hours <= 0:
        return None
    return f"usual range {receipt.low}–{receipt.high} in {hours(receipt.window_hours)}"


def normal(receipt: Receipt) -> str | None:
    """ "normal 4"; None for rules that compare with nothing."""
    if receipt.expected <= 0:
        return None
    return f"normal {receipt.expected:.0f}" if receipt.expected >= 1 else "normal under 1"


def baseline(receipt: Receipt) -> str | None:
    return f"baseline {count(round(receipt.baseline_days), 'day')}" if receipt.baseline_days >= 1 else None


def receipt_lines(receipt: Receipt) -> tuple[str, ...]:
    """A receipt in sentences, with every number of the rule that fired."""
    within = f" in {hours(receipt.window_hours)}" if receipt.window_hours > 0 else ""
    lines = [f"{receipt.rule[:1].upper()}{receipt.rule[1:]}: {count(receipt.count, 'ticket')}{within}."]
    if receipt.expected > 0:
        lines.append(f"Expected {receipt.expected:.1f}, usual range {receipt.low}–{receipt.high}.")
    figures = [f"{receipt.ratio:.1f} times normal"] if receipt.ratio is not None else []
    figures += [_chance(receipt.p_value)] if receipt.p_value is not None else []
    if figures:
        lines.append(f"{', '.join(figures)}.")
    if receipt.baseline_days >= 1:
        lines.append(f"Compared with {count(round(receipt.baseline_days), 'day')} before.")
    lines.append(f"It fires at: {receipt.threshold}.")
    lines.append(f"It would have kept silent if {receipt.silent_if}.")
    lines += receipt.notes
    return tuple(lines)


def _chance(p_value: float) -> str:
    return "p under 0.0001" if p_value < 0.0001 else f"p = {p_value:.2g}"
