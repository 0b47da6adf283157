"""Installing by OAuth: the token is sealed, states are used once, an uninstall stops the posting and loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from oauth_world import OAuthWorld, Place, back, oauth_world

from bot.preferences import ADMINS
from bot.scopes import SCOPES
from playground import Fault
from storage import workspaces

COOKIE = "slack-app-oauth-state"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OAuthWorld]:
    with oauth_world(tmp_path_factory.mktemp("oauth")) as world:
        yield world


@pytest.fixture
def alpha(world: OAuthWorld) -> Place:
    return world.places[0]


@pytest.fixture
def beta(world: OAuthWorld) -> Place:
    """A workspace that stays without the app, whatever is tried."""
    return world.places[1]


def test_it_asks_slack_for_our_scopes_with_a_state_of_this_browser(world: OAuthWorld) -> None:
    browser = world.browser()
    leave = browser.get("/slack/install")
    asked = parse_qs(urlsplit(leave.headers["location"]).query)
    assert set(asked["scope"][0].split(",")) == set(SCOPES)
    assert asked["redirect_uri"] == ["http://127.0.0.1:1/slack/oauth_redirect"]
    assert asked["state"] == [browser.cookies[COOKIE]]
    assert {"HttpOnly", "Secure"} <= {part.strip() for part in leave.headers["set-cookie"].split(";")}
    assert browser.get("/slack/install").headers["location"] != leave.headers["location"]


def test_an_installation_is_kept_sealed_and_its_installer_is_the_first_admin(world: OAuthWorld, alpha: Place) -> None:
    browser = world.browser()
    done = browser.install(alpha.pg, alpha.admin)
    assert done.status == 200
    assert "Ticket Intel is in Alpha" in done.text
    assert COOKIE not in browser.cookies
    stored = world.stored(alpha)
    assert stored is not None
    assert (stored.bot_user, stored.installed_by, stored.gone_at) == (alpha.pg.bot_user_id, alpha.admin, None)
    assert stored.scopes == frozenset(SCOPES)
    assert world.running.desks.of("T0ALPHA").installation.client.token == alpha.pg.bot_token
    with world.running.deps.db.read() as session:
        assert workspaces.setting(session, "T0ALPHA", ADMINS) == [alpha.admin]
    path = Path(str(world.settings.database_url).removeprefix("sqlite:///"))
    for file in path.parent.glob("bot.db*"):
        assert alpha.pg.bot_token.encode() not in file.read_bytes()


@pytest.mark.parametrize("how", ["other browser", "no state", "forged", "twice", "cut"])
def test_a_state_that_is_not_this_browsers_fresh_one_installs_nothing(
    world: OAuthWorld, beta: Place, how: str
) -> None:
    browser = world.browser()
    url = back(beta.pg.authorize(beta.admin, browser.get("/slack/install").headers["location"]))
    state = browser.cookies[COOKIE]
    if how == "other browser":
        answer = world.browser().get(url)
    elif how == "no state":
        answer = browser.get(url.split("&state=")[0])
    elif how == "forged":
        forged = world.browser()
        forged.cookies[COOKIE] = "gAAAAABforged"
        answer = forged.get(url.replace(state, "gAAAAABforged"))
    elif how == "cut":
        browser.cookies[COOKIE] = state[:-4]
        answer = browser.get(url.replace(state, state[:-4]))
    else:
        assert browser.get(url.replace("code=", "code=wrong")).status == 400
        browser.cookies[COOKIE] = state
        answer = browser.get(url)
        assert "finished before" in answer.text
    assert answer.status == 400
    assert world.stored(beta) is None


def test_a_state_dies_after_ten_minutes(world: OAuthWorld, beta: Place) -> None:
    from datetime import timedelta

    from bot.clock import SimulatedClock
    from bot.oauth import OAuth
    from bot.sealing import seal_of

    clock = SimulatedClock(world.running.deps.clock.now())
    from dataclasses import replace

    deps = replace(world.running.deps, clock=clock)
    oauth = OAuth(deps, seal_of(world.settings), lambda: None)
    for minutes, status in ((9, 200), (11, 400)):
        leave = oauth.begin()
        answer = parse_qs(urlsplit(beta.pg.authorize(beta.admin, leave.url)).query)
        clock.advance(timedelta(minutes=minutes))
        if status == 200:
            answer["code"] = ["wrong"]
        page = oauth.finish({k: v[0] for k, v in answer.items()}, leave.cookie.partition(";")[0])
        assert ("invalid_code" in page.html) == (status == 200)
        assert page.status == 400
    assert world.stored(beta) is None


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("error=access_denied", 200, "You cancelled it"),
        ("error=%3Cscript%3E", 400, "&lt;script&gt;"),
        ("", 400, "another browser"),
        ("state=%00&code=%FF", 400, "another browser"),
    ],
)
def test_what_slack_sends_back_instead_is_said(world: OAuthWorld, query: str, status: int, says: str) -> None:
    answer = world.browser().get(f"/slack/oauth_redirect?{query}")
    assert answer.status == status
    assert says in answer.text
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("fault", "status"),
    [({"status": 503}, 503), ({"drop": True}, 503), ({"status": 429, "headers": {"Retry-After": "3"}}, 503)],
)
def test_a_slack_that_does_not_answer_is_not_an_installation(
    world: OAuthWorld, beta: Place, fault: dict[str, object], status: int
) -> None:
    planned: Fault = beta.pg.faults.add("oauth.v2.access", **fault)  # type: ignore[arg-type]
    answer = world.browser().install(beta.pg, beta.admin)
    assert answer.status == status
    assert planned.times == 0
    assert world.stored(beta) is None


@pytest.mark.parametrize("what", ["rotating", "organisation"])
def test_a_token_that_we_cannot_keep_is_given_back(world: OAuthWorld, beta: Place, what: str) -> None:
    grants = beta.pg.slack.grants
    setattr(grants, what, True)
    try:
        answer = world.browser().install(beta.pg, beta.admin)
    finally:
        setattr(grants, what, False)
    assert answer.status == 400
    assert "It was not installed" in answer.text
    assert world.stored(beta) is None
    assert not beta.pg.slack.installed
