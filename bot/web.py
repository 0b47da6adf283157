"""HTTP: Slack's deliveries for those who cannot use Socket Mode, and whether we live.

Endpoints are plain functions, which FastAPI runs in threads: slack_bolt's own FastAPI adapter writes to the database on
the event loop (8 events with a write of 0.5 s took 4.1 s there, 0.5 s here). Only the body is read asynchronously.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import structlog
import uvicorn
from fastapi import Depends, FastAPI, Request, Response
from slack_bolt import App, BoltRequest
from sqlalchemy.exc import SQLAlchemyError

from bot.api import MOUNT, build_api
from bot.bearer import Rate, is_bearer
from bot.bodies import Bodies
from bot.desk import Desks
from bot.errors import BadSettings, PortTaken
from bot.flows.reads import Reads, scope_of
from bot.job_times import JobTimes
from bot.metrics import CONTENT_TYPE, exposition
from bot.oauth import INSTALL, REDIRECT, OAuth
from bot.oauth_pages import HEADERS, Page, too_many
from bot.release_webhook import add_release_webhook
from bot.sealing import seal_of
from bot.senders import Senders
from bot.tracker_webhook import add_tracker_webhook
from bot.webhooks import add_webhooks
from storage import schema

log = structlog.get_logger(__name__)

START_SECONDS = 10.0


def build_web(app: App, desks: Desks, connected: Callable[[], bool], times: JobTimes) -> FastAPI:
    """The HTTP application. Raises BadSettings without the signing secret: unsigned requests must not come in."""
    if desks.deps.settings.slack_signing_secret is None:
        raise BadSettings(
            problems="SLACK_SIGNING_SECRET: it is needed with WEB=true, to know that a request comes from Slack; "
            "copy it from the app's Basic Information page"
        )
    web = FastAPI(title="Ticket Intel", docs_url=None, redoc_url=None, openapi_url=None)
    bodies = Bodies()

    @web.post("/slack/events")
    def slack(request: Request, body: bytes = Depends(bodies)) -> Response:
        """Events, commands and interactions. Bolt checks the signature and its age: 401 before anything is stored."""
        headers: dict[str, str | Sequence[str]] = {name: [value] for name, value in request.headers.items()}
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return Response("not UTF-8", 400)
        answer = app.dispatch(BoltRequest(body=text, query=request.url.query, headers=headers))
        return Response(answer.body, answer.status, headers=dict(answer.first_headers_without_set_cookie()))

    if desks.deps.settings.several:
        _add_oauth(web, desks)
    senders = Senders(desks.deps.settings.webhook_per_minute, desks.deps.clock)
    add_webhooks(web, desks, bodies, senders)
    add_tracker_webhook(web, desks, bodies, senders)
    add_release_webhook(web, desks, bodies, senders)
    _mount_api(web, desks)
    if desks.deps.settings.metrics:
        _add_metrics(web, desks, connected, times)

    @web.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process lives."""
        return {"status": "ok"}

    @web.get("/readyz")
    def readyz(response: Response) -> dict[str, str]:
        """The database answers with the schema we know, and Slack is connected."""
        found = {"database": _database(desks), "slack": "connected" if connected() else "not connected"}
        ready = found == {"database": "ok", "slack": "connected"}
        response.status_code = 200 if ready else 503
        return {"status": "ok" if ready else "not ready", **found}

    return web


def _add_oauth(web: FastAPI, desks: Desks) -> None:
    """`/slack/install` and where Slack sends the browser back to."""
    oauth = OAuth(desks.deps, seal_of(desks.deps.settings), desks.wake)

    @web.get(INSTALL)
    def install() -> Response:
        """Off to Slack."""
        if seconds := oauth.wait():
            return _html(too_many(seconds), {"retry-after": str(seconds)})
        leave = oauth.begin()
        return Response(None, 302, {"location": leave.url, "set-cookie": leave.cookie, "cache-control": "no-store"})

    @web.get(REDIRECT)
    def back(request: Request) -> Response:
        """Back with a code, or with what went wrong."""
        if seconds := oauth.wait():
            return _html(too_many(seconds), {"retry-after": str(seconds)})
        page = oauth.finish(request.query_params, request.headers.get("cookie", ""))
        return _html(page, {"set-cookie": oauth.forget_cookie})


def _html(page: Page, headers: dict[str, str]) -> Response:
    return Response(page.html, page.status, {**HEADERS, **headers}, media_type="text/html")


def _mount_api(web: FastAPI, desks: Desks) -> None:
    settings = desks.deps.settings
    if settings.api_token is not None:
        rate = Rate(settings.api_per_minute, desks.deps.clock)
        web.mount(MOUNT, build_api(Reads(desks.deps, scope_of(desks.deps, desks.home)), settings.api_token, rate))


def _add_metrics(web: FastAPI, desks: Desks, connected: Callable[[], bool], times: JobTimes) -> None:
    token = desks.deps.settings.api_token

    @web.get("/metrics")
    def metrics(request: Request) -> Response:
        """For Prometheus; with API_TOKEN set, for whoever carries it."""
        if token is not None and not is_bearer(token, request.headers.get("authorization")):
            return Response("a bearer token is needed", 401, {"WWW-Authenticate": "Bearer"})
        return Response(exposition(desks.deps, times, connected=connected()), media_type=CONTENT_TYPE)


def _database(desks: Desks) -> str:
    try:
        return "ok" if schema.revision(desks.deps.db) == schema.head() else "schema outdated"
    except SQLAlchemyError as error:
        return type(error).__name__


class WebServer:
    """uvicorn in a thread of its own."""

    def __init__(self, app: App, desks: Desks, connected: Callable[[], bool], times: JobTimes) -> None:
        self._settings = desks.deps.settings
        self._server = uvicorn.Server(
            uvicorn.Config(
                build_web(app, desks, connected, times),
                host=self._settings.web_host,
                port=self._settings.web_port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=5,
            )
        )
        self._thread = threading.Thread(target=self._serve, name="web", daemon=True)
        self._over = threading.Event()

    @property
    def port(self) -> int:
        """The port that is listened on, also when 0 was asked for."""
        return int(self._server.servers[0].sockets[0].getsockname()[1])

    def start(self) -> None:
        """Listen. Raises PortTaken."""
        self._thread.start()
        for _ in range(int(START_SECONDS / 0.02)):
            if self._server.started:
                log.info("listening", host=self._settings.web_host, port=self.port)
                return
            if self._over.wait(0.02):
                break
        raise PortTaken(port=self._settings.web_port)

    def stop(self) -> None:
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(10)

    def _serve(self) -> None:
        try:
            self._server.run()
        except SystemExit:  # uvicorn's word for a port that is taken
            log.error("port_taken", port=self._settings.web_port)
        finally:
            self._over.set()
