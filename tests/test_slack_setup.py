"""`connect` writes a checked .env; `doctor` names what is wrong and how to mend it."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import sqlite_file
from dotenv import dotenv_values
from oauth_world import oauth_world
from pydantic import SecretStr
from slack_world import settings_for

from bot.clock import SystemClock
from bot.connect import Terminal, app_link, connect, our_manifest
from bot.doctor import Finding, examine
from bot.errors import BadInput
from bot.scopes import SCOPES
from bot.sealing import new_key
from bot.settings import Settings
from intelligence.model import ChannelRole
from playground import Playground
from storage import workspaces
from storage.engine import Database


@pytest.fixture
def pg() -> Iterator[Playground]:
    with Playground() as pg:
        yield pg


class Script:
    """Answers to the questions in order, and everything that was told."""

    def __init__(self, *answers: str) -> None:
        self._answers = iter(answers)
        self.told: list[str] = []

    def terminal(self) -> Terminal:
        return Terminal(lambda _: next(self._answers), lambda _: next(self._answers), self.told.append)

    @property
    def text(self) -> str:
        return "\n".join(self.told)


def test_connect_checks_each_answer_and_writes_a_private_file(pg: Playground, tmp_path: Path):
    admin = pg.add_user("ada", tz="Europe/Madrid")
    pg.add_channel("support", members=[admin, pg.bot_user_id])
    env = tmp_path / ".env"
    env.write_text("LOG_LEVEL=debug\n")
    script = Script(
        pg.bot_token, "nonsense", pg.app_token, "xoxb-wrong", pg.bot_token, "U0NOBODY", admin, "Mars/Base", ""
    )
    connect(env_file=env, api_url=pg.api_url, terminal=script.terminal())
    values = dotenv_values(env)
    assert values["SLACK_APP_TOKEN"] == pg.app_token
    assert values["SLACK_BOT_TOKEN"] == pg.bot_token
    assert (values["ADMINS"], values["TIMEZONE"], values["WORKSPACE"]) == (admin, "Europe/Madrid", pg.team_id)
    assert values["LOG_LEVEL"] == "debug"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert "#support" in script.text
    assert "This is the bot token" in script.text
    assert pg.bot_token not in script.text


def test_connect_gives_up_politely(pg: Playground, tmp_path: Path):
    with pytest.raises(BadInput):
        script = Script(*["nonsense"] * 5)
        connect(env_file=tmp_path / ".env", api_url=pg.api_url, terminal=script.terminal())
    assert not (tmp_path / ".env").exists()


def test_the_link_fits_into_a_browser():
    assert len(app_link(our_manifest().read_text())) < 8_000


def findings(pg: Playground, folder: Path, live: str | None = None, **overrides: object) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(settings_for(pg, folder, **overrides), live=live)}


def named(settings: Settings) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(settings)}


def choose(pg: Playground, folder: Path, channel: str) -> None:
    db = Database(sqlite_file(folder / "bot.db"))
    now = SystemClock().now()
    with db.write() as session:
        workspaces.ensure(session, pg.team_id, now)
        workspaces.put_channel(session, pg.team_id, channel, name="support")
        workspaces.choose_channel(session, pg.team_id, channel, role=ChannelRole.SUPPORT, by="U1", now=now)
    db.close()


def test_a_sound_set_up_has_nothing_wrong(pg: Playground, tmp_path: Path):
    choose(pg, tmp_path, pg.add_channel("support", members=[pg.bot_user_id]))
    found = findings(pg, tmp_path)
    assert [f for f in found.values() if not f.ok] == []
    assert {"disk", "database", "bot token", "scopes", "#support", "socket mode", "model"} <= set(found)


def test_the_doctor_names_a_revoked_token(pg: Playground, tmp_path: Path):
    pg.revoke(pg.bot_token)
    found = findings(pg, tmp_path)["bot token"]
    assert not found.ok
    assert "revoked" in found.says
    assert "connect" in found.fix


def test_the_doctor_names_the_missing_scope(pg: Playground, tmp_path: Path):
    pg.set_scopes([scope for scope in SCOPES if scope != "reactions:read"])
    found = findings(pg, tmp_path)["scopes"]
    assert not found.ok
    assert "reactions:read" in found.says
    assert "reinstall" in found.fix


def test_the_doctor_names_channels_that_are_lost(pg: Playground, tmp_path: Path):
    someone = pg.add_user("ada")
    left, old = pg.add_channel("left", members=[someone]), pg.add_channel("old", members=[someone, pg.bot_user_id])
    choose(pg, tmp_path, left)
    assert "not_in_channel" in findings(pg, tmp_path)["#support"].says
    choose(pg, tmp_path, old)
    pg.archive(someone, old)
    assert any("archived" in f.says for f in examine(settings_for(pg, tmp_path)))


def test_the_doctor_sees_missing_tokens_and_no_socket_mode(pg: Playground, tmp_path: Path):
    assert not findings(pg, tmp_path, slack_bot_token=None)["bot token"].ok
    assert not findings(pg, tmp_path, slack_app_token=None)["socket mode"].ok
    pg.revoke(pg.app_token)
    assert not findings(pg, tmp_path)["socket mode"].ok


def test_the_doctor_sees_an_unreachable_slack_and_model(pg: Playground, tmp_path: Path):
    found = findings(
        pg,
        tmp_path,
        slack_api_url="http://127.0.0.1:9/api/",
        analyzer="openai",
        openai_api_key="sk-nothing",
        openai_base_url="http://127.0.0.1:9/v1",
    )
    assert "reached" in found["bot token"].says
    assert "reached" in found["model"].says


def test_the_doctor_sees_a_second_writer(pg: Playground, tmp_path: Path):
    choose(pg, tmp_path, pg.add_channel("support", members=[pg.bot_user_id]))
    lock = sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    found = findings(pg, tmp_path)
    lock.execute("ROLLBACK")
    lock.close()
    assert not found["database lock"].ok


def test_the_doctor_sees_a_folder_that_is_none(pg: Playground, tmp_path: Path):
    (tmp_path / "file").write_text("")
    found = findings(pg, tmp_path, database_url=f"sqlite:///{tmp_path}/file/bot.db")
    assert not found["disk"].ok


def test_doctor_live_posts_checks_and_deletes_every_sample(pg: Playground, tmp_path: Path):
    channel = pg.add_channel("test", members=[pg.bot_user_id])
    found = findings(pg, tmp_path, live="#test")
    assert [f for name, f in found.items() if name.startswith("live") and not f.ok] == []
    assert len([name for name in found if name.startswith("live")]) >= 8
    assert pg.all_messages(channel) == []
    assert not findings(pg, tmp_path, live="#nowhere")["live"].ok
    assert pg.problems == []


def test_the_doctor_looks_at_every_workspace_that_installed_the_app(tmp_path: Path):
    with oauth_world(tmp_path) as world:
        alpha, beta = world.places
        url = f"{world.settings.public_url}/slack/install"
        assert named(world.settings)["workspaces"].fix == f"Open {url}."
        world.install(alpha)
        world.browser().install(beta.pg, beta.admin)
        beta.pg.set_scopes([scope for scope in SCOPES if scope != "reactions:read"])
        found = named(world.settings)
        assert found["oauth"].ok
        assert found["Alpha"].ok
        assert found["#support"].ok
        assert (found["Beta"].ok, found["Beta"].says) == (False, "missing: reactions:read")
        assert url in found["Beta"].fix
        alpha.pg.uninstall(tell=False)
        assert "token_revoked" in named(world.settings)["Alpha"].says
        assert not named(world.settings.model_copy(update={"secrets_key": None}))["oauth"].ok
        foreign = named(world.settings.model_copy(update={"secrets_key": SecretStr(new_key())}))
        assert "SECRETS_KEY" in foreign["Beta"].says
