"""The last moments of slack_sdk's Socket Mode client: it ends at once, whatever it is doing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin.client import SocketModeClient

from bot.socket_client import change_quickly, close
from playground import Playground


class Hesitation(logging.Handler):
    """Holds the receiving thread between its look at the connection and its first read, until the client is closed."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.reached, self.go_on = threading.Event(), threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith("Starting to receive"):
            self.reached.set()
            self.go_on.wait(10)


@contextmanager
def connected(pg: Playground, logger: logging.Logger | None = None) -> Iterator[SocketModeClient]:
    web = WebClient(token=pg.bot_token, base_url=pg.api_url)
    client = SocketModeClient(pg.app_token, logger=logger, web_client=web, auto_reconnect_enabled=False)
    client.connect()
    pg.wait_until_connected()
    try:
        yield client
    finally:
        close(client)


def test_a_client_that_waits_for_messages_ends_at_once():
    before = set(threading.enumerate())
    with Playground() as pg:
        with connected(pg) as client:
            pg.wait_for(lambda _: client.current_session.sock_receive_lock.locked())
            began = time.perf_counter()
        assert time.perf_counter() - began < 0.9  # one waiting read takes 3 seconds, the queue 1
        pg.wait_until_disconnected()
    assert set(threading.enumerate()) == before


def test_a_client_that_is_closed_while_it_begins_to_read_ends():
    hesitation, logger = Hesitation(), logging.Logger("hesitating", logging.INFO)
    logger.addHandler(hesitation)
    with Playground() as pg, connected(pg, logger) as client:
        assert hesitation.reached.wait(5)
        runner = client.current_session_runner.thread
        state = client.current_session_state
        closing = threading.Thread(target=close, args=(client,))
        closing.start()
        pg.wait_for(lambda _: state.terminated)
        hesitation.go_on.set()  # and now it takes back that the session is over
        closing.join(4)
        assert not closing.is_alive()
        assert not runner.is_alive()


def test_a_client_that_is_asked_to_change_its_connection_does_so_at_once():
    with Playground() as pg, connected(pg) as client:
        change_quickly(client)
        first = client.session_id()
        began = time.perf_counter()
        pg.refresh_connections()
        pg.wait_for(lambda _: client.session_id() != first)
        assert time.perf_counter() - began < 1.5  # a read of the old connection takes 3 seconds
