"""The event loop in a thread of its own, listening on this machine only."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from playground.errors import PlaygroundError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
TICK = 0.1
CLOSING_TICK = 0.01
GRACE = 1.0
T = TypeVar("T")

#: Open HTTP connections by the client's address, so that a fault can cut one.
Transports = dict[Any, asyncio.Transport]


class _Server(uvicorn.Server):
    """A uvicorn server that says when it listens and leaves at once when asked."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready
        self._leaving = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._ready.set()

    async def main_loop(self) -> None:
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close everything, patiently for GRACE seconds; uvicorn's own waits a tenth of a second in any case."""
        for server in self.servers:
            server.close()
        for listening in sockets or []:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        rounds = int(GRACE / CLOSING_TICK)
        while rounds and (self.server_state.connections or self.server_state.tasks):
            rounds -= 1
            await asyncio.sleep(CLOSING_TICK)
        for task in self.server_state.tasks:
            task.cancel()

    def leave(self) -> None:
        self.should_exit = True
        self._leaving.set()


class ServerThread:
    """The server of one playground. Raises PlaygroundError for a host that is not this machine."""

    def __init__(self, host: str, port: int) -> None:
        if host not in LOOPBACK:
            raise PlaygroundError(f"the playground listens on this machine only, not on {host!r}")
        self._host, self._wanted = host, port
        self._thread: threading.Thread | None = None
        self._server: _Server | None = None
        self._failure: BaseException | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.port = 0

    def start(
        self,
        app: ASGIApp,
        transports: Transports,
        on_start: Callable[[asyncio.AbstractEventLoop], None],
        on_stop: Callable[[], Awaitable[None]],
    ) -> None:
        """Listen, then serve in the background. Raises PlaygroundError when the port is taken."""
        listening = self._listen()
        self.port = listening.getsockname()[1]
        ready = threading.Event()
        protocol = type("Protocol", (_Remembered,), {"transports": transports})
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
            access_log=False,
        )
        self._server = _Server(config, ready)
        arguments = (listening, on_start, on_stop, ready)
        self._thread = threading.Thread(target=self._run, args=arguments, name="playground", daemon=True)
        self._thread.start()
        ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise PlaygroundError("the playground's server did not start") from self._failure

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((self._host, self._wanted))
            listening.listen(128)
        except OSError as error:
            listening.close()
            raise PlaygroundError(f"port {self._wanted} is already in use on this machine") from error
        return listening

    def _run(self, listening: socket.socket, on_start: Any, on_stop: Any, ready: threading.Event) -> None:
        async def main() -> None:
            self.loop = asyncio.get_running_loop()
            on_start(self.loop)
            try:
                assert self._server is not None
                await self._server.serve(sockets=[listening])
            finally:
                await on_stop()
                self.loop = None

        try:
            asyncio.run(main())
        except BaseException as error:
            self._failure = error
            raise
        finally:
            listening.close()
            ready.set()

    def run(self, work: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Run a coroutine on the server's loop and wait for it. Raises what it raises."""
        if self.loop is None:
            work.close()
            raise PlaygroundError("the playground is not running")
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    def stop(self) -> None:
        if self._thread is None or self._server is None:
            return
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self._server.leave)
        self._thread.join()
        self._thread = self._server = None


class _Remembered(H11Protocol):
    """An HTTP connection that can be found again by its client's address, to be cut by a fault."""

    transports: Transports

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.transports[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.transports.pop(self.client, None)
        super().connection_lost(exc)
