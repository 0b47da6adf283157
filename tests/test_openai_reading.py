"""The model's reading end to end: real client, real server, real database; every failure ends at the local analyzer."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from databases import sqlite_file
from pydantic import SecretStr

from bot.clock import SimulatedClock
from bot.errors import BadSettings
from bot.openai_reading import OpenAIAnalyzer, build_openai_analyzer
from bot.settings import Settings, load_settings
from bot.token_budget import CapReached, TokenBudget
from integrations.openai import ChatModel
from intelligence.model import Message, Role, SignalKind, Subcategory
from intelligence.prompts.request import Correction
from storage import workspaces
from storage.engine import Database
from storage.tables import ModelUsageRow
from tests.model_replies import AT, EXPORT, EXPORT_GAP, EXPORT_TRIAGE, Plain, said, talk, triage
from tests.model_server import KEY, Answer, ModelServer, Said, asked, chat, conversation_of, wrong

DAY = AT.date().isoformat()


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    made = Database(sqlite_file(tmp_path_factory.mktemp("db") / "t.db"))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _a_new_day(db: Database) -> None:
    """The day's cap holds for all workspaces together."""
    with db.write() as session:
        session.execute(sa.delete(ModelUsageRow))


class World:
    """An analyzer against a server, with a workspace of its own in the database."""

    def __init__(self, db: Database, answer: Answer, name: str, **settings: Any) -> None:
        self.db = db
        self.server = ModelServer(answer)
        self.clock = SimulatedClock(AT)
        self.local = Plain()
        self.settings = load_settings(
            None, **{"workspace": name, "analyzer": "openai", "openai_api_key": KEY, "openai_model": "gpt-test",
                     "openai_base_url": self.server.base_url, "openai_timeout": 5.0} | settings
        )  # fmt: skip
        self.corrections: list[Correction] = []
        self.analyzer = build_openai_analyzer(
            self.settings, self.local, db, clock=self.clock, corrections=lambda: self.corrections
        )

    def used(self) -> int:
        with self.db.read() as session:
            return workspaces.tokens_used(session, self.settings.workspace, DAY)


Make = Callable[..., World]


@pytest.fixture
def make(db: Database, request: pytest.FixtureRequest) -> Iterator[Make]:
    made: list[World] = []

    def build(answer: Answer, **settings: Any) -> World:
        made.append(World(db, answer, f"{request.node.name}-{len(made)}", **settings))
        return made[-1]

    yield build
    for world in made:
        world.analyzer.close()
        world.server.close()


def good(body: dict[str, Any]) -> Said:
    return chat(said(EXPORT_TRIAGE if asked(body) == "triage" else EXPORT_GAP), tokens=(1000, 100))


def test_triage_then_the_techniques_own_questions(make: Make) -> None:
    world = make(good)
    [found] = world.analyzer.analyze([EXPORT])
    assert [asked(body) for body in world.server.requests] == ["triage", "feature_gaps"]
    assert found.subcategory is Subcategory.NEW_CAPABILITY
    assert [(s.kind, dict(s.fields)) for s in found.signals] == [(SignalKind.FEATURE_GAP, EXPORT_GAP)]
    assert (found.analyzer, found.model, found.prompt_version) == (
        "openai:gpt-test", "gpt-test", "triage.v1+feature_gaps.v1",
    )  # fmt: skip
    assert (found.tokens_in, found.tokens_out, found.fallback) == (2000, 200, None)
    assert world.used() == 2200
    assert world.analyzer.name == "openai:gpt-test"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (chat(None, refusal="no"), "refused to answer"),
        (chat("I think it is a bug."), "no JSON"),
        (chat('{"subcategory": "functional'), "no JSON"),
        (chat(said(EXPORT_TRIAGE | {"subcategory": "bug"})), "no valid subcategory"),
        (chat(said(triage("words that nobody said"))), "none of the quotes"),
        (chat("{", finish="length"), "cut off"),
        (wrong(400, "maximum context length"), "rejected the request"),
        (wrong(429, "no quota", code="insufficient_quota"), "no quota left"),
        (wrong(429, "slow down", Retry_After="600"), "rate limit"),
        (wrong(401, "bad key"), "does not accept the API key"),
        (Said(body=b"<html>"), "no JSON"),
    ],
)  # fmt: skip
def test_every_failure_ends_at_the_local_analyzer_with_the_reason(make: Make, answer: Said, reason: str) -> None:
    world = make(lambda body: answer)
    [found] = world.analyzer.analyze([EXPORT])
    assert found.fallback is not None
    assert reason in found.fallback
    assert (found.analyzer, found.model, found.subcategory) == ("local", "local-1+test", Subcategory.ENHANCEMENT)
    assert world.used() == found.tokens_in + found.tokens_out


