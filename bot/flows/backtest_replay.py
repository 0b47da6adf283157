"""Past tickets through the production flows once more, under a rule, on a database that is thrown away.

What tickets say was read before and is not read again: readings and vectors are copied. Themes form anew, night by
night, and each day's tickets are copied when it begins, so that nothing knows what came later. No word of a ticket and
no name comes along: themes stay without titles here, and the nights group by meaning alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby

from bot.clock import SimulatedClock
from bot.deps import Deps
from bot.flows import alert_care, assign, nightly, resolve
from bot.flows.replay import NIGHT_HOUR, UNSENT, ReplayEvent, replay
from bot.rules import Rule
from bot.throw_away import open_channel, throw_away
from bot.worker import Finish, Registry, Work
from intelligence.model import PatternKind, Receipt, Scope
from intelligence.replayed import Told, nearest
from storage import alerts, backtest, queue, themes
from storage.backtest import Happened
from storage.queue import Job

TOGETHER = timedelta(hours=1)  # given their themes together; with three hours a replay told one alert more than live
LAST_LOOK = timedelta(hours=1)
KINDS = frozenset(PatternKind) - {PatternKind.CRITICAL}  # one critical ticket is told under every rule
WHO = "backtest"

Progress = Callable[[int], None]
Arrival = tuple[int, datetime]
Receipts = dict[int, Receipt]


@dataclass(frozen=True, slots=True)
class Past:
    """What is replayed: tickets in the order in which they came, older ones that stand in the themes of today, and what
    people did meanwhile.
    """

    scope: Scope
    arrivals: Sequence[Arrival]
    known: Sequence[Arrival]
    resolved: Sequence[Happened]
    closed: Sequence[Happened]

    @property
    def began(self) -> datetime:
        return self.arrivals[0][1]


def replayed(deps: Deps, past: Past, rule: Rule, progress: Progress | None = None) -> list[Told]:
    """Every alert that the rule would have opened, oldest first; `progress` hears how many tickets have come."""
    from threadpoolctl import threadpool_limits

    clock = SimulatedClock(past.began)
    kept = {"timezone": deps.settings.timezone, **rule.settings()}
    with throw_away(clock, embedder=deps.embedder, told=kept) as made:
        _remember(deps, made, past)
        seen: Receipts = {}
        registry: Registry = {"nightly": Work(partial(_night, seen)), "send": UNSENT}
        events = sorted([*_coming(deps, made, past, seen, progress), *_acting(made, past)], key=lambda event: event.at)
        until = past.arrivals[-1][1] + LAST_LOOK
        with threadpool_limits(1):  # many small products: waiting threads cost more than the work itself
            replay(made, events, clock, registry, workspace=past.scope.workspace, until=until, step=TOGETHER)
        return _told(made, past, seen)


def _told(made: Deps, past: Past, seen: Receipts) -> list[Told]:
    with made.db.read() as session:
        failed = [f"{job.key}: {job.error}" for job in queue.listing(session) if job.error]
        if failed:
            raise RuntimeError(f"jobs of the replay failed: {failed[0]}")
        found = alerts.since(session, past.scope.workspace, past.began)
    return [
        Told(one.kind, one.opened_at, frozenset(one.ticket_ids), seen.get(one.id))
        for one in reversed(found)
        if one.kind in KINDS
    ]


def _night(seen: Receipts, deps: Deps, job: Job, finish: Finish) -> None:
    workspace = str(job.args["workspace"])
    nightly.nightly(deps, workspace, finish=finish)
    _note(deps, workspace, seen)


def _note(made: Deps, workspace: str, seen: Receipts) -> None:
    """Keep the figures by which alerts were just opened: those that live show newer ones soon."""
    with made.db.read() as session:
        for one in alerts.since(session, workspace, made.clock.now()):
            seen.setdefault(one.id, one.receipt)


def _remember(deps: Deps, made: Deps, past: Past) -> None:
    """What came before the replay is history in the themes in which it stands today."""
    open_channel(made, past.scope.workspace)
    known = [ticket for ticket, _ in past.known]
    _copy(deps, made, known, history=True)
    with deps.db.read() as source, made.db.write() as target:
        at_home = backtest.homes(source, known)
        backtest.copy_themes(source, target, past.scope.workspace, at_home, made.clock.now())


def _copy(deps: Deps, made: Deps, ids: Sequence[int], *, history: bool = False) -> None:
    with deps.db.read() as source, made.db.write() as target:
        backtest.copy(source, target, ids, model=deps.embedder.model, history=history)


def _coming(deps: Deps, made: Deps, past: Past, seen: Receipts, progress: Progress | None) -> Iterator[ReplayEvent]:
    """Tickets come in small groups; the first of a day, from night to night, brings the day's copies."""
    done = 0
    for _, day in groupby(past.arrivals, lambda arrival: _working_day(deps, arrival[1])):
        whole = list(day)
        fresh = [ticket for ticket, _ in whole]
        for group in _together(whole):
            done += len(group)
            ids = [ticket for ticket, _ in group]
            yield ReplayEvent(group[-1][1], partial(_come, deps, made, past, fresh, ids, seen))
            yield ReplayEvent(group[-1][1], partial(progress or _unheard, done))
            fresh = []


def _unheard(_done: int) -> None:
    """Where nobody asked how far it is."""


def _together(day: Sequence[Arrival]) -> Iterator[list[Arrival]]:
    group: list[Arrival] = []
    for arrival in day:
        if group and arrival[1] - group[0][1] >= TOGETHER:
            yield group
            group = []
        group.append(arrival)
    yield group


def _working_day(deps: Deps, at: datetime) -> date:
    return (at.astimezone(deps.settings.zone) - timedelta(hours=NIGHT_HOUR)).date()


def _come(
    deps: Deps,
    made: Deps,
    past: Past,
    fresh: Sequence[int],
    ids: Sequence[int],
    seen: Receipts,
) -> None:
    if fresh:
        _copy(deps, made, fresh)
    assign.assign_tickets(made, past.scope.workspace, ids, names=False)
    _note(made, past.scope.workspace, seen)


def _acting(made: Deps, past: Past) -> Iterator[ReplayEvent]:
    """What people did, on the theme or alert of the replay that holds the tickets of theirs."""
    for one in past.resolved:
        yield ReplayEvent(one.at, partial(_resolve, made, past.scope, one))
    for one in past.closed:
        yield ReplayEvent(one.at, partial(_close, made, past.scope, one))


def _resolve(made: Deps, scope: Scope, one: Happened) -> None:
    with made.db.read() as session:
        at_home = backtest.homes(session, one.ticket_ids)
        groups = {theme: frozenset(t for t, home in at_home.items() if home == theme) for theme in at_home.values()}
        chosen = nearest(frozenset(at_home), list(groups.items()))
        theme = themes.get(session, scope.workspace, chosen) if chosen is not None else None
    if theme is not None:
        resolve.resolve_theme(made, Scope(scope.workspace), theme.key, None, by=WHO)


def _close(made: Deps, scope: Scope, one: Happened) -> None:
    with made.db.read() as session:
        living = alerts.in_state(session, scope.workspace, *alerts.LIVING)
    chosen = nearest(
        frozenset(one.ticket_ids), [(a.id, frozenset(a.ticket_ids)) for a in living if a.ticket_id is None]
    )
    if chosen is not None:
        alert_care.not_useful(made, scope.workspace, chosen, WHO, one.reason or "noise")
