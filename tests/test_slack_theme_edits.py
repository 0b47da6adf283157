"""People mend themes in Slack: through the real Bolt app, every window and message valid by the playground's rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_world import LOGIN, SlackWorld, slack_world

from storage import theme_edits, theme_events, themes

EXPORT = (
    "The export to Excel gives us a CSV file with broken columns",
    "We need an export to a real Excel file, not CSV",
    "Exporting the monthly report to xlsx is not possible, only CSV",
    "Please add Excel export, our finance team cannot open the CSV",
    "CSV export loses our number formats, we need Excel",
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackWorld]:
    """One workspace with two themes, TI-1 about Okta and TI-2 about Excel."""
    with slack_world(tmp_path_factory.mktemp("edits")) as world:
        for texts in (LOGIN, EXPORT):
            for customer, text in zip(world.customers, texts, strict=False):
                world.pg.say(customer, world.support, text)
            world.settle()
        world.until(lambda: key_of(world, 2))
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


def key_of(world: SlackWorld, number: int) -> str | None:
    with world.running.deps.db.read() as session:
        found = themes.by_number(session, world.workspace, number)
    return found.key if found else None


def title_of(world: SlackWorld, number: int) -> str:
    with world.running.deps.db.read() as session:
        return themes.by_number(session, world.workspace, number).title


def tickets_of(world: SlackWorld, number: int) -> list[int]:
    with world.running.deps.db.read() as session:
        return theme_edits.at_home(session, themes.by_number(session, world.workspace, number).id)


def window(world: SlackWorld, user: str, line: str) -> dict[str, Any]:
    world.pg.slash(user, world.product, "/ticket-intel", line)
    return world.until(lambda: world.pg.view_of(user))


def told(world: SlackWorld, user: str, words: str) -> dict[str, Any]:
    return world.until(lambda: next((m for m in world.whispered(user) if words in m["text"]), None))


def test_a_wrong_merge_is_seen_first_and_taken_back(world):
    before = (tickets_of(world, 1), tickets_of(world, 2))
    view = window(world, world.pm, "merge TI-1 TI-2")
    assert "Moves 5 tickets from TI-2 into TI-1" in str(view["blocks"])
    assert "alert" in str(view["blocks"])
    assert tickets_of(world, 2) == before[1]  # nothing yet
    world.pg.submit(world.pm, view["id"])
    answer = told(world, world.pm, "TI-2 is part of TI-1 now")
    assert key_of(world, 2) == "TI-1"
    world.pg.click(world.pm, world.product, answer["ts"], "undo", ephemeral=True)
    told(world, world.pm, "TI-2 is a theme of its own again")
    assert (tickets_of(world, 1), tickets_of(world, 2)) == before


def test_where_slack_opens_no_window_a_message_asks(world):
    before = tickets_of(world, 2)
    world.pg.faults.add("views.open", error="expired_trigger_id")
    world.pg.slash(world.pm, world.product, "/ticket-intel", "merge TI-1 TI-2")
    asked = world.until(lambda: next((m for m in world.whispered(world.pm) if "edit.do" in str(m["blocks"])), None))
    assert "Moves 5 tickets from TI-2 into TI-1" in str(asked["blocks"])
    world.pg.click(world.pm, world.product, asked["ts"], "edit.cancel", ephemeral=True)
    told(world, world.pm, "Nothing was changed")
    assert tickets_of(world, 2) == before


def test_two_editors_the_second_is_told_and_does_it_on_the_fresh_state(world):
    first = window(world, world.pm, "rename TI-1")
    second = window(world, world.admin, "rename TI-1")
    world.pg.submit(world.pm, first["id"], {"title": {"title": "Okta sends people in circles"}})
    told(world, world.pm, "is now called")
    world.pg.submit(world.admin, second["id"], {"title": {"title": "SSO loop"}})
    answer = told(world, world.admin, "Meanwhile TI-1 was renamed")
    assert f"<@{world.pm}>" in answer["text"]
    assert title_of(world, 1) == "Okta sends people in circles"
    world.pg.click(world.admin, world.product, answer["ts"], "edit.again", ephemeral=True)
    told(world, world.admin, "is now called “SSO loop”")
    assert title_of(world, 1) == "SSO loop"


def test_a_plan_is_shown_where_people_ask(world):
    view = window(world, world.pm, "plan TI-2")
    world.pg.submit(world.pm, view["id"], {"plan": {"plan": "Q2"}})
    told(world, world.pm, "planned for Q2")
    world.pg.slash(world.agent, world.product, "/ticket-intel", f"known {EXPORT[0]}")
    world.until(lambda: any("planned for Q2" in str(m["blocks"]) for m in world.whispered(world.agent)))


def test_a_ticket_is_moved_from_the_evidence(world):
    world.pg.slash(world.pm, world.product, "/ticket-intel", "theme TI-1")
    card = world.until(lambda: world.whispered(world.pm))[0]
    world.pg.click(world.pm, world.product, card["ts"], "alert.evidence", ephemeral=True)
    view = world.until(lambda: world.pg.view_of(world.pm))
    move = next(
        e["action_id"] for b in view["blocks"] for e in b.get("elements", ()) if "edit.move" in str(e.get("action_id"))
    )
    ticket = int(move.rpartition(":")[2])
    world.pg.view_action(world.pm, view["id"], move)
    form = world.until(lambda: (v := world.pg.view_of(world.pm)) and v["callback_id"] == "edit" and v)
    offered = world.pg.options(world.pm, {"type": "view", "view_id": form["id"]}, "target", "")
    assert [option["value"] for option in offered] == ["TI-2", "new"]
    chosen = {"type": "external_select", "selected_option": offered[0]}
    world.pg.submit(world.pm, form["id"], {"target": {"target": chosen}})
    world.until(lambda: ticket in tickets_of(world, 2))  # a window knows no channel: the answer is a direct message


def test_a_merge_starts_from_the_row_menu(world):
    world.pg.slash(world.pm, world.product, "/ticket-intel", "themes")
    answer = world.until(lambda: world.whispered(world.pm))[0]
    world.pg.click(world.pm, world.product, answer["ts"], "row", "window:edit theme:TI-2", ephemeral=True)
    view = world.until(lambda: world.pg.view_of(world.pm))
    offered = world.pg.options(world.pm, {"type": "view", "view_id": view["id"]}, "edit.other", "ti-1")
    assert [option["value"] for option in offered] == ["TI-1"]
    world.pg.view_action(world.pm, view["id"], "edit.other", offered[0])
    preview = world.until(lambda: (v := world.pg.view_of(world.pm)) and v["id"] != view["id"] and v)
    assert "from TI-1 into TI-2" in str(preview["blocks"])
    world.pg.close(world.pm, preview["id"])


def test_a_proposal_is_dismissed_with_one_click(world):
    with world.running.deps.db.write() as session:
        one, two = (themes.by_number(session, world.workspace, number).id for number in (1, 2))
        data = {"text": "proposal to merge: 70% are near", "other": two, "similarity": 0.8}
        theme_events.happened(
            session, world.workspace, one, "proposal", "machine", data, world.running.deps.clock.now()
        )
    world.pg.slash(world.pm, world.product, "/ticket-intel", "themes")
    answer = world.until(lambda: world.whispered(world.pm))[0]
    assert "look like one" in str(answer["blocks"])
    button = next(
        e["action_id"]
        for b in answer["blocks"]
        for e in b.get("elements", ())
        if "proposal.no" in str(e.get("action_id"))
    )
    world.pg.click(world.pm, world.product, answer["ts"], button, ephemeral=True)
    told(world, world.pm, "stay apart")
    world.pg.slash(world.agent, world.product, "/ticket-intel", "themes")
    assert "look like one" not in str(world.until(lambda: world.whispered(world.agent))[0]["blocks"])


def test_a_merge_is_taken_apart_again_in_the_edit_window(world):
    world.pg.slash(world.pm, world.product, "/ticket-intel", "merge TI-1 TI-2 confirm")
    told(world, world.pm, "TI-2 is part of TI-1 now")
    world.pg.slash(world.pm, world.product, "/ticket-intel", "split TI-1")
    view = world.until(lambda: world.pg.view_of(world.pm))
    assert "Which part leaves?" in str(view["blocks"])
    world.pg.submit(world.pm, view["id"], {"part": {"part": "1"}})
    told(world, world.pm, "are TI-3")
    assert key_of(world, 3) == "TI-3"


def test_whoever_may_not_edit_is_told_who_may(world):
    stranger = world.pg.add_user("sam.stranger")
    world.pg.slash(stranger, world.support, "/ticket-intel", "rename TI-1 Mine")
    told(world, stranger, "Only support and product members can use `rename`")
    assert title_of(world, 1) != "Mine"
