"""`backtest`: the alerts that a rule would have sent over past days, beside those of the rule in force.

Both rules see the same tickets in a replay each; nothing of the workspace is touched. What was sent in truth, and what
became of it, is laid beside by tickets in common.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlmodel import Session

from bot.answers import Period
from bot.answers_alerts import Backtest, BacktestBegun
from bot.blocks import backtest as drawn
from bot.blocks import errors
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import agents, alert_list, backtest_past, backtest_sides, periods, rules
from bot.flows.backtest_replay import replayed
from bot.messenger import Outgoing, Refused
from bot.rules import Rule, changed
from bot.words import count
from bot.worker import Finish, nothing
from intelligence.model import Scope
from storage import backtest as stored
from storage import queue
from storage.backtest import Held

log = structlog.get_logger(__name__)

JOB: Final = "backtest"
USUAL: Final = "90d"
MOST_DAYS: Final = 366
FEWEST, MOST = 5, 50_000
# On one core: 1,000 tickets of 12 days took 25.8 s, 199 tickets of 22 days 10.6 s.
SECONDS_A_TICKET: Final = 0.0225
SECONDS_A_NIGHT: Final = 0.28

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: which period, and the numbers of the rule as they were typed ("spike" -> "2.5")."""

    period: str = USUAL
    said: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Question:
    """The same read: the stretch of time, both rules, and what there is to replay."""

    period: Period
    rule: Rule
    present: Rule
    held: Held
    before: Held

    @property
    def replays(self) -> int:
        return 1 if self.rule == self.present else 2

    @property
    def seconds(self) -> float:
        first = self.before.first or self.held.first or self.period.start
        nights = (self.period.end - first).days * SECONDS_A_NIGHT
        return self.replays * (nights + (self.held.tickets + self.before.tickets) * SECONDS_A_TICKET)


def start(deps: Deps, scope: Scope, asked: Asked, *, by: str) -> BacktestBegun:
    """Enqueue a backtest whose result is told to `by` alone. Raises BadInput where it could tell nothing."""
    with deps.db.write() as session:
        question = _question(deps, session, scope, asked)
        now = deps.clock.now()
        channels = sorted(scope.channels) if scope.channels is not None else None
        args: dict[str, Any] = {
            "workspace": scope.workspace,
            "by": by,
            "user": scope.asker,
            "channels": channels,
            "public": scope.public,
        }
        args |= {"period": asked.period, "said": dict(asked.said or {})}
        # Asked twice within a minute it is worked out once.
        key = f"{JOB}:{scope.workspace}:{by}:{asked.period}:{question.rule}:{now:%Y-%m-%dT%H:%M}"
        queue.enqueue(session, JOB, args, key=key, lane=f"{JOB}:{scope.workspace}", priority=1, now=now)
    return BacktestBegun(question.held.tickets + question.before.tickets, question.seconds)


def told_later(deps: Deps, args: Mapping[str, Any], *, key: str, again: bool, finish: Finish = nothing) -> None:
    """The job: work it out and tell whoever asked, in their direct messages. `again`: an earlier try may have told them.

    Raises TryLater where Slack is away.
    """
    by, messenger = str(args["by"]), deps.messenger_of(str(args["workspace"]))
    if not (again and messenger.find(by, key)):
        channels = frozenset(args["channels"]) if args["channels"] is not None else None
        scope = Scope(str(args["workspace"]), args["user"], channels, bool(args["public"]))
        try:
            shown = drawn.backtest(backtest(deps, scope, Asked(str(args["period"]), args["said"]), by=by))
        except BadInput as problem:  # the tickets went meanwhile: forgotten, or too old
            shown = errors.error(problem)
        try:
            messenger.direct(by, Outgoing("", shown.text, shown.blocks, metadata_key=key))
        except Refused as refused:
            log.error("backtest_refused", error=str(refused))
    with deps.db.write() as session:
        finish(session)


