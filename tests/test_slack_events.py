"""Slack's message events: each kind becomes one value or a refusal with its reason, whatever the JSON holds."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.slack.events import Change, RefusalReason, SlackMessage, SlackRefusal, message_event, timestamp
from integrations.slack.text import links, plain_text, unescape

POSTED: dict[str, Any] = {
    "type": "message",
    "channel": "C01",
    "channel_type": "channel",
    "user": "U01",
    "user_team": "T_CUSTOMER",
    "team": "T_HOME",
    "ts": "1700000000.123456",
    "thread_ts": "1699999999.000100",
    "text": "Export &lt;fails&gt;, see <https://x.com/a|the log> <@U02>",
    "files": [{"id": "F1", "name": "log.txt", "mimetype": "text/plain", "permalink": "https://x"}],
}
EDITED: dict[str, Any] = {
    "type": "message",
    "subtype": "message_changed",
    "channel": "C01",
    "ts": "1700000100.000000",
    "message": {"type": "message", "user": "U01", "ts": "1700000000.123456", "text": "new",
        "edited": {"user": "U01", "ts": "1700000099.000000"}},
    "previous_message": {"user": "U01", "ts": "1700000000.123456", "text": "old"},
}  # fmt: skip
DELETED: dict[str, Any] = {
    "type": "message",
    "subtype": "message_deleted",
    "channel": "C01",
    "ts": "1700000200.000000",
    "deleted_ts": "1700000000.123456",
    "previous_message": {"user": "U01", "ts": "1700000000.123456", "text": "old"},
}


def accepted(event: object) -> SlackMessage:
    result = message_event(event, {"U02": "bob"})
    assert isinstance(result, SlackMessage), result
    return result


def refused(event: object) -> RefusalReason:
    result = message_event(event)
    assert isinstance(result, SlackRefusal), result
    return result.reason


def test_posted() -> None:
    message = accepted(POSTED)
    assert message.change is Change.POSTED
    assert message.key == "C01/1700000000.123456"
    assert message.at == datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=UTC)
    assert message.text == "Export <fails>, see the log @bob"
    assert message.user_team == "T_CUSTOMER"
    assert not message.is_root and not message.is_bot
    assert [file.name for file in message.files] == ["log.txt"]


def test_edited_names_the_message_not_the_edit() -> None:
    message = accepted(EDITED)
    assert (message.change, message.ts, message.text) == (Change.EDITED, "1700000000.123456", "new")
    assert message.edited_at == datetime(2023, 11, 14, 22, 14, 59, tzinfo=UTC)


def test_an_unfurl_is_not_an_edit() -> None:
    same = {key: value for key, value in EDITED["message"].items() if key != "edited"} | {"text": "old"}
    assert refused(EDITED | {"message": same}) is RefusalReason.NOTHING_CHANGED


def test_deleted() -> None:
    message = accepted(DELETED)
    assert (message.change, message.ts, message.text) == (Change.DELETED, "1700000000.123456", "")


def test_a_tombstone_is_a_deletion() -> None:
    event = EDITED | {
        "message": {"subtype": "tombstone", "ts": "1700000000.123456", "text": "This message was deleted."}
    }
    assert accepted(event).change is Change.DELETED


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "bot_message", "me_message"])
def test_kinds_of_posts(subtype: str) -> None:
    message = accepted(POSTED | {"subtype": subtype})
    assert message.broadcast == (subtype == "thread_broadcast")


def test_app_message() -> None:
    event = {key: value for key, value in POSTED.items() if key != "user"}
    message = accepted(event | {"subtype": "bot_message", "bot_profile": {"id": "B1", "app_id": "A1"}})
    assert (message.bot_id, message.app_id, message.user, message.is_bot) == ("B1", "A1", "", True)


def test_mention_is_a_message() -> None:
    assert accepted(POSTED | {"type": "app_mention"}).user == "U01"


@pytest.mark.parametrize(
    "subtype", ["channel_join", "group_leave", "channel_topic", "pinned_item", "bot_add", "message_replied"]
)
def test_housekeeping_is_named(subtype: str) -> None:
    assert message_event(POSTED | {"subtype": subtype}) == SlackRefusal(RefusalReason.HOUSEKEEPING, subtype)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (None, RefusalReason.MALFORMED),
        ([], RefusalReason.MALFORMED),
        ({}, RefusalReason.NOT_A_MESSAGE),
        ({"type": "reaction_added"}, RefusalReason.NOT_A_MESSAGE),
        (POSTED | {"channel": 7}, RefusalReason.MALFORMED),
        (POSTED | {"ts": "soon"}, RefusalReason.MALFORMED),
        (POSTED | {"ts": "99999999999.0"}, RefusalReason.MALFORMED),
        (POSTED | {"subtype": "brand_new"}, RefusalReason.UNKNOWN_SUBTYPE),
        (POSTED | {"text": " ", "files": []}, RefusalReason.NO_CONTENT),
        (DELETED | {"deleted_ts": None}, RefusalReason.MALFORMED),
        (EDITED | {"message": None}, RefusalReason.MALFORMED),
    ],
)
def test_refusals(event: object, reason: RefusalReason) -> None:
    assert refused(event) is reason


def test_hostile_words_stay_words() -> None:
    text = "<!channel> <!subteam^S1|@support> &lt;!channel&gt; <javascript:alert(1)|x> \u202e"
    assert accepted(POSTED | {"text": text}).text == "@channel @support <!channel> x \u202e".strip()


def test_text_of_mrkdwn() -> None:
    assert unescape("&amp;lt; &lt;") == "&lt; <"
    assert (
        plain_text("<@U9> <#C1|general> <!date^1^{date}|14 Nov> <mailto:a@b.com>") == "@someone #general 14 Nov a@b.com"
    )
    assert links("<https://a.b/c?d=1&amp;e=2|x &amp; y> <@U1>") == [("https://a.b/c?d=1&e=2", "x & y")]


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    plain_text(text)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert plain_text(escaped) == text
    assert timestamp(text) is None or text[0].isdigit()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=8,
)


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    """An event with any of its keys, also inner ones, deleted or replaced by any JSON."""
    event = dict(draw(st.sampled_from([POSTED, EDITED, DELETED])))
    for place in (
        event,
        *(inner for key in ("message", "previous_message") if isinstance(inner := event.get(key), dict)),
    ):
        for key in draw(st.sets(st.sampled_from(sorted(place)), max_size=3)):
            replacement = draw(st.just(None) | JSON)
            if place is event:
                place[key] = replacement
            else:
                event["message"] = {**place, key: replacement}
    for key in draw(st.sets(st.sampled_from(sorted(event)), max_size=2)):
        del event[key]
    return event


@settings(max_examples=300, deadline=None)
@given(damaged() | JSON)
def test_no_event_raises(event: object) -> None:
    result = message_event(event)
    assert isinstance(result, SlackMessage | SlackRefusal)
    if isinstance(result, SlackMessage):
        assert result.at.tzinfo is UTC
