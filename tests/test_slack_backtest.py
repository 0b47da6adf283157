"""A backtest through the real Bolt app: an answer at once, the result for the asker alone, the rule taken by a click."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_world import LOGIN, SlackWorld, slack_world

from bot.flows import rules
from storage import alerts


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackWorld]:
    with slack_world(tmp_path_factory.mktemp("backtest")) as world:
        for number, text in enumerate(LOGIN):
            world.pg.say(world.customers[number], world.support, text)
        world.settle()
        yield world


def everything(message: dict[str, Any]) -> str:
    return str(message.get("blocks")) + message.get("text", "")


def rule(world: SlackWorld) -> str:
    deps = world.running.deps
    with deps.db.read() as session:
        return str(rules.in_force(deps, session, world.workspace))


def result(world: SlackWorld, user: str, said: str) -> dict[str, Any]:
    place = world.pg.open_im(user)
    return world.until(lambda: [m for m in world.posted(place) if said in everything(m)], timeout=60)[0]


def test_the_result_comes_to_the_asker_alone_and_an_admin_takes_the_rule(world: SlackWorld) -> None:
    deps = world.running.deps
    with deps.db.read() as session:
        before = alerts.in_state(session, world.workspace, *alerts.LIVING)
    assert len(before) == 1
    world.pg.slash(world.admin, world.product, "/ticket-intel", "backtest 7d new=6")
    [begun] = world.until(lambda: world.whispered(world.admin, world.product))
    assert "I am reading 5 tickets again" in everything(begun)
    said = result(world, world.admin, "spike=2 new=6 budget=2: 0 alerts in the last 7 days")
    assert "1 alert would be missing" in everything(said)
    assert "TI-1" in everything(said)
    place = world.pg.open_im(world.admin)
    world.pg.click(world.admin, place, said["ts"], "open:rule")
    world.until(lambda: rule(world) == "spike=2 new=6 budget=2")
    with deps.db.read() as session:
        assert alerts.in_state(session, world.workspace, *alerts.LIVING) == before
    assert world.pg.problems == []


def test_others_see_no_button_and_may_not_take_it(world: SlackWorld) -> None:
    held = rule(world)
    world.pg.slash(world.pm, world.product, "/ticket-intel", "backtest 7d spike=4")
    said = result(world, world.pm, "spike=4")
    assert "Use this rule" not in everything(said)
    assert "An admin takes the rule" in everything(said)
    world.pg.reload(world.pm)
    world.pg.slash(world.pm, world.product, "/ticket-intel", "settings rule spike=4")
    refused = world.until(lambda: world.whispered(world.pm, world.product))
    assert "admin" in everything(refused[0])
    assert rule(world) == held
    assert world.pg.problems == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("backtest spike=99", "from 1.2 to 20"),
        ("backtest 2030-W02", "no rule alerts on fewer"),
        ("backtest x=1", "x=1"),
    ],
)
def test_bad_values_are_said_at_once(world: SlackWorld, line: str, told: str) -> None:
    world.pg.reload(world.agent)
    world.pg.slash(world.agent, world.support, "/ticket-intel", line)
    [shown] = world.until(lambda: world.whispered(world.agent))
    assert told in everything(shown)


def test_a_mention_before_everybody_is_pointed_to_the_command(world: SlackWorld) -> None:
    world.pg.reload(world.pm)
    root = world.pg.say(world.pm, world.product, f"<@{world.pg.bot_user_id}> backtest 7d")
    world.until(lambda: any("for one person" in everything(m) for m in world.whispered(world.pm)))
    assert world.posted(world.product, root["ts"]) == []
