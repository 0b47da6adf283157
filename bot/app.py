"""The composition root of the running bot: Slack in, worker, schedule and web around one Deps."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from sqlalchemy.exc import SQLAlchemyError

from bot import listeners
from bot.clock import Clock
from bot.compose import build_deps
from bot.connection import STEADY, Connection, Rhythm
from bot.deps import Deps
from bot.desk import Desk, Desks
from bot.errors import BadSettings, SlackRefused
from bot.flows import catching_up, installing, reading
from bot.installations import Identity, Installations, OneInstallation, StoredInstallations, installed, who_am_i
from bot.intake import ANSWER, answer_unanswered, answering, remember_first
from bot.job_times import JobTimes
from bot.jobs import build_registry
from bot.messenger import NotInstalled, TryLater
from bot.schedule import Schedule, places
from bot.sealing import seal_of
from bot.settings import Settings
from bot.slack_client import build_client
from bot.slack_settings import check_slack
from bot.unstored import Unstored
from bot.worker import Registry, Work, Worker
from intelligence.ports import Embedder
from storage.engine import reason_of

if TYPE_CHECKING:
    from bot.web import WebServer

log = structlog.get_logger(__name__)

LISTENER_THREADS = 16  # Bolt's 5 did a third of the work with Slack calls of 100 ms
NOT_HERE = "Ticket Intel is not installed in this workspace (any more). Whoever runs it can install it again."


class Role(StrEnum):
    """What a process does; any number may do each. HTTP is served by WEB=true, whatever the role."""

    ALL = "all"
    LISTEN = "listen"  # Socket Mode
    WORK = "work"  # jobs and the alarm clock
    WEB = "web"  # HTTP without Socket Mode


WORKS = frozenset({Role.ALL, Role.WORK})
SOCKETS = frozenset({Role.ALL, Role.LISTEN})


def build_app(desks: Desks, client: WebClient, unstored: Unstored) -> App:
    """The Bolt app with the intake before everything and every listener bound."""
    secret = desks.deps.settings.slack_signing_secret
    app = App(
        name="ticket-intel",
        client=client,
        signing_secret=secret.get_secret_value() if secret else "",
        authorize=authorize_by(desks, unstored) if desks.deps.settings.several else None,
        user_facing_authorize_error_message=NOT_HERE,
        listener_executor=ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="listener"),
    )
    app.use(remember_first(desks, unstored))
    listeners.register(app)
    return app


def authorize_by(desks: Desks, unstored: Unstored) -> Callable[..., Any]:
    """How Bolt learns whose token a request is answered with; None where nobody's. Bolt asks before the intake, so that
    a database that is away is noticed here.
    """

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        try:
            installation = desks.of(team_id or "").installation
        except NotInstalled:
            return None
        except SQLAlchemyError as error:
            log.error("delivery_not_stored", error=reason_of(error))
            unstored.note(team_id or "")
            raise
        here, token = installation.here, installation.client.token
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=here.team,
            bot_user_id=here.bot_user,
            bot_id=here.bot_id,
            bot_token=token,
        )

    return authorize


@dataclass
class Running:
    """A bot put together. `start` lets it work, `stop` ends it in order: first nothing comes in, then work is done."""

    deps: Deps
    desks: Desks
    app: App
    unstored: Unstored
    worker: Worker
    schedule: Schedule
    connection: Connection | None
    web: WebServer | None
    registry: Registry
    role: Role = Role.ALL

    def __post_init__(self) -> None:
        self._warming = threading.Thread(target=self._warm, name="warm", daemon=True)

    @property
    def desk(self) -> Desk:
        """That of the one workspace, or of the home of the settings. Raises NotInstalled."""
        return self.desks.of(self.desks.home)

    def start(self) -> None:
        """Work, then listen, then repair what was missed."""
        self._warming.start()
        there = self.desks.installations.workspaces()
        if self.role in WORKS:
            self.worker.start()
            for workspace in there:
                reading.enqueue_forgotten(self.deps, workspace)
            self.schedule.start()
        answer_unanswered(self.desks)
        self.unstored.start()
        if self.connection is not None:
            self.connection.start()
        if self.web is not None:
            self.web.start()
        if self.role is not Role.WORK:
            now = self.deps.clock.now()  # only now: what is said before we listen must be read, too
            for workspace in there:
                catching_up.start_catch_up(self.deps, workspace, because=f"start:{now:%Y%m%dT%H%M%S%f}")
        self.worker.wake()

    def stop(self) -> None:
        """Close what listens, let listeners and jobs finish, close the database."""
        if self.web is not None:
            self.web.stop()
        if self.connection is not None:
            self.connection.stop()
        self.unstored.stop()
        self.schedule.stop()
        self.app.listener_runner.listener_executor.shutdown()
        self.worker.stop()
        if self._warming.ident is not None:
            self._warming.join()
        self.deps.close()

    def _warm(self) -> None:
        """Read the vectors once, so that nobody's first question waits for it."""
        deps = self.deps
        for workspace in self.desks.installations.workspaces():
            with deps.memory.rows(deps.db, workspace, deps.clock.now()):
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
    web_client = client or build_client(settings.slack_bot_token, settings.slack_api_url)
    if settings.several:
        deps, slack = _several(settings, clock, embedder)
    else:
        deps, slack = _one(settings, web_client, clock, embedder)
    registry = dict(build_registry(deps, slack))
    worker = Worker(deps, registry, threads=settings.workers)
    desks = Desks(deps, slack, worker.wake)
    unstored = Unstored(desks, rhythm)
    app = build_app(desks, web_client, unstored)
    registry[ANSWER] = Work(answering(app))
    token = settings.slack_app_token if role in SOCKETS else None
    connection = Connection(app, token, desks, rhythm) if token else None
    web = _web(app, desks, connection, worker.times) if settings.web else None
    schedule = Schedule(deps, places(slack, settings), worker.wake)
    return Running(deps, desks, app, unstored, worker, schedule, connection, web, registry, role)


