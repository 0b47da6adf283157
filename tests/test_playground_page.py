"""The page's WebSocket: what a tab is told, what it may ask, and who may not listen."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from playground_app import actions, button, modal
from slack_sdk import WebClient
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from playground import Playground

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Tab:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.hello: dict[str, Any] = {}

    def ask(self, type: str, **fields: Any) -> None:
        self._socket.send(json.dumps({"type": type, **fields}))

    def raw(self, text: str) -> None:
        self._socket.send(text)

    def frame(self, type: str) -> dict[str, Any]:
        """The next frame of a type; others before it are passed over."""
        while True:
            frame = json.loads(self._socket.recv(timeout=3))
            if frame["type"] == type:
                return frame


@contextmanager
def tab(pg: Playground, user: str) -> Iterator[Tab]:
    with connect(f"{pg.url.replace('http', 'ws')}page/ws?user={user}", proxy=None) as socket:
        page = Tab(socket)
        page.hello = page.frame("hello")  # only now does it hear of everything that happens
        yield page


@pytest.fixture
def world() -> Iterator[SimpleNamespace]:
    with Playground(ack_timeout=0.2) as pg:
        ana, ben = pg.add_user("ana", "Ana Costa"), pg.add_user("ben", kind="agent")
        support = pg.add_channel("support", members=[ana, ben, pg.bot_user_id], topic="Help")
        secret = pg.add_channel("secret", private=True, members=[ben])
        client = WebClient(token=pg.bot_token, base_url=pg.api_url)
        yield SimpleNamespace(pg=pg, ana=ana, ben=ben, support=support, secret=secret, client=client)


def test_hello_says_who_and_where(world):
    world.pg.add_command("/ticket-intel", "Ask", "themes")
    world.pg.add_shortcut("Is this known?", "known_pattern")
    world.pg.panel({"title": "Try these five"})
    with tab(world.pg, world.ana) as page:
        hello = page.hello
        assert page.frame("app_status") == {"type": "app_status", "connected": False, "mode": "none"}
    assert (hello["me"]["real_name"], hello["me"]["kind"]) == ("Ana Costa", "customer")
    assert [(c["name"], c["kind"], c["topic"], c["unread"]) for c in hello["channels"]] == [
        ("support", "channel", "Help", 0)
    ]
    assert hello["commands"][0]["command"] == "/ticket-intel"
    assert hello["shortcuts"][0]["type"] == "message"
    assert (hello["panel"], hello["faults"]) == ({"title": "Try these five"}, {"slack_down": False})
    assert {u["kind"] for u in hello["users"]} == {"bot", "customer", "agent"}


def test_two_people_talk(world):
    with tab(world.pg, world.ana) as ana, tab(world.pg, world.ben) as ben:
        ana.ask("say", channel=world.support, text="a <b> & c")
        heard = ben.frame("message")
        assert heard["message"]["text"] == "a &lt;b&gt; &amp; c"
        assert ben.frame("channel")["channel"]["unread"] == 1
        ts = heard["message"]["ts"]
        ben.ask("read", channel=world.support)
        assert ben.frame("channel")["channel"]["unread"] == 0
        ben.ask("say", channel=world.support, text="reply", thread_ts=ts)
        assert ana.frame("message_changed")["message"]["reply_count"] == 1
        ana.ask("edit", channel=world.support, ts=ts, text="edited")
        assert ben.frame("message_changed")["message"]["reply_count"] == 1
        assert ben.frame("message_changed")["message"]["edited"]["user"] == world.ana
        ben.ask("react", channel=world.support, ts=ts, name="eyes")
        assert ana.frame("reaction")["reactions"] == [{"name": "eyes", "users": [world.ben], "count": 1}]
        ana.ask("thread", channel=world.support, ts=ts)
        assert [m["text"] for m in ana.frame("thread")["messages"]] == ["edited", "reply"]
        ben.ask("edit", channel=world.support, ts=ts, text="not mine")
        assert "only its author" in ben.frame("error")["text"]


def test_history_is_read_page_by_page_and_filled_live(world):
    with tab(world.pg, world.ana) as page:
        world.pg.load(world.support, [{"user": world.ben, "text": f"m{i}", "ts": f"{i + 1}.000000"} for i in range(60)])
        world.pg.progress("Eight weeks", 60, 100)
        filled = page.frame("history")
        assert (len(filled["messages"]), filled["has_more"]) == (50, True)
        assert page.frame("channel")["channel"]["unread"] == 0
        assert page.frame("progress") == {"type": "progress", "label": "Eight weeks", "done": 60, "total": 100}
        page.ask("history", channel=world.support, cursor=filled["cursor"])
        rest = page.frame("history")
        assert [m["text"] for m in rest["messages"]] == [f"m{i}" for i in range(10)]
        assert rest["has_more"] is False


def test_private_channels_and_whispers_stay_private(world):
    with tab(world.pg, world.ana) as ana, tab(world.pg, world.ben) as ben:
        world.pg.say(world.ben, world.secret, "secret")
        world.client.chat_postEphemeral(channel=world.support, user=world.ben, text="psst")
        world.pg.say(world.ben, world.support, "public")
        assert ben.frame("message")["message"]["text"] == "secret"
        assert ben.frame("ephemeral")["message"]["ephemeral_to"] == world.ben
        frames = [ana.frame("message")]
        assert frames[0]["message"]["text"] == "public"
        ana.ask("history", channel=world.secret)
        assert ana.frame("error")["text"] == "there is no such channel"
    with tab(world.pg, world.ben):
        assert world.pg.ephemerals(world.ben) == []


def test_views_home_pins_and_toasts_reach_their_person(world):
    with tab(world.pg, world.ana) as page:
        trigger = world.pg.slack.triggers.issue(world.ana)
        view = world.client.views_open(trigger_id=trigger, view=modal())["view"]
        shown = page.frame("view")
        assert (shown["mode"], shown["view"]["id"]) == ("open", view["id"])
        page.ask("submit", view_id=view["id"], state={"values": {}})
        assert page.frame("view_errors")["errors"] == {"note": "Please complete this required field."}
        page.ask("close", view_id=view["id"])
        assert page.frame("view_closed") == {"type": "view_closed", "view_id": view["id"], "all": True}
        world.client.views_publish(user_id=world.ana, view={"type": "home", "blocks": []})
        assert page.frame("home")["view"]["type"] == "home"
        ts = world.pg.say(world.ben, world.support, "try these")["ts"]
        world.pg.pin(world.support, ts)
        assert page.frame("pins")["pinned"] == [{"channel": world.support, "ts": ts}]
        world.pg.toast("hello", user=world.ana)
        assert page.frame("toast")["text"] == "hello"


def test_an_action_without_an_app_is_shown_as_trouble(world):
    blocks = [actions(button())]
    ts = world.client.chat_postMessage(channel=world.support, text="x", blocks=blocks)["ts"]
    with tab(world.pg, world.ana) as page:
        container = {"type": "message", "channel": world.support, "ts": ts}
        page.ask("action", container=container, block_id="row", action_id="press", state={})
        assert "trouble connecting" in page.frame("toast")["text"]
        page.ask("slash", channel=world.support, command="/x", text="")
        assert "dispatch_failed" in page.frame("ephemeral")["message"]["text"]
        page.ask("slash", channel=world.support, command="/x", text="", thread_ts=ts)
        assert "do not work in threads" in page.frame("error")["text"]


def test_the_panel_and_the_fault_switches_reach_the_script(world):
    told: list[Any] = []
    world.pg.on_panel(lambda user, action, value: (told.append((user, action, value)), world.pg.panel({"n": 1})))
    world.pg.on_fault(lambda name, on: told.append((name, on)))
    with tab(world.pg, world.ana) as page:
        page.ask("panel", action="connect", value=1)
        assert page.frame("panel")["panel"] == {"n": 1}
        page.ask("fault", name="model_slow", on=True)
        assert page.frame("faults")["faults"] == {"slack_down": False, "model_slow": True}
        page.ask("fault", name="slack_down", on=True)
        assert page.frame("faults")["faults"]["slack_down"] is True
    assert told == [(world.ana, "connect", 1), ("model_slow", True), ("slack_down", True)]
    assert world.pg.faults.is_down


@pytest.mark.parametrize("text", ["{", "[]", "1", '{"type":"fly"}', '{"type":"say"}', '{"type":"say","channel":[]}'])
def test_nonsense_is_answered_with_an_error(world, text):
    with tab(world.pg, world.ana) as page:
        page.raw(text)
        assert page.frame("error")["text"]
        page.ask("history", channel=world.support)
        assert page.frame("history")


def test_another_site_may_not_listen(world):
    url = f"{world.pg.url.replace('http', 'ws')}page/ws?user={world.ana}"
    with pytest.raises(InvalidStatus), connect(url, origin="https://evil.example", proxy=None):  # type: ignore[arg-type]
        pass
    with connect(url, origin=world.pg.url.rstrip("/"), proxy=None) as socket:  # type: ignore[arg-type]
        assert socket.recv()


def test_a_workspace_without_people_shows_nothing():
    with Playground() as pg, pytest.raises(ConnectionClosed), tab(pg, "U0NOBODY"):
        pass


def test_the_page_is_served_with_a_policy(world):
    with DIRECT.open(world.pg.url) as answer:
        assert answer.headers["content-type"].startswith("text/html")
        assert (
            "script-src" in answer.headers["content-security-policy"]
            or "default-src 'self'" in answer.headers["content-security-policy"]
        )
    link = world.client.chat_getPermalink(
        channel=world.support, message_ts=world.pg.say(world.ana, world.support, "x")["ts"]
    )["permalink"]
    with DIRECT.open(link) as answer:
        assert f"?channel={world.support}&ts=" in answer.url
