"""Reports through the real Bolt app: asked for, shared, and said on Monday morning with their thread."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from slack_world import LOGIN, SlackWorld, slack_world

from bot.flows.reports import publishing
from bot.scopes import OPTIONAL, SCOPES
from storage import workspaces


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackWorld]:
    with slack_world(tmp_path_factory.mktemp("reports")) as world:
        for number, text in enumerate(LOGIN):
            world.pg.say(world.customers[number], world.support, text)
        world.settle()
        yield world


def everything(message: dict[str, Any]) -> str:
    return str(message.get("blocks")) + message.get("text", "")


def test_a_product_manager_asks_for_the_last_days_and_shares_them(world: SlackWorld) -> None:
    world.pg.slash(world.pm, world.product, "/ticket-intel", "report 7d")
    [shown] = world.until(lambda: world.whispered(world.pm, world.product))
    said = everything(shown)
    assert "Weekly report 7d" in said
    assert "5 tickets" in said
    assert said.index("Decisions wanted") < said.index("Top themes") < said.index("Feature requests extracted")
    assert "Who owns TI-1" in said
    before = len(world.posted(world.product))
    world.pg.click(world.pm, world.product, shown["ts"], "share", ephemeral=True)
    shared = world.until(lambda: world.posted(world.product)[before:])
    assert "Weekly report 7d" in everything(shared[0])
    assert "Share here" not in everything(shared[0])
    assert world.pg.problems == []


def test_what_is_no_period_is_answered_with_one(world: SlackWorld) -> None:
    world.pg.reload(world.agent)
    world.pg.slash(world.agent, world.support, "/ticket-intel", "report yesteryear")
    [shown] = world.until(lambda: world.whispered(world.agent))
    assert "yesteryear" in everything(shown)
    assert world.pg.problems == []


def published(world: SlackWorld, weeks: int) -> list[dict[str, Any]]:
    """Publish the report of so many Mondays ahead, twice; what stands in the product channel afterwards."""
    deps = world.running.deps
    now = deps.clock.now()
    ahead = now + timedelta(days=7 * weeks - now.weekday())  # this week is the last whole one on next Monday
    due = ahead.replace(hour=9, minute=0, second=0, microsecond=0)
    with deps.db.write() as session:
        workspaces.update(session, world.workspace, created_at=now - timedelta(days=30))
    before = len(world.posted(world.product))
    for _ in range(2):
        publishing.publish_due(deps, world.workspace, due)
    world.running.worker.wake()
    world.settle()
    return [m for m in world.posted(world.product)[before:] if "Weekly report" in m.get("text", "")]


def pictures(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in message["blocks"] if block["type"] == "image"]


def test_the_weekly_report_is_posted_once_with_its_thread_and_pictures(world: SlackWorld) -> None:
    posted = published(world, 1)
    assert len(posted) == 1
    assert "in the thread" in everything(posted[0])
    replies = [m for m in world.posted(world.product, posted[0]["ts"]) if m["ts"] != posted[0]["ts"]]
    said = "".join(map(everything, replies))
    assert all(title in said for title in ("Top themes", "Bugs: ", "How far to trust this"))
    shown = [*pictures(posted[0]), *pictures(replies[0])]
    assert [block["alt_text"].split(",")[0].split(":")[0] for block in shown] == [
        "Tickets a day",
        "Themes by tickets",
        "Categories",
    ]
    for block in shown:
        uploaded = world.running.app.client.files_info(file=block["slack_file"]["id"])["file"]
        assert uploaded["mimetype"] == "image/png"
        assert uploaded["channels"] == []
    assert "a bar a day" not in everything(posted[0])
    assert world.pg.problems == []


@pytest.mark.parametrize(("left_out", "weeks", "drawn"), [("files:write", 2, 0), ("files:read", 3, 1)])
def test_scopes_that_an_admin_left_out_cost_no_report(world: SlackWorld, left_out: str, weeks: int, drawn: int) -> None:
    everything_granted = [scope for scope in (*SCOPES, *OPTIONAL) if scope != left_out]
    world.pg.set_scopes(everything_granted)
    posted = published(world, weeks)
    assert len(posted) == 1
    assert len(pictures(posted[0])) == drawn
    assert ("a bar a day" in everything(posted[0])) is not bool(drawn)


def test_a_picture_that_slack_never_finishes_is_done_without(world: SlackWorld) -> None:
    world.pg.set_scopes([*SCOPES, *OPTIONAL])
    world.pg.slack.files.processing_looks = 1_000
    [posted] = published(world, 4)
    assert pictures(posted) == []
    assert "a bar a day" in everything(posted)
