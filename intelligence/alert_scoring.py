"""How good are alerts on a stream whose incidents are known? Hits, delays and false alarms a week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from intelligence.scoring import Interval, wilson

GRACE: Final = timedelta(hours=48)
_OWN_SHARE: Final = 0.5  # of an alert's evidence that must belong to the incident it is credited with
_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Incident:
    """What was put into the stream; `tickets` are all of its subject between `start` and `end`, background included."""

    id: str
    kind: str
    factor: float
    start: datetime
    end: datetime
    tickets: frozenset[int]

    @property
    def label(self) -> str:
        """The kind by which results are reported: new, ramp, spike2x, spike3x, spike5x."""
        return f"spike{self.factor:g}x" if self.kind == "spike" else self.kind


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert: when, and the tickets counted in the window of the rule that fired, at that moment."""

    at: datetime
    evidence: frozenset[int]


@dataclass(frozen=True, slots=True)
class KindScore:
    """Incidents of one kind: how many, the share found with its interval, and the median delay of those found."""

    n: int
    recall: Interval
    delay_hours: float | None
    delay_tickets: float | None


@dataclass(frozen=True, slots=True)
class AlertScore:
    by_kind: dict[str, KindScore]
    recall: Interval
    false_alarms_per_week: float
    false_alarms: int
    alerts: int


@dataclass(frozen=True, slots=True)
class _Found:
    incident: Incident
    hours: float
    tickets: int


def score_alerts(
    raised: Sequence[Raised], incidents: Sequence[Incident], times: dict[int, datetime], warm_up_until: datetime
) -> AlertScore:
    """Score alerts against the truth; `times` are the arrivals of all tickets by id.

    An alert hits an incident if it comes between its start and 48 hours after its end and at least half of its evidence
    belongs to it. The first hit counts, later ones neither help nor harm; an alert that hits nothing is false. Alerts
    before the warm-up ends are ignored; weeks run from there to the last ticket.
    """
    counted = sorted((alert for alert in raised if alert.at >= warm_up_until), key=lambda alert: alert.at)
    first: dict[str, Raised] = {}
    false_alarms = 0
    for alert in counted:
        hit = next((incident for incident in incidents if _hits(alert, incident)), None)
        if hit is None:
            false_alarms += 1
        else:
            first.setdefault(hit.id, alert)
    found = [_delay(first[incident.id], incident, times) for incident in incidents if incident.id in first]
    labels = sorted({incident.label for incident in incidents})
    weeks = (max(times.values()) - warm_up_until) / _WEEK if times else 0.0
    return AlertScore(
        {label: _of_kind(label, incidents, found) for label in labels},
        wilson(len(found), len(incidents)),
        false_alarms / weeks if weeks > 0 else 0.0,
        false_alarms,
        len(counted),
    )


def _hits(alert: Raised, incident: Incident) -> bool:
    in_time = incident.start <= alert.at <= incident.end + GRACE
    return in_time and len(alert.evidence & incident.tickets) >= _OWN_SHARE * max(1, len(alert.evidence))


def _delay(alert: Raised, incident: Incident, times: dict[int, datetime]) -> _Found:
    came = sum(times[ticket] <= alert.at for ticket in incident.tickets)
    return _Found(incident, (alert.at - incident.start) / timedelta(hours=1), came)


def _of_kind(label: str, incidents: Sequence[Incident], found: Sequence[_Found]) -> KindScore:
    size = sum(incident.label == label for incident in incidents)
    mine = [one for one in found if one.incident.label == label]
    return KindScore(
        size,
        wilson(len(mine), size),
        median(one.hours for one in mine) if mine else None,
        median(one.tickets for one in mine) if mine else None,
    )
