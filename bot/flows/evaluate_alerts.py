"""`ticket-intel eval alerts`: which alerts a stream of tickets would have raised, and whether they were deserved.

The stream is replayed on a simulated clock through the flows of production: every ticket gets its theme after the usual
pause, and the detectors look at once; at every 02:00 the nightly job runs. What a reading says does not depend on the
clock, so the tickets of one day, from night to night, are stored and read together when the day begins; nothing counts
a ticket whose time has not come. What is scored is the decision to open an episode, so messages are neither drawn nor
sent.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from bot.clock import SimulatedClock
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import analyze, assign
from bot.flows.eval_rows import Cells, read_jsonl, read_text, text_of, time_of
from bot.flows.replay import NIGHT_HOUR, UNSENT, ReplayEvent, replay
from bot.jobs import build_registry
from bot.throw_away import AnalyzerName, TextTicket, open_channel, store, throw_away
from bot.worker import Registry
from intelligence.alert_scoring import AlertScore, Incident, KindScore, Raised, score_alerts
from intelligence.labels import BadRowError
from intelligence.model import PatternKind
from intelligence.ports import Embedder
from intelligence.scoring import Interval, poisson_rate
from storage import alerts, queue

WORKSPACE = "eval"
SCORED = frozenset({PatternKind.NEW, PatternKind.SPIKE, PatternKind.RAMP})
KINDS = ("new", "spike", "ramp")
LABELS = ("new", "spike2x", "spike3x", "spike5x", "ramp")
LAST_LOOK = timedelta(hours=1)  # after the last ticket, so that its reading and detection are over
SENDING = timedelta(hours=1)  # how often the queue is looked at between nights: only letters wait there

Progress = Callable[[int], None]


def evaluate_alerts(
    stream: Path,
    truth: Path,
    *,
    analyzer: AnalyzerName = "local",
    embedder: Embedder | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Figures of alerting as one JSON-ready dictionary; `progress` hears how many tickets have come.

    Raises BadInput or FileUnreadable before anything is measured.
    """
    rows = read_stream(stream)
    warm_until, incidents = read_truth(truth, {row.key: place for place, row in enumerate(rows)})
    started = time.perf_counter()
    clock = SimulatedClock(rows[0].at)
    with throw_away(clock, analyzer=analyzer, embedder=embedder) as deps:
        alarms = raised(deps, clock, rows, progress)
    score = score_alerts(alarms, incidents, {place: row.at for place, row in enumerate(rows)}, warm_until)
    weeks = max((rows[-1].at - warm_until) / timedelta(weeks=1), 0.0)
    return {"n": len(rows), **figures(score, len(incidents), weeks), "seconds": time.perf_counter() - started}


def figures(score: AlertScore, incidents: int, weeks: float) -> dict[str, Any]:
    """A score as the JSON object of the command; None where nothing was counted."""
    absent = KindScore(0, Interval(0.0, 0.0, 1.0), None, None)
    labels = [*LABELS, *sorted(score.by_kind.keys() - set(LABELS))]
    rate = poisson_rate(score.false_alarms, weeks) if weeks else None
    return {
        "by_kind": {label: _of_kind(score.by_kind.get(label, absent)) for label in labels},
        "recall": score.recall.value if incidents else None,
        "false_alarms_per_week": rate.value if rate else None,
        "alerts": score.alerts,
        "weeks": weeks,
        "intervals": {
            "recall": _range(score.recall) if incidents else None,
            "false_alarms_per_week": _range(rate) if rate else None,
        },
    }


def _of_kind(kind: KindScore) -> dict[str, Any]:
    return {
        "n": kind.n,
        "recall": kind.recall.value if kind.n else None,
        "delay_hours": kind.delay_hours,
        "delay_tickets": kind.delay_tickets,
        "interval": _range(kind.recall) if kind.n else None,
    }


def _range(interval: Interval) -> tuple[float, float]:
    return interval.low, interval.high


def read_stream(path: Path) -> list[TextTicket]:
    """The rows of STREAM.jsonl {id, at, text, segment?} by time. Raises FileUnreadable, or BadInput by line."""
    rows = read_jsonl(path, _row)
    seen: set[str] = set()
    twice = sorted({row.key for row in rows if row.key in seen or seen.add(row.key)})
    if twice:
        raise BadInput(problem=f"{path}: ids that come twice: {', '.join(twice[:5])}.", fix="Give each row its own id.")
    return sorted(rows, key=lambda row: row.at)


def _row(row: Cells) -> TextTicket:
    segment = row.get("segment")
    if segment is not None and not isinstance(segment, str | Mapping):
        raise BadRowError("segment is neither a text nor an object of texts")
    segments = {"segment": segment} if isinstance(segment, str) else {k: str(v) for k, v in (segment or {}).items()}
    return TextTicket(_id(row.get("id")), time_of(row, "at"), text_of(row, "text"), segments)


