"""Candidates through the real Bolt app: tried by a command, told by message, switched on and taken back by a press."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_world import SlackWorld, slack_world

from bot.flows import correct
from intelligence.model import LabelSet, Level, Scope, Subcategory
from intelligence.prompts import load
from storage import analyses, editions, ticket_volumes
from tests.model_replies import said, triage
from tests.model_server import KEY, ModelServer, Said, asked, chat, conversation_of

USAGE, WISH = Subcategory.FEATURE_USAGE, Subcategory.NEW_CAPABILITY
MARK = "Ask yourself twice."
TEXTS = [f"How do I write the pivot formula of board {chr(65 + n)} with two arguments?" for n in range(21)]


def model(body: dict[str, Any]) -> Said:
    """A model that reads rightly only when it is asked to be careful."""
    if asked(body) != "triage":
        return chat(said({}))
    text = conversation_of(body)["messages"][0]["text"]
    label = USAGE if MARK in body["messages"][0]["content"] else WISH
    return chat(said(triage(text, subcategory=label, alternatives=[])))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackWorld]:
    folder: Path = tmp_path_factory.mktemp("candidate")
    (folder / "triage.v100.md").write_text(load("triage").template + f"\n{MARK}\n", "utf-8")
    server = ModelServer(model)
    reads: dict[str, Any] = {
        "analyzer": "openai",
        "openai_api_key": KEY,
        "openai_base_url": server.base_url,
        "openai_model": "gpt-live",
        "prompts_folder": str(folder),
    }
    try:
        with slack_world(folder, **reads) as world:
            for number, text in enumerate(TEXTS):
                world.pg.say(world.customers[number % 8], world.support, text)
            world.settle(60)
            deps = world.running.deps
            scope = Scope(world.workspace)
            with deps.db.read() as session:
                _, _, last = ticket_volumes.span(session, world.workspace)
            assert last is not None
            for ticket in range(1, len(TEXTS) + 1):
                correct.correct(deps, scope, ticket, LabelSet(USAGE, None, Level.LOW, Level.LOW), by=world.agent)
            world.settle(60)
            yield world
    finally:
        server.close()


@pytest.fixture(autouse=True)
def nothing_that_slack_would_reject(world: SlackWorld) -> Iterator[None]:
    for person in (world.admin, world.agent):
        world.pg.reload(person)
    yield
    world.settle(60)
    assert world.pg.problems == []


def everything(message: dict[str, Any]) -> str:
    return str(message.get("blocks")) + message.get("text", "")


def ask(world: SlackWorld, user: str, line: str) -> dict[str, Any]:
    world.pg.reload(user)
    world.pg.slash(user, world.support, "/ticket-intel", line)
    # A press in the direct messages is answered there, perhaps only now.
    return world.until(lambda: world.whispered(user, world.support))[-1]


def live(world: SlackWorld) -> str:
    with world.running.deps.db.read() as session:
        return editions.live(session, world.workspace).name


def direct(world: SlackWorld, user: str) -> list[dict[str, Any]]:
    return world.posted(world.pg.open_im(user))


def test_it_is_tried_told_switched_on_by_a_press_and_taken_back_by_another(world: SlackWorld) -> None:
    told = ask(world, world.admin, "candidate try triage.v100")
    assert "I will write to you" in everything(told)
    world.settle(60)
    message = world.until(lambda: direct(world, world.admin), 30)[-1]
    assert "Better, by more than chance explains" in message["text"]
    assert "0% → 100%" in everything(message)
    assert live(world) == ""
    world.pg.click(world.admin, world.pg.open_im(world.admin), message["ts"], "open:use")
    world.until(lambda: live(world) == "r1")
    card = ask(world, world.admin, "candidate show 1")
    assert "triage.v100 in place of triage.v1" in everything(card)
    assert "pivot formula" in everything(card)
    world.pg.say(world.customers[0], world.support, "How do I write the pivot formula of board Z with three arguments?")
    world.settle(60)
    with world.running.deps.db.read() as session:
        found = analyses.current(session, Scope(world.workspace), [len(TEXTS) + 1])[len(TEXTS) + 1]
    assert (found.subcategory, found.prompt_version) == (USAGE, "triage.v100")
    shown = ask(world, world.agent, f"why ticket {len(TEXTS) + 1}")
    assert "model gpt-live, asked with triage.v100" in everything(shown)
    listed = ask(world, world.admin, "candidate")
    assert "candidate 1: triage.v100" in everything(listed)
    world.pg.click(world.admin, world.support, listed["ts"], "undo", ephemeral=True)
    world.until(lambda: live(world) == "")
    world.until(lambda: any("What is shipped reads again" in everything(m) for m in world.whispered(world.admin)))


def test_anybody_may_look_and_only_an_admin_may_try_or_switch(world: SlackWorld) -> None:
    listed = ask(world, world.agent, "candidate")
    assert "gpt-live" in everything(listed)
    assert "Candidate 1" in everything(ask(world, world.agent, "candidate show 1"))
    for line in ("candidate try gpt-4o", "candidate use 1", "candidate back"):
        assert "admins" in everything(ask(world, world.agent, line))
    before = live(world)
    world.pg.reload(world.agent)
    listed = ask(world, world.agent, "candidate")
    world.pg.click(world.agent, world.support, listed["ts"], "open:use", ephemeral=True)
    world.until(lambda: any("admins" in everything(one) for one in world.whispered(world.agent)))
    assert live(world) == before


def test_a_definition_is_one_press_to_try_and_one_to_use(world: SlackWorld) -> None:
    listed = ask(world, world.admin, "candidate")
    assert "was taken for" in everything(listed)
    assert "candidate try feature_usage" in everything(listed)
    told = ask(world, world.admin, "candidate try feature_usage")
    assert "I will write to you" in everything(told)
    world.settle(60)
    message = world.until(lambda: [m for m in direct(world, world.admin) if "Candidate 2" in m["text"]], 30)[-1]
    assert "No difference that chance could not explain" in message["text"]
    assert "sharper definition of Feature usage" in everything(message)
    world.pg.click(world.admin, world.pg.open_im(world.admin), message["ts"], "open:use")
    world.until(lambda: live(world) == "r2")
    world.pg.slash(world.admin, world.support, "/ticket-intel", "candidate back")
    world.until(lambda: live(world) == "")