def test_a_late_answer_and_a_dead_server(make: Make) -> None:
    late = make(lambda body: Said(slow=True), openai_timeout=0.2)
    assert "in time" in (late.analyzer.analyze([EXPORT])[0].fallback or "")
    dead = make(good, openai_timeout=0.2)
    dead.server.close()
    assert "cannot be reached" in (dead.analyzer.analyze([EXPORT])[0].fallback or "")


def test_a_server_that_is_always_late_holds_up_few_tickets(make: Make) -> None:
    world = make(lambda body: Said(slow=True), openai_timeout=0.2)
    found = world.analyzer.analyze([EXPORT] * 40)
    assert {a.fallback for a in found} == {"the model did not answer in time"}
    assert len(world.server.requests) <= 16
    asked_so_far = len(world.server.requests)
    world.server.answer = good
    world.clock.advance(timedelta(minutes=2))
    assert world.analyzer.analyze([EXPORT])[0].fallback is None
    assert len(world.server.requests) == asked_so_far + 2


def test_an_unusable_reply_is_paid_for_all_the_same(make: Make) -> None:
    world = make(lambda body: chat("nonsense", tokens=(50, 5)))
    [found] = world.analyzer.analyze([EXPORT])
    assert (found.tokens_in, found.tokens_out, world.used()) == (50, 5, 55)


def test_a_failed_extraction_keeps_the_reading_and_says_so(make: Make) -> None:
    world = make(lambda body: good(body) if asked(body) == "triage" else chat("nonsense"))
    [found] = world.analyzer.analyze([EXPORT])
    assert found.analyzer == "openai:gpt-test"
    assert dict(found.signals[0].fields) == {"capability": "local words"}
    assert found.fallback == "the reply is no JSON (feature_gap only)"
    assert found.prompt_version == "triage.v1"


def test_extraction_is_bounded(make: Make) -> None:
    many = [{"kind": kind.value, "sureness": "likely"} for kind in SignalKind]
    world = make(lambda body: chat(said(EXPORT_TRIAGE | {"signals": many})) if asked(body) == "triage" else chat("x"))
    [found] = world.analyzer.analyze([EXPORT])
    assert len(world.server.requests) == 4
    assert len(found.signals) == len(SignalKind)


def test_the_order_is_kept_whoever_answers_first(make: Make) -> None:
    last_done = threading.Event()
    quotes = [f"ticket number {n} has an empty export" for n in range(8)]

    def answer(body: dict[str, Any]) -> Said:
        text = conversation_of(body)["messages"][0]["text"]
        if text == quotes[-1]:
            last_done.set()
        assert last_done.wait(5)
        return chat(said(triage(text, summary=text)))

    world = make(answer)
    found = world.analyzer.analyze([talk(quote) for quote in quotes])
    assert [a.evidence[0].quote for a in found] == quotes
    assert all(a.fallback is None for a in found)
    assert world.analyzer.analyze([]) == []


def test_the_daily_cap(make: Make) -> None:
    world = make(good, openai_daily_tokens=9_000)
    world.analyzer.analyze([EXPORT] * 12)
    one_by_one = [world.analyzer.analyze([EXPORT])[0] for _ in range(5)]
    assert 0 < world.used() <= 9_000
    assert "day's tokens are used up" in (one_by_one[-1].fallback or "")
    assert one_by_one[-1].analyzer == "local"
    asked_so_far = len(world.server.requests)
    world.clock.advance(timedelta(days=1))
    assert world.analyzer.analyze([EXPORT])[0].fallback is None
    assert len(world.server.requests) == asked_so_far + 2


def test_no_cap_no_call(make: Make) -> None:
    world = make(good, openai_daily_tokens=0)
    assert "used up" in (world.analyzer.analyze([EXPORT])[0].fallback or "")
    assert world.server.requests == []


def test_a_server_that_does_not_count_is_counted_by_length(make: Make) -> None:
    world = make(lambda body: chat(said(EXPORT_TRIAGE | {"signals": []}), tokens=None))
    [found] = world.analyzer.analyze([EXPORT])
    assert found.fallback is None
    assert world.used() == found.tokens_in + found.tokens_out > 500


