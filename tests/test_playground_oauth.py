"""The playground's OAuth and its neighbours: what a code is worth, and that two workspaces share nothing but addresses."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from playground import Playground, SlackError

REDIRECT = "http://127.0.0.1:1/back"


class Clock:
    now = 1_767_225_600.0

    def __call__(self) -> float:
        return self.now


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


BROWSER = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pg(clock: Clock) -> Iterator[Playground]:
    with Playground(clock=clock, installed=False) as pg:
        yield pg


def answered(url: str, body: bytes | None = None) -> tuple[int, str]:
    """Status and Location of an answer that is no page."""
    with pytest.raises(HTTPError) as caught:
        BROWSER.open(url, body)
    with caught.value as answer:
        return answer.code, str(answer.headers["location"])


def client(pg: Playground, token: str | None = None) -> WebClient:
    made = WebClient(token=pg.bot_token if token is None else token, base_url=pg.api_url, retry_handlers=[])
    made.proxy = None
    return made


def asking(pg: Playground, **changed: str) -> str:
    query = {"client_id": pg.slack.grants.client_id, "scope": "chat:write", "redirect_uri": REDIRECT, "state": "s 1"}
    return f"{pg.url}oauth/v2/authorize?{urlencode(query | changed)}"


def code_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["code"][0]


def exchange(pg: Playground, code: str, **changed: str) -> dict[str, Any]:
    grants = pg.slack.grants
    given = {"client_id": grants.client_id, "client_secret": grants.client_secret, "redirect_uri": REDIRECT} | changed
    return dict(client(pg).oauth_v2_access(code=code, **given).data)


def refusal(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(*args, **kwargs)
    return str(caught.value.response["error"])


def test_a_code_becomes_a_token_once_and_only_for_whom_it_was_given(pg: Playground, clock: Clock) -> None:
    ada = pg.add_user("ada", kind="admin")
    back = pg.authorize(ada, asking(pg))
    assert back.startswith(f"{REDIRECT}?")
    assert parse_qs(urlsplit(back).query)["state"] == ["s 1"]
    code = code_of(back)
    assert refusal(exchange, pg, code, client_secret="wrong") == "bad_client_secret"
    assert refusal(exchange, pg, code, client_id="wrong") == "invalid_client_id"
    assert refusal(exchange, pg, code, redirect_uri="http://127.0.0.1:1/other") == "bad_redirect_uri"
    assert refusal(exchange, pg, "wrong") == "invalid_code"
    assert not pg.slack.installed
    given = exchange(pg, code)
    assert given["team"] == {"id": pg.team_id, "name": "Playground"}
    assert (given["scope"], given["authed_user"]) == ("chat:write", {"id": ada})
    assert client(pg, given["access_token"]).auth_test()["team_id"] == pg.team_id
    assert refusal(exchange, pg, code) == "code_already_used"
    late = code_of(pg.authorize(ada, asking(pg)))
    clock.now += 601
    assert refusal(exchange, pg, late) == "invalid_code"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_id": "9"}, "invalid_client_id"),
        ({"scope": ""}, "invalid_scope_requested"),
        ({"redirect_uri": "ftp://here"}, "bad_redirect_uri"),
        ({"redirect_uri": "https://elsewhere.example/"}, "bad_redirect_uri"),
    ],
)
def test_an_address_that_slack_refuses(pg: Playground, changed: dict[str, str], error: str) -> None:
    pg.slack.grants.redirect_urls = ("http://127.0.0.1:1/",)
    ada = pg.add_user("ada")
    with pytest.raises(SlackError, match=error):
        pg.authorize(ada, asking(pg, **changed))
    assert answered(asking(pg, **changed))[0] == 400


@pytest.mark.parametrize(("answer", "told"), [("allow", "code"), ("cancel", "error")])
def test_the_page_sends_the_browser_back(pg: Playground, answer: str, told: str) -> None:
    ada = pg.add_user("ada", "Ada <b>")
    with BROWSER.open(asking(pg)) as page:
        text = page.read().decode()
    assert "chat:write" in text
    assert "Ada &lt;b&gt;" in text
    body = urlencode({"who": f"{pg.team_id}/{ada}", "answer": answer}).encode()
    status, location = answered(asking(pg), body)
    assert status == 302
    assert told in parse_qs(urlsplit(location).query)


def test_an_uninstalled_app_is_out_and_comes_back_with_another_token(pg: Playground) -> None:
    ada = pg.add_user("ada")
    support = pg.add_channel("support", members=[ada])
    first = exchange(pg, code_of(pg.authorize(ada, asking(pg))))["access_token"]
    again = exchange(pg, code_of(pg.authorize(ada, asking(pg, scope="users:read"))))
    assert (again["access_token"], again["scope"]) == (first, "chat:write,users:read")
    pg.invite(ada, support, pg.bot_user_id)
    assert client(pg).auth_revoke()["revoked"]
    assert refusal(client(pg, first).auth_test) == "token_revoked"
    assert pg.bot_user_id not in pg.workspace.channels[support].members
    pg.say(ada, support, "nobody hears this")
    renewed = exchange(pg, code_of(pg.authorize(ada, asking(pg))))
    assert renewed["access_token"] != first
    assert renewed["scope"] == "chat:write"


def test_neighbours_share_addresses_and_nothing_else(clock: Clock) -> None:
    with Playground(clock=clock) as pg:
        other = pg.neighbour("Beta", "T0BETA", clock=clock)
        places = [(p, p.add_user("ana"), p.add_channel("support", members=[p.bot_user_id])) for p in (pg, other)]
        assert places[0][1:] == places[1][1:], "the same ids"
        for here, _, channel in places:
            assert client(here).auth_test()["team_id"] == here.team_id
            client(here).chat_postMessage(channel=channel, text=here.team_id)
        for here, _, channel in places:
            assert [m["text"] for m in here.messages(channel)] == [here.team_id]
            assert [call.method for call in here.calls] == ["auth.test", "chat.postMessage"]
