"""The composition root of the running bot: Slack in, worker, schedule and web around one Deps."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import structlog
from slack_bolt import App
from slack_sdk import WebClient

from bot import listeners
from bot.clock import Clock
from bot.compose import build_deps
from bot.connection import STEADY, Connection, Rhythm
from bot.deps import Deps
from bot.desk import Desk, Installation, Memberships, who_am_i
from bot.errors import BadSettings, SlackRefused
from bot.flows import catching_up, permalinks, reading
from bot.intake import ANSWER, answer_unanswered, answering, remember_first
from bot.job_times import JobTimes
from bot.jobs import build_registry
from bot.messenger import TryLater
from bot.schedule import Schedule
from bot.settings import Settings
from bot.slack_client import build_client
from bot.slack_history import WebHistory
from bot.slack_messenger import SlackMessenger
from bot.worker import Registry, Work, Worker
from intelligence.ports import Embedder
from storage import workspaces

if TYPE_CHECKING:
    from bot.web import WebServer

log = structlog.get_logger(__name__)

LISTENER_THREADS = 16  # Bolt's 5 did a third of the work with Slack calls of 100 ms


class Role(StrEnum):
    """What a process does; any number may do each. HTTP is served by WEB=true, whatever the role."""

    ALL = "all"
    LISTEN = "listen"  # Socket Mode
    WORK = "work"  # jobs and the alarm clock
    WEB = "web"  # HTTP without Socket Mode


WORKS = frozenset({Role.ALL, Role.WORK})
SOCKETS = frozenset({Role.ALL, Role.LISTEN})


def build_app(desk: Desk, client: WebClient) -> App:
    """The Bolt app with the intake before everything and every listener bound."""
    secret = desk.deps.settings.slack_signing_secret
    app = App(
        name="ticket-intel",
        client=client,
        signing_secret=secret.get_secret_value() if secret else "",
        listener_executor=ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="listener"),
    )
    app.use(remember_first(desk))
    listeners.register(app, desk)
    return app


@dataclass
class Running:
    """A bot put together. `start` lets it work, `stop` ends it in order: first nothing comes in, then work is done."""

    deps: Deps
    desk: Desk
    app: App
    worker: Worker
    schedule: Schedule
    connection: Connection | None
    web: WebServer | None
    registry: Registry
    role: Role = Role.ALL

    def __post_init__(self) -> None:
        self._warming = threading.Thread(target=self._warm, name="warm", daemon=True)

    def start(self) -> None:
        """Work, then listen, then repair what was missed."""
        self._warming.start()
        if self.role in WORKS:
            self.worker.start()
            reading.enqueue_forgotten(self.deps, self.desk.workspace)
            self.schedule.start()
        answer_unanswered(self.desk)
        if self.connection is not None:
            self.connection.start()
        if self.web is not None:
            self.web.start()
        if self.role is not Role.WORK:
            now = self.deps.clock.now()  # only now: what is said before we listen must be read, too
            catching_up.start_catch_up(self.deps, self.desk.workspace, because=f"start:{now:%Y%m%dT%H%M%S%f}")
        self.worker.wake()

    def stop(self) -> None:
        """Close what listens, let listeners and jobs finish, close the database."""
        if self.web is not None:
            self.web.stop()
        if self.connection is not None:
            self.connection.stop()
        self.schedule.stop()
        self.app.listener_runner.listener_executor.shutdown()
        self.worker.stop()
        if self._warming.ident is not None:
            self._warming.join()
        self.deps.close()

    def _warm(self) -> None:
        """Read the vectors once, so that nobody's first question waits for it."""
        deps = self.deps
        with deps.memory.rows(deps.db, self.desk.workspace, deps.clock.now()):
            pass


def assemble(
    settings: Settings,
    *,
    clock: Clock | None = None,
    embedder: Embedder | None = None,
    client: WebClient | None = None,
    rhythm: Rhythm = STEADY,
    role: Role = Role.ALL,
) -> Running:
    """Put the bot together; nothing runs yet. Raises BadSettings, SchemaOutdated or SlackRefused."""
    settings = _for_role(settings, role)
    assert settings.slack_bot_token is not None
    web_client = client or build_client(settings.slack_bot_token, settings.slack_api_url)
    here = _who_am_i(web_client)
    messenger = SlackMessenger(web_client)
    deps = build_deps(settings, clock=clock, messenger=messenger, embedder=embedder, workspace=here.team)
    _introduce(deps, here)
    history = WebHistory(web_client)
    registry = dict(build_registry(deps, history))
    worker = Worker(deps, registry, threads=settings.workers)
    desk = Desk(deps, here, messenger, history, Memberships(history), worker.wake)
    app = build_app(desk, web_client)
    registry[ANSWER] = Work(answering(app))
    token = settings.slack_app_token if role in SOCKETS else None
    connection = Connection(app, token, desk, rhythm) if token else None
    web = _web(app, desk, connection, worker.times) if settings.web else None
    return Running(deps, desk, app, worker, Schedule(deps, here.team, worker.wake), connection, web, registry, role)


def _for_role(settings: Settings, role: Role) -> Settings:
    """The settings with what the role brings with it. Raises BadSettings where it lacks something."""
    if role is Role.WEB:
        settings = settings.model_copy(update={"web": True})
    if role is Role.LISTEN and not settings.socket_mode:
        raise BadSettings(problems="SLACK_APP_TOKEN: --role listen is Socket Mode, which needs it; --role web does not")
    if settings.slack_bot_token is None or not (settings.socket_mode or settings.web or role is Role.WORK):
        raise BadSettings(
            problems="SLACK_BOT_TOKEN and SLACK_APP_TOKEN: Slack is not connected yet; run `ticket-intel connect`"
        )
    return settings


def _web(app: App, desk: Desk, connection: Connection | None, times: JobTimes) -> WebServer:
    from bot.web import WebServer  # FastAPI only where HTTP is served

    return WebServer(app, desk, lambda: connection is None or connection.is_open, times)


def _who_am_i(client: WebClient) -> Installation:
    try:
        return who_am_i(client)
    except TryLater as later:
        raise SlackRefused(
            method="auth.test", error=str(later), fix="Check this machine's network and proxy, then start again."
        ) from later


def _introduce(deps: Deps, here: Installation) -> None:
    """Make the workspace's row on first sight, and keep its name and our user id."""
    with deps.db.write() as session:
        workspaces.ensure(session, here.team, deps.clock.now(), name=here.name, timezone=deps.settings.timezone)
        workspaces.update(session, here.team, name=here.name, bot_user_id=here.bot_user)
        if workspaces.setting(session, here.team, permalinks.KEY) != here.url:
            workspaces.set_setting(session, here.team, permalinks.KEY, here.url, by=None, now=deps.clock.now())


def run(settings: Settings, role: Role = Role.ALL) -> None:
    """Run until SIGTERM or SIGINT. Raises BadSettings, SchemaOutdated or SlackRefused."""
    running = assemble(settings, role=role)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    running.start()
    log.info("running", role=role.value, workspace=running.desk.workspace, bot=running.desk.here.bot_user)
    over.wait()
    log.info("stopping")
    running.stop()
