"""How a delivery is stored, and what is said to us: no bot runs here, whose threads would draw random numbers."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.addressing import said_to_us
from bot.intake import arrival_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["type", "event", "event_id", "command", "trigger_id", "team_id"]), JSON))
def test_any_json_object_has_an_arrival_or_none(body):
    arrival = arrival_of(body, "U0BOT")
    assert arrival is None or (arrival.key and arrival == arrival_of(json.loads(json.dumps(body)), "U0BOT"))


def test_what_is_said_to_us():
    assert said_to_us({"user": "U1", "text": "<@U0BOT> known?"}, "U0BOT")
    assert said_to_us({"user": "U1", "text": "hi", "channel_type": "im"}, "U0BOT")
    assert not said_to_us({"user": "U1", "text": "known?"}, "U0BOT")
    assert not said_to_us({"user": "U2", "bot_id": "B1", "text": "<@U0BOT>"}, "U0BOT")
