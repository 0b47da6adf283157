"""The Web API through the real client: what it answers, and every way in which it says no."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError

import pytest
from playground_app import actions, button, field, modal
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler
from slack_sdk.http_retry.builtin_interval_calculators import FixedValueRetryIntervalCalculator
from slack_sdk.webhook import WebhookClient

from playground import Playground

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Clock:
    def __init__(self) -> None:
        self.now = 1_767_225_600.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def world() -> Iterator[SimpleNamespace]:
    clock = Clock()
    with Playground(clock=clock) as pg:
        client = WebClient(token=pg.bot_token, base_url=pg.api_url, retry_handlers=[])
        ana = pg.add_user("ana", "Ana Costa")
        ben = pg.add_user("ben", kind="agent")
        support = pg.add_channel("support", members=[ana, ben, pg.bot_user_id], topic="Help")
        yield SimpleNamespace(pg=pg, client=client, clock=clock, ana=ana, ben=ben, support=support)


def error_of(call: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        call(*args, **kwargs)
    response = caught.value.response
    return {**response.data, "status": response.status_code, "headers": response.headers}


# -- who may call -------------------------------------------------------------------------------------------------
def test_tokens(world):
    pg, api = world.pg, world.pg.api_url
    assert world.client.auth_test()["bot_id"] == pg.bot_id
    assert error_of(WebClient(base_url=api).auth_test)["error"] == "not_authed"
    assert error_of(WebClient(token="xoxb-forged", base_url=api).auth_test)["error"] == "invalid_auth"
    swapped = WebClient(token=pg.app_token, base_url=api)
    assert error_of(swapped.chat_postMessage, channel="C1", text="x")["error"] == "not_allowed_token_type"
    assert error_of(world.client.apps_connections_open, app_token=pg.bot_token)["error"] == "not_allowed_token_type"
    assert error_of(world.client.api_call, "chat.shout")["error"] == "unknown_method"
    pg.revoke(pg.bot_token)
    assert error_of(world.client.auth_test)["error"] == "token_revoked"


def test_scopes(world):
    world.pg.set_scopes(["chat:write", "channels:read"])
    answer = world.client.chat_postMessage(channel=world.support, text="x")
    assert answer.headers["x-oauth-scopes"] == "chat:write,channels:read"
    missing = error_of(world.client.conversations_history, channel=world.support)
    assert (missing["error"], missing["needed"]) == ("missing_scope", "channels:history")
    assert missing["provided"] == "chat:write,channels:read"


@pytest.mark.parametrize("how", ["query", "form", "json", "token in the form"])
def test_arguments_arrive_in_every_way(world, how):
    args = {"channel": world.support, "text": "ü & x", "blocks": [actions(button())]}
    form = {**args, "blocks": json.dumps(args["blocks"])}
    headers = {"Authorization": f"Bearer {world.pg.bot_token}"}
    url, body = f"{world.pg.api_url}chat.postMessage", None
    if how == "query":
        url += "?" + urllib.parse.urlencode(form)
    elif how == "json":
        headers["Content-Type"], body = "application/json; charset=utf-8", json.dumps(args).encode()
    elif how == "form":
        body = urllib.parse.urlencode(form).encode()
    else:
        headers, body = {}, urllib.parse.urlencode({**form, "token": world.pg.bot_token}).encode()
    with DIRECT.open(urllib.request.Request(url, body, headers)) as answer:
        message = json.load(answer)["message"]
    assert (message["text"], message["blocks"][0]["elements"][0]["action_id"]) == ("ü & x", "press")
    assert "token" not in world.pg.calls[-1].args


@pytest.mark.parametrize(("body", "error"), [(b"{", "invalid_json"), (b"[]", "json_not_object")])
def test_a_broken_json_body(world, body, error):
    headers = {"Authorization": f"Bearer {world.pg.bot_token}", "Content-Type": "application/json"}
    with DIRECT.open(urllib.request.Request(f"{world.pg.api_url}chat.postMessage", body, headers)) as answer:
        assert json.load(answer)["error"] == error


# -- messages -----------------------------------------------------------------------------------------------------
def test_where_a_message_may_go(world):
    pg, post = world.pg, world.client.chat_postMessage
    assert post(channel="#support", text="by name")["channel"] == world.support
    direct = post(channel=world.ana, text="hello")["channel"]
    assert direct == pg.open_im(world.ana) == world.client.conversations_open(users=world.ana)["channel"]["id"]
    public, private = pg.add_channel("public"), pg.add_channel("secret", private=True)
    assert error_of(post, channel=public, text="x")["error"] == "not_in_channel"
    assert error_of(post, channel=private, text="x")["error"] == "channel_not_found"
    assert error_of(post, channel="C0NOWHERE", text="x")["error"] == "channel_not_found"
    pg.archive(world.ana, world.support)
    assert error_of(post, channel=world.support, text="x")["error"] == "is_archived"


def test_what_a_message_may_say(world):
    place = {"channel": world.support}

    def post(**args: Any) -> Any:  # the client's own method warns about a missing text
        return world.client.api_call("chat.postMessage", json=args)

    assert error_of(post, **place, text="")["error"] == "no_text"
    assert error_of(post, **place, text="x" * 40_001)["error"] == "msg_too_long"
    assert error_of(post, **place, text="x", thread_ts="1.000001")["error"] == "thread_not_found"
    assert error_of(post, **place, text="x", markdown_text="y")["error"] == "markdown_text_conflict"
    assert error_of(post, **place, text="x", metadata={"event_type": "a"})["error"] == "invalid_metadata_format"
    bad = error_of(post, **place, text="x", blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": ""}}])
    assert bad["error"] == "invalid_blocks"
    assert bad["response_metadata"]["messages"] == [
        "[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]"
    ]
    assert error_of(post, **place, text="x", attachments=["no"])["error"] == "invalid_attachments"
    assert len(world.pg.problems) == 2
    root = post(**place, text="root")["ts"]
    reply = post(**place, text="reply", thread_ts=root)["ts"]
    assert error_of(post, **place, text="x", thread_ts=reply)["error"] == "cannot_reply_to_message"


def test_the_same_client_message_id_posts_once(world):
    first = world.client.chat_postMessage(channel=world.support, text="x", client_msg_id="6f")
    again = world.client.chat_postMessage(channel=world.support, text="x", client_msg_id="6f")
    assert first["ts"] == again["ts"]
    assert len(world.pg.messages(world.support)) == 1


def test_update_follows_slacks_rules_for_blocks(world):
    client, place = world.client, world.support
    ts = client.chat_postMessage(channel=place, text="a", blocks=[actions(button())])["ts"]
    blocks_only = {"channel": place, "ts": ts, "blocks": [actions(button(value="2"))]}
    kept = client.api_call("chat.update", json=blocks_only)["message"]
    assert (kept["text"], "edited" in kept) == ("a", False)
    plain_text = client.chat_update(channel=place, ts=ts, text="b")["message"]
    assert ("blocks" in plain_text, "edited" in plain_text) == (False, True)
    assert error_of(client.chat_update, channel=place, ts=ts, text="x" * 4001)["error"] == "msg_too_long"
    said = world.pg.say(world.ana, place, "mine")["ts"]
    assert error_of(client.chat_update, channel=place, ts=said, text="x")["error"] == "cant_update_message"
    assert error_of(client.chat_delete, channel=place, ts=said)["error"] == "cant_delete_message"
    client.chat_delete(channel=place, ts=ts)
    assert error_of(client.chat_update, channel=place, ts=ts, text="x")["error"] == "message_not_found"


def test_whispers_need_membership(world):
    eve = world.pg.add_user("eve")
    world.client.chat_postEphemeral(channel=world.support, user=world.ana, text="psst")
    assert world.pg.ephemerals(world.ana)[0]["text"] == "psst"
    refused = error_of(world.client.chat_postEphemeral, channel=world.support, user=eve, text="psst")
    assert refused["error"] == "user_not_in_channel"
    assert world.pg.messages(world.support) == []


def test_permalinks_lead_to_the_page(world):
    ts = world.client.chat_postMessage(channel=world.support, text="x")["ts"]
    link = world.client.chat_getPermalink(channel=world.support, message_ts=ts)["permalink"]
    assert link == f"{world.pg.url}archives/{world.support}/p{ts.replace('.', '')}"
    missing = error_of(world.client.chat_getPermalink, channel=world.support, message_ts="1.000001")
    assert missing["error"] == "message_not_found"


def test_blocks_validate(world):
    assert world.client.blocks_validate(blocks=[actions(button())])["ok"]
    assert world.client.blocks_validate(view=modal())["ok"]
    assert error_of(world.client.blocks_validate, blocks=[{"type": "data_visualization"}])["error"] == "invalid_blocks"
    assert error_of(world.client.blocks_validate, view={"type": "modal"})["error"] == "invalid_arguments"
    assert error_of(world.client.blocks_validate)["error"] == "invalid_arguments"


# -- reading ------------------------------------------------------------------------------------------------------
def test_history_by_pages_limits_and_metadata(world):
    pg, client = world.pg, world.client
    loaded = [{"user": world.ana, "text": f"m{i}", "ts": f"{1_767_000_000 + i}.000100"} for i in range(25)]
    assert pg.load(world.support, loaded) == 25
    assert pg.deliveries == []
    pages = [[m["text"] for m in p["messages"]] for p in client.conversations_history(channel=world.support, limit=10)]
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [text for page in pages for text in page] == [f"m{i}" for i in reversed(range(25))]
    between = {"channel": world.support, "oldest": "1767000003.000100", "latest": "1767000006.000100"}
    assert [m["text"] for m in client.conversations_history(**between)["messages"]] == ["m5", "m4"]
    assert len(client.conversations_history(**between, inclusive=True)["messages"]) == 4
    assert error_of(client.conversations_history, channel=world.support, cursor="!")["error"] == "invalid_cursor"
    assert error_of(client.conversations_history, channel=world.support, oldest="x")["error"] == "invalid_ts_oldest"
    assert error_of(client.conversations_history, channel=world.support, limit=1000)["error"] == "invalid_limit"
    metadata = {"event_type": "alert", "event_payload": {"id": "TI-1"}}
    client.chat_postMessage(channel=world.support, text="x", metadata=metadata)
    newest = {"channel": world.support, "limit": 1}
    assert "metadata" not in client.conversations_history(**newest)["messages"][0]
    told = client.conversations_history(**newest, include_all_metadata=True)["messages"][0]
    assert told["metadata"] == metadata


def test_replies_begin_with_their_root_on_every_page(world):
    pg, client = world.pg, world.client
    root = pg.say(world.ana, world.support, "root")["ts"]
    for i in range(5):
        pg.say(world.ben, world.support, f"r{i}", thread_ts=root)
    paged = client.conversations_replies(channel=world.support, ts=root, limit=3)
    assert [[m["text"] for m in p["messages"]] for p in paged] == [
        ["root", "r0", "r1"],
        ["root", "r2", "r3"],
        ["root", "r4"],
    ]
    shown = client.conversations_history(channel=world.support)["messages"]
    assert [(m["text"], m["reply_count"], m["reply_users"]) for m in shown] == [("root", 5, [world.ben])]
    lost = error_of(client.conversations_replies, channel=world.support, ts="1.000001")
    assert lost["error"] == "thread_not_found"


def test_channels_and_people(world):
    pg, client = world.pg, world.client
    pg.add_channel("secret", private=True, members=[world.ana])
    ours = pg.add_channel("ours", private=True, members=[world.ana, pg.bot_user_id])
    guest = pg.add_user("guest", team_id="T0PARTNER")
    names = [c["name"] for c in client.conversations_list(types="public_channel,private_channel")["channels"]]
    assert names == ["support", "ours"]
    assert client.conversations_info(channel=world.support)["channel"]["topic"]["value"] == "Help"
    assert client.conversations_info(channel=ours)["channel"]["is_private"] is True
    members = [m for p in client.conversations_members(channel=world.support, limit=2) for m in p["members"]]
    assert members == [world.ana, world.ben, pg.bot_user_id]
    assert client.users_info(user=guest)["user"]["is_stranger"] is True
    assert error_of(client.users_info, user="U0NOBODY")["error"] == "user_not_found"
    assert sum(len(p["members"]) for p in client.users_list(limit=2)) == 4
    group = pg.add_usergroup("support-team", [world.ben])
    assert client.usergroups_users_list(usergroup=group)["users"] == [world.ben]
    assert client.usergroups_list()["usergroups"][0]["handle"] == "support-team"


def test_reactions(world):
    ts = world.pg.say(world.ana, world.support, "x")["ts"]
    item = {"channel": world.support, "timestamp": ts}
    world.client.reactions_add(**item, name="eyes")
    assert error_of(world.client.reactions_add, **item, name="eyes")["error"] == "already_reacted"
    assert error_of(world.client.reactions_add, **item, name="No Such")["error"] == "invalid_name"
    assert error_of(world.client.reactions_add, name="eyes", channel="", timestamp="")["error"] == "no_item_specified"
    shown = world.client.reactions_get(**item)["message"]["reactions"]
    assert shown == [{"name": "eyes", "users": [world.pg.bot_user_id], "count": 1}]


# -- views --------------------------------------------------------------------------------------------------------
def test_a_trigger_opens_one_view_within_three_seconds(world):
    trigger = world.pg.slack.triggers.issue(world.ana)
    view = world.client.views_open(trigger_id=trigger, view=modal())["view"]
    assert view["state"]["values"] == {"note": {"text": {"type": "plain_text_input", "value": None}}}
    used = error_of(world.client.views_open, trigger_id=trigger, view=modal())
    assert used["error"] == "exchanged_trigger_id"
    assert error_of(world.client.views_open, trigger_id="1.2.3", view=modal())["error"] == "invalid_trigger_id"
    late = world.pg.slack.triggers.issue(world.ana)
    world.clock.now += 3.1
    assert error_of(world.client.views_open, trigger_id=late, view=modal())["error"] == "expired_trigger_id"


def test_three_views_and_no_more(world):
    issue = world.pg.slack.triggers.issue
    first = world.client.views_open(trigger_id=issue(world.ana), view=modal())["view"]
    for _ in range(2):
        world.client.views_push(trigger_id=issue(world.ana, first["id"]), view=modal())
    full = error_of(world.client.views_push, trigger_id=issue(world.ana, first["id"]), view=modal())
    assert full["error"] == "push_limit_reached"


def test_view_updates_check_hash_and_ids(world):
    trigger = world.pg.slack.triggers.issue(world.ana)
    view = world.client.views_open(trigger_id=trigger, view=modal(external_id="one"))["view"]
    changed = world.client.views_update(external_id="one", hash=view["hash"], view=modal(external_id="one"))["view"]
    conflict = error_of(world.client.views_update, view_id=view["id"], hash=view["hash"], view=modal())
    assert (conflict["error"], changed["id"]) == ("hash_conflict", view["id"])
    assert error_of(world.client.views_update, view_id="V0NONE", view=modal())["error"] == "not_found"
    again = world.pg.slack.triggers.issue(world.ben)
    double = error_of(world.client.views_open, trigger_id=again, view=modal(external_id="one"))
    assert double["error"] == "duplicate_external_id"


def test_a_bad_view_is_named_by_pointer(world):
    trigger = world.pg.slack.triggers.issue(world.ana)
    bad = modal(field(), private_metadata="x" * 3001)
    del bad["submit"]
    answer = error_of(world.client.views_open, trigger_id=trigger, view=bad)
    assert answer["error"] == "invalid_arguments"
    assert "[json-pointer:/view/private_metadata]" in answer["response_metadata"]["messages"][0]
    home = {"type": "home", "blocks": [{"type": "markdown", "text": "x"}]}
    assert error_of(world.client.views_publish, user_id=world.ana, view=home)["error"] == "invalid_arguments"


# -- response urls, files, streams --------------------------------------------------------------------------------
def hook(world: SimpleNamespace, **kwargs: Any) -> WebhookClient:
    key = world.pg.slack.response_urls.issue(world.ana, world.support, **kwargs)
    return WebhookClient(f"{world.pg.url}hooks/{key}")


def test_a_response_url_lives_five_uses_or_thirty_minutes(world):
    url = hook(world)
    assert [url.send(text="x").status_code for _ in range(6)] == [200] * 5 + [404]
    late = hook(world)
    world.clock.now += 30 * 60 + 1
    assert "expired_url" in late.send(text="x").body


def test_a_response_url_posts_replaces_and_deletes(world):
    ts = world.client.chat_postMessage(channel=world.support, text="a", blocks=[actions(button())])["ts"]
    url = hook(world, ts=ts)
    url.send(text="shared", response_type="in_channel")
    url.send(text="b", replace_original=True)
    assert [m["text"] for m in world.pg.messages(world.support)] == ["b", "shared"]
    url.send_dict({"delete_original": "true"})
    assert [m["text"] for m in world.pg.messages(world.support)] == ["shared"]
    bad = url.send(blocks=[{"type": "section"}], text="x")
    assert (bad.status_code, "invalid_blocks" in bad.body) == (400, True)


def test_a_response_url_cannot_change_a_persons_message(world):
    said = world.pg.say(world.ana, world.support, "mine")["ts"]
    assert "cant_update_message" in hook(world, ts=said).send(text="x", replace_original=True).body


def unfinished(world):
    """The id of an upload that nobody has looked at."""
    done = world.client.files_upload_v2(filename="other.png", content=b"\x89PNG")
    return done["files"][0]["id"]


def test_an_upload_is_ready_after_a_moment(world):
    client = world.client
    place = client.files_getUploadURLExternal(filename="chart.png", length=4)
    with DIRECT.open(urllib.request.Request(place["upload_url"], b"\x89PNG")) as answer:
        assert answer.read() == b"OK - 4"
    done = client.files_completeUploadExternal(
        files=[{"id": place["file_id"], "title": "Chart"}], channel_id=world.support, initial_comment="see"
    )
    shared = world.pg.messages(world.support)[0]
    assert (shared["subtype"], shared["text"], shared["files"][0]["title"]) == ("file_share", "see", "Chart")
    image = [{"type": "image", "alt_text": "chart", "slack_file": {"id": place["file_id"]}}]
    assert client.files_info(file=unfinished(world))["file"]["mimetype"] == ""
    early = error_of(client.chat_postMessage, channel=world.support, text="x", blocks=image)
    assert "/blocks/0/slack_file" in early["errors"][0]
    assert client.files_info(file=place["file_id"])["file"]["mimetype"] == "image/png"
    assert client.chat_postMessage(channel=world.support, text="x", blocks=image)["ok"]
    with DIRECT.open(done["files"][0]["url_private"]) as answer:
        assert answer.read() == b"\x89PNG"


def test_upload_of_another_length_is_refused(world):
    place = world.client.files_getUploadURLExternal(filename="a.txt", length=4)
    with pytest.raises(HTTPError) as caught:
        DIRECT.open(urllib.request.Request(place["upload_url"], b"12345"))
    assert caught.value.code == 400
    caught.value.close()


def test_a_stream_grows_and_ends(world):
    client = world.client
    root = world.pg.say(world.ana, world.support, "question")["ts"]
    place = {"channel": world.support, "thread_ts": root}
    assert error_of(client.chat_startStream, **place)["error"] == "missing_recipient_user_id"
    who = {"recipient_user_id": world.ana, "recipient_team_id": world.pg.team_id}
    ts = client.chat_startStream(**place, **who)["ts"]
    client.chat_appendStream(channel=world.support, ts=ts, markdown_text="This is ")
    client.chat_stopStream(channel=world.support, ts=ts, markdown_text="**known**.", blocks=[actions(button())])
    assert world.pg.message(world.support, ts)["text"] == "This is **known**."
    ended = error_of(client.chat_appendStream, channel=world.support, ts=ts, markdown_text="x")
    assert ended["error"] == "message_not_in_streaming_state"


# -- trouble ------------------------------------------------------------------------------------------------------
def test_scripted_rate_limit_with_retry_after(world):
    fault = world.pg.faults.add("chat.postMessage", status=429, headers={"Retry-After": "1"})
    limited = error_of(world.client.chat_postMessage, channel=world.support, text="x")
    assert (limited["error"], limited["status"], limited["headers"]["retry-after"]) == ("ratelimited", 429, "1")
    assert fault.times == 0
    assert world.client.chat_postMessage(channel=world.support, text="x")["ok"]


def test_a_lost_answer_may_have_taken_effect(world):
    world.pg.faults.add("chat.postMessage", drop=True)
    handlers = [ConnectionErrorRetryHandler(1, FixedValueRetryIntervalCalculator(0.01))]
    client = WebClient(token=world.pg.bot_token, base_url=world.pg.api_url, retry_handlers=handlers)
    assert client.chat_postMessage(channel=world.support, text="x", client_msg_id="same")["ok"]
    assert len(world.pg.calls_of("chat.postMessage")) == 2
    assert len(world.pg.messages(world.support)) == 1


def test_a_refused_call_takes_no_effect_unless_asked(world):
    world.pg.faults.add(error="fatal_error", times=1)
    assert error_of(world.client.chat_postMessage, channel=world.support, text="x")["error"] == "fatal_error"
    assert world.pg.messages(world.support) == []
    world.pg.faults.add(status=500, applied=True)
    assert error_of(world.client.chat_postMessage, channel=world.support, text="x")["status"] == 500
    assert len(world.pg.messages(world.support)) == 1


def test_down_and_up_again(world):
    world.pg.faults.down()
    with pytest.raises(SlackApiError, match="Slack is down"):
        world.client.auth_test()
    world.pg.faults.down(False)
    assert world.client.auth_test()["ok"]


def test_the_real_limiter_lets_a_burst_through_and_then_one_a_second():
    clock = Clock()
    with Playground(clock=clock, rate_limit=True) as pg:
        client = WebClient(token=pg.bot_token, base_url=pg.api_url, retry_handlers=[])
        channel = pg.add_channel("alerts", members=[pg.bot_user_id])
        for _ in range(5):
            client.chat_postMessage(channel=channel, text="x")
        assert error_of(client.chat_postMessage, channel=channel, text="x")["headers"]["retry-after"] == "1"
        clock.now += 1
        assert client.chat_postMessage(channel=channel, text="x")["ok"]


def test_every_call_is_recorded_with_its_answer(world):
    world.client.chat_postMessage(channel=world.support, text="x")
    error_of(world.client.users_info, user="U0NOBODY")
    calls = world.pg.calls
    assert [(c.method, c.ok, c.error) for c in calls] == [
        ("chat.postMessage", True, None),
        ("users.info", False, "user_not_found"),
    ]
    assert calls[0].args["text"] == "x"
    assert world.pg.calls_of("users.info")[0].status == 200


def test_waiting_says_what_it_waited_for(world):
    with pytest.raises(TimeoutError, match="nothing fulfilled"):
        world.pg.wait_for(lambda pg: pg.view_of(world.ana), timeout=0.01)
