"""Where slack_sdk's Socket Mode client is slow, or never comes to an end: its last moments.

Its `close` waits until a read times out, 3 seconds, and for its message queue, 1 second. And it can wait for ever: a
receiving thread that has just seen the connection open takes back that the session is over, then sleeps beside the
closed socket. A bot that is stopped right after it (re)connected met that.
"""

from __future__ import annotations

import contextlib
import json
import socket
import time
from typing import Final

import structlog
from slack_sdk.socket_mode.builtin.client import SocketModeClient

log = structlog.get_logger(__name__)

FAREWELL: Final = 0.05  # seconds that a read of a connection takes that is about to be replaced
GIVE_UP_AFTER: Final = 5.0  # seconds; what still reads then is a daemon thread, which ends with the process


def close(client: SocketModeClient) -> None:
    """Close the connection, end the client's threads, and let the listeners that run come to their end."""
    client.closed = True
    client.default_auto_reconnect_enabled = client.auto_reconnect_enabled = False
    client.message_queue.put(None)  # ends the wait for a message
    _end_session(client)
    client.current_app_monitor.shutdown()
    client.message_processor.shutdown()
    client.message_workers.shutdown()


def change_quickly(client: SocketModeClient) -> None:
    """When Slack asks for a new connection, go over to it at once.

    slack_sdk reads the new one only when a read of the old one has timed out, so that for up to 3 seconds nothing is
    acknowledged: what people click then fails.
    """

    def hear(frame: str) -> None:  # called by the thread that reads, before its next read
        reading = _reading(client)
        if reading is not None and _is_farewell(frame):
            reading.settimeout(FAREWELL)

    client.on_message_listeners.append(hear)


def _is_farewell(frame: str) -> bool:
    if "disconnect" not in frame:
        return False
    message: object = json.loads(frame)
    return isinstance(message, dict) and message.get("type") == "disconnect"


def _end_session(client: SocketModeClient) -> None:
    """Say that the session is over until the receiving thread has heard it."""
    runner = client.current_session_runner
    runner.event.set()
    deadline = time.monotonic() + GIVE_UP_AFTER
    while runner.is_alive() and time.monotonic() < deadline:
        client.current_session_state.terminated = True
        _wake_reader(client)
        client.disconnect()
        runner.thread.join(0.05)
    if runner.is_alive():
        log.warning("connection_still_read", seconds=GIVE_UP_AFTER)


def _wake_reader(client: SocketModeClient) -> None:
    """End a read under way; `disconnect` waits for it."""
    reading = _reading(client)
    if reading is not None:
        with contextlib.suppress(OSError):  # closed from the other side, or by another thread
            reading.shutdown(socket.SHUT_RDWR)


def _reading(client: SocketModeClient) -> socket.socket | None:
    session = client.current_session
    return session.sock if session is not None else None
