"""The Socket Mode connections: opened, watched, and after every gap the channels are read from where we stopped.

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

from bot.desk import Desk, Desks
from bot.flows import catching_up
from bot.messenger import Outgoing, Refused, TryLater
from bot.slack_client import slack_errors
from bot.socket_client import change_quickly, close

log = structlog.get_logger(__name__)

TELL_ADMINS_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds between two looks at the connection, before another try to open it, and between two pings; between two tries
    whether storing works again, and between two catch-ups over what could not be stored.
    """

    look: float = 1.0
    again: float = 10.0
    ping: float = 10.0
    store: float = 5.0
    between_gaps: float = 60.0


STEADY: Final = Rhythm()


class Connection:
    """Socket Mode for one app, over one connection or several. `start` tries each once; a Slack that is away is tried
    again until it is there. Slack hands what it has to any of them, so that there is a gap only while none is open.

    slack_sdk follows Slack's requests to move to a new connection, but does not reconnect: where its try fails, it reads
    the closed socket in an endless loop.
    """

    def __init__(self, app: App, app_token: SecretStr, desks: Desks, rhythm: Rhythm = STEADY) -> None:
        self._desks = desks
        self._rhythm = rhythm
        count = desks.deps.settings.slack_connections
        self._lines = [_Line(app, app_token, rhythm) for _ in range(count)]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="connection", daemon=True)
        self._lost_at: datetime | None = None
        self._told = False

    @property
    def is_open(self) -> bool:
        return any(line.is_open for line in self._lines)

    def start(self) -> None:
        """Try to connect, then watch the connections in the background."""
        for line in self._lines:
            line.open(self._rhythm)
            line.moved()
        if not self.is_open:
            self._note_gap()
        self._thread.start()

    def stop(self) -> None:
        """Close the connections; nothing more arrives."""
        self._stop.set()
        if self._thread.is_alive():  # an interrupted start may stop what never ran
            self._thread.join(STEADY.again)
        for line in self._lines:
            close(line.handler.client)

    def _watch(self) -> None:
        while not self._stop.wait(self._rhythm.look):
            if not self.is_open:
                self._note_gap()
            closed = [line for line in self._lines if not line.is_open]
            opened = [line.open(self._rhythm) for line in closed]
            if closed and not all(opened):
                self._stop.wait(self._rhythm.again)
            if not self.is_open:
                continue
            moved = [line.moved() for line in self._lines if line.is_open]
            if self._lost_at is not None or all(moved):
                self._repair()

    def _note_gap(self) -> None:
        now = self._desks.deps.clock.now()
        if self._lost_at is None:
            self._lost_at, self._told = now, False
            log.warning("connection_lost")
        elif now - self._lost_at >= TELL_ADMINS_AFTER and not self._told:
            self._told = True
            for desk in self._desks.all():
                _tell_admins(desk, self._lost_at)

    def _repair(self) -> None:
        """Read what was said in the gap; a new session without a gap that we saw may have had a short one."""
        since, self._lost_at = self._lost_at or self._desks.deps.clock.now(), None
        because = f"gap:{since:%Y%m%dT%H%M%S%f}"
        begun = sum(
            catching_up.start_catch_up(self._desks.deps, workspace, because=because)
            for workspace in self._desks.installations.workspaces()
        )
        self._desks.wake()
        log.info("connection_back", since=since.isoformat(), channels=begun)


class _Line:
    """One of the connections."""

    def __init__(self, app: App, app_token: SecretStr, rhythm: Rhythm) -> None:
        self.handler = SocketModeHandler(
            app,
            app_token.get_secret_value(),
            web_client=app.client,
            auto_reconnect_enabled=False,
            ping_interval=rhythm.ping,
        )
        change_quickly(self.handler.client)
        self._session: str | None = None

    @property
    def is_open(self) -> bool:
        return bool(self.handler.client.is_connected())

    def open(self, rhythm: Rhythm) -> bool:
        """Try to connect; whether it is open now."""
        try:
            with slack_errors("apps.connections.open"):
                self.handler.client.connect_to_new_endpoint()
        except (Refused, TryLater) as error:
            log.warning("no_connection_to_slack", error=str(error), again_in_seconds=rhythm.again)
            return False
        if self.is_open:
            log.info("connected_to_slack")
        return self.is_open

    def moved(self) -> bool:
        """Whether it is another session than at the last look."""
        before, self._session = self._session, self.handler.client.session_id()
        return before != self._session


def _tell_admins(desk: Desk, lost_at: datetime) -> None:
    local = lost_at.astimezone(desk.deps.settings.zone)
    text = f"I have had no connection to Slack since {local:%H:%M}. Run `ticket-intel doctor` on my machine."
    for admin in sorted(desk.admins()):
        try:
            desk.messenger.direct(admin, Outgoing("", text))
        except (Refused, TryLater) as error:
            log.error("admin_not_told", admin=admin, reason=str(error))
