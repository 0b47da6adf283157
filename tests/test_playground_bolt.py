"""The real Bolt app against the playground, over Socket Mode and over signed HTTP: the same tests for both."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from playground_app import Seen, actions, build_app, button, field, http_app, modal, plain, settle, socket_app

from playground import DispatchFailed, OperationTimeout, Playground, Refused


@pytest.fixture(scope="module", params=["socket", "http"])
def world(request: pytest.FixtureRequest) -> Iterator[SimpleNamespace]:
    seen = Seen()
    with Playground(ack_timeout=0.4, retry_delays=(0.0, 0.05, 0.05)) as pg:
        app = build_app(pg, seen)
        connect = socket_app if request.param == "socket" else http_app
        ana = pg.add_user("ana", "Ana Costa")
        ben = pg.add_user("ben", "Ben Ito", kind="agent")
        support = pg.add_channel("support", members=[ana, ben, pg.bot_user_id])
        with connect(pg, app):
            yield SimpleNamespace(pg=pg, app=app, seen=seen, ana=ana, ben=ben, support=support, mode=request.param)


@pytest.fixture(autouse=True)
def fresh(world: SimpleNamespace) -> Iterator[None]:
    settle(world.pg, world.app)
    world.seen.events.clear()
    world.seen.bodies.clear()
    world.seen.retries.clear()
    world.seen.submit_reply = {}
    world.pg.reload(world.ana)
    world.pg.slack.problems.clear()
    yield
    world.seen.block_ack.set()


def wait_for_body(world: SimpleNamespace) -> dict:
    return world.pg.wait_for(lambda _: world.seen.bodies and world.seen.bodies[-1])


def test_a_message_reaches_the_app_escaped_with_its_rich_text(world):
    said = world.pg.say(world.ana, world.support, "a < b & <!channel> https://x.example/y", wait=True)
    event = world.pg.wait_for(lambda _: world.seen.of("message"))[0]
    assert event["text"] == "a &lt; b &amp; &lt;!channel&gt; <https://x.example/y>"
    assert (event["channel"], event["ts"], event["channel_type"]) == (world.support, said["ts"], "channel")
    texts = [e.get("text") or e["url"] for e in event["blocks"][0]["elements"][0]["elements"]]
    assert texts == ["a < b & <!channel> ", "https://x.example/y"]


def test_the_first_delivery_carries_retry_number_zero_in_socket_mode_only(world):
    world.pg.say(world.ana, world.support, "hello", wait=True)
    assert world.seen.retries == ["0" if world.mode == "socket" else None]


def test_a_mention_arrives_twice_with_different_event_ids(world):
    world.pg.say(world.ana, world.support, f"<@{world.pg.bot_user_id}> known?", wait=True)
    mine = [d for d in world.pg.deliveries if d.kind == "event"][-2:]
    assert [d.name for d in mine] == ["message", "app_mention"]
    assert mine[0].payload["event_id"] != mine[1].payload["event_id"]
    assert mine[0].event["ts"] == mine[1].event["ts"]


def test_nothing_arrives_from_a_channel_without_the_bot(world):
    private = world.pg.add_channel("elsewhere", members=[world.ana])
    before = len(world.pg.deliveries)
    world.pg.say(world.ana, private, f"<@{world.pg.bot_user_id}> can you hear me?", wait=True)
    assert len(world.pg.deliveries) == before


def test_an_event_without_ack_is_retried_with_the_same_id(world):
    world.seen.block_ack.clear()
    world.pg.say(world.ana, world.support, "hold this")
    delivery = world.pg.deliveries[-1]
    world.pg.wait_for(lambda _: len(delivery.attempts) >= 2)
    world.seen.block_ack.set()
    settle(world.pg, world.app)
    assert delivery.outcome == "acknowledged"
    reasons = [a.reason for a in delivery.attempts]
    assert reasons[:2] == ["", "timeout" if world.mode == "socket" else "http_timeout"]
    assert {b["event_id"] for b in world.seen.bodies} == {delivery.payload["event_id"]}
    assert world.seen.retries[:2] == (["0", "1"] if world.mode == "socket" else [None, "1"])


def test_an_event_without_a_listener_is_never_acknowledged(world):
    delivery = world.pg.send_event({"type": "emoji_changed", "event_ts": "1.1"})
    settle(world.pg, world.app)
    assert delivery.outcome == "not_acknowledged"
    assert len(delivery.attempts) == 4


def test_say_does_not_wait_for_the_ack(world):
    world.seen.block_ack.clear()
    began = time.perf_counter()
    world.pg.say(world.ana, world.support, "hold on")
    assert time.perf_counter() - began < 0.3
    assert world.pg.deliveries[-1].outcome == "pending"


def test_edits_and_deletes_arrive_as_hidden_messages(world):
    said = world.pg.say(world.ana, world.support, "first")
    world.pg.edit(world.ana, world.support, said["ts"], "second & better")
    world.pg.delete(world.ana, world.support, said["ts"])
    settle(world.pg, world.app)
    changed = world.pg.wait_for(lambda _: world.seen.of("message", "message_changed"))[0]
    deleted = world.pg.wait_for(lambda _: world.seen.of("message", "message_deleted"))[0]
    assert "text" not in changed
    assert changed["message"]["text"] == "second &amp; better"
    assert changed["previous_message"]["text"] == "first"
    assert changed["ts"] != said["ts"] == changed["message"]["ts"] == deleted["deleted_ts"]
    assert deleted["previous_message"]["text"] == "second &amp; better"


def test_deleting_a_root_with_replies_leaves_a_tombstone(world):
    root = world.pg.say(world.ana, world.support, "root")
    world.pg.say(world.ben, world.support, "reply", thread_ts=root["ts"])
    world.pg.delete(world.ana, world.support, root["ts"])
    changed = world.pg.wait_for(lambda _: world.seen.of("message", "message_changed"))[-1]
    assert changed["message"]["subtype"] == "tombstone"
    assert [m["text"] for m in world.pg.messages(world.support, root["ts"])][1:] == ["reply"]


def test_threads_broadcasts_and_reactions(world):
    root = world.pg.say(world.ana, world.support, "root")
    world.pg.say(world.ben, world.support, "quiet", thread_ts=root["ts"])
    world.pg.say(world.ben, world.support, "loud", thread_ts=root["ts"], broadcast=True)
    world.pg.react(world.ben, world.support, root["ts"], "white_check_mark")
    world.pg.react(world.ben, world.support, root["ts"], "white_check_mark", remove=True)
    settle(world.pg, world.app)
    quiet = next(e for e in world.seen.of("message") if e["text"] == "quiet")
    assert (quiet["thread_ts"], quiet["parent_user_id"]) == (root["ts"], world.ana)
    assert world.seen.of("message", "thread_broadcast")[0]["root"]["ts"] == root["ts"]
    added = world.seen.of("reaction_added")[0]
    assert (added["reaction"], added["item"]["ts"], added["item_user"]) == ("white_check_mark", root["ts"], world.ana)
    assert world.seen.of("reaction_removed")


def test_other_apps_post_with_their_marks(world):
    jira = world.pg.add_app("Jira Cloud", classic=True)
    github = world.pg.add_app("GitHub")
    world.pg.post_as_app(jira, world.support, "ENG-1 created")
    world.pg.post_as_app(github, world.support, "Issue opened", attachments=[{"text": "body"}])
    settle(world.pg, world.app)
    classic = world.seen.of("message", "bot_message")[0]
    assert (classic["bot_id"], classic["username"], "user" in classic) == (jira.bot_id, "Jira Cloud", False)
    modern = world.seen.of("message")[0]
    assert (modern["app_id"], modern["bot_profile"]["name"], modern["user"]) == (github.id, "GitHub", github.user_id)


def test_the_inviter_is_named_when_the_bot_joins(world):
    channel = world.pg.add_channel("fresh", members=[world.ana])
    assert world.pg.invite(world.ana, channel, world.pg.bot_user_id)
    joined = world.pg.wait_for(lambda _: world.seen.of("member_joined_channel"))[0]
    assert (joined["user"], joined["inviter"], joined["channel"]) == (world.pg.bot_user_id, world.ana, channel)
    assert not world.pg.invite(world.ana, channel, world.pg.bot_user_id)


def test_a_command_answers_by_response_url(world):
    world.pg.slash(world.ana, world.support, "/echo", "7d area:billing")
    answer = world.pg.wait_for(lambda pg: pg.ephemerals(world.ana))[0]
    assert answer["text"] == "you said 7d area:billing"
    assert world.seen.bodies[-1]["channel_name"] == "support"


def test_a_command_answers_in_its_ack(world):
    assert world.pg.slash(world.ana, world.support, "/ack-text")["text"] == "answered in the acknowledgement"
    assert world.pg.ephemerals(world.ana)[0]["text"] == "answered in the acknowledgement"


def test_a_bad_block_in_an_ack_is_a_problem_not_a_message(world):
    world.pg.slash(world.ana, world.support, "/ack-nonsense")
    assert not world.pg.ephemerals(world.ana)
    assert "/blocks/0" in world.pg.problems[0]


def test_a_late_command_is_operation_timeout(world):
    world.seen.block_ack.clear()
    with pytest.raises(OperationTimeout):
        world.pg.slash(world.ana, world.support, "/late")
    assert world.pg.ephemerals(world.ana)[0]["text"] == '/late failed with the error "operation_timeout"'


def test_slash_commands_do_not_run_in_threads(world):
    root = world.pg.say(world.ana, world.support, "root")
    with pytest.raises(Refused, match="do not work in threads"):
        world.pg.slash(world.ana, world.support, "/echo", "x", thread_ts=root["ts"])


def post_button(world: SimpleNamespace, *elements: dict) -> str:
    blocks = [actions(*(elements or (button(),)))]
    return world.app.client.chat_postMessage(channel=world.support, text="Choose", blocks=blocks)["ts"]


def test_a_button_opens_a_modal_whose_errors_keep_it_open(world):
    world.pg.click(world.ana, world.support, post_button(world), "press")
    view = world.pg.wait_for(lambda pg: pg.view_of(world.ana))
    body = world.seen.bodies[-1]
    assert body["actions"][0] | {"action_ts": ""} == {**button(), "block_id": "row", "action_ts": ""}
    assert body["container"]["is_ephemeral"] is False
    with pytest.raises(Refused, match="required field"):
        world.pg.submit(world.ana, view["id"])
    world.seen.submit_reply = {"response_action": "errors", "errors": {"note": "too short"}}
    assert world.pg.submit(world.ana, view["id"], {"note": {"text": "x"}})["errors"] == {"note": "too short"}
    assert world.pg.view_of(world.ana)
    world.seen.submit_reply = {}
    world.pg.submit(world.ana, view["id"], {"note": {"text": "long enough"}})
    assert world.pg.view_of(world.ana) is None
    state = world.seen.bodies[-1]["view"]["state"]["values"]
    assert state == {"note": {"text": {"type": "plain_text_input", "value": "long enough"}}}


def open_form(world: SimpleNamespace) -> dict:
    world.pg.click(world.ana, world.support, post_button(world), "press")
    return world.pg.wait_for(lambda pg: pg.view_of(world.ana))


def test_a_submission_can_update_push_and_clear(world):
    view = open_form(world)
    world.seen.submit_reply = {"response_action": "update", "view": modal(field("other"))}
    world.pg.submit(world.ana, view["id"], {"note": {"text": "a"}})
    updated = world.pg.view_of(world.ana)
    assert (updated["id"], updated["blocks"][0]["block_id"]) == (view["id"], "other")
    assert updated["hash"] != view["hash"]
    world.seen.submit_reply = {"response_action": "push", "view": modal()}
    world.pg.submit(world.ana, view["id"], {"other": {"text": "a"}})
    pushed = world.pg.view_of(world.ana)
    assert (pushed["previous_view_id"], pushed["root_view_id"]) == (view["id"], view["id"])
    world.seen.submit_reply = {"response_action": "clear"}
    world.pg.submit(world.ana, pushed["id"], {"note": {"text": "a"}})
    assert world.pg.view_of(world.ana) is None
    assert world.pg.problems == []


def test_the_app_hears_of_a_closed_view(world):
    view = open_form(world)
    world.seen.bodies.clear()
    world.pg.close(world.ana, view["id"])
    body = wait_for_body(world)
    assert (body["type"], body["is_cleared"], body["view"]["id"]) == ("view_closed", False, view["id"])


def test_errors_for_an_unknown_block_are_a_problem(world):
    view = open_form(world)
    world.seen.submit_reply = {"response_action": "errors", "errors": {"nowhere": "?"}}
    world.pg.submit(world.ana, view["id"], {"note": {"text": "a"}})
    assert "nowhere" in world.pg.problems[0]
    world.pg.close(world.ana, view["id"])


OPTIONS = [{"text": plain(name), "value": name} for name in ("noise", "duplicate")]


@pytest.mark.parametrize(
    ("element", "value", "expected"),
    [
        ({"type": "static_select", "options": OPTIONS}, "noise", {"selected_option": OPTIONS[0]}),
        ({"type": "overflow", "options": OPTIONS}, "duplicate", {"selected_option": OPTIONS[1]}),
        ({"type": "checkboxes", "options": OPTIONS}, ["noise"], {"selected_options": [OPTIONS[0]]}),
        ({"type": "users_select"}, "U1", {"selected_user": "U1"}),
        ({"type": "datepicker"}, "2026-01-31", {"selected_date": "2026-01-31"}),
    ],
)
def test_each_element_sends_its_own_kind_of_value(world, element, value, expected):
    ts = post_button(world, {"action_id": "choose", **element})
    world.pg.click(world.ana, world.support, ts, "choose", value)
    body = wait_for_body(world)
    assert body["actions"][0].items() >= expected.items()
    if element["type"] != "overflow":
        assert body["state"]["values"]["row"]["choose"].items() >= expected.items()


def test_feedback_buttons_send_the_pressed_value(world):
    feedback = {
        "type": "feedback_buttons",
        "action_id": "choose",
        "positive_button": {"text": plain("Good"), "value": "good"},
        "negative_button": {"text": plain("Bad"), "value": "bad"},
    }
    blocks = [{"type": "context_actions", "elements": [feedback]}]
    ts = world.app.client.chat_postMessage(channel=world.support, text="?", blocks=blocks)["ts"]
    world.pg.click(world.ana, world.support, ts, "choose", "bad")
    assert wait_for_body(world)["actions"][0]["value"] == "bad"


def test_an_external_select_asks_the_app(world):
    ts = post_button(world, {"type": "external_select", "action_id": "find", "min_query_length": 1})
    container = {"type": "message", "channel": world.support, "ts": ts}
    assert world.pg.options(world.ana, container, "find", "ti-4")[0]["text"]["text"] == "TI-4"


def test_an_ephemeral_click_names_only_its_container_and_can_be_replaced_and_deleted(world):
    client = world.app.client
    blocks = [actions(button("answer", "replace"))]
    client.chat_postEphemeral(channel=world.support, user=world.ana, text="psst", blocks=blocks)
    whisper = world.pg.ephemerals(world.ana)[0]
    world.pg.click(world.ana, world.support, whisper["ts"], "answer", ephemeral=True)
    replaced = world.pg.wait_for(lambda pg: [m for m in pg.ephemerals(world.ana) if m["text"] == "replaced"])
    assert "blocks" not in replaced[0]
    body = world.seen.bodies[-1]
    assert body["container"]["is_ephemeral"] is True
    assert "message" not in body
    client.chat_postEphemeral(
        channel=world.support, user=world.ana, text="psst", blocks=[actions(button("answer", "delete"))]
    )
    world.pg.click(world.ana, world.support, world.pg.ephemerals(world.ana)[-1]["ts"], "answer", ephemeral=True)
    world.pg.wait_for(lambda pg: len(pg.ephemerals(world.ana)) == 1)
    world.pg.reload(world.ana)
    assert world.pg.ephemerals(world.ana) == []


def test_a_message_shortcut_works_where_the_bot_is_no_member(world):
    channel = world.pg.add_channel("private-talk", private=True, members=[world.ana])
    said = world.pg.say(world.ana, channel, "only this message")
    world.pg.message_shortcut(world.ana, channel, said["ts"], "look_up")
    answer = world.pg.wait_for(lambda pg: pg.ephemerals(world.ana, channel))[0]
    assert answer["text"] == "looked up only this message"
    assert world.seen.bodies[-1]["channel"]["name"] == "privategroup"


def test_a_global_shortcut_carries_only_a_trigger(world):
    world.pg.global_shortcut(world.ana, "look_up")
    body = wait_for_body(world)
    assert body["type"] == "shortcut"
    assert "response_url" not in body
    assert "channel" not in body


def test_the_home_tab_is_published_when_opened(world):
    view = world.pg.open_home(world.ana)
    assert view["blocks"][0]["text"]["text"] == f"Hello {world.ana}"
    assert view["type"] == "home"


def test_while_slack_is_down_nothing_is_delivered_and_the_api_answers_503(world):
    world.pg.faults.down()
    said = world.pg.say(world.ana, world.support, "lost")
    settle(world.pg, world.app)
    assert world.pg.deliveries[-1].outcome == "no_connection"
    with pytest.raises(DispatchFailed):
        world.pg.slash(world.ana, world.support, "/echo", "x")
    world.pg.faults.down(False)
    if world.mode == "socket":
        world.pg.wait_until_connected()
    found = world.app.client.conversations_history(channel=world.support, oldest=said["ts"], inclusive=True)
    assert found["messages"][0]["text"] == "lost"
    world.pg.say(world.ana, world.support, "heard", wait=True)
    assert world.pg.deliveries[-1].outcome == "acknowledged"
