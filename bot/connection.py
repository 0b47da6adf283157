"""The Socket Mode connection: opened, watched, and after every gap the channels are read from where we stopped.

What is said while no connection is open is never delivered again, so that a gap of any length is repaired.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from pydantic import SecretStr
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.desk import Desk
from bot.flows import catching_up
from bot.messenger import Outgoing, Refused, TryLater
from bot.slack_client import slack_errors
from bot.socket_client import change_quickly, close

log = structlog.get_logger(__name__)

TELL_ADMINS_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds between two looks at the connection, before another try to open it, and between two pings."""

    look: float = 1.0
    again: float = 10.0
    ping: float = 10.0


STEADY: Final = Rhythm()


class Connection:
    """Socket Mode for one app. `start` tries to connect once; a Slack that is away is tried again until it is there.

    slack_sdk follows Slack's requests to move to a new connection, but does not reconnect: where its try fails, it reads
    the closed socket in an endless loop.
    """

    def __init__(self, app: App, app_token: SecretStr, desk: Desk, rhythm: Rhythm = STEADY) -> None:
        self._desk = desk
        self._rhythm = rhythm
        self._handler = SocketModeHandler(
            app,
            app_token.get_secret_value(),
            web_client=app.client,
            auto_reconnect_enabled=False,
            ping_interval=rhythm.ping,
        )
        change_quickly(self._handler.client)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="connection", daemon=True)
        self._session: str | None = None
        self._lost_at: datetime | None = None
        self._told = False

    @property
    def is_open(self) -> bool:
        return bool(self._handler.client.is_connected())

    def start(self) -> None:
        """Try to connect, then watch the connection in the background."""
        if not self._opened():
            self._note_gap()
        self._session = self._handler.client.session_id()
        self._thread.start()

    def stop(self) -> None:
        """Close the connection; nothing more arrives."""
        self._stop.set()
        if self._thread.is_alive():  # an interrupted start may stop what never ran
            self._thread.join(STEADY.again)
        close(self._handler.client)

    def _watch(self) -> None:
        while not self._stop.wait(self._rhythm.look):
            if not self.is_open:
                self._note_gap()
                if not self._opened():
                    self._stop.wait(self._rhythm.again)
            elif self._lost_at is not None or self._session != self._handler.client.session_id():
                self._repair()

    def _opened(self) -> bool:
        client = self._handler.client
        try:
            with slack_errors("apps.connections.open"):
                client.connect_to_new_endpoint()
        except (Refused, TryLater) as error:
            log.warning("no_connection_to_slack", error=str(error), again_in_seconds=self._rhythm.again)
            return False
        if self.is_open:
            log.info("connected_to_slack", workspace=self._desk.workspace)
        return self.is_open

    def _note_gap(self) -> None:
        now = self._desk.deps.clock.now()
        if self._lost_at is None:
            self._lost_at, self._told = now, False
            log.warning("connection_lost")
        elif now - self._lost_at >= TELL_ADMINS_AFTER and not self._told:
            self._told = True
            self._tell_admins(self._lost_at)

    def _repair(self) -> None:
        """Read what was said in the gap; a new session without a gap that we saw may have had a short one."""
        since = self._lost_at or self._desk.deps.clock.now()
        self._lost_at, self._session = None, self._handler.client.session_id()
        begun = catching_up.start_catch_up(
            self._desk.deps, self._desk.workspace, because=f"gap:{since:%Y%m%dT%H%M%S%f}"
        )
        self._desk.wake()
        log.info("connection_back", since=since.isoformat(), channels=begun)

    def _tell_admins(self, lost_at: datetime) -> None:
        local = lost_at.astimezone(self._desk.deps.settings.zone)
        text = f"I have had no connection to Slack since {local:%H:%M}. Run `ticket-intel doctor` on my machine."
        for admin in sorted(self._desk.admins()):
            try:
                self._desk.messenger.direct(admin, Outgoing("", text))
            except (Refused, TryLater) as error:
                log.error("admin_not_told", admin=admin, reason=str(error))
