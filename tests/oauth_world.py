"""A bot that workspaces install by OAuth: the playground with neighbours, a browser without pictures, and the bot."""

from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from slack_world import encoder

from bot.app import Running, assemble
from bot.connection import Rhythm
from bot.sealing import new_key
from bot.settings import Settings, load_settings
from intelligence.model import ChannelRole
from playground import Playground
from storage import inbox, installations, queue, workspaces
from storage.installations import Stored

T = TypeVar("T")
#: What is not acknowledged on a busy machine comes again, as it does from Slack.
PATIENT: dict[str, Any] = {"ack_timeout": 3.0, "retry_delays": (0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)}
PUBLIC = "http://127.0.0.1:1"  # nobody listens there: the browser below knows the way


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Browser:
    """One person's: it keeps cookies, and follows nothing by itself."""

    port: Callable[[], int]
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, target: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port(), timeout=10)
        with contextlib.closing(connection):
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request("GET", target, headers={"cookie": cookie} if cookie else {})
            response = connection.getresponse()
            answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read().decode())
        if set_cookie := answer.headers.get("set-cookie"):
            name, _, value = set_cookie.partition(";")[0].partition("=")
            if "Expires=Thu, 01 Jan 1970" in set_cookie:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def install(self, pg: Playground, user: str) -> Answer:
        """From the install link to the last page."""
        to_slack = self.get("/slack/install")
        assert to_slack.status == 302
        return self.get(back(pg.authorize(user, to_slack.headers["location"])))


def back(url: str) -> str:
    """The path and query of an address that Slack sends the browser to."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


@dataclass
class Place:
    """One workspace: an admin, a product manager, customers, #support and #product. Ids are the same in each of them."""

    pg: Playground
    admin: str
    pm: str
    customers: list[str]
    support: str
    product: str

    def invite(self) -> None:
        """The bot into both channels."""
        for channel in (self.support, self.product):
            self.pg.invite(self.admin, channel, self.pg.bot_user_id)


def a_place(pg: Playground) -> Place:
    admin, pm = pg.add_user("ada.admin", kind="admin"), pg.add_user("pia.product", kind="product")
    customers = [pg.add_user(f"customer.{n}") for n in range(6)]
    support = pg.add_channel("support", members=[admin, *customers])
    product = pg.add_channel("product", members=[admin, pm])
    return Place(pg, admin, pm, customers, support, product)


@dataclass
class OAuthWorld:
    settings: Settings
    places: list[Place]
    bot: Running | None = None

    @property
    def running(self) -> Running:
        assert self.bot is not None, "the bot is stopped"
        return self.bot

    @property
    def port(self) -> int:
        assert self.running.web is not None
        return self.running.web.port

    def browser(self) -> Browser:
        return Browser(lambda: self.port)

    def start(self, **overrides: Any) -> Running:
        settings = self.settings.model_copy(update=overrides)
        self.bot = assemble(settings, embedder=encoder(), rhythm=Rhythm(look=0.05, again=0.2, ping=1.0))
        self.bot.start()
        if settings.slack_app_token is None:
            self.places[0].pg.http_target = f"http://127.0.0.1:{self.port}/slack/events"
        else:
            self.places[0].pg.wait_until_connected(sockets=settings.slack_connections)
        return self.bot

    def stop(self) -> None:
        if self.bot is not None:
            self.bot.stop()
            self.bot = None

    def install(self, place: Place) -> Answer:
        """Install the app, invite it, and say what the channels are for; alerts are live."""
        done = self.browser().install(place.pg, place.admin)
        place.invite()
        self.settle()
        deps, team = self.running.deps, place.pg.team_id
        with deps.db.write() as session:
            for channel, role in ((place.support, ChannelRole.SUPPORT), (place.product, ChannelRole.PRODUCT)):
                workspaces.choose_channel(session, team, channel, role=role, by=place.admin, now=deps.clock.now())
            workspaces.update(session, team, shadow=False)
        return done

    def stored(self, place: Place) -> Stored | None:
        with self.running.deps.db.read() as session:
            return installations.get(session, place.pg.team_id)

    def until(self, look: Callable[[], T], timeout: float = 20.0) -> T:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.02)
        raise TimeoutError(f"nothing came within {timeout} s: {self.jobs()}")

    def jobs(self) -> list[Any]:
        with self.running.deps.db.read() as session:
            return queue.listing(session)

    def settle(self, timeout: float = 30.0) -> None:
        """Until nothing is on its way, every delivery is dealt with and no job is due."""
        for place in self.places:
            place.pg.settle(timeout)
        deps = self.running.deps

        def idle() -> bool:
            with deps.db.read() as session:
                return not queue.any_due(session, deps.clock.now()) and inbox.waiting(session)[0] == 0

        self.until(idle, timeout)
        self.until(lambda: not any(job.state == "running" for job in self.jobs()), timeout)


def oauth_settings(pg: Playground, folder: Path, **overrides: Any) -> Settings:
    values: dict[str, Any] = {
        "database_url": f"sqlite:///{folder / 'bot.db'}",
        "slack_client_id": pg.slack.grants.client_id,
        "slack_client_secret": pg.slack.grants.client_secret,
        "slack_app_token": pg.app_token,
        "slack_signing_secret": pg.signing_secret,
        "slack_api_url": pg.api_url,
        "slack_post_seconds": 0.0,
        "secrets_key": new_key(),
        "public_url": PUBLIC,
        "web": True,
        "web_port": 0,
        "debounce_seconds": 0.0,
        "grouping_minutes": 0.0,
    }
    return load_settings(None, **(values | overrides))


@contextmanager
def oauth_world(folder: Path, *, start: bool = True, **overrides: Any) -> Iterator[OAuthWorld]:
    """Two workspaces that the app is not in yet, and the bot waiting for them."""
    with Playground(name="Alpha", team_id="T0ALPHA", installed=False, **PATIENT) as pg:
        other = pg.neighbour("Beta", "T0BETA", installed=False, **PATIENT)
        world = OAuthWorld(oauth_settings(pg, folder, **overrides), [a_place(pg), a_place(other)])
        try:
            if start:
                world.start()
            yield world
        finally:
            world.stop()
