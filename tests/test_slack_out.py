"""Out to Slack: errors in our words, blocks that are refused, letters sent once; and the alarm clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from slack_world import LOGIN, slack_world

from bot.flows.outbox import Pace
from bot.messenger import Outgoing, Refused, TokenDead, TryLater
from bot.natural import Meaning, meaning_of
from bot.schedule import TICKS, Schedule, last_due, trigger_of
from bot.slack_client import build_client
from bot.slack_messenger import SlackMessenger
from playground import Playground
from storage import queue

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}


@pytest.fixture(scope="module")
def pg() -> Iterator[Playground]:
    with Playground() as pg:
        yield pg


@pytest.fixture
def channel(pg: Playground) -> str:
    pg.faults.clear()
    return pg.add_channel("out", members=[pg.bot_user_id])


@pytest.fixture
def messenger(pg: Playground) -> SlackMessenger:
    return SlackMessenger(build_client(pg.bot_token, pg.api_url))


def test_posts_edits_and_finds_by_its_key(pg, channel, messenger):
    at = messenger.post(Outgoing(channel, "one https://x.example", (SECTION,), metadata_key="k1"))
    messenger.update(at, Outgoing(channel, "two", (SECTION,)))
    assert messenger.find(channel, "k1") == at  # an edit keeps the key
    reply = messenger.post(Outgoing(channel, "reply", thread_ts=at.ts, metadata_key="k2"))
    assert messenger.find(channel, "k2", at.ts) == reply
    assert messenger.find(channel, "k3") is None
    assert pg.message(channel, at.ts)["text"] == "two"
    assert f"/archives/{channel}/" in str(messenger.permalink(channel, at.ts))
    assert messenger.permalink(channel, "1.000001") is None


def test_direct_messages_open_their_channel_once(pg, messenger):
    user = pg.add_user("dora")
    first = messenger.direct(user, Outgoing("", "hello", metadata_key="d1"))
    messenger.direct(user, Outgoing("", "again"))
    assert len([c for c in pg.calls_of("conversations.open") if c.args.get("users") == user]) == 1
    assert messenger.find(user, "d1") == first


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        ({"status": 429, "headers": {"Retry-After": "7"}}, timedelta(seconds=7)),
        ({"status": 503}, None),
        ({"error": "internal_error"}, None),
        ({"drop": True}, None),
    ],
)
def test_trouble_that_passes_is_tried_later_and_not_at_once(pg, channel, messenger, fault, after):
    before = len(pg.calls_of("chat.postMessage"))
    pg.faults.add("chat.postMessage", **fault)
    with pytest.raises(TryLater) as raised:
        messenger.post(Outgoing(channel, "later"))
    assert raised.value.after == after
    assert len(pg.calls_of("chat.postMessage")) <= before + 1


@pytest.mark.parametrize("code", ["not_in_channel", "is_archived", "missing_scope"])
def test_a_refusal_keeps_slacks_own_word(pg, channel, messenger, code):
    pg.faults.add("chat.postMessage", error=code)
    with pytest.raises(Refused) as raised:
        messenger.post(Outgoing(channel, "never"))
    assert raised.value.code == code


@pytest.mark.parametrize("code", ["token_revoked", "account_inactive", "invalid_auth"])
def test_a_dead_token_is_a_reason_to_wait_for_a_new_one(pg, channel, messenger, code):
    pg.faults.add("chat.postMessage", error=code)
    with pytest.raises(TokenDead, match=code) as raised:
        messenger.post(Outgoing(channel, "later"))
    assert raised.value.after is not None


def test_blocks_that_are_refused_become_text(pg, channel, messenger):
    at = messenger.post(Outgoing(channel, "the words stay", ({"type": "section"},)))
    assert pg.message(channel, at.ts)["text"] == "the words stay"
    assert not [b for b in pg.message(channel, at.ts).get("blocks", []) if b["type"] == "section"]
    pg.slack.problems.clear()


def test_a_letter_whose_answer_was_lost_is_found_and_not_sent_twice(tmp_path: Path):
    with slack_world(tmp_path) as world:
        world.pg.faults.add("chat.postMessage", drop=True, applied=True)
        for customer, text in zip(world.customers, LOGIN, strict=False):
            world.pg.say(customer, world.support, text)
        world.until(lambda: world.posted(world.product))
        world.settle(60)
        assert len(world.posted(world.product)) == 1
        assert world.pg.problems == []


def test_a_channel_hears_one_message_at_a_time():
    pace, now = Pace(timedelta(seconds=1)), datetime(2026, 1, 1, tzinfo=UTC)
    pace.take("T1", "C1", now)
    pace.take("T1", "C2", now)
    with pytest.raises(TryLater) as raised:
        pace.take("T1", "C1", now + timedelta(milliseconds=400))
    assert raised.value.after == timedelta(milliseconds=600)
    pace.take("T1", "C1", now + timedelta(seconds=1))


NIGHTLY = TICKS[0]
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("since", "now", "due"),
    [
        ("2026-10-02T01:00", "2026-10-02T09:30", "2026-10-02T02:00"),
        ("2026-10-01T12:00", "2026-10-06T12:00", "2026-10-06T02:00"),  # five missed, the newest counts
        ("2026-10-02T03:00", "2026-10-02T23:00", None),
        ("2026-10-24T12:00", "2026-10-25T12:00", "2026-10-25T02:00"),  # the night with two 02:00s
        ("2026-03-28T12:00", "2026-03-29T12:00", "2026-03-29T03:00"),  # the night without one
    ],
)
def test_the_newest_missed_tick(since, now, due):
    def local(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=BERLIN)

    found = last_due(trigger_of(NIGHTLY, BERLIN), BERLIN, local(since), local(now))
    assert (found.strftime("%Y-%m-%dT%H:%M") if found else None) in (
        {due} if due != "2026-03-29T03:00" else {due, "2026-03-29T02:00"}
    )


def test_a_tick_is_one_job_however_many_ring(tmp_path: Path):
    with slack_world(tmp_path) as world:
        deps = world.running.deps
        at = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
        rings = [Schedule(deps, lambda _tick: ["T1"], lambda: None).enqueue("nightly", at, "T1") for _ in range(3)]
        assert rings == [True, False, False]
        with deps.db.read() as session:
            keys = [job.key for job in queue.listing(session)] + [
                job.key for job in queue.listing(session, state="done")
            ]
        assert any(key.startswith("schedule:nightly:T1:2026-10-25T") for key in keys)


@pytest.mark.parametrize(
    ("text", "in_thread", "line", "about_thread"),
    [
        ("<@U0BOT> is this known?", True, "known", True),
        ("<@U0BOT>", True, "known", True),
        ("<@U0BOT>", False, "help", False),
        ("<@U0BOT> has anyone seen this before?", True, "known", True),
        ("<@U0BOT> what are the top themes this month?", False, "themes 30d", False),
        ("<@U0BOT> themes 7d area:billing", True, "themes 7d area:billing", False),
        ("hello", False, "help", False),
        ("TI-42?", False, "theme TI-42", False),
        ("<@U0BOT> is this known: Okta login loops", False, "known Okta login loops", False),
        ("<@U0BOT> health", False, "health", False),
    ],
)
def test_natural_words(text, in_thread, line, about_thread):
    assert meaning_of(text, in_thread=in_thread) == Meaning(line, about_thread)
