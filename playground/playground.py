"""The playground: a Slack workspace on this machine, put together and running in a thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Self

from playground.delivery import Deliveries
from playground.events import DEFAULT_EVENTS
from playground.faults import Faults
from playground.interactions import Interactions
from playground.page_requests import PageRequests
from playground.page_socket import PageHub
from playground.people import App, User
from playground.people_acts import PeopleActs
from playground.scripting import Scripting
from playground.server import Surface
from playground.server_thread import ServerThread
from playground.slack import Credentials, Slack
from playground.socket_mode import SocketMode
from playground.tickets import TRIGGER_SECONDS
from playground.workspace import Workspace


class Playground(Scripting):
    """A workspace with one app under test. Use it as a context manager, or call start() and stop().

    `scopes` are the app's (None: every scope); `events` its subscriptions; `retry_delays` the seconds before each
    redelivery of an event that was not acknowledged within `ack_timeout`; `trigger_seconds` how long a window may be
    opened after an interaction; `rate_limit` switches on about one message a second and channel; `file_looks` is how
    many files.info calls find an upload still being processed; without `installed` the app has to be let in by OAuth
    first. `beside` is another workspace's playground: this one is reached at its addresses by the same app, starts and
    stops with it, and has ids that look the same.
    Raises PlaygroundError for a host that is not this machine or a port that is taken.
    """

    def __init__(
        self,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        *,
        host: str = "127.0.0.1",
        name: str = "Playground",
        app_name: str = "Ticket Intel",
        team_id: str = "T0PLAYGRND",
        app_id: str = "A0PLAYGRND",
        bot_token: str = "xoxb-playground",  # noqa: S107 - a token that opens nothing but this double
        app_token: str = "xapp-playground",  # noqa: S107
        signing_secret: str = "playground-signing-secret",  # noqa: S107
        scopes: Sequence[str] | None = None,
        events: Sequence[str] = DEFAULT_EVENTS,
        ack_timeout: float = 3.0,
        retry_delays: Sequence[float] = (0.0, 60.0, 300.0),
        trigger_seconds: float = TRIGGER_SECONDS,
        rate_limit: bool = False,
        file_looks: int = 1,
        installed: bool = True,
        beside: Playground | None = None,
    ) -> None:
        self._beside, self._neighbours = beside, list[Playground]()
        self._server = beside._server if beside else ServerThread(host, port)
        self._host = f"[{host}]" if ":" in host else host
        self.app_token, self.signing_secret = app_token, signing_secret
        self.team_id, self.app_id, self.bot_user_id, self.bot_id = team_id, app_id, "U0PGBOTUSER", "B0PGBOTUSER"
        self.workspace = Workspace(name, team_id, clock)
        app = App(app_id, app_name, self.bot_id, self.bot_user_id)
        credentials = Credentials(bot_token if installed else "", app_token, signing_secret)
        credentials.scopes = None if scopes is None else tuple(scopes)
        self.slack = self._build_slack(app, credentials, clock, rate_limit, file_looks, trigger_seconds)
        self.slack.installed = installed
        self._sockets = beside._sockets if beside else SocketMode(app_id, lambda: self.workspace.emit("app_status"))
        self._deliveries = Deliveries(self.slack, self._sockets, events, ack_timeout, retry_delays)
        self._interactions = Interactions(self.slack, self._deliveries)
        self._acts = PeopleActs(self.slack)
        self._requests = PageRequests(self.slack, self._interactions, self._acts)
        self._hub = PageHub(self.slack, self._deliveries, self._interactions, self._requests)
        self._surface = Surface(self.slack, self._sockets.serve, self._hub.serve)
        self._on_fault: Callable[[str, bool], object] = lambda *_: None
        if beside is not None:
            self._join(beside)

    def _build_slack(
        self,
        app: App,
        credentials: Credentials,
        clock: Callable[[], float],
        rate_limit: bool,
        file_looks: int,
        trigger_seconds: float,
    ) -> Slack:
        handle = app.name.lower().replace(" ", "-")
        self.workspace.add_user(
            User(app.user_id, handle, app.name, self.team_id, "bot", "", True, app_id=app.id, bot_id=app.bot_id)
        )
        return Slack(
            self.workspace,
            app,
            credentials,
            clock,
            rate_limit=rate_limit,
            file_looks=file_looks,
            trigger_seconds=trigger_seconds,
            on_switch=self._switched,
        )

    def _join(self, other: Playground) -> None:
        """Be reached where the other one is."""
        slack, theirs = self.slack, other.slack
        slack.grants, slack.faults = theirs.grants, theirs.faults
        slack.new_socket_url = theirs.new_socket_url
        slack.base_url = slack.files.base_url = theirs.base_url
        self._deliveries.http = other._deliveries.http
        other._surface.slacks.append(slack)
        other._neighbours.append(self)
        if self._server.loop is not None:
            self._attach(self._server.loop)

    def neighbour(self, name: str = "Neighbour", team_id: str = "T0NEIGHBOR", **others: Any) -> Playground:
        """Another workspace at the same addresses, for the same app; `others` as for the constructor."""
        token = others.pop("bot_token", f"xoxb-{team_id.lower()}")
        same: dict[str, Any] = {"app_id": self.app_id, "app_token": self.app_token}
        same["signing_secret"] = self.signing_secret
        return Playground(name=name, team_id=team_id, bot_token=token, beside=self, **same, **others)

    # -- life ---------------------------------------------------------------------------------------------------
    def start(self) -> Self:
        """Listen and serve; returns self."""
        self._server.start(self._surface.asgi, self._surface.transports, self._attach, self._detach)
        for slack in self._surface.slacks:
            slack.base_url = slack.files.base_url = self.url.rstrip("/")
        socket_url = f"ws://{self._host}:{self._server.port}/socket?ticket="
        for slack in self._surface.slacks:
            slack.new_socket_url = lambda: socket_url + self._sockets.new_ticket()
        return self

    def stop(self) -> None:
        """Close every connection and the server; what is still on its way is given up."""
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def _attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._deliveries.attach(loop)
        self._hub.attach(loop)
        for other in self._neighbours:
            other._attach(loop)

    async def _detach(self) -> None:
        for other in self._neighbours:
            await other._detach()
        await self._hub.close()
        await self._deliveries.close()

    # -- addresses ----------------------------------------------------------------------------------------------
    @property
    def url(self) -> str:
        """The page."""
        return f"http://{self._host}:{self._server.port}/"

    @property
    def api_url(self) -> str:
        """The Web API: WebClient(base_url=...) or SLACK_API_URL."""
        return f"{self.url}api/"

    @property
    def bot_token(self) -> str:
        """The app's bot token here; "" before it was let in."""
        return self.slack.credentials.bot_token

    @property
    def http_target(self) -> str | None:
        """Where signed HTTP deliveries go; None for Socket Mode."""
        return self._deliveries.http.target

    @http_target.setter
    def http_target(self, url: str | None) -> None:
        self._deliveries.http.target = url
        self.workspace.emit("app_status")

    # -- faults and the demo's surroundings ---------------------------------------------------------------------
    @property
    def faults(self) -> Faults:
        return self.slack.faults

    def _switched(self, name: str, on: bool) -> None:
        if name == "slack_down" and on and self._server.loop is not None:
            closing = self._sockets.close_all()
            try:
                here = asyncio.get_running_loop() is self._server.loop
            except RuntimeError:
                here = False
            if here:
                self._hub.spawn(closing)
            else:
                self._server.run(closing)
        self.workspace.emit("faults", faults=dict(self.slack.faults.switches))
        self.workspace.emit("app_status")
        self._on_fault(name, on)

    def on_fault(self, callback: Callable[[str, bool], object]) -> None:
        """Hear switches of the page's fault panel: callback(name, on), on the server's thread."""
        self._on_fault = callback

    def on_panel(self, callback: Callable[[str, str, Any], object]) -> None:
        """Hear the page's side panel: callback(user, action, value), on a worker thread."""
        self._requests.on_panel = callback

    def panel(self, panel: dict[str, Any]) -> None:
        """Show a side panel on every page, now and for those who come later."""
        self._hub.panel = panel
        self.workspace.emit("panel", panel=panel)

    def progress(self, label: str, done: int, total: int) -> None:
        """Show how far something is; done == total hides it."""
        self.workspace.emit("progress", label=label, done=done, total=total)

    def toast(self, text: str, level: str = "info", user: str | None = None) -> None:
        self.workspace.emit("toast", level=level, text=text, user=user)

    def pin(self, channel: str, ts: str) -> None:
        """Pin a message for everybody."""
        self.workspace.pin(channel, ts)
