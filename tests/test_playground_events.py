"""Every event that the playground emits, against the schema made from Slack's own event types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from playground_app import actions, button

from playground import Playground

SCHEMA_FILE = Path(__file__).parents[2] / "shared" / "schemas" / "slack-event.schema.json"
TYPES = {
    ("message", None): "GenericMessageEvent",
    ("message", "bot_message"): "BotMessageEvent",
    ("message", "message_changed"): "MessageChangedEvent",
    ("message", "message_deleted"): "MessageDeletedEvent",
    ("message", "thread_broadcast"): "ThreadBroadcastMessageEvent",
    ("message", "file_share"): "FileShareMessageEvent",
    ("message", "channel_join"): "ChannelJoinMessageEvent",
    ("message", "channel_leave"): "ChannelLeaveMessageEvent",
    ("message", "channel_name"): "ChannelNameMessageEvent",
    ("message", "channel_topic"): "ChannelTopicMessageEvent",
    ("message", "channel_archive"): "ChannelArchiveMessageEvent",
    ("message", "channel_unarchive"): "ChannelUnarchiveMessageEvent",
    ("app_mention", None): "AppMentionEvent",
    ("app_home_opened", None): "AppHomeOpenedEvent",
    ("reaction_added", None): "ReactionAddedEvent",
    ("reaction_removed", None): "ReactionRemovedEvent",
    ("member_joined_channel", None): "MemberJoinedChannelEvent",
    ("member_left_channel", None): "MemberLeftChannelEvent",
    ("channel_archive", None): "ChannelArchiveEvent",
    ("channel_unarchive", None): "ChannelUnarchiveEvent",
    ("channel_rename", None): "ChannelRenameEvent",
    ("group_archive", None): "GroupArchiveEvent",
}

#: What Slack sends although its published types do not name it.
ALSO_SENT = {
    ("message", None): ("app_id", "user_team", "source_team"),
    ("message", "bot_message"): ("app_id",),
    ("message", "file_share"): ("client_msg_id",),
    ("message", "thread_broadcast"): ("parent_user_id", "user_team", "source_team"),
    ("app_mention", None): ("app_id",),
}
#: The published types ask for this inside `message_changed`; what arrives there has no place of its own.
PLACE = {"channel": "C1", "event_ts": "1.1", "channel_type": "channel"}


def emitted() -> list[dict[str, Any]]:
    """One of everything that can happen."""
    pg = Playground()
    ana, ben = pg.add_user("ana"), pg.add_user("ben", team_id="T0PARTNER")
    admin = pg.add_user("ada", kind="admin")
    shared = pg.add_channel("support", shared=True, members=[ana, ben, pg.bot_user_id])
    secret = pg.add_channel("secret", private=True, members=[ana, pg.bot_user_id])
    said = pg.say(ana, shared, f"<@{pg.bot_user_id}> *bold* _it_ `x` :eyes: @here <#{shared}> a@b.example")
    pg.say(ben, shared, "reply", thread_ts=said["ts"])
    pg.say(ben, shared, "loud", thread_ts=said["ts"], broadcast=True)
    pg.say(ana, pg.open_im(ana), "direct")
    pg.edit(ana, shared, said["ts"], "edited")
    pg.unfurl(shared, said["ts"], {"title": "t", "title_link": "https://x.example", "fallback": "t"})
    pg.react(ben, shared, said["ts"], "eyes")
    pg.react(ben, shared, said["ts"], "eyes", remove=True)
    plain_message = pg.say(ana, secret, "short-lived")
    pg.delete(ana, secret, plain_message["ts"])
    pg.delete(ana, shared, said["ts"])
    pg.post_as_app(pg.add_app("Jira", classic=True), shared, "ENG-1")
    blocks = [actions(button())]
    pg.post_as_app(pg.add_app("GitHub"), shared, "opened", blocks=blocks, attachments=[{"text": "body"}])
    upload = pg.slack.files.reserve("log.txt", 3, ana)
    pg.slack.files.put(upload.key, b"abc")
    pg.say(ana, shared, "log", files=[pg.slack.files.as_slack(pg.slack.files.complete(upload.id, "Log"))])
    pg.invite(ana, shared, admin)
    pg.kick(shared, admin)
    pg.set_topic(ana, shared, "Help")
    pg.rename_channel(ana, shared, "help")
    pg._interactions.open_home(ana)
    pg.archive(ana, secret)
    pg.archive(ana, shared)
    pg.archive(ana, shared, archived=False)
    return [d.event for d in pg.deliveries]


EVENTS = emitted() if SCHEMA_FILE.exists() else []


def as_published(event: dict[str, Any]) -> dict[str, Any]:
    event = {k: v for k, v in event.items() if k not in ALSO_SENT.get((event["type"], event.get("subtype")), ())}
    for name in ("message", "previous_message"):
        if name in event:
            event[name] = {**as_published(event[name]), **PLACE}
    if "root" in event:
        root = {k: v for k, v in event["root"].items() if k not in ("client_msg_id", "team")}
        event["root"] = {**root, **PLACE}
    for file in event.get("files", []):
        file.pop("timestamp", None)
    return event


@pytest.mark.skipif(not SCHEMA_FILE.exists(), reason="the vendor schemas are not on this machine")
@pytest.mark.parametrize("event", EVENTS, ids=[f"{e['type']}.{e.get('subtype')}" for e in EVENTS])
def test_an_emitted_event_has_the_published_shape(event):
    if event.get("subtype") == "message_changed" and event["message"].get("subtype") == "tombstone":
        pytest.skip("Slack sends tombstones without ever having published their type")
    schema = json.loads(SCHEMA_FILE.read_text())
    name = TYPES[(event["type"], event.get("subtype"))]
    validator = Draft7Validator({"$ref": f"#/definitions/{name}", "definitions": schema["definitions"]})
    assert [e.message for e in validator.iter_errors(as_published(event))] == []


@pytest.mark.skipif(not SCHEMA_FILE.exists(), reason="the vendor schemas are not on this machine")
def test_every_kind_of_event_was_emitted():
    assert {(e["type"], e.get("subtype")) for e in EVENTS} == set(TYPES)


def test_subscriptions_decide_what_is_sent():
    pg = Playground(events=["message.im", "reaction_added"])
    ana = pg.add_user("ana")
    channel = pg.add_channel("support", members=[ana, pg.bot_user_id])
    said = pg.say(ana, channel, f"<@{pg.bot_user_id}> hello")
    pg.react(ana, channel, said["ts"], "eyes")
    pg.say(ana, pg.open_im(ana), "hello")
    assert [d.name for d in pg.deliveries] == ["reaction_added", "message"]
    assert pg.deliveries[-1].event["channel_type"] == "im"


def test_a_partners_message_says_so_and_the_envelope_names_the_home_team():
    pg = Playground()
    guest = pg.add_user("guest", team_id="T0PARTNER")
    channel = pg.add_channel("shared", shared=True, members=[guest, pg.bot_user_id])
    pg.say(guest, channel, "hello")
    payload = pg.deliveries[-1].payload
    assert (payload["team_id"], payload["event"]["team"]) == (pg.team_id, "T0PARTNER")
    assert payload["is_ext_shared_channel"] is True
