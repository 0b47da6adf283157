"""A question in free words in Slack: the model's answer, and the keywords' where it has none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from slack_world import SlackWorld, slack_world
from stored import ticket

from storage import memberships, themes
from tests.model_server import KEY, ModelServer, calling, wrong

QUESTION = "what do people struggle with most, and who may leave?"


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    made = ModelServer(lambda _body: wrong(400, "not scripted"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, server: ModelServer) -> Iterator[SlackWorld]:
    with slack_world(
        tmp_path_factory.mktemp("asking"), analyzer="openai", openai_api_key=KEY, openai_base_url=server.base_url
    ) as world:
        deps = world.running.deps
        now = deps.clock.now()
        with deps.db.write() as session:
            theme = themes.give_birth(session, world.workspace, now, first_at=now, title="Export to Excel")
            made = [ticket(session, f"k{n}", "Excel export please", at=now, place=world.workspace) for n in range(3)]
            memberships.place_many(session, world.workspace, [(one, theme, 1.0) for one in made], now)
        yield world
        assert world.pg.problems == []


def answered(world: SlackWorld, text: str) -> str:
    before = len(world.posted(world.product))
    asking = world.pg.say(world.pm, world.product, f"<@{world.pg.bot_user_id}> {text}")
    ts = asking["ts"] if isinstance(asking, dict) else asking
    [found] = world.until(lambda: [m for m in world.posted(world.product, ts) if m["ts"] != ts])
    assert len(world.posted(world.product)) >= before
    return found["text"] + str(found["blocks"])


def test_the_answer_has_evidence_and_what_was_asked(world: SlackWorld, server: ModelServer) -> None:
    def answer(body):
        if "tools" not in body:
            return wrong(400, "only questions here")
        if len(body["messages"]) == 2:
            return calling("theme", {"theme": "TI-1"})
        return calling("answer", {"statements": [{"text": "TI-1 Export to Excel has 3 tickets.", "evidence": [1]}]})

    server.answer = answer
    shown = answered(world, QUESTION)
    assert "TI-1 Export to Excel has 3 tickets. [1]" in shown
    assert "I cannot tell from 3 tickets" in shown
    assert "Asked: theme TI-1" in shown


def test_without_an_answer_the_keywords_hold_and_say_so(world: SlackWorld, server: ModelServer) -> None:
    server.answer = lambda _body: wrong(400, "tools are not supported")
    shown = answered(world, "which themes hurt enterprise customers in the new editor?")
    assert "By keywords alone" in shown
    assert "Themes, " in shown


def test_what_the_keywords_explain_costs_nothing(world: SlackWorld, server: ModelServer) -> None:
    server.requests.clear()
    assert "Themes, " in answered(world, "top themes this week?")
    assert server.requests == []