def _for_role(settings: Settings, role: Role) -> Settings:
    """The settings with what the role brings with it. Raises BadSettings where it lacks something."""
    if role is Role.WEB:
        settings = settings.model_copy(update={"web": True})
    if role is Role.LISTEN and settings.slack_app_token is None:
        raise BadSettings(problems="SLACK_APP_TOKEN: --role listen is Socket Mode, which needs it; --role web does not")
    check_slack(settings, hears=role is not Role.WORK, installs=role in {Role.ALL, Role.WEB})
    return settings


def _one(
    settings: Settings, client: WebClient, clock: Clock | None, embedder: Embedder | None
) -> tuple[Deps, Installations]:
    """The workspace of SLACK_BOT_TOKEN. Raises SlackRefused."""
    installation = installed(_who_am_i(client), client)
    here = installation.here
    deps = build_deps(settings, clock=clock, messenger=installation.messenger, embedder=embedder, workspace=here.team)
    with deps.db.write() as session:
        installing.introduce(deps, session, here)
    return deps, OneInstallation(installation)


def _several(settings: Settings, clock: Clock | None, embedder: Embedder | None) -> tuple[Deps, Installations]:
    """The workspaces that install the app by OAuth. Raises BadSettings, or WrongKey for tokens that do not open."""
    seal = seal_of(settings)
    deps = build_deps(settings, clock=clock, embedder=embedder)
    slack = StoredInstallations(deps.db, seal, settings.slack_api_url)
    for workspace in slack.workspaces():
        slack.of(workspace)  # a key that is missing is told now, and not to the first customer
    return replace(deps, messenger_of=lambda workspace: slack.of(workspace).messenger), slack


def _web(app: App, desks: Desks, connection: Connection | None, times: JobTimes) -> WebServer:
    from bot.web import WebServer  # FastAPI only where HTTP is served

    return WebServer(app, desks, lambda: connection is None or connection.is_open, times)


def _who_am_i(client: WebClient) -> Identity:
    try:
        return who_am_i(client)
    except TryLater as later:
        raise SlackRefused(
            method="auth.test", error=str(later), fix="Check this machine's network and proxy, then start again."
        ) from later


def run(settings: Settings, role: Role = Role.ALL) -> None:
    """Run until SIGTERM or SIGINT. Raises BadSettings, SchemaOutdated or SlackRefused."""
    running = assemble(settings, role=role)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    running.start()
    # What is loaded by now stays: going through all of it stops every thread, for 0.17 s where this was measured.
    gc.collect()
    gc.freeze()
    log.info("running", role=role.value, workspaces=running.desks.installations.workspaces())
    over.wait()
    log.info("stopping")
    running.stop()
