"""Bodies of requests, read before anybody is known to have sent them: bounded in size, in time and all together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from fastapi import HTTPException, Request

MOST_BYTES: Final = 1_000_000  # of one body
MOST_HELD: Final = 64_000_000  # of all that are read or answered at a time
SECONDS: Final = 10.0  # to send one; Slack gives up after three


class Bodies:
    """A dependency of routes: the body as it came, because it is what was signed. Lives on the event loop alone.

    Answers 413 beyond a megabyte, 408 for one that is sent too slowly, 429 while too much is held.
    """

    def __init__(self, *, most_held: int = MOST_HELD, seconds: float = SECONDS) -> None:
        self._most_held, self._seconds = most_held, seconds
        self._held = 0

    async def __call__(self, request: Request) -> AsyncIterator[bytes]:
        found = bytearray()
        try:
            try:
                async with asyncio.timeout(self._seconds):
                    async for piece in request.stream():
                        self._take(found, piece)
            except TimeoutError:
                raise HTTPException(408, "the body came too slowly") from None
            yield bytes(found)
        finally:
            self._held -= len(found)

    def _take(self, found: bytearray, piece: bytes) -> None:
        if len(found) + len(piece) > MOST_BYTES:
            raise HTTPException(413, "the body is too large")
        if self._held + len(piece) > self._most_held:
            raise HTTPException(429, "too much is being received", {"Retry-After": "1"})
        found += piece
        self._held += len(piece)
