"""Answers that people mend, rate and pass on, and a home tab that follows, through the real Bolt app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from slack_world import LOGIN, SlackWorld, slack_world

from bot.answers_review import Quality
from bot.flows import quality, rename
from intelligence.model import Scope


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackWorld]:
    """Five customers reported the same; the theme is planned, so that there is something to say."""
    with slack_world(tmp_path_factory.mktemp("mended"), known_emoji=":mag:") as world:
        for customer, text in zip(world.customers, LOGIN, strict=False):
            world.pg.say(customer, world.support, text)
        world.until(lambda: world.posted(world.product))
        world.settle()
        rename.plan_theme(world.running.deps, Scope(world.workspace), "TI-1", "Q2", by=world.pm)
        yield world


@pytest.fixture(autouse=True)
def nothing_that_slack_would_reject(world: SlackWorld) -> Iterator[None]:
    for person in (world.admin, world.agent, world.pm):
        world.pg.reload(person)
    yield
    world.settle()
    assert world.pg.problems == []


def everything(message: dict) -> str:
    return str(message.get("blocks")) + message.get("text", "")


def rated(world: SlackWorld) -> Quality:
    return quality.quality(world.running.deps, Scope(world.workspace))


def test_another_theme_is_picked_and_the_answer_is_rated(world: SlackWorld) -> None:
    root = world.pg.say(world.customers[6], world.support, "Okta login keeps sending us back to the login page")
    world.settle()
    world.pg.say(world.agent, world.support, f"<@{world.pg.bot_user_id}> is this known?", thread_ts=root["ts"])
    answer = world.until(lambda: world.posted(world.support, root["ts"]))[0]
    world.pg.click(world.agent, world.support, answer["ts"], "known.feedback", value="said:good theme:TI-1")
    world.until(lambda: any("counts as helpful" in m["text"] for m in world.whispered(world.agent)))
    assert (rated(world).helpful.hits, rated(world).helpful.n) == (1, 1)
    place = {"type": "message", "channel": world.support, "ts": answer["ts"]}
    offered = world.pg.options(world.agent, place, "known.pick", "login")
    assert [one["value"] for one in offered] == ["TI-1"]
    world.pg.click(world.agent, world.support, answer["ts"], "known.pick", value="TI-1")
    world.until(lambda: any("TI-1 is now" in m["text"] for m in world.whispered(world.agent)))


def test_where_customers_read_a_safe_version_is_posted_by_a_person(world: SlackWorld) -> None:
    partner = world.pg.add_user("partner", team_id="T0PARTNER")
    shared = world.pg.add_channel("acme-shared", shared=True, members=[world.agent, partner, world.pg.bot_user_id])
    root = world.pg.say(partner, shared, LOGIN[0])
    world.pg.say(world.agent, shared, f"<@{world.pg.bot_user_id}> is this known?", thread_ts=root["ts"])
    answer = world.until(lambda: world.whispered(world.agent, shared))[0]
    assert "known.safe" in everything(answer)
    world.pg.click(world.agent, shared, answer["ts"], "known.safe", ephemeral=True)
    view = world.until(lambda: world.pg.view_of(world.agent))
    words = view["blocks"][1]["element"]["initial_value"]
    assert "planned for Q2" in words
    assert "TI-1" not in words and "customer" not in words.lower()
    world.pg.submit(world.agent, view["id"], {"text": {"text": f"{words} <!channel> *Sorry!*"}})
    posted = world.until(lambda: world.posted(shared, root["ts"]))[0]
    assert posted["thread_ts"] == root["ts"]
    assert "<!channel>" not in everything(posted)
    world.until(lambda: any("for customers too" in m["text"] for m in world.whispered(world.agent, shared)))


def test_a_snooze_window_stays_open_with_what_is_wrong(world: SlackWorld) -> None:
    alert = world.posted(world.product)[0]
    world.pg.click(world.pm, world.product, alert["ts"], "alert.snooze")
    view = world.until(lambda: world.pg.view_of(world.pm))
    refused = world.pg.submit(world.pm, view["id"], {"until": {"until": "date"}})
    assert "Choose the day" in str(refused)
    assert world.pg.view_of(world.pm) is not None  # it stays open
    world.pg.submit(world.pm, view["id"], {"until": {"until": "tickets"}, "more": {"more": "2"}})
    world.until(lambda: any("until 2 more tickets" in m["text"] for m in world.whispered(world.pm)))


def test_home_shows_what_is_mine_and_is_drawn_again_after_a_press(world: SlackWorld) -> None:
    alert = world.posted(world.product)[0]
    world.pg.click(world.pm, world.product, alert["ts"], "alert.own")
    world.until(lambda: any("You own TI-1" in m["text"] for m in world.whispered(world.pm)))
    mine = world.pg.open_home(world.pm)
    assert mine is not None
    assert "owned by" in str(mine["blocks"]) and "Roles" not in str(mine["blocks"])
    home = world.pg.open_home(world.admin)
    assert home is not None
    shown = str(home["blocks"])
    for part in ("Sources and channels", "Alert rule", "Product areas", "Roles", "Privacy", "category accuracy"):
        assert part in shown
    world.pg.view_action(world.admin, home["id"], "open:backtest", value="backtest 90d")
    place = world.pg.open_im(world.admin)
    world.until(lambda: any("reading" in m["text"] or "Backtest" in m["text"] for m in world.posted(place)))
    with world.running.deps.db.write() as session:
        from storage import workspaces

        workspaces.update(session, world.workspace, shadow=True)
    world.pg.open_home(world.admin)  # drawn once more for the press before it: whichever comes last shows the shadow
    home = world.until(lambda: (v := world.pg.home_of(world.admin)) and "Switch on" in str(v["blocks"]) and v)
    world.pg.view_action(world.admin, home["id"], "open", value="settings alerts live")
    world.until(lambda: "Switch on" not in str((world.pg.home_of(world.admin) or {}).get("blocks")))


def test_a_question_in_ones_own_words_is_narrowed(world: SlackWorld) -> None:
    root = world.pg.say(world.pm, world.product, f"<@{world.pg.bot_user_id}> top themes this week?")
    answer = world.until(lambda: world.posted(world.product, root["ts"]))[0]
    assert "TI-1" in everything(answer) and "last 7 days" in everything(answer)


def test_an_emoji_asks_whether_it_is_known_and_another_says_nothing(world: SlackWorld) -> None:
    root = world.pg.say(world.customers[7], world.support, "Login by Okta goes round in circles since today")
    world.settle()
    world.pg.react(world.agent, world.support, root["ts"], "eyes")
    world.settle()
    assert world.posted(world.support, root["ts"]) == []
    world.pg.react(world.agent, world.support, root["ts"], "mag")
    answer = world.until(lambda: world.posted(world.support, root["ts"]))[0]
    assert "TI-1" in everything(answer)
