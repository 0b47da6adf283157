"""Review and learning through the real Bolt app: cards, the window, the shortcut, and accuracy that moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_world import SlackWorld, slack_world

from intelligence.model import Scope
from storage import analyses, reviews

PLACES = ("kiosk badge", "turnstile log", "visitor kiosk", "gate schedule", "badge reader", "kiosk screen")
ASKED = [f"Where do I {verb} the {place}?" for verb in ("see", "change") for place in PLACES]
WANTED = "integration_request"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackWorld]:
    """One workspace with a dozen questions about kiosks and gates; every ticket is drawn."""
    with slack_world(tmp_path_factory.mktemp("review"), review_share=1.0) as world:
        for number, text in enumerate(ASKED):
            world.pg.say(world.customers[number % 8], world.support, text)
        world.settle()
        yield world


@pytest.fixture(autouse=True)
def nothing_that_slack_would_reject(world: SlackWorld) -> Iterator[None]:
    for person in (world.admin, world.agent, world.pm):
        world.pg.reload(person)
    yield
    world.settle()
    assert world.pg.problems == []


def everything(message: dict[str, Any]) -> str:
    return str(message.get("blocks")) + message.get("text", "")


def ask(world: SlackWorld, user: str, line: str) -> dict[str, Any]:
    world.pg.reload(user)
    world.pg.slash(user, world.product if user == world.pm else world.support, "/ticket-intel", line)
    return world.until(lambda: world.whispered(user))[0]


def only_card(world: SlackWorld, user: str) -> dict[str, Any]:
    """The one card on this person's screen: each takes the place of the one before."""
    shown = world.whispered(user)
    assert len(shown) == 1
    return shown[0]


def press(world: SlackWorld, user: str, action: str) -> dict[str, Any]:
    before = only_card(world, user)
    channel = before.get("channel") or world.support
    world.pg.click(user, channel, before["ts"], action, ephemeral=True)
    world.until(lambda: everything(only_card(world, user)) != everything(before))
    return only_card(world, user)


def fill(world: SlackWorld, user: str, primary: str, sub: str, **others: str) -> None:
    """Choose in the open window, the category first: it decides which sub-categories are offered."""
    view = world.until(lambda: world.pg.view_of(user))
    assert view["callback_id"] == "label"
    world.pg.view_action(user, view["id"], "label.primary", primary)
    block = f"label.sub:{primary}"
    view = world.until(lambda: next((v for v in [world.pg.view_of(user)] if v and block in str(v["blocks"])), None))
    values = {block: {"label.sub": sub}} | {f"label.{name}": {f"label.{name}": v} for name, v in others.items()}
    world.pg.submit(user, view["id"], values)


def labels_of(world: SlackWorld, text: str) -> Any:
    from storage.tables import MessageRow

    deps = world.running.deps
    with deps.db.read() as session:
        from sqlmodel import select

        ticket = session.exec(select(MessageRow.ticket_id).where(MessageRow.text == text)).first()
        assert ticket is not None
        return analyses.current(session, Scope(world.workspace), [ticket]).get(ticket)


def test_right_shows_the_next_card_in_the_same_place_and_undo_brings_it_back(world: SlackWorld) -> None:
    first = ask(world, world.agent, "review")
    assert "Review 1 of 14" in first["text"]  # twelve at random, two of them read twice
    assert "Where do I" in everything(first)
    second = press(world, world.agent, "review.right")
    assert "Review 2 of 14" in second["text"]
    assert "as I read it" in everything(second)
    back = press(world, world.agent, "review.undo")
    assert "Review 1 of 14" in back["text"]
    assert first["text"] == back["text"]


def test_fix_in_the_window_stands_at_once_and_the_next_card_comes(world: SlackWorld) -> None:
    card = ask(world, world.agent, "review")
    text = next(t for t in ASKED if t in everything(card))
    world.pg.click(world.agent, world.support, card["ts"], "review.fix", ephemeral=True)
    fill(world, world.agent, "feature_request", WANTED, urgency="high")
    world.until(lambda: "Integration request, not" in everything(only_card(world, world.agent)))
    assert "Review 2 of 14" in only_card(world, world.agent)["text"]
    found = labels_of(world, text)
    assert (found.subcategory, found.urgency, found.corrected_by) == (WANTED, "high", world.agent)


