"""A slow model: leases are renewed while a batch is read, costs are counted on the Slack team, connections close; and
what an interruption left unread is read at the next start.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_world import encoder
from stored import ticket
from stored import workspace as ensure

from bot.clock import Clock, SystemClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.flows.analyze import read_tickets
from bot.flows.reading import enqueue_forgotten
from bot.flows.report import health
from bot.jobs import build_registry
from bot.settings import load_settings
from bot.worker import Worker
from intelligence.model import Scope
from storage import analyses, queue, workspaces
from tests.model_replies import triage
from tests.model_server import KEY, ModelServer, Said, chat, conversation_of

TEAM = "T0TEAM"
LEASE = timedelta(seconds=0.75)
TEXT = "The export of the chart does not work any more since Monday"


class SlowModel:
    """A server that begins to answer when it is told to."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.may_answer = threading.Event()
        self.server = ModelServer(self._answer)

    def _answer(self, body: dict[str, Any]) -> Said:
        self.asked.set()
        self.may_answer.wait(30)
        quote = conversation_of(body)["messages"][0]["text"]
        return chat(json.dumps(triage(quote)))


@pytest.fixture
def model() -> Iterator[SlowModel]:
    made = SlowModel()
    yield made
    made.may_answer.set()
    made.server.close()


@pytest.fixture
def path(tmp_path: Path, sqlite_template: Path) -> Path:
    return Path(shutil.copy(sqlite_template, tmp_path / "w.db"))


def deps_of(path: Path, model: SlowModel | None = None, clock: Clock | None = None) -> Deps:
    behind: dict[str, Any] = {}
    if model is not None:
        behind = {"analyzer": "openai", "openai_api_key": KEY, "openai_model": "slow", "openai_timeout": 30.0,
                  "openai_base_url": model.server.base_url}  # fmt: skip
    settings = load_settings(None, database_url=f"sqlite:///{path}", debounce_seconds=0.0, **behind)
    return build_deps(settings, clock=clock, embedder=encoder(), workspace=TEAM)


def stored(deps: Deps, count: int) -> list[int]:
    with deps.db.write() as session:
        ensure(session, TEAM)
        return [ticket(session, f"k{n}", f"{TEXT}, case {n}", place=TEAM) for n in range(count)]


def test_a_batch_that_takes_longer_than_its_lease_is_read_once(path: Path, model: SlowModel) -> None:
    deps = deps_of(path, model)
    found = stored(deps, 3)
    assert enqueue_forgotten(deps, TEAM) == 3
    registry = {"read": build_registry(deps)["read"]}
    slow, other = (Worker(deps, registry, threads=1, lease=LEASE) for _ in range(2))
    batch = threading.Thread(target=slow.run_due)
    batch.start()
    assert model.asked.wait(20)
    claimed = SystemClock().now()
    while SystemClock().now() - claimed < 2 * LEASE:  # real time: it is the lease's own
        assert other.run_due() == 0
        time.sleep(0.05)
    model.may_answer.set()
    batch.join(30)
    with deps.db.read() as session:
        assert len(queue.listing(session, state="done")) == 3
        read = analyses.current(session, Scope(TEAM), found)
    assert {a.analyzer for a in read.values()} == {"openai:slow"}
    assert len([body for body in model.server.requests if "triage" in str(body)]) == 3
    deps.close()


def test_what_the_model_costs_is_counted_where_health_looks(path: Path, model: SlowModel) -> None:
    model.may_answer.set()
    deps = deps_of(path, model)
    stored(deps, 1)
    enqueue_forgotten(deps, TEAM)
    Worker(deps, {"read": build_registry(deps)["read"]}, threads=1).run_due()
    assert health(deps, TEAM, connected=True).tokens_today > 0
    with deps.db.read() as session:
        assert workspaces.tokens_used(session, deps.settings.workspace, deps.clock.now().date().isoformat()) == 0
    deps.close()
    model.may_answer.clear()
    with pytest.raises(RuntimeError, match="closed"):
        deps.analyzer._model._client.models.list()  # pyright: ignore


def test_what_was_never_read_is_read_at_the_start_and_once(path: Path) -> None:
    deps = deps_of(path)
    found = stored(deps, 3)
    assert enqueue_forgotten(deps, TEAM) == 3
    Worker(deps, build_registry(deps), threads=1).run_due()
    with deps.db.read() as session:
        assert set(analyses.labels(session, Scope(TEAM), found)) == set(found)
    assert enqueue_forgotten(deps, TEAM) == 0
    deps.close()


def test_a_ticket_in_the_words_of_another_that_was_read_is_read_too(path: Path) -> None:
    """In one batch with it, as after a restart that reads again what it is not sure of."""
    deps = deps_of(path)
    with deps.db.write() as session:
        ensure(session, TEAM)
        first, second = (ticket(session, key, TEXT, place=TEAM) for key in ("k1", "k2"))
    assert read_tickets(deps, TEAM, [first]) == 1
    assert read_tickets(deps, TEAM, [first, second]) == 1
    with deps.db.read() as session:
        assert set(analyses.labels(session, Scope(TEAM), [first, second])) == {first, second}
    deps.close()
