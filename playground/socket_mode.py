"""Socket Mode: single-use connection urls, envelopes out, acknowledgements in."""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from playground.errors import DispatchFailed, OperationTimeout

ENVELOPE = {"event": "events_api", "slash": "slash_commands", "interactive": "interactive"}
SERVICE_RESTART = 1012


@dataclass(eq=False, slots=True)
class Connection:
    """One open socket; a retiring one has been told to go and gets nothing more."""

    socket: WebSocket
    retiring: bool = False

    @property
    def is_live(self) -> bool:
        return not self.retiring and self.socket.application_state is WebSocketState.CONNECTED


class SocketMode:
    """Every Socket Mode connection of the app. Lives on the server's event loop."""

    def __init__(self, app_id: str, on_change: Callable[[], None]) -> None:
        self._app_id, self._on_change = app_id, on_change
        self._tickets: set[str] = set()
        self._pending: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._turn = 0
        self.connections: list[Connection] = []

    @property
    def live(self) -> list[Connection]:
        return [c for c in self.connections if c.is_live]

    def new_ticket(self) -> str:
        ticket = secrets.token_urlsafe(18)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """One connection from hello to its end; an unknown or used ticket is refused."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(1008)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        connection = Connection(socket)
        self.connections.append(connection)
        try:
            await socket.send_json(self._hello())
            self._on_change()
            while True:
                self._acknowledged(json.loads(await socket.receive_text()))
        except (WebSocketDisconnect, RuntimeError):
            pass  # the app has gone, or we closed the socket ourselves: both end the connection
        finally:
            self.connections.remove(connection)
            self._on_change()

    def _hello(self) -> dict[str, Any]:
        debug = {"host": "playground", "build_number": 1, "approximate_connection_time": 18060}
        about = {"app_id": self._app_id}
        return {"type": "hello", "num_connections": len(self.live), "debug_info": debug, "connection_info": about}

    def _acknowledged(self, frame: dict[str, Any]) -> None:
        waiting = self._pending.pop(str(frame.get("envelope_id")), None)
        if waiting and not waiting.done():
            waiting.set_result(frame.get("payload") or {})

    async def send(
        self, kind: str, payload: dict[str, Any], attempt: int, reason: str, timeout: float
    ) -> dict[str, Any]:
        """Send an envelope and wait for its acknowledgement.

        Raises DispatchFailed without a connection, OperationTimeout without an acknowledgement.
        """
        live = self.live
        if not live:
            raise DispatchFailed("no Socket Mode connection is open")
        self._turn += 1
        envelope_id = str(uuid.uuid4())
        frame: dict[str, Any] = {"envelope_id": envelope_id, "type": ENVELOPE[kind], "payload": payload}
        frame["accepts_response_payload"] = kind != "event"
        if kind == "event":
            frame |= {"retry_attempt": attempt, "retry_reason": reason}
        waiting = self._pending[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await live[self._turn % len(live)].socket.send_json(frame)
            return await asyncio.wait_for(waiting, timeout)
        except TimeoutError as error:
            raise OperationTimeout("timeout") from error
        except (WebSocketDisconnect, RuntimeError) as error:
            raise OperationTimeout("the connection closed") from error
        finally:
            self._pending.pop(envelope_id, None)

    async def refresh(self, reason: str) -> None:
        """Ask the app to reconnect, as Slack does every few hours; old connections still deliver acknowledgements."""
        for connection in self.live:
            connection.retiring = True
            await connection.socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "playground"}}
            )

    async def close_all(self) -> None:
        self._tickets.clear()
        for connection in list(self.connections):
            if connection.socket.application_state is WebSocketState.CONNECTED:
                await connection.socket.close(SERVICE_RESTART)
