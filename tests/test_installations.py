"""Installing by OAuth: the token is sealed, states are used once, an uninstall stops the posting and loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from databases import NOW
from oauth_world import OAuthWorld, Place, back, oauth_world

from bot.blocks import ids
from bot.clock import SimulatedClock
from bot.flows import installing, tell
from bot.oauth import OAuth
from bot.preferences import ADMINS
from bot.scopes import OPTIONAL, SCOPES
from bot.sealing import seal_of
from intelligence.model import Scope
from playground import Fault
from storage import queue, themes, ticket_volumes, tickets, workspaces
from storage.tables import JobRow, OutboxRow

COOKIE = "slack-app-oauth-state"
ALL = frozenset({*SCOPES, *OPTIONAL})


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
    assert set(asked["scope"][0].split(",")) == ALL
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
    assert stored.scopes == ALL
    assert world.running.desks.of("T0ALPHA").installation.client.token == alpha.pg.bot_token
    with world.running.deps.db.read() as session:
        assert workspaces.setting(session, "T0ALPHA", ADMINS) == [alpha.admin]
    path = Path(str(world.settings.database_url).removeprefix("sqlite:///"))
    for file in path.parent.glob("bot.db*"):
        assert alpha.pg.bot_token.encode() not in file.read_bytes()


@pytest.mark.parametrize("how", ["other browser", "no state", "forged", "twice", "cut"])
def test_a_state_that_is_not_this_browsers_fresh_one_installs_nothing(world: OAuthWorld, beta: Place, how: str) -> None:
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
    clock = SimulatedClock(world.running.deps.clock.now())
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


def posts(place: Place) -> int:
    return len([call for call in place.pg.calls_of("chat.postMessage") if call.ok])


def letter(world: OAuthWorld, place: Place, key: str) -> None:
    """Something to say to the admin there, by way of the outbox."""
    deps, team = world.running.deps, place.pg.team_id
    with deps.db.write() as session:
        born = themes.give_birth(session, team, deps.clock.now(), first_at=deps.clock.now(), title=f"Theme {key}")
        tell.refused(deps, session, team, born, key, "it has no title", user=place.admin)
    world.running.worker.wake()


def state_of(world: OAuthWorld, place: Place) -> list[str]:
    with world.running.deps.db.read() as session:
        rows = session.execute(sa.select(OutboxRow.state).where(sa.column("workspace_id") == place.pg.team_id))
        return [state for (state,) in rows]


def test_an_uninstall_stops_the_posting_and_loses_nothing(tmp_path: Path) -> None:
    with oauth_world(tmp_path) as world:
        alpha, beta = world.places
        for place in world.places:
            world.install(place)
        said = alpha.pg.say(alpha.customers[0], alpha.support, "The export to Excel fails with an error every time")
        world.settle()
        before = posts(alpha)
        token = alpha.pg.bot_token

        alpha.pg.uninstall()
        world.until(lambda: (found := world.stored(alpha)) and found.gone_at)
        stored = world.stored(alpha)
        assert stored is not None
        assert (stored.gone_because, stored.token) == ("token_revoked", None)
        letter(world, alpha, "first")
        letter(world, beta, "first")
        world.until(lambda: state_of(world, beta) == ["sent"])
        world.settle()
        assert state_of(world, alpha) == ["waiting"]
        assert posts(alpha) == before
        assert not [c for c in alpha.pg.calls if c.method != "auth.test" and c.error in {"token_revoked", "not_authed"}]
        with world.running.deps.db.read() as session:
            assert ticket_volumes.span(session, "T0ALPHA")[0] == 1
            assert all(channel.role for channel in workspaces.channels(session, "T0ALPHA"))

        world.stop()  # and in the meantime something is said, and the bot is started anew
        meanwhile = alpha.pg.say(alpha.customers[1], alpha.support, "We cannot invite colleagues, the button is grey")
        world.start()
        assert world.running.desks.installations.workspaces() == ["T0BETA"]
        done = world.browser().install(alpha.pg, alpha.admin)
        assert done.status == 200
        assert alpha.pg.bot_token != token
        again = world.stored(alpha)
        assert again is not None
        assert again.gone_at is None
        alpha.invite()
        world.settle()
        with world.running.deps.db.read() as session:
            texts = {m.key for t in tickets.load(session, Scope("T0ALPHA"), range(1, 9)).values() for m in t.messages}
        assert {f"{alpha.support}/{said['ts']}", f"{alpha.support}/{meanwhile['ts']}"} <= texts
        _let_wait_be_over(world)
        world.until(lambda: state_of(world, alpha) == ["sent"])
        assert "refused:first" in str(alpha.pg.messages(alpha.pg.open_im(alpha.admin)))


def _let_wait_be_over(world: OAuthWorld) -> None:
    """The five minutes that a letter waits before it looks again."""
    with world.running.deps.db.write() as session:
        session.execute(
            sa.update(JobRow).where(sa.column("job") == "send").values(run_at=world.running.deps.clock.now())
        )
    world.running.worker.wake()


def test_news_of_an_uninstall_that_come_late_change_nothing(world: OAuthWorld, alpha: Place) -> None:
    if world.stored(alpha) is None:
        world.browser().install(alpha.pg, alpha.admin)
    before = world.stored(alpha)
    alpha.pg.send_event({"type": "app_uninstalled", "event_ts": "1.000001"})
    alpha.pg.send_event({"type": "tokens_revoked", "tokens": {"oauth": [alpha.pm]}, "event_ts": "1.000002"})
    world.settle()
    assert world.stored(alpha) == before
    assert len([c for c in alpha.pg.calls_of("auth.test") if c.ok]) >= 2


def test_a_dead_token_is_found_without_news_and_permissions_are_kept_as_they_are(tmp_path: Path) -> None:
    with oauth_world(tmp_path) as world:
        alpha, beta = world.places
        for place in world.places:
            world.browser().install(place.pg, place.admin)
        fewer = sorted(set(SCOPES) - {"reactions:read"})
        beta.pg.set_scopes(fewer)
        alpha.pg.uninstall(tell=False)
        letter(world, alpha, "one")
        world.until(lambda: (found := world.stored(alpha)) and found.gone_at)
        installing.doubt(world.running.deps, "T0BETA", because="a test")
        world.running.worker.wake()
        world.until(lambda: (found := world.stored(beta)) and found.scopes == frozenset(fewer))
        assert [one.missing for one in installing.shown(world.running.deps)] == [(), ("reactions:read",)]
        done = world.browser().install(beta.pg, beta.admin)
        assert "did not grant" not in done.text
        renewed = world.stored(beta)
        assert renewed is not None
        assert renewed.scopes == ALL


def test_a_letter_that_waited_a_week_for_a_token_is_old_news(tmp_path: Path) -> None:
    with oauth_world(tmp_path) as world:
        alpha = world.places[0]
        world.browser().install(alpha.pg, alpha.admin)
        alpha.pg.uninstall()
        world.until(lambda: (found := world.stored(alpha)) and found.gone_at)
        letter(world, alpha, "one")
        world.settle()
        assert state_of(world, alpha) == ["waiting"]
        with world.running.deps.db.write() as session:
            session.execute(sa.update(OutboxRow).values(created_at=NOW))
        _let_wait_be_over(world)
        world.until(lambda: state_of(world, alpha) == ["withdrawn"])


def test_only_invited_workspaces_may_install_it(tmp_path: Path) -> None:
    with oauth_world(tmp_path, slack_teams="T0ALPHA, T0OTHER") as world:
        alpha, beta = world.places
        assert world.browser().install(alpha.pg, alpha.admin).status == 200
        refused = world.browser().install(beta.pg, beta.admin)
        assert refused.status == 403
        assert "SLACK_TEAMS" in refused.text
        assert world.stored(beta) is None
        assert not beta.pg.slack.installed


def test_several_connections_leave_no_gap_when_one_is_renewed(tmp_path: Path) -> None:
    with oauth_world(tmp_path, slack_connections=2) as world:
        alpha = world.places[0]
        world.install(alpha)
        with world.running.deps.db.read() as session:
            before = len([j for j in queue.listing(session, state="done", limit=500) if j.job == "read_slice"])
        connection = alpha.pg._sockets.connections[0]
        alpha.pg._server.run(connection.socket.close(1012))
        alpha.pg.wait_until_connected(sockets=2)
        assert world.running.connection is not None
        assert world.running.connection.is_open
        alpha.pg.say(alpha.customers[0], alpha.support, "The dashboard stays empty since the update this morning")
        world.settle()
        with world.running.deps.db.read() as session:
            assert ticket_volumes.span(session, "T0ALPHA")[0] == 1
            after = len([j for j in queue.listing(session, state="done", limit=500) if j.job == "read_slice"])
        assert after == before


def test_signed_requests_find_the_desk_of_their_workspace(tmp_path: Path) -> None:
    with oauth_world(tmp_path, slack_app_token=None) as world:
        alpha, beta = world.places
        world.install(alpha)
        stranger = {"type": "message", "channel": beta.support, "user": beta.pm, "text": "hello", "ts": "1.000001"}
        told = beta.pg.send_event(stranger)
        world.settle()
        assert told.outcome == "acknowledged"
        assert beta.pg.slash(beta.admin, beta.support, ids.COMMAND, "themes") == {}
        assert "is not installed in this workspace" in str(beta.pg.ephemerals(beta.admin))
        with world.running.deps.db.read() as session:
            assert workspaces.all_ids(session) == ["T0ALPHA"]
            assert session.execute(sa.text("SELECT count(*) FROM inbox WHERE workspace_id <> 'T0ALPHA'")).scalar() == 0
        world.install(beta)
        for place in (alpha, beta):
            place.pg.slash(place.admin, place.support, ids.COMMAND, "health")
        for place in (alpha, beta):
            world.until(lambda place=place: [c for c in place.pg.calls_of("response_url") if "Work:" in str(c.args)])
        assert alpha.pg.problems == beta.pg.problems == []


def test_pages_are_given_out_at_a_rate(world: OAuthWorld) -> None:
    clock = SimulatedClock(NOW)
    oauth = OAuth(replace(world.running.deps, clock=clock), seal_of(world.settings), lambda: None)
    assert [oauth.wait() for _ in range(61)] == [0] * 60 + [1]
    clock.advance(timedelta(seconds=1))
    assert oauth.wait() == 0
