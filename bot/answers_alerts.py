"""What `alerts` and `backtest` answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from intelligence.alerts import Budget
from intelligence.model import AlertState, PatternKind, Severity, Theme


@dataclass(frozen=True, slots=True)
class EpisodeLine:
    """One alert: what it is about (`theme` is None for one whose theme is gone), how it stands and who has it. An alert
    about a single ticket has the `headline` of that ticket.
    """

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
    headline: str | None = None


@dataclass(frozen=True, slots=True)
class Burst:
    """Alerts of one channel within an hour, oldest first, and what most of them have in common, in sentences."""

    lines: tuple[EpisodeLine, ...]
    common: tuple[str, ...]


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
class Fate:
    """What became of an alert's theme, as it stands today. `verdict` ("useful", "not_useful") and `reason` are people's
    words on the alert that was sent; `tickets` came to the theme after the alert, the last one at `last_at`.
    """

    verdict: str | None = None
    reason: str | None = None
    owner: str | None = None
    issue: str | None = None
    resolved_at: datetime | None = None
    release: str | None = None
    tickets: int = 0
    last_at: datetime | None = None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class PastAlert:
    """An alert of past days: `tickets` against `expected` (None where there was no usual number) in `window_hours`.

    `theme` holds most of its tickets today, None where none does. `sent`: it was sent in truth; `present`: the rule in
    force sends it in the same replay.
    """

    theme: Theme | None
    kind: PatternKind
    at: datetime
    tickets: int
    expected: float | None
    window_hours: float
    sent: bool
    present: bool
    fate: Fate


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rule in force against the one asked about, in one replay each; labelled alerts were sent and judged: kept of
    all.
    """

    present: int
    asked: int
    useful: int
    useful_kept: int
    not_useful: int
    not_useful_kept: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """The alerts that a rule would have sent over past days. `lost` are those of the rule in force (sent in truth or in
    the replay) that it would not; `notes` say what these figures do not know. `adopt`: the asker may take the rule.
    """

    period: str
    start: datetime
    end: datetime
    rule: str
    present: str
    rules: tuple[str, ...]
    tickets: int
    before: int
    weeks: float
    alerts: tuple[PastAlert, ...]
    lost: tuple[PastAlert, ...]
    comparison: Comparison
    notes: tuple[str, ...]
    seconds: float
    adopt: bool = False


@dataclass(frozen=True, slots=True)
class BacktestBegun:
    """A backtest that works in the background: over so many tickets, for about so long."""

    tickets: int
    seconds: float