def _id(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise BadRowError("id is neither a text nor a number")
    return str(value)


def read_truth(path: Path, places: Mapping[str, int]) -> tuple[datetime, list[Incident]]:
    """When scoring begins, and the incidents; `places` are the stream's tickets by id: their rows.

    Raises BadInput, naming the incident, or FileUnreadable.
    """
    text = read_text(path)
    try:
        told = cast("object", json.loads(text))
    except ValueError as error:
        raise BadInput(problem=f"{path} is not JSON: {error}.", fix="See the format in the documentation.") from error
    where = "the file"
    try:
        if not isinstance(told, dict) or not isinstance(told.get("incidents"), list):
            raise BadRowError("it is not an object with a list of incidents")
        warm_until = time_of(told, "warmup_until")
        incidents: list[Incident] = []
        for number, one in enumerate(told["incidents"], 1):
            where = f"incident {number}"
            incidents.append(_incident(one, places))
        if len({incident.id for incident in incidents}) < len(incidents):
            raise BadRowError("an id comes twice among the incidents")
    except BadRowError as error:
        raise BadInput(problem=f"{path}, {where}: {error}.", fix="Mend it; nothing was measured.") from error
    return warm_until, incidents


def _incident(row: object, places: Mapping[str, int]) -> Incident:
    if not isinstance(row, dict):
        raise BadRowError("not an object")
    kind, factor, tickets = text_of(row, "kind"), row.get("factor"), row.get("ticket_ids")
    if kind not in KINDS:
        raise BadRowError(f"kind is none of {', '.join(KINDS)}: {kind!r}")
    if kind == "spike" and (isinstance(factor, bool) or not isinstance(factor, int | float)):
        raise BadRowError("the factor of a spike is not a number")
    if not isinstance(tickets, list):
        raise BadRowError("ticket_ids is not a list")
    ids = [_id(ticket) for ticket in tickets]
    unknown = [ticket for ticket in ids if ticket not in places]
    if unknown:
        raise BadRowError(f"{len(unknown)} ticket_ids are not in the stream, for example {unknown[0]}")
    number = float(factor) if isinstance(factor, int | float) else 1.0
    start, end = time_of(row, "start"), time_of(row, "end")
    return Incident(_id(row.get("id")), kind, number, start, end, frozenset(places[ticket] for ticket in ids))


def raised(
    deps: Deps, clock: SimulatedClock, rows: Sequence[TextTicket], progress: Progress | None = None
) -> list[Raised]:
    """Replay the rows (in time order); every new, spike and ramp episode that was opened, its tickets as rows."""
    from threadpoolctl import threadpool_limits

    open_channel(deps, WORKSPACE)
    places: dict[int, int] = {}
    registry: Registry = {**build_registry(deps), "send": UNSENT}
    pause = timedelta(seconds=deps.settings.debounce_seconds)
    until = rows[-1].at + LAST_LOOK
    events = _events(deps, rows, pause, places)
    with threadpool_limits(1):  # many small products: waiting threads cost more than the work itself
        replay(deps, events, clock, registry, workspace=WORKSPACE, until=until, progress=progress, step=SENDING)
    with deps.db.read() as session:
        failed = [f"{job.key}: {job.error}" for job in queue.listing(session) if job.error]
        if failed:
            raise RuntimeError(f"jobs failed, so the figures would be wrong: {failed[0]}")
        found = alerts.since(session, WORKSPACE, rows[0].at)
    return [Raised(e.opened_at, frozenset(places[t] for t in e.ticket_ids)) for e in found if e.kind in SCORED]


def _events(deps: Deps, rows: Sequence[TextTicket], pause: timedelta, places: dict[int, int]) -> Iterator[ReplayEvent]:
    """Each ticket comes after the pause in which its writer might have gone on; `places` hears which row it is.

    A day is stored and read by its first event, once the night before it is over.
    """
    for _, day in groupby(enumerate(rows), lambda pair: _working_day(deps, pair[1].at + pause)):
        numbered = list(day)
        tickets: list[int] = []
        for place, (_, row) in enumerate(numbered):
            yield ReplayEvent(row.at + pause, partial(_come, deps, numbered, place, tickets, places))


def _working_day(deps: Deps, at: datetime) -> date:
    """The day from one night to the next that a moment belongs to."""
    return (at.astimezone(deps.settings.zone) - timedelta(hours=NIGHT_HOUR)).date()


def _come(
    deps: Deps, day: Sequence[tuple[int, TextTicket]], place: int, tickets: list[int], places: dict[int, int]
) -> None:
    """A live ticket gets its theme and is looked at; the day's first makes all of them read."""
    if place == 0:
        tickets += store(deps, WORKSPACE, [row for _, row in day], history=False)
        places.update(zip(tickets, (number for number, _ in day), strict=True))
        analyze.read_tickets(deps, WORKSPACE, tickets, assign=False)
    assign.assign_tickets(deps, WORKSPACE, [tickets[place]])