def backtest(deps: Deps, scope: Scope, asked: Asked, *, by: str, progress: Progress | None = None) -> Backtest:
    """The answer to `backtest`, which takes a while; `progress` hears how many tickets have come. Raises BadInput."""
    began = time.perf_counter()
    with deps.db.read() as session:
        question = _question(deps, session, scope, asked)
        past = backtest_past.gather(deps, session, scope, question.period)
    rows = len(past.arrivals)
    ours = replayed(deps, past, question.rule, progress)
    theirs = ours
    if question.replays > 1:
        theirs = replayed(deps, past, question.present, (lambda done: progress(rows + done)) if progress else None)
    with deps.db.read() as session:
        sides = backtest_sides.compare(deps, session, scope, question.period, ours, theirs)
        adopt = question.replays > 1 and by in agents.known_admins(deps, session, scope.workspace)
    weeks = _weeks(question)
    return Backtest(
        question.period.name,
        question.period.start,
        question.period.end,
        str(question.rule),
        str(question.present),
        alert_list.rules(question.rule.policy)[:3],
        question.held.tickets,
        question.before.tickets,
        weeks,
        sides.alerts,
        sides.lost,
        sides.comparison,
        _notes(question, sides.judged),
        time.perf_counter() - began,
        adopt,
    )


def _question(deps: Deps, session: Session, scope: Scope, asked: Asked) -> _Question:
    period = periods.parse(asked.period, deps.clock.now(), deps.settings.zone)
    if period.end - period.start > timedelta(days=MOST_DAYS):
        raise BadInput(problem=f"{asked.period} is too long for a backtest.", fix=f"Ask for at most {MOST_DAYS} days.")
    present = rules.in_force(deps, session, scope.workspace)
    model = deps.embedder.model
    held = stored.held(session, scope, model, period.start, period.end)
    before = stored.held(session, scope, model, period.start - backtest_past.WARM_UP, period.start)
    if held.tickets < FEWEST:
        raise BadInput(
            problem=f"I have read {count(held.tickets, 'ticket')} of {asked.period}; no rule alerts on fewer than {FEWEST}.",
            fix="Name a longer period, or bring tickets: `ticket-intel import tickets.csv` in a terminal.",
        )
    if held.tickets + before.tickets > MOST:
        raise BadInput(problem=f"More than {MOST:,} tickets are too many.", fix="Name a shorter period, as in 30d.")
    return _Question(period, changed(present, asked.said or {}), present, held, before)


def _weeks(question: _Question) -> float:
    """The weeks in which alerts could come: from the first ticket, where the period begins before it."""
    first = question.held.first or question.period.start
    begun = question.period.start if question.before.tickets else max(question.period.start, first)
    return max((question.period.end - begun) / timedelta(weeks=1), 1 / 7)


def _notes(question: _Question, judged: int) -> tuple[str, ...]:
    """What these figures do not know, in sentences."""
    held, before, notes = question.held, question.before, list[str]()
    first: datetime | None = before.first or held.first
    age = (question.period.end - first).days if first else 0
    cold = question.rule.policy.cold_days
    if first is not None and question.period.start < first + timedelta(days=cold):
        notes.append(
            f"The tickets begin on {first:%-d %b %Y}: in the first {cold:g} days only new patterns can be told."
        )
    if age < 2 * cold:
        notes.append(f"{count(age, 'day')} of data say little about a rule.")
    if held.history:
        told = count(held.history, "ticket")
        notes.append(f"{told} came as history, which never alerted live: here they count as if they had come in time.")
    if held.hidden + before.hidden:
        told = count(held.hidden + before.hidden, "ticket")
        notes.append(f"{told} in places that you may not see are left out, so counts are lower than live.")
    if not judged:
        notes.append(
            "No alert of these days was marked useful or not useful: whether fewer are better, you must judge."
        )
    notes.append(
        "Themes form anew in the replay; resolves and closings of that time are in it, merges and splits are not."
    )
    return tuple(notes)
