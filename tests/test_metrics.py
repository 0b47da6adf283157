"""Metrics are those of the documentation, read by Prometheus's own parser, and name nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from office import HERE, Office, an_office
from prometheus_client.parser import text_string_to_metric_families
from slack_world import SlackWorld, slack_world
from test_theme_edits import EXPORT, themed

from bot.job_times import JobTimes
from bot.jobs import build_registry
from bot.messenger import TryLater
from bot.metrics import METRICS, exposition
from bot.worker import Work, Worker
from storage import inbox, queue, workspaces

DOC = Path(__file__).parent.parent / "docs/security.md"


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as made:
        yield made


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = list(text_string_to_metric_families(text))
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def test_the_documentation_lists_every_metric_as_it_is() -> None:
    rows = re.findall(
        r"^\| `(ticket_intel_\w+)` \| (\w+) \| (.+) \|$", DOC.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert rows == [(one.name, one.kind, one.says) for one in METRICS]


def test_every_metric_is_told_with_its_type_and_true_values(office: Office) -> None:
    deps = office.deps
    _, theme, tickets = themed(office, EXPORT, "Export to Excel")
    office.raised(theme, tickets)

    def fails(_deps: Any, job: Any, _finish: Any) -> None:
        raise TryLater("not now") if job.args["later"] else ValueError("never")

    with deps.db.write() as session:
        for number, later in enumerate((True, False)):
            queue.enqueue(session, "odd", {"later": later}, key=f"odd:{number}", now=office.clock.now())
        inbox.receive(session, HERE, "waits", "event", {"text": "zebrafinch"}, office.clock.now())
        workspaces.add_usage(session, HERE, "2026-01-12", 'gpt"4\n', 30, 7)
        workspaces.add_usage(session, HERE, "2026-01-13", 'gpt"4\n', 3, 1)
    worker = Worker(deps, {**build_registry(deps), "odd": Work(fails)}, threads=1)
    worker.run_due()
    text = exposition(deps, worker.times, connected=True)
    found = {family.name: family.type for family in text_string_to_metric_families(text)}
    assert found == {one.name.removesuffix("_total"): one.kind for one in METRICS}
    values = samples(text)
    assert values["ticket_intel_alerts_sent_total", (("kind", "new"),)] == 1
    assert values["ticket_intel_inbox_waiting", ()] == 1
    assert values["ticket_intel_outbox_waiting", ()] == 0
    assert values["ticket_intel_slack_connected", ()] == 1
    assert values["ticket_intel_jobs", (("job", "odd"), ("state", "queued"))] == 2
    assert values["ticket_intel_job_seconds_count", (("job", "odd"), ("outcome", "later"))] == 1
    assert values["ticket_intel_job_seconds_count", (("job", "odd"), ("outcome", "failed"))] == 1
    assert values["ticket_intel_job_seconds_count", (("job", "send"), ("outcome", "done"))] >= 1
    assert values["ticket_intel_model_tokens_total", (("direction", "in"), ("model", 'gpt"4\n'))] == 33
    assert "zebrafinch" not in text
    assert not any(word in text for word in ("Excel", HERE, "CSUPPORT"))


def test_the_lag_is_the_age_of_the_oldest_delivery(office: Office) -> None:

    with office.deps.db.write() as session:
        inbox.receive(session, HERE, "waits", "event", {}, office.clock.now())
    office.clock.advance(timedelta(seconds=90))
    values = samples(exposition(office.deps, JobTimes(), connected=False))
    assert values["ticket_intel_ingest_lag_seconds", ()] == 90
    assert values["ticket_intel_slack_connected", ()] == 0


def test_metrics_and_the_api_are_served_with_the_token_alone(tmp_path: Path) -> None:
    token = "a-token-of-at-least-24-characters"
    with slack_world(tmp_path, web=True, metrics=True, api_token=token) as world:
        address = address_of(world)
        assert httpx2.get(f"{address}/metrics").status_code == 401
        told = httpx2.get(f"{address}/metrics", headers={"Authorization": f"Bearer {token}"})
        assert told.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert samples(told.text)["ticket_intel_slack_connected", ()] == 1
        assert httpx2.get(f"{address}/api/v1/themes").status_code == 401
        listed = httpx2.get(f"{address}/api/v1/themes", headers={"Authorization": f"Bearer {token}"})
        assert (listed.status_code, listed.json()["total_tickets"]) == (200, 0)
        assert httpx2.get(f"{address}/readyz").json()["status"] == "ok"


def test_nothing_of_it_is_there_unless_it_is_set(tmp_path: Path) -> None:
    with slack_world(tmp_path, web=True) as world:
        for path in ("/metrics", "/api/v1/themes", "/api/v1/openapi.json"):
            assert httpx2.get(f"{address_of(world)}{path}").status_code == 404
        assert httpx2.get(f"{address_of(world)}/healthz").status_code == 200


def address_of(world: SlackWorld) -> str:
    web = world.running.web
    assert web is not None
    return f"http://127.0.0.1:{web.port}"
