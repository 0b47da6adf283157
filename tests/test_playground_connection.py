"""Socket Mode itself: tickets, refresh, several connections; the signature of HTTP mode; life and death."""

from __future__ import annotations

import hmac
import json
import socket
import threading
import urllib.request
from hashlib import sha256
from urllib.error import HTTPError

import pytest
from playground_app import Seen, build_app, socket_app
from slack_sdk import WebClient
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from playground import Playground, PlaygroundError, remove_proxies
from playground.http_mode import signature


def test_a_refreshed_connection_goes_on_delivering():
    seen = Seen()
    with Playground(retry_delays=(0.0, 0.0, 0.0)) as pg:
        ana = pg.add_user("ana")
        channel = pg.add_channel("support", members=[ana, pg.bot_user_id])
        with socket_app(pg, build_app(pg, seen)):
            pg.refresh_connections("warning")
            pg.wait_until_connected()
            pg.say(ana, channel, "after the refresh", wait=True)
            pg.wait_for(lambda _: seen.events)
            assert len(pg.calls_of("apps.connections.open")) == 2


def test_a_socket_url_works_once():
    with Playground() as pg:
        url = WebClient(token=pg.app_token, base_url=pg.api_url).apps_connections_open(app_token=pg.app_token)["url"]
        with connect(url, proxy=None) as first:
            assert '"hello"' in first.recv()
            with pytest.raises(InvalidStatus), connect(url, proxy=None):
                pass


def test_envelopes_are_spread_over_connections():
    with Playground() as pg:
        ana = pg.add_user("ana")
        channel = pg.add_channel("support", members=[ana, pg.bot_user_id])
        client = WebClient(token=pg.app_token, base_url=pg.api_url)
        urls = [client.apps_connections_open(app_token=pg.app_token)["url"] for _ in range(2)]
        with connect(urls[0], proxy=None) as one, connect(urls[1], proxy=None) as two:
            assert [one.recv()[:16], two.recv()[:16]] == ['{"type":"hello",'] * 2
            pg.wait_until_connected(sockets=2)
            for text in "ab":
                pg.say(ana, channel, text)
            assert {'"text":"a"' in f for f in (one.recv(timeout=2), two.recv(timeout=2))} == {True, False}


def test_held_events_can_arrive_backwards():
    with Playground() as pg:
        ana = pg.add_user("ana")
        channel = pg.add_channel("support", members=[ana, pg.bot_user_id])
        url = WebClient(token=pg.app_token, base_url=pg.api_url).apps_connections_open(app_token=pg.app_token)["url"]
        with connect(url, proxy=None) as ws:
            ws.recv()
            pg.wait_until_connected()
            pg.hold_events()
            said = pg.say(ana, channel, "one")
            pg.edit(ana, channel, said["ts"], "two")
            pg.release_events(backwards=True)
            kinds = [json.loads(ws.recv(timeout=2))["payload"]["event"].get("subtype") for _ in range(2)]
    assert kinds == ["message_changed", None]


def test_the_signature_is_slacks():
    digest = hmac.new(b"secret", b"v0:1531420618:token=x", sha256).hexdigest()
    assert signature("secret", "1531420618", b"token=x") == f"v0={digest}"


def test_only_this_machine():
    with pytest.raises(PlaygroundError, match="this machine only"):
        Playground(host="0.0.0.0")
    with Playground() as pg:
        request = urllib.request.Request(f"{pg.api_url}api.test", headers={"Host": "evil.example"})
        with pytest.raises(HTTPError) as caught:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
        assert caught.value.code == 421
        caught.value.close()


def test_a_taken_port_is_said_in_words():
    with Playground() as pg, pytest.raises(PlaygroundError, match="already in use"):
        Playground(port=pg._server.port).start()


def test_stop_leaves_no_thread_and_no_open_port():
    before = set(threading.enumerate())
    pg = Playground().start()
    ana = pg.add_user("ana")
    channel = pg.add_channel("support", members=[ana, pg.bot_user_id])
    pg.http_target = "http://127.0.0.1:9/nobody"
    pg.say(ana, channel, "still on its way")
    port = pg._server.port
    pg.stop()
    pg.stop()
    assert set(threading.enumerate()) == before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_before_start_events_go_nowhere_and_interactions_are_refused():
    pg = Playground()
    ana = pg.add_user("ana")
    channel = pg.add_channel("support", members=[ana, pg.bot_user_id])
    pg.say(ana, channel, "nobody listens")
    assert pg.deliveries[-1].outcome == "no_connection"
    with pytest.raises(PlaygroundError, match="not running"):
        pg.slash(ana, channel, "/echo")


def test_proxies_are_taken_out_of_an_environment():
    environ = {"HTTPS_PROXY": "http://proxy:3128", "http_proxy": "http://proxy:3128", "HOME": "/"}
    assert remove_proxies(environ) == ["HTTPS_PROXY", "http_proxy"]
    assert environ == {"HOME": "/"}
