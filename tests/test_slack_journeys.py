"""The main job through the real Bolt app over Socket Mode: tickets in, alert out, buttons, questions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from slack_world import LOGIN, SlackWorld, slack_world

from playground import Refused
from storage import alerts as kept_alerts

MORE = "Okta single sign-on login redirects endlessly for our users, we cannot sign in"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackWorld]:
    """One workspace in which five customers reported the same thing and the alert was posted."""
    with slack_world(tmp_path_factory.mktemp("journeys")) as world:
        for customer, text in zip(world.customers, LOGIN, strict=False):
            world.pg.say(customer, world.support, text)
        world.until(lambda: world.posted(world.product))
        world.settle()
        yield world


@pytest.fixture(autouse=True)
def nothing_that_slack_would_reject(world: SlackWorld) -> Iterator[None]:
    for person in (world.admin, world.agent, world.pm, *world.customers):
        world.pg.reload(person)
    yield
    world.settle()
    assert world.pg.problems == []


def alert_of(world: SlackWorld) -> dict:
    return world.posted(world.product)[0]


def everything(message: dict) -> str:
    return str(message.get("blocks")) + message.get("text", "")


def press(world: SlackWorld, action: str, user: str | None = None) -> None:
    world.pg.click(user or world.pm, world.product, alert_of(world)["ts"], action)


def test_five_similar_tickets_are_one_alert_with_their_own_words(world):
    alerts = world.posted(world.product)
    assert len(alerts) == 1
    assert "5 tickets" in alerts[0]["text"]
    shown = everything(alerts[0])
    assert sum(text in shown for text in LOGIN) == 2
    assert "/archives/" in shown  # quotes are linked
    assert alerts[0]["metadata"]["event_type"] == "ticket_intel"


def test_a_sixth_ticket_edits_the_alert_in_place(world):
    world.pg.say(world.customers[5], world.support, MORE)
    world.until(lambda: "6 tickets" in alert_of(world)["text"])
    assert len(world.posted(world.product)) == 1


def test_i_own_this_shows_the_owner(world):
    press(world, "alert.own")
    world.until(lambda: world.whispered(world.pm))
    assert "You own TI-1 now" in world.whispered(world.pm)[0]["text"]
    world.until(lambda: f"<@{world.pm}>" in everything(alert_of(world)))


def test_evidence_pages_in_a_modal(world):
    press(world, "alert.evidence")
    view = world.until(lambda: world.pg.view_of(world.pm))
    assert view["callback_id"] == "evidence"
    assert LOGIN[0] in str(view["blocks"])
    world.pg.close(world.pm, view["id"])


def test_copy_as_issue_gives_markdown(world):
    press(world, "alert.issue")
    view = world.until(lambda: world.pg.view_of(world.pm))
    assert view["callback_id"] == "issue"
    assert "TI-1" in str(view["blocks"])
    world.pg.submit(world.pm, view["id"])


def test_snooze_asks_until_when_and_wakes_after_five_more(world):
    press(world, "alert.snooze")
    view = world.until(lambda: world.pg.view_of(world.pm))
    world.pg.submit(world.pm, view["id"], {"until": {"until": "tickets"}})
    world.until(lambda: "Snoozed" in everything(alert_of(world)))
    world.until(lambda: [m for m in world.whispered(world.pm) if "Quiet until" in m["text"]])
    for number in range(5):
        text = f"{LOGIN[number]} (reported again by another team, case {number})"
        world.pg.say(world.customers[number], world.support, text)
    world.until(lambda: "Snoozed" not in everything(alert_of(world)))
    world.until(lambda: len(world.posted(world.product, alert_of(world)["ts"])) >= 2)  # the thread was told


def test_themes_are_listed_and_shared(world):
    world.pg.slash(world.pm, world.product, "/ticket-intel", "themes")
    answer = world.until(lambda: world.whispered(world.pm))[0]
    assert "TI-1" in everything(answer)
    before = len(world.posted(world.product))
    world.pg.click(world.pm, world.product, answer["ts"], "share", ephemeral=True)
    world.until(lambda: len(world.posted(world.product)) == before + 1)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "themes"),
        ("help", "known"),
        ("theme 1", "TI-1"),
        ("why TI-1", "TI-1"),
        ("search okta login", "okta"),
        ("known Okta login sends me back to the login page in a loop", "TI-1"),
        ("health", ""),
        ("helth", "health"),
        ("theme TI-999", "no theme TI-999"),
        ("channel", "#product"),
        ("channel support", "only admins"),
        ("release 4.2", "4.2"),
        ("report", "not"),
        ("known \u202e<!channel> *bold* & <script>alert(1)</script>", ""),
    ],
)
def test_every_verb_answers_the_asker_alone(world, line, told):
    before = len(world.posted(world.product))
    world.pg.slash(world.pm, world.product, "/ticket-intel", line)
    answer = world.until(lambda: world.whispered(world.pm))[0]
    assert told.lower() in everything(answer).lower()
    assert "Something went wrong" not in answer["text"]
    assert "<!channel>" not in everything(answer)
    assert len(world.posted(world.product)) == before


def test_is_this_known_in_a_thread_answers_there_and_learns(world):
    root = world.pg.say(world.customers[6], world.support, "Okta login keeps sending us back to the login page")
    world.settle()
    world.pg.say(world.agent, world.support, f"<@{world.pg.bot_user_id}> is this known?", thread_ts=root["ts"])
    answer = world.until(lambda: world.posted(world.support, root["ts"]))[0]
    assert "TI-1" in everything(answer)
    world.pg.click(world.agent, world.support, answer["ts"], "known.same")
    told = world.until(lambda: world.whispered(world.agent))[0]["text"]
    assert "TI-1 is now" in told
    world.pg.say(world.agent, world.support, f"<@{world.pg.bot_user_id}> known?", thread_ts=root["ts"])
    world.settle()
    assert len(world.posted(world.support, root["ts"])) == 1  # the earlier answer was edited
    stored = [m for m in world.pg.messages(world.support, root["ts"]) if "known" in m["text"]]
    assert stored  # and our own question made no ticket:
    with world.running.deps.db.read() as session:
        from storage import inbox

        assert inbox.waiting(session)[0] == 0


def test_top_themes_and_help_in_natural_words(world):
    for said, told in (("what are the top themes this month?", "TI-1"), ("help", "known")):
        root = world.pg.say(world.pm, world.product, f"<@{world.pg.bot_user_id}> {said}")
        answer = world.until(lambda root=root: world.posted(world.product, root["ts"]))[0]
        assert told in everything(answer)


def test_a_direct_message_is_answered(world):
    place = world.pg.open_im(world.pm)
    world.pg.say(world.pm, place, "is this known: Okta login loops back to the login page")
    answer = world.until(lambda: world.posted(place))[0]
    assert "TI-1" in everything(answer)


def test_where_customers_read_the_answer_is_for_the_asker_alone(world):
    partner = world.pg.add_user("partner", team_id="T0PARTNER")
    shared = world.pg.add_channel("acme-shared", shared=True, members=[world.agent, partner, world.pg.bot_user_id])
    root = world.pg.say(partner, shared, "Okta login loops back to the login page for everybody here")
    world.pg.say(world.agent, shared, f"<@{world.pg.bot_user_id}> is this known?", thread_ts=root["ts"])
    answer = world.until(lambda: world.whispered(world.agent, shared))[0]
    assert "customers read" in everything(answer).lower()
    assert world.posted(shared, root["ts"]) == []
    assert world.whispered(partner) == []


def test_the_message_shortcut_works_where_the_bot_is_no_member(world):
    elsewhere = world.pg.add_channel("elsewhere", members=[world.agent])
    said = world.pg.say(world.agent, elsewhere, "A customer says: Okta login loops back to the login page")
    world.pg.message_shortcut(world.agent, elsewhere, said["ts"], "known_pattern")
    assert "TI-1" in everything(world.until(lambda: world.whispered(world.agent))[0])


def test_the_global_shortcut_asks_and_answers_in_direct_messages(world):
    world.pg.global_shortcut(world.agent, "ask_known")
    view = world.until(lambda: world.pg.view_of(world.agent))
    world.pg.submit(world.agent, view["id"], {"text": {"text": "Okta login loops back to the login page"}})
    place = world.pg.open_im(world.agent)
    assert "TI-1" in everything(world.until(lambda: world.posted(place))[0])


def test_commands_do_not_run_in_threads(world):
    with pytest.raises(Refused):
        world.pg.slash(world.pm, world.product, "/ticket-intel", "themes", thread_ts=alert_of(world)["ts"])


def test_the_home_tab_is_drawn(world):
    view = world.pg.open_home(world.pm)
    assert view is not None
    assert "TI-1" in str(view["blocks"])


def test_a_row_of_the_list_shows_evidence_and_an_issue_to_copy(world):
    for told, callback in (("window:evidence", "evidence"), ("window:issue", "issue")):
        world.pg.reload(world.pm)
        world.pg.slash(world.pm, world.product, "/ticket-intel", "themes")
        answer = world.until(lambda: world.whispered(world.pm))[0]
        world.pg.click(world.pm, world.product, answer["ts"], "row", ephemeral=True, value=f"{told} theme:TI-1")
        view = world.until(lambda: world.pg.view_of(world.pm))
        assert view["callback_id"] == callback
        assert "TI-1" in str(view)
        world.pg.close(world.pm, view["id"])


def test_who_watches_is_told_and_a_fix_can_be_taken_back(world):
    world.pg.slash(world.agent, world.product, "/ticket-intel", "watch TI-1")
    world.until(lambda: any("I will tell you" in m["text"] for m in world.whispered(world.agent)))
    world.pg.slash(world.pm, world.product, "/ticket-intel", "resolve TI-1 4.2")
    answer = world.until(lambda: [m for m in world.whispered(world.pm) if "resolved in 4.2" in m["text"]])[0]
    place = world.pg.open_im(world.agent)
    world.until(lambda: any("is marked as fixed in 4.2" in m["text"] for m in world.posted(place)))
    world.pg.click(world.pm, world.product, answer["ts"], "undo", ephemeral=True)
    world.until(lambda: any("not marked as fixed any more" in m["text"] for m in world.whispered(world.pm)))
    world.until(lambda: "alert.own" in everything(alert_of(world)))


def test_channels_are_listed_in_a_direct_message(world):
    place = world.pg.open_im(world.admin)
    world.pg.say(world.admin, place, "channel")
    answer = world.until(lambda: world.posted(place))[0]
    assert "support threads" in everything(answer)
    assert "#product" in everything(answer)


def test_nothing_is_shared_where_customers_read(world):
    shared = world.pg.add_channel("globex-shared", shared=True, members=[world.agent, world.pg.bot_user_id])
    world.pg.slash(world.agent, shared, "/ticket-intel", "known Okta login loops back to the login page")
    answer = world.until(lambda: world.whispered(world.agent, shared))[0]
    world.pg.slash(world.agent, shared, "/ticket-intel", "theme TI-1")
    card = world.until(lambda: [m for m in world.whispered(world.agent, shared) if m["ts"] != answer["ts"]])[0]
    world.pg.click(world.agent, shared, card["ts"], "share", ephemeral=True)
    world.until(lambda: any("Customers read this channel" in m["text"] for m in world.whispered(world.agent, shared)))
    assert world.posted(shared) == []


def test_an_invitation_asks_what_the_channel_is_for(world):
    fresh = world.pg.add_channel("helpdesk", members=[world.admin])
    world.pg.say(world.admin, fresh, "How do I export the monthly report to Excel? I cannot find the button")
    world.pg.invite(world.admin, fresh, world.pg.bot_user_id)
    choice = world.until(lambda: world.whispered(world.admin, fresh))[0]
    world.pg.click(
        world.admin, fresh, choice["ts"], "channel.role", ephemeral=True, block_id=choice["blocks"][1]["block_id"]
    )
    offer = world.until(lambda: [m for m in world.whispered(world.admin, fresh) if "90 days" in m["text"]])[0]
    world.pg.click(world.admin, fresh, offer["ts"], "backfill.yes", ephemeral=True)
    world.settle()
    with world.running.deps.db.read() as session:
        from intelligence.model import Scope
        from storage import ticket_volumes

        assert ticket_volumes.of_channel(session, Scope(world.workspace), fresh)[0] == 1


def test_useful_counts_once_a_person_and_leaves_the_alert_as_it_is(world):
    press(world, "alert.useful")
    world.until(lambda: any("counts as useful" in m["text"] for m in world.whispered(world.pm)))
    press(world, "alert.useful")
    world.until(lambda: any("counts once" in m["text"] for m in world.whispered(world.pm)))
    assert "alert.own" in everything(alert_of(world))
    with world.running.deps.db.read() as session:
        since = world.running.deps.clock.now() - timedelta(days=1)
        assert [said[1] for said in kept_alerts.feedback_since(session, world.workspace, since)] == ["useful"]


def test_not_useful_closes_the_alert_with_a_reason(world):
    press(world, "alert.not_useful")
    view = world.until(lambda: world.pg.view_of(world.pm))
    world.pg.submit(world.pm, view["id"], {"reason": {"reason": "known"}})
    world.until(lambda: any("marked as known" in m["text"] for m in world.whispered(world.pm)))
    world.until(lambda: "alert.own" not in everything(alert_of(world)))


def test_people_of_another_company_bring_tickets_and_get_no_answers(world):
    partner = world.pg.add_user("outsider", team_id="T0PARTNER")
    shared = world.pg.add_channel("initech-shared", shared=True, members=[world.agent, partner, world.pg.bot_user_id])
    world.pg.say(partner, shared, f"<@{world.pg.bot_user_id}> themes 30d")
    refused = world.until(lambda: world.whispered(partner, shared))
    assert "Only people of the workspace that installed Ticket Intel" in refused[0]["text"]
    root = world.pg.say(partner, shared, "Okta login loops back to the login page for everybody at our place")
    world.pg.message_shortcut(partner, shared, root["ts"], "known_pattern")
    world.until(lambda: len(world.whispered(partner, shared)) == 2)
    told = "".join(everything(message) for message in world.whispered(partner, shared))
    assert "TI-1" not in told
    assert not any(text in told for text in LOGIN)
