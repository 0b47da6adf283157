"""How well alerts are raised: hits, false alarms and delays of episodes against known incidents."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from intelligence.intervals import Interval, wilson

LATE: Final = timedelta(hours=48)  # an alert so long after an incident's end still names it
_WEEK: Final = timedelta(weeks=1)
_KINDS: Final = ("new", "spike2x", "spike3x", "spike5x", "ramp")
_TAIL: Final = 0.025


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that should raise an alert: `tickets` are ids with their times, all that came between start and end."""

    id: str
    kind: str
    factor: float
    start: datetime
    end: datetime
    tickets: dict[str, datetime]

    @property
    def label(self) -> str:
        """The row of the table it belongs to: new, ramp, or spike with its factor (spike3x)."""
        return f"spike{self.factor:g}x" if self.kind == "spike" else self.kind


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alert at the moment of its decision: `tickets` are the ids counted in the window of the rule that fired."""

    at: datetime
    tickets: frozenset[str]

    def hits(self, incident: Incident) -> bool:
        """In time (from the start to 48 hours after the end), and at least half of its tickets are the incident's."""
        in_time = incident.start <= self.at <= incident.end + LATE
        return in_time and 2 * len(self.tickets & incident.tickets.keys()) >= len(self.tickets) > 0


def score_alerts(
    alarms: Collection[Alarm], incidents: Sequence[Incident], *, warm_until: datetime, until: datetime
) -> dict[str, Any]:
    """The figures of `eval alerts`: alarms before `warm_until` are ignored, weeks run from there to `until`.

    The first alarm that hits an incident counts; later ones of the same incident are neither hit nor false.
    """
    scored = sorted((alarm for alarm in alarms if alarm.at >= warm_until), key=lambda alarm: alarm.at)
    first: dict[str, Alarm] = {}
    false = 0
    for alarm in scored:
        hit = [incident for incident in incidents if alarm.hits(incident)]
        for incident in hit:
            first.setdefault(incident.id, alarm)
        false += not hit
    weeks = max((until - warm_until) / _WEEK, 0.0)
    labels = [*_KINDS, *sorted({i.label for i in incidents} - set(_KINDS))]
    return {
        "by_kind": {label: _of_kind([i for i in incidents if i.label == label], first) for label in labels},
        "recall": len(first) / len(incidents) if incidents else None,
        "false_alarms_per_week": false / weeks if weeks else None,
        "alerts": len(scored),
        "weeks": weeks,
        "intervals": {
            "recall": wilson(len(first), len(incidents)),
            "false_alarms_per_week": _rate(false, weeks) if weeks else None,
        },
    }


def _of_kind(incidents: Sequence[Incident], first: dict[str, Alarm]) -> dict[str, Any]:
    """Recall of one kind, and median delays of those found: in hours since the start, in tickets come so far."""
    found = [(incident, first[incident.id].at) for incident in incidents if incident.id in first]
    hours = [(at - incident.start) / timedelta(hours=1) for incident, at in found]
    tickets = [sum(came <= at for came in incident.tickets.values()) for incident, at in found]
    return {
        "n": len(incidents),
        "recall": len(found) / len(incidents) if incidents else None,
        "delay_hours": float(np.median(hours)) if found else None,
        "delay_tickets": float(np.median(tickets)) if found else None,
        "interval": wilson(len(found), len(incidents)),
    }


def _rate(count: int, exposure: float) -> Interval:
    """The exact interval of a Poisson rate (Garwood 1936)."""
    from scipy.special import gammaincinv  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

    low = float(gammaincinv(count, _TAIL)) if count else 0.0
    return low / exposure, float(gammaincinv(count + 1, 1 - _TAIL)) / exposure