def test_cannot_tell_goes_on(world: SlackWorld) -> None:
    ask(world, world.agent, "review")
    assert "does not count" in everything(press(world, world.agent, "review.unsure"))


def test_correcting_from_a_thread_teaches_the_next_ticket_and_accuracy_moves(world: SlackWorld) -> None:
    before = ask(world, world.agent, "quality")
    assert "not yet reviewed here" in everything(before)
    for text in ASKED[:9]:
        message = next(m for m in world.pg.messages(world.support) if m["text"] == text)
        world.pg.reload(world.agent)
        world.pg.message_shortcut(world.agent, world.support, message["ts"], "correct_label")
        fill(world, world.agent, "feature_request", WANTED)
        told = world.until(lambda: world.whispered(world.agent))[0]
        assert "Corrected" in told["text"] or "as it was read" in told["text"]
    world.settle()
    new = "Where do I find the kiosk badge log?"
    world.pg.say(world.customers[0], world.support, new)
    world.settle()
    assert labels_of(world, new).subcategory == WANTED
    after = ask(world, world.agent, "quality")
    assert "Learned from" in everything(after)
    assert "Most often corrected" in everything(after)


def test_a_correction_from_a_thread_is_taken_back(world: SlackWorld) -> None:
    text = ASKED[-1]
    message = next(m for m in world.pg.messages(world.support) if m["text"] == text)
    before = labels_of(world, text).subcategory
    world.pg.message_shortcut(world.agent, world.support, message["ts"], "correct_label")
    fill(world, world.agent, "bug_report", "data_integrity")
    told = world.until(lambda: world.whispered(world.agent))[0]
    assert labels_of(world, text).subcategory == "data_integrity"
    world.pg.click(world.agent, world.support, told["ts"], "undo", ephemeral=True)
    world.until(lambda: "Taken back" in everything(only_card(world, world.agent)))
    assert labels_of(world, text).subcategory == before


def test_a_message_that_is_no_ticket_and_a_person_without_the_right_are_told(world: SlackWorld) -> None:
    said = world.pg.say(world.pm, world.product, "Lunch at twelve?")
    world.pg.message_shortcut(world.agent, world.support, _first(world)["ts"], "correct_label")
    world.pg.close(world.agent, world.until(lambda: world.pg.view_of(world.agent))["id"])
    world.pg.message_shortcut(world.pm, world.product, said["ts"], "correct_label")
    assert "not stored" in everything(world.until(lambda: world.whispered(world.pm))[0])
    world.pg.message_shortcut(world.customers[0], world.support, _first(world)["ts"], "correct_label")


def _first(world: SlackWorld) -> dict[str, Any]:
    return next(m for m in world.pg.messages(world.support) if m["text"] == ASKED[0])


def test_two_reviewers_are_never_asked_the_same_at_once(world: SlackWorld) -> None:
    mine, theirs = ask(world, world.agent, "review"), ask(world, world.admin, "review")
    assert {t for t in ASKED if t in everything(mine)} != {t for t in ASKED if t in everything(theirs)}


def test_a_card_is_not_for_everybody(world: SlackWorld) -> None:
    root = world.pg.say(world.agent, world.support, f"<@{world.pg.bot_user_id}> review")
    answer = world.until(lambda: world.whispered(world.agent) or world.posted(world.support, root["ts"]))[0]
    assert "for one person" in everything(answer) or "known" in everything(answer).lower()


def test_missed_says_what_it_found(world: SlackWorld) -> None:
    told = ask(world, world.agent, "missed the turnstile counts visitors twice every night")
    assert "Noted as missed" in told["text"]
    assert "undo" in str(told["blocks"])
    with world.running.deps.db.read() as session:
        assert reviews.since(session, world.workspace)