def test_threads_together_stay_below_the_cap(db: Database) -> None:
    budget = TokenBudget(db, SimulatedClock(AT), workspace="threads", name="m", cap=1_000)
    start = threading.Barrier(8)

    def spend(_: int) -> int:
        start.wait(5)
        try:
            with budget.spend(300) as spent:
                spent.tokens_in = 300
        except CapReached:
            return 0
        return 300

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(spend, range(8))) <= 1_000
    with pytest.raises(ZeroDivisionError), budget.spend(50):
        raise ZeroDivisionError
    with budget.spend(50):
        pass


def test_two_workspaces_share_the_cap_and_are_counted_apart(make: Make) -> None:
    world = make(good, openai_daily_tokens=100_000)
    other = world.analyzer.counted_on("other")
    world.analyzer.analyze([EXPORT])
    other.analyze([EXPORT, EXPORT])
    with world.db.read() as session:
        assert [workspaces.tokens_used(session, w, DAY) for w in (world.settings.workspace, "other")] == [2200, 4400]
        assert workspaces.tokens_of_day(session, DAY) == 6600
    tight = make(good, openai_daily_tokens=6_000)
    assert "used up" in (tight.analyzer.analyze([EXPORT])[0].fallback or "")


def test_a_wrong_key_is_asked_about_once_in_a_while(make: Make) -> None:
    world = make(good, openai_api_key="sk-revoked-000111222333")
    assert all(a.fallback for a in world.analyzer.analyze([EXPORT]))
    found = world.analyzer.analyze([EXPORT] * 20)
    assert {a.fallback for a in found} == {"the server does not accept the API key (HTTP 401)"}
    assert len(world.server.keys) == 1
    world.clock.advance(timedelta(minutes=11))
    world.analyzer.analyze([EXPORT])
    assert len(world.server.keys) == 2


def test_nothing_personal_leaves_and_no_private_note(make: Make) -> None:
    leaky = talk("My card 4111 1111 1111 1111 was charged, mail me at ann.lee@example.com", "Sure, try +1 415 555 2671")
    note = Message(Role.AGENT, "internal: customer is difficult", AT, private_note=True, author="Bob Stone")
    world = make(lambda body: chat(said(triage("was charged"))))
    world.corrections.append(
        Correction("card sk-live-51HqXyZabcdef12345678 charged", Subcategory.ENHANCEMENT, Subcategory.PRICING_QUESTION)
    )
    leaky = replace(leaky, messages=(*leaky.messages, note), subject="call 415-555-2671")
    assert world.analyzer.analyze([leaky])[0].fallback is None
    sent = json.dumps(world.server.requests, ensure_ascii=False)
    for secret in ("4111", "ann.lee", "555", "internal", "Bob Stone", "51HqXyZ"):
        assert secret not in sent
    assert "[email 1]" in sent
    assert world.local.given == [leaky], "the local analyzer reads what it was given"


def test_corrections_become_examples(make: Make) -> None:
    world = make(good)
    world.corrections.append(Correction("export to a sheet", Subcategory.FEATURE_USAGE, Subcategory.NEW_CAPABILITY))
    world.analyzer.analyze([EXPORT])
    first, second = (body["messages"][0]["content"] for body in world.server.requests)
    assert "export to a sheet" in first
    assert "export to a sheet" not in second


def test_hostile_and_empty_conversations_are_read(make: Make) -> None:
    world = make(lambda body: chat(said(triage("x" * 9))))
    hostile = [talk(""), talk("\ud800\x00<!channel>"), talk("a" * 60_000), talk("\u202e" * 100), talk("x" * 9)]
    found = world.analyzer.analyze(hostile)
    assert [a.fallback is None for a in found] == [False, False, False, False, True]


def test_a_key_is_needed(db: Database) -> None:
    settings: Settings = load_settings(None, analyzer="openai", openai_api_key=None)
    with pytest.raises(BadSettings, match="OPENAI_API_KEY"):
        build_openai_analyzer(settings, Plain(), db)


def test_a_locked_database_is_not_taken_for_the_models_fault(tmp_path: Path) -> None:
    server = ModelServer(good)
    empty = Database(f"sqlite:///{tmp_path}/empty.db")
    model = ChatModel(key=SecretStr(KEY), base_url=server.base_url, model="m")
    clock = SimulatedClock(AT)
    budget = TokenBudget(empty, clock, workspace="w", name="m", cap=10_000)
    try:
        with pytest.raises(Exception, match="no such table"):
            OpenAIAnalyzer(model, Plain(), budget, clock).analyze([EXPORT])
    finally:
        model.close()
        server.close()
        empty.close()
