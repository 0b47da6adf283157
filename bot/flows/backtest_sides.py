"""The alerts of two rules and those that were sent in truth, side by side, each with its theme of today and its fate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.answers import Period
from bot.answers_alerts import Comparison, Fate, PastAlert
from bot.deps import Deps
from bot.flows.backtest_replay import KINDS
from intelligence.model import PatternKind, Scope, Theme
from intelligence.replayed import Told, pairs
from storage import alerts, backtest, memberships, themes
from storage.alerts import Episode

QUIET_AFTER = timedelta(days=14)  # without a ticket for so long a theme has gone quiet


@dataclass(frozen=True, slots=True)
class Sides:
    """What the answer shows; `judged` alerts of the period have people's word."""

    alerts: tuple[PastAlert, ...]
    lost: tuple[PastAlert, ...]
    comparison: Comparison
    judged: int


@dataclass(frozen=True, slots=True)
class _Live:
    """The alerts that were sent, as the replays' are, with what people said of them."""

    told: Sequence[Told]
    episodes: Sequence[Episode]
    said: Mapping[int, tuple[str, str | None]]

    def verdict(self, place: int | None) -> tuple[str, str | None] | None:
        return self.said.get(self.episodes[place].id) if place is not None else None


def compare(
    deps: Deps, session: Session, scope: Scope, period: Period, ours: Sequence[Told], theirs: Sequence[Told]
) -> Sides:
    """Lay the asked rule's alerts beside those of the rule in force and those that were sent."""
    live = _live(session, scope, period)
    mine, present = (_within(one, period) for one in (ours, theirs))
    # What stands at the edge of the period is paired with what was told just outside of it.
    to_live, to_present = pairs(mine, live.told), pairs(mine, theirs)
    from_live, of_present = pairs(live.told, ours), pairs(present, ours)
    lost_live = [place for place in range(len(live.told)) if place not in from_live]
    also_live = pairs(present, live.told)
    lost_present = [
        place for place in range(len(present)) if place not in of_present and also_live.get(place) not in lost_live
    ]
    look = _Look(deps, session, scope)
    shown = tuple(look.past(one, live, to_live.get(n), present=n in to_present) for n, one in enumerate(mine))
    missing = [look.past(live.told[n], live, n, present=n in also_live.values()) for n in lost_live]
    missing += [look.past(present[n], live, also_live.get(n), present=True) for n in lost_present]
    lost = tuple(sorted(missing, key=lambda one: one.at))
    return Sides(shown, lost, _comparison(live, set(from_live), len(present), len(mine)), len(live.said))


def _within(told: Sequence[Told], period: Period) -> list[Told]:
    return [one for one in told if period.start <= one.at < period.end]


def _comparison(live: _Live, kept: set[int], present: int, asked: int) -> Comparison:
    verdicts = {n: said[0] for n in range(len(live.told)) if (said := live.verdict(n)) is not None}
    useful = {n for n, verdict in verdicts.items() if verdict == "useful"}
    bad = set(verdicts) - useful
    return Comparison(present, asked, len(useful), len(useful & kept), len(bad), len(bad & kept))


def _live(session: Session, scope: Scope, period: Period) -> _Live:
    """Alerts that were sent in the period, of which the asker may see half of the tickets or more."""
    found = [
        one
        for one in reversed(alerts.since(session, scope.workspace, period.start))
        if one.kind in KINDS and one.opened_at < period.end
    ]
    every = sorted({ticket for one in found for ticket in one.ticket_ids})
    seen = backtest.seen(session, scope, every)
    open_to = [one for one in found if len(seen.intersection(one.ticket_ids)) * 2 >= max(1, len(one.ticket_ids))]
    told = [Told(one.kind, one.opened_at, frozenset(one.ticket_ids), None) for one in open_to]
    ids = {one.id for one in open_to}
    said: dict[int, tuple[str, str | None]] = {}
    for alert, verdict, reason in alerts.feedback_since(session, scope.workspace, period.start):
        if alert in ids and said.get(alert, ("", None))[0] != "not_useful":
            said[alert] = (verdict, reason)
    return _Live(told, open_to, said)


class _Look:
    """Finds the themes of today and what became of them."""

    def __init__(self, deps: Deps, session: Session, scope: Scope) -> None:
        self._session = session
        self._scope = scope
        self._now = deps.clock.now()
        self._themes = themes.load(session, scope.workspace)
        self._times: dict[int, list[datetime]] = {}

    def past(self, told: Told, live: _Live, place: int | None, *, present: bool) -> PastAlert:
        theme = self._theme(told)
        receipt = told.receipt
        usual = receipt.expected if receipt and told.kind is not PatternKind.NEW else None
        fate = self._fate(theme, told, live, place)
        sent = place is not None
        count, hours = (receipt.count, receipt.window_hours) if receipt else (len(told.tickets), 0.0)
        return PastAlert(theme, told.kind, told.at, count, usual, hours, sent, present, fate)

    def _theme(self, told: Told) -> Theme | None:
        """The theme that holds most of the alert's tickets today."""
        at_home = Counter(backtest.homes(self._session, sorted(told.tickets)).values())
        chosen = next((theme for theme, _ in at_home.most_common() if theme in self._themes), None)
        return self._themes[chosen] if chosen is not None else None

    def _fate(self, theme: Theme | None, told: Told, live: _Live, place: int | None) -> Fate:
        verdict, reason = live.verdict(place) or (None, None)
        sent = live.episodes[place] if place is not None else None
        if theme is None:
            return Fate(verdict, reason, owner=sent.owner if sent else None)
        after = [at for at in self._arrivals(theme.id) if at > told.at]
        resolved = theme.resolved_at if theme.resolved_at and theme.resolved_at >= told.at else None
        last = max(after, default=told.at)
        return Fate(
            verdict,
            reason,
            theme.owner or (sent.owner if sent else None),
            theme.issue_key,
            resolved,
            theme.resolved_release if resolved else None,
            len(after),
            max(after, default=None),
            self._now - last >= QUIET_AFTER,
        )

    def _arrivals(self, theme_id: int) -> list[datetime]:
        if theme_id not in self._times:
            self._times[theme_id] = [m.at for m in memberships.members(self._session, self._scope, theme_id)]
        return self._times[theme_id]
