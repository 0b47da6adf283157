"""The volume of a report in words: against what, and where a change comes from."""

from __future__ import annotations

from bot.words import change
from intelligence.changes import Change
from intelligence.reports.values import Report, ReportKind
from intelligence.reports.volume_values import Decomposition, Volume


def share(part: int, whole: int) -> str:
    """ "30 (31%)"."""
    return f"{part:,} ({part / whole:.0%})" if whole else f"{part:,}"


def against(value: Change, report: Report) -> str:
    """ "up 12% on last week"."""
    before = {
        ReportKind.WEEK: "last week",
        ReportKind.MONTH: "the month before",
        ReportKind.QUARTER: "the quarter before",
        ReportKind.AGENDA: "the two weeks before",
    }[report.span.kind]
    if report.span.name[-1] in "dw":
        before = "the days before"
    if value.within_noise:
        return f"about as {before} ({value.before:,})"
    if value.percent is None:
        return f"none in {before}"
    return f"{change(value)} on {before} ({value.before:,})"


def decomposition(volume: Volume) -> list[str]:
    """Where the change comes from, in tickets that add up; nothing while the change is within noise."""
    parts = volume.decomposition
    if parts is None or volume.change.within_noise:
        return []
    told = [f"{signed(parts.noisy.tickets)} {parts.noisy.name} alone"] if parts.noisy else []
    named = (
        (parts.customers, "more customers asked" if parts.customers > 0 else "fewer customers asked"),
        (parts.mix, "another mix of plans"),
        (
            parts.rate,
            "the same customers asked more often" if parts.rate > 0 else "the same customers asked less often",
        ),
        (float(parts.unknown), "unknown customers"),
    )
    told += [f"{signed(n)} {words}" for (_, words), n in zip(named, rounded(parts), strict=True) if n]
    return [f"Of the change ({signed(volume.change.now - volume.change.before)}): {', '.join(told)}."]


def rounded(parts: Decomposition) -> tuple[int, int, int, int]:
    """Customers, mix, rate and unknown in whole tickets that still add up (largest remainder)."""
    exact = (parts.customers, parts.mix, parts.rate)
    down = [int(value // 1) for value in exact]
    left = round(sum(exact)) - sum(down)
    for place in sorted(range(3), key=lambda one: down[one] - exact[one])[:left]:
        down[place] += 1
    return down[0], down[1], down[2], parts.unknown


def signed(value: int) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{abs(value):,}"
