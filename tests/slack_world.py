"""A whole Slack workspace with the real bot in it, for tests: playground, Bolt app, worker and a SQLite file.

Nothing is replaced: the encoder, the analyzer, Bolt and slack_sdk are the real ones; Slack is the playground.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from databases import sqlite_file

from bot.app import Running, assemble
from bot.clock import Clock
from bot.connection import Rhythm
from bot.settings import Settings, load_settings
from bot.worker import Worker
from intelligence.model import ChannelRole
from playground import Playground
from storage import inbox, queue, workspaces

T = TypeVar("T")
#: Seconds that Slack waits for an acknowledgement and for a window, here: a machine that is busy with other tests is no
#: fault of the bot. Slack's own three are for tests that are about them. What is not acknowledged comes again.
ACK_SECONDS, TRIGGER_SECONDS = 10.0, 60.0

#: Five customers who say the same in their own words, none of it critical: enough for a theme and its alert.
LOGIN = (
    "Since this morning I cannot log in with Okta, it sends me back to the login page again and again",
    "Okta SSO login loops forever for me and a colleague, we come back to the sign-in page",
    "SSO login via Okta is broken: after entering my password I land on the login page again",
    "We cannot sign in with Okta, the login page just reloads in a loop",
    "Login with Okta SSO keeps redirecting to the login screen, please help",
)


@cache
def encoder() -> Any:
    """The bundled encoder, loaded once for the whole session."""
    from intelligence.encoder.minilm import MiniLMEncoder

    return MiniLMEncoder()


@dataclass
class SlackWorld:
    """The workspace, its people and channels, and the bot. `bot` is None while it is stopped."""

    pg: Playground
    settings: Settings
    admin: str
    agent: str
    pm: str
    customers: list[str]
    support: str
    product: str
    bot: Running | None = None
    starts: int = 0
    clock: Clock | None = None

    @property
    def running(self) -> Running:
        assert self.bot is not None, "the bot is stopped"
        return self.bot

    @property
    def workspace(self) -> str:
        return self.pg.team_id

    def start(self) -> Running:
        """Start the bot (again) and wait until it is connected."""
        self.bot = assemble(
            self.settings,
            clock=self.clock,
            embedder=encoder(),
            rhythm=Rhythm(look=0.05, again=0.2, ping=1.0, store=0.2, between_gaps=0.2),
        )
        with self.bot.deps.db.write() as session:
            for channel, name, role in (
                (self.support, "support", ChannelRole.SUPPORT),
                (self.product, "product", ChannelRole.PRODUCT),
            ):
                workspaces.put_channel(session, self.workspace, channel, name=name, member=True)
                now = self.bot.deps.clock.now()
                workspaces.choose_channel(session, self.workspace, channel, role=role, by=self.admin, now=now)
            workspaces.update(session, self.workspace, shadow=False)
        self.bot.start()
        if self.bot.connection is not None:
            self.pg.wait_until_connected()
        self.starts += 1
        return self.bot

    def stop(self) -> None:
        if self.bot is not None:
            self.bot.stop()
            self.bot = None

    def until(self, look: Callable[[], T], timeout: float = 60.0) -> T:
        """The first true value of `look()`, asked again after short pauses. Raises TimeoutError."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.02)
        raise TimeoutError(f"nothing came within {timeout} s")

    def settle(self, timeout: float = 60.0) -> None:
        """Until nothing is on its way to the bot, every delivery is dealt with and no job is due."""
        self.pg.settle(timeout)
        deps = self.running.deps

        def idle() -> bool:
            with deps.db.read() as session:
                counts = queue.counts(session)
                return not counts.get("running") and not counts.get("queued") and inbox.waiting(session)[0] == 0

        self.until(idle, timeout)

    def posted(self, channel: str, thread_ts: str | None = None) -> list[dict[str, Any]]:
        """What the bot has posted in a channel or thread."""
        return [m for m in self.pg.messages(channel, thread_ts) if m.get("user") == self.pg.bot_user_id]

    def whispered(self, user: str, channel: str | None = None) -> list[dict[str, Any]]:
        return self.pg.ephemerals(user, channel)


def settings_for(pg: Playground, folder: Path, **overrides: Any) -> Settings:
    values: dict[str, Any] = {
        "database_url": f"sqlite:///{folder / 'bot.db'}",
        "slack_bot_token": pg.bot_token,
        "slack_app_token": pg.app_token,
        "slack_signing_secret": pg.signing_secret,
        "slack_api_url": pg.api_url,
        "slack_post_seconds": 0.0,
        "debounce_seconds": 0.0,
        "grouping_minutes": 0.0,
        "web_port": 0,
    }
    return load_settings(None, **(values | overrides))


@contextmanager
def slack_world(
    folder: Path,
    *,
    start: bool = True,
    ack_timeout: float = ACK_SECONDS,
    clock: Clock | None = None,
    **overrides: Any,
) -> Iterator[SlackWorld]:
    """A world with one admin, one agent, one product manager, eight customers, #support and #product."""
    sqlite_file(folder / "bot.db")
    with Playground(ack_timeout=ack_timeout, trigger_seconds=TRIGGER_SECONDS, retry_delays=(0.0, 0.2, 0.5)) as pg:
        admin = pg.add_user("ada.admin", kind="admin")
        agent = pg.add_user("gus.agent", kind="agent")
        pm = pg.add_user("pia.product", kind="product")
        customers = [pg.add_user(f"customer.{n}") for n in range(8)]
        support = pg.add_channel("support", members=[admin, agent, *customers, pg.bot_user_id])
        product = pg.add_channel("product", members=[admin, pm, pg.bot_user_id])
        settings = settings_for(pg, folder, **({"admins": admin, "agents": agent} | overrides))
        world = SlackWorld(pg, settings, admin, agent, pm, customers, support, product, clock=clock)
        try:
            if start:
                world.start()
            yield world
            if settings.web and world.bot is None:
                return
        finally:
            world.stop()


@pytest.fixture
def slack(tmp_path: Path) -> Iterator[SlackWorld]:
    """A fresh world with the bot running over Socket Mode."""
    with slack_world(tmp_path) as world:
        yield world


def run_due(running: Running) -> int:
    """Run every due job in this thread, for tests that assemble a bot without starting it."""
    from bot.jobs import build_registry

    return Worker(running.deps, build_registry(running.deps, running.desks.installations), threads=1).run_due()
