"""Product areas in Slack: through the real Bolt app, every window and message valid by the playground's rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from slack_world import LOGIN, SlackWorld, slack_world

from storage import areas, workspaces

INVOICE = (
    "I was charged twice on my invoice this month",
    "Our invoice for May shows two charges",
    "The invoice charged us double again",
    "Why does my invoice list the same charge twice?",
    "Duplicate charge on the invoice of our account",
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackWorld]:
    """One workspace with ten tickets, five about invoices, before anybody named an area."""
    with slack_world(tmp_path_factory.mktemp("areas")) as world:
        for texts in (LOGIN, INVOICE):
            for customer, text in zip(world.customers, texts, strict=False):
                world.pg.say(customer, world.support, text)
            world.settle()
        yield world


@pytest.fixture(autouse=True)
def nothing_that_slack_would_reject(world: SlackWorld) -> Iterator[None]:
    for person in (world.admin, world.agent, world.pm, *world.customers):
        world.pg.reload(person)
    yield
    world.settle()
    while view := world.pg.view_of(world.pm):
        world.pg.close(world.pm, view["id"])
    assert world.pg.problems == []


def typed(world: SlackWorld, user: str, line: str, words: str) -> dict[str, Any]:
    """What `/ticket-intel ...` answers, once it says these words."""
    world.pg.slash(user, world.product, "/ticket-intel", line)
    return told(world, user, words)


def told(world: SlackWorld, user: str, words: str) -> dict[str, Any]:
    """The newest answer to a person that says these words."""
    try:
        return world.until(lambda: [m for m in world.whispered(user) if words in texts(m)])[-1]
    except TimeoutError:
        pytest.fail(f"{words!r} is not in {[m['text'] for m in world.whispered(user)]}")


def listed(world: SlackWorld) -> dict[str, Any]:
    with world.running.deps.db.read() as session:
        return {area.name: area for area in areas.load(session, world.workspace)}


def texts(blocks: Any) -> str:
    return json.dumps(blocks, ensure_ascii=False)


def test_an_area_is_proposed_added_by_a_click_and_taken_back(world):
    empty = typed(world, world.pm, "areas", "No areas yet")
    world.pg.click(world.pm, world.product, empty["ts"], "open:propose", ephemeral=True)
    proposed = told(world, world.pm, "Proposed areas")
    assert "5 tickets" in texts(proposed["blocks"])
    add = next(b["accessory"] for b in proposed["blocks"] if "invoice" in texts(b).lower() and b.get("accessory"))
    world.pg.click(world.pm, world.product, proposed["ts"], add["action_id"], ephemeral=True)
    done = told(world, world.pm, "in the background")
    world.settle()
    (name,) = listed(world)
    answer = typed(world, world.pm, "areas", "10 tickets of 30 days, 50% unassigned")
    assert f"*{name}* 5 tickets" in texts(answer["blocks"])
    world.pg.click(world.pm, world.product, done["ts"], "undo", ephemeral=True)
    told(world, world.pm, "Taken back")
    assert listed(world) == {}


def test_a_typed_change_shows_its_effect_and_is_made_by_a_button(world):
    seen = typed(world, world.pm, "areas add Billing: invoice", "It would move 5 of 10 tickets of 30 days")
    assert "5 tickets from unassigned to Billing" in texts(seen["blocks"])
    assert listed(world) == {}
    world.pg.click(world.pm, world.product, seen["ts"], "show", ephemeral=True)
    world.until(lambda: "Billing" in listed(world))
    other = typed(world, world.pm, "areas remove Billing", "Removes Billing")
    world.pg.click(world.pm, world.product, other["ts"], "edit.cancel", ephemeral=True)
    told(world, world.pm, "Nothing was changed")
    assert "Billing" in listed(world)


def test_a_window_says_what_it_moves_and_keeps_what_is_wrong(world):
    typed(world, world.pm, "areas add Login: okta confirm", "Added Login")
    answer = typed(world, world.pm, "areas", "In words")
    edit = next(b["accessory"] for b in answer["blocks"] if "*Login*" in texts(b))
    world.pg.click(world.pm, world.product, answer["ts"], edit["action_id"], ephemeral=True)
    view = world.until(lambda: world.pg.view_of(world.pm))
    state = {"area.name": {"area.name": "Sign-in"}, "area.words": {"area.words": "okta, redirecting"}}
    world.pg.submit(world.pm, view["id"], {**state, "area.words": {"area.words": "x"}})
    assert world.pg.view_of(world.pm)["id"] == view["id"]  # open, with what was wrong
    assert "Login" in listed(world)
    channel = {"type": "conversations_select", "selected_conversation": world.product}
    owner = {"type": "users_select", "selected_user": world.agent}
    whole = state | {"area.channel": {"area.channel": channel}, "area.owner": {"area.owner": owner}}
    world.pg.submit(world.pm, view["id"], whole)
    told(world, world.pm, "Renamed Login to Sign-in")
    found = listed(world)["Sign-in"]
    assert (found.words, found.owner, found.channel) == (("okta", "redirecting"), world.agent, world.product)


def test_a_window_counts_before_it_is_sent_in(world):
    world.pg.slash(world.pm, world.product, "/ticket-intel", "areas add")
    view = world.until(lambda: world.pg.view_of(world.pm))
    assert view["title"]["text"] == "New area"
    state = {"area.name": {"area.name": "Money"}, "area.words": {"area.words": "invoice, charged twice, charges"}}
    world.pg.view_action(world.pm, view["id"], "area.preview", state=state)
    fresh = world.until(lambda: (v := world.pg.view_of(world.pm)) and "It would move" in texts(v["blocks"]) and v)
    assert "to Money" in texts(fresh["blocks"])
    assert "charged twice" in texts(fresh["blocks"])  # nothing that was typed is lost
    assert "Money" not in listed(world)


def test_only_those_who_work_here_change_areas_and_all_may_look(world):
    outsider = world.pg.add_user("olaf.outside")
    place = world.pg.add_channel("elsewhere", members=[outsider, world.pg.bot_user_id])
    world.pg.slash(outsider, place, "/ticket-intel", "areas add Mine: okta confirm")
    told(world, outsider, "Only support and product members can use `areas`")
    assert "Mine" not in listed(world)
    world.pg.slash(outsider, place, "/ticket-intel", "areas")
    told(world, outsider, "Product areas")


def test_home_shows_administrators_the_areas(world):
    home = world.pg.open_home(world.admin)
    assert "Propose from tickets" in texts(home)
    assert "Propose from tickets" not in texts(world.pg.open_home(world.agent))
    world.pg.view_action(world.admin, home["id"], "edit.again:new")
    view = world.until(lambda: world.pg.view_of(world.admin))
    assert view["title"]["text"] == "New area"
    world.pg.submit(world.admin, view["id"], {"area.name": {"area.name": "Home made"}})
    world.until(lambda: "Home made" in listed(world))
    place = world.pg.open_im(world.admin)
    world.until(lambda: any("Added Home made" in m["text"] for m in world.posted(place)))


def test_an_alert_of_an_area_goes_to_its_channel_and_its_owner_is_told(world):
    billing = world.pg.add_channel("billing-alerts", members=[world.pm, world.pg.bot_user_id])
    with world.running.deps.db.write() as session:
        workspaces.put_channel(session, world.workspace, billing, name="billing-alerts", member=True)
    typed(world, world.pm, "areas add Reports: excel, xlsx confirm", "Added Reports")
    typed(world, world.pm, f"areas channel Reports <#{billing}|billing-alerts>", "of Reports go to")
    typed(world, world.pm, f"areas owner Reports <@{world.agent}|gus>", "Reports has an owner now")
    for customer, text in zip(
        world.customers,
        (
            "The export to Excel gives us a CSV file with broken columns",
            "We need an export to a real Excel file, not CSV",
            "Exporting the monthly report to xlsx is not possible, only CSV",
            "Please add Excel export, our finance team cannot open the CSV",
            "CSV export loses our number formats, we need Excel",
        ),
        strict=False,
    ):
        world.pg.say(customer, world.support, text)
    post = world.until(lambda: next(iter(world.posted(billing)), None))
    assert f"area Reports of <@{world.agent}>" in texts(post["blocks"])
    assert not any("Excel" in texts(m) for m in world.posted(world.product))
    world.settle()
    direct = [m for m in world.posted(world.pg.open_im(world.agent)) if "has an alert" in m["text"]]
    assert len(direct) == 1
    assert "You own the product area Reports" in texts(direct[0]["blocks"])
