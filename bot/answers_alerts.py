"""What `alerts` and `backtest` answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from intelligence.alerts import Budget
from intelligence.model import AlertState, PatternKind, Severity, Theme


@dataclass(frozen=True, slots=True)
class EpisodeLine:
    """One alert: what it is about (`theme` is None for one whose theme is gone), how it stands and who has it."""

    alert_id: int
    kind: PatternKind
    state: AlertState
    theme: Theme | None
    tickets: int
    severity: Severity | None
    owner: str | None
    snoozed: str | None
    opened_at: datetime
    link: str | None


@dataclass(frozen=True, slots=True)
class SilenceLine:
    """What was found and not sent for one reason: how often, and for which themes (the newest five)."""

    reason: str
    kind: PatternKind
    times: int
    themes: tuple[Theme, ...]


@dataclass(frozen=True, slots=True)
class AlertsView:
    """The rules in words, the aim against what came, living alerts, and a week's silences."""

    rules: tuple[str, ...]
    budget: Budget
    living: tuple[EpisodeLine, ...]
    silences: tuple[SilenceLine, ...]
    quiet: str | None


@dataclass(frozen=True, slots=True)
class PastAlert:
    """An alert that a rule would have sent on a day, and what became of the one that was sent, if one was."""

    theme: Theme | None
    kind: PatternKind
    at: datetime
    tickets: int
    expected: float | None
    fate: str | None


@dataclass(frozen=True, slots=True)
class Backtest:
    """The alerts of a rule over past days. `sent` of them were sent in truth; `rules` says the rule in words."""

    days: int
    rules: tuple[str, ...]
    alerts: tuple[PastAlert, ...]
    sent: int
    noise: int
    weeks: float
    note: str | None = None
