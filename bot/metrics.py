"""Metrics for Prometheus: what the database knows at the moment of asking, and how long this process's jobs took.

Values of the database are the same from every process; job times are of the process that is asked. No label holds a
word, a name or an id of anybody. Text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.deps import Deps
from bot.job_times import JobTimes
from storage import alerts, inbox, outbox, queue, workspaces

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of the table below, which the documentation is compared with."""

    name: str
    kind: str
    says: str


JOBS = Metric("ticket_intel_jobs", "gauge", "Jobs that wait (queued), run or gave up (dead), by job and state")
INBOX = Metric("ticket_intel_inbox_waiting", "gauge", "Deliveries that were stored and not dealt with yet")
LAG = Metric("ticket_intel_ingest_lag_seconds", "gauge", "Age of the oldest of them; 0 without any")
OUTBOX = Metric("ticket_intel_outbox_waiting", "gauge", "Messages and events that are not sent yet")
SENT = Metric("ticket_intel_alerts_sent_total", "counter", "Alerts that were posted, by kind")
TOKENS = Metric("ticket_intel_model_tokens_total", "counter", "Tokens of a model, by model and direction (in, out)")
SECONDS = Metric(
    "ticket_intel_job_seconds", "summary", "Time of this process's jobs, by job and outcome (done, later, failed)"
)
CONNECTED = Metric("ticket_intel_slack_connected", "gauge", "1 while Slack is connected, else 0")
METRICS = (JOBS, INBOX, LAG, OUTBOX, SENT, TOKENS, SECONDS, CONNECTED)


def exposition(deps: Deps, times: JobTimes, *, connected: bool) -> str:
    """Every metric as text."""
    now = deps.clock.now()
    with deps.db.read() as session:
        depth = queue.depth(session)
        waiting, oldest = inbox.waiting(session)
        letters = outbox.waiting(session)
        sent = alerts.sent(session)
        tokens = workspaces.tokens_by_model(session)
    lag = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    lines = [
        *_family(JOBS, (({"job": job, "state": state}, n) for (job, state), n in sorted(depth.items()))),
        *_family(INBOX, [({}, waiting)]),
        *_family(LAG, [({}, lag)]),
        *_family(OUTBOX, [({}, letters)]),
        *_family(SENT, (({"kind": kind}, n) for kind, n in sorted(sent.items()))),
        *_family(TOKENS, _tokens(tokens)),
        *_summary(times),
        *_family(CONNECTED, [({}, int(connected))]),
    ]
    return "\n".join(lines) + "\n"


def _tokens(tokens: Mapping[str, tuple[int, int]]) -> Iterator[tuple[Labels, float]]:
    for model, (read, written) in sorted(tokens.items()):
        yield {"model": model, "direction": "in"}, read
        yield {"model": model, "direction": "out"}, written


def _family(metric: Metric, samples: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    yield f"# HELP {metric.name} {metric.says}"
    yield f"# TYPE {metric.name} {metric.kind}"
    for labels, value in samples:
        yield _sample(metric.name, labels, value)


def _summary(times: JobTimes) -> Iterator[str]:
    yield from _family(SECONDS, ())
    for (job, outcome), (runs, spent) in sorted(times.snapshot().items()):
        labels = {"job": job, "outcome": outcome}
        yield _sample(f"{SECONDS.name}_count", labels, runs)
        yield _sample(f"{SECONDS.name}_sum", labels, round(spent, 6))


def _sample(name: str, labels: Labels, value: float) -> str:
    told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{told}}} {value}" if told else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
