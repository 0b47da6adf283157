"""The past read by file: asked, looked after, taken over; within the day's tokens, once, and never over newer words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from review_world import AT, HERE, ReviewWorld, review_world

from bot.clock import SimulatedClock
from bot.errors import BadInput
from bot.flows import batches, correct
from intelligence.model import LabelSet, Level, Scope, Subcategory
from storage import workspaces
from storage.engine import Database
from tests.model_replies import said, triage
from tests.model_server import KEY, ModelServer, Said, chat, conversation_of, wrong

WISH = Subcategory.NEW_CAPABILITY
TEXTS = [f"The gate of hall {chr(65 + n)} opens too slowly in the morning, what can we do?" for n in range(6)]
SINCE = AT - timedelta(days=30)


def text_of(body: dict[str, Any]) -> str:
    return conversation_of(body)["messages"][0]["text"]


def good(body: dict[str, Any]) -> Said:
    return chat(said(triage(text_of(body), subcategory=WISH)), tokens=(900, 100))


@pytest.fixture
def server() -> Iterator[ModelServer]:
    made = ModelServer(good)
    yield made
    made.close()


Make = Callable[..., ReviewWorld]


@pytest.fixture
def make(tmp_path: Path, server: ModelServer) -> Iterator[Make]:
    """A workspace whose past the local analyzer read, then with a model; `tickets` are the past's."""
    made: list[ReviewWorld] = []

    def build(**settings: Any) -> ReviewWorld:
        before = review_world(tmp_path)
        before.add(TEXTS)
        before.deps.close()
        values: dict[str, Any] = {
            "analyzer": "openai",
            "openai_api_key": KEY,
            "openai_base_url": server.base_url,
            "openai_model": "gpt-test",
        }
        made.append(review_world(tmp_path, **(values | settings)))
        return made[-1]

    yield build
    for world in made:
        world.deps.close()


def pass_time(world: ReviewWorld, minutes: int) -> None:
    clock = world.deps.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance(timedelta(minutes=minutes))
    world.work()


def walk(world: ReviewWorld) -> batches.Walk:
    found = batches.progress(world.deps, HERE)
    assert found is not None
    return found


def used(db: Database, day: str) -> int:
    with db.read() as session:
        return workspaces.tokens_used(session, HERE, day)


def finish(world: ReviewWorld) -> batches.Walk:
    for _ in range(6):
        pass_time(world, 11)
    return walk(world)


def test_the_past_is_asked_by_file_and_taken_over(make: Make, server: ModelServer) -> None:
    world = make()
    assert world.reading(1).analyzer == "local"
    count, tokens = batches.preview(world.deps, HERE, SINCE)
    assert (count, tokens > 6 * 1_500) == (6, True)
    assert server.files == {}, "a preview sends nothing"
    assert batches.start(world.deps, HERE, SINCE)
    assert not batches.start(world.deps, HERE, SINCE), "one at a time"
    world.work()
    assert len(walk(world).asked) == 6
    assert used(world.deps.db, "2026-01-14") == walk(world).reserved > 0
    done = finish(world)
    assert (done.done, done.read, done.kept, done.tokens) == (True, 6, 0, 6_000)
    assert used(world.deps.db, "2026-01-14") == 6_000, "what it cost stands in the place of what was reserved"
    read = world.reading(1)
    assert (read.analyzer, read.model, read.prompt_version) == ("openai:gpt-test", "gpt-test", "triage.v1")
    assert (read.subcategory, read.tokens_in, read.fallback) == (WISH, 900, None)
    assert server.requests == [], "nothing was asked at the full price"
    batches.start(world.deps, HERE, SINCE)
    assert finish(world).read == 0
    assert len(server.batches) == 1, "what a model read is not asked again"


def test_a_persons_word_stands_over_it_and_newer_words_keep_their_reading(make: Make) -> None:
    world = make()
    label = Subcategory.DATA_INTEGRITY
    correct.correct(world.deps, Scope(HERE), 1, LabelSet(label, None, Level.LOW, Level.LOW), by="ann")
    batches.start(world.deps, HERE, SINCE)
    world.work()
    with world.deps.db.write() as session:
        from sqlmodel import col, update

        from storage.tables import AnalysisRow

        session.execute(update(AnalysisRow).where(col(AnalysisRow.ticket_id) == 2).values(content_key="newer"))
    done = finish(world)
    assert (done.read, done.kept) == (5, 1)
    assert world.reading(1).subcategory is label
    assert world.reading(1, machine=True).subcategory is WISH
    assert world.reading(2).analyzer == "local"


def test_answers_that_cannot_be_used_leave_the_local_reading(make: Make, server: ModelServer) -> None:
    server.answer = lambda body: wrong(400, "too long") if "hall A" in text_of(body) else chat("no json", tokens=(9, 1))
    world = make()
    batches.start(world.deps, HERE, SINCE)
    done = finish(world)
    assert (done.done, done.read, done.kept, done.tokens) == (True, 0, 6, 50)
    assert world.reading(1).analyzer == "local"


def test_the_days_tokens_hold_it_until_tomorrow_and_leave_half_to_new_tickets(make: Make, server: ModelServer) -> None:
    world = make(openai_daily_tokens=24_000)
    batches.start(world.deps, HERE, SINCE)
    world.work()
    first = len(walk(world).asked)
    assert 0 < first < 6
    assert walk(world).reserved <= 12_000
    for _ in range(40):
        pass_time(world, 60)
    done = walk(world)
    assert (done.done, done.read) == (True, 6)
    assert len(server.batches) > 1
    assert used(world.deps.db, "2026-01-14") <= 24_000


def test_no_tokens_at_all_is_said(make: Make) -> None:
    world = make(openai_daily_tokens=0)
    batches.start(world.deps, HERE, SINCE)
    world.work()
    assert walk(world).reason == "the day's tokens are used up"


def test_a_server_without_batches_ends_it_and_it_can_begin_again(make: Make, server: ModelServer) -> None:
    world = make()
    server.offers_batches = False
    batches.start(world.deps, HERE, SINCE)
    world.work()
    assert (walk(world).done, walk(world).reason) == (True, "the server offers no batches")
    server.offers_batches = True
    pass_time(world, 1)
    batches.start(world.deps, HERE, SINCE)
    assert finish(world).read == 6


def test_a_server_that_does_not_let_us_in_is_asked_again(make: Make) -> None:
    world = make(openai_api_key="sk-revoked-000111222333")
    batches.start(world.deps, HERE, SINCE)
    world.work()
    before = walk(world)
    assert (before.done, before.reason) == (False, "the server does not accept the API key (HTTP 401)")
    pass_time(world, 11)
    assert walk(world).step == before.step + 1


def test_a_step_that_runs_twice_asks_once(make: Make, server: ModelServer) -> None:
    world = make()
    batches.start(world.deps, HERE, SINCE)
    batches.step(world.deps, HERE, 0)
    batches.step(world.deps, HERE, 0)
    assert len(server.batches) == 1


def test_without_a_model_it_is_refused(tmp_path: Path) -> None:
    world = review_world(tmp_path)
    try:
        with pytest.raises(BadInput, match="asks no model"):
            batches.start(world.deps, HERE, SINCE)
        with pytest.raises(BadInput, match="asks no model"):
            batches.preview(world.deps, HERE, SINCE)
    finally:
        world.deps.close()
