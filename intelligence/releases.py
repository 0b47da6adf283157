"""When did it begin, and which release came shortly before? Suspects with alternatives, never a cause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from intelligence.model import Release

_VERSION: Final = re.compile(
    r"(?<![\w./-])(?P<version>[vV]?\d{1,4}(?:\.\d{1,5}){1,2}(?:-[A-Za-z][\w.]{0,15})?)(?![\w/%-]|\.\d)"
)
_WENT_OUT: Final = re.compile(
    r"\b(?:releas(?:ed?|ing)|deploy(?:ed|ing|ment)?|shipp(?:ed|ing)|roll(?:ed|ing)? ?(?:out|back)|revert(?:ed)?|live|out|launched"
    r"|in production|to prod(?:uction)?|available|published|pushed)\b",
    re.IGNORECASE,
)
_BACK: Final = re.compile(r"\broll(?:ed|ing)? ?back\b|\brevert(?:ed|ing)?\b", re.IGNORECASE)
_NOT_YET: Final = re.compile(
    r"\b(?:will|going to|plan(?:ned|s)?|tomorrow|next (?:week|sprint|month)|scheduled|later|soon|when|should we|can we|not yet|postponed"
    r"|delayed|if)\b|\?",
    re.IGNORECASE,
)
_LOOK_BACK: Final = timedelta(days=7)
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Onset:
    """The trouble began between `start` (exclusive: all was usual) and `end` (the first tickets were in)."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Suspect:
    """A release before the onset: `hours` lie between, `share` is its weight among the suspects (they add up to 1)."""

    release: Release
    hours: float
    share: float


def onset(times: Sequence[datetime], usual_per_day: float, now: datetime) -> Onset | None:
    """Estimate when a rate rose above `usual_per_day`; None without tickets.

    The likeliest change point of a Poisson rate (the cut that best separates "usual" from "after"); the interval spans
    the cuts within 2 units of log-likelihood, about 95% (Wilks). A new theme (usual 0) began before its first ticket.
    """
    ordered = sorted(time for time in times if time <= now)
    if not ordered:
        return None
    if usual_per_day <= 0:
        before = ordered[0] - max(timedelta(hours=1), (ordered[-1] - ordered[0]) / len(ordered))
        return Onset(before, ordered[0])
    likelihoods = [_gain(ordered, place, usual_per_day, now) for place in range(len(ordered))]
    best = max(likelihoods)
    near = [place for place, value in enumerate(likelihoods) if value >= best - 2]
    first, last = near[0], near[-1]
    start = ordered[first - 1] if first else ordered[0] - timedelta(days=1 / max(usual_per_day, 0.1))
    return Onset(start, ordered[last])


def suspects(releases: Sequence[Release], began: Onset) -> tuple[Suspect, ...]:
    """Releases of the week before the end of the onset, the likeliest first, at most three.

    A release weighs half as much for each day that lies between it and the onset, and counts only half of that where
    the interval cannot tell whether it came first.
    """
    weighted: list[tuple[float, Release, float]] = []
    for release in releases:
        gap = began.end - release.at
        if timedelta(0) <= gap <= _LOOK_BACK:
            weight = 0.5 ** (gap / timedelta(days=1)) * (0.5 if release.at > began.start else 1.0)
            weighted.append((weight, release, gap / timedelta(hours=1)))
    total = sum(weight for weight, _, _ in weighted)
    ranked = sorted(weighted, key=lambda one: (-one[0], one[1].name))[:_SHOWN]
    return tuple(Suspect(release, hours, weight / total) for weight, release, hours in ranked)


def named_version(text: str) -> str | None:
    """The version that a note says went out, as it is written there; None where it names none, or one of the future.

    What was rolled back is a release of its own: it changes what people use.
    """
    first = next((line for line in text.splitlines() if _VERSION.search(line)), "")
    found = _VERSION.search(first)
    if found is None or not _WENT_OUT.search(first) or _NOT_YET.search(first):
        return None
    version = found["version"]
    return f"{version} (rolled back)" if _BACK.search(first) else version


def _gain(ordered: list[datetime], place: int, usual: float, now: datetime) -> float:
    """Log-likelihood gained by a higher rate from ticket `place` on; nothing where the rate would be lower."""
    from math import log

    count = len(ordered) - place
    days = max((now - ordered[place]) / timedelta(days=1), 1 / 24)
    rate = count / days
    return count * log(rate / usual) - (rate - usual) * days if rate > usual else 0.0
