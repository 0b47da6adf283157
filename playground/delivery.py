"""How events and interactions reach the app: one way at a time, acknowledged within seconds, events retried."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from playground.errors import DispatchFailed, OperationTimeout
from playground.events import envelope, events_of, subscription_of
from playground.http_mode import HttpMode
from playground.slack import Slack
from playground.socket_mode import SocketMode
from playground.workspace import Change

Outcome = Literal["pending", "acknowledged", "not_acknowledged", "no_connection"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: `reason` is what the app was told about the one before, `failure` why this one failed."""

    number: int
    reason: str
    seconds: float
    failure: str = ""


@dataclass(slots=True)
class Delivery:
    """One event or interaction on its way."""

    kind: Literal["event", "slash", "interactive"]
    payload: dict[str, Any]
    attempts: list[Attempt] = field(default_factory=list)
    outcome: Outcome = "pending"
    reply: dict[str, Any] = field(default_factory=dict)

    @property
    def event(self) -> dict[str, Any]:
        return self.payload.get("event", {})

    @property
    def name(self) -> str:
        """What it is, in a word: an event's type and subtype, a command, an interaction's type."""
        if self.kind == "event":
            return ".".join(filter(None, (self.event.get("type"), self.event.get("subtype"))))
        return self.payload.get("command") or self.payload["type"]


class Deliveries:
    """Sends by Socket Mode, or by HTTP once a request url is set; keeps the record of everything sent."""

    def __init__(
        self,
        slack: Slack,
        sockets: SocketMode,
        events: Sequence[str],
        ack_timeout: float,
        retry_delays: Sequence[float],
    ) -> None:
        self._slack, self._subscribed = slack, frozenset(events)
        self._ack_timeout, self._retry_delays = ack_timeout, tuple(retry_delays)
        self.sockets, self.http = sockets, HttpMode(slack.credentials.signing_secret)
        self.record: list[Delivery] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[Delivery] | None = None
        self.outstanding = 0
        slack.workspace.listen(self._on_change)

    @property
    def mode(self) -> Literal["socket", "http", "none"]:
        if self.http.target is not None:
            return "http"
        return "socket" if self.sockets.live else "none"

    # -- events -------------------------------------------------------------------------------------------------
    def _on_change(self, change: Change) -> None:
        if not self._slack.installed:
            return
        for event in events_of(self._slack, change):
            channel = self._slack.workspace.channels.get(change.channel)
            if subscription_of(event, channel) in self._subscribed:
                self.post_event(event)

    def subscribes(self, name: str) -> bool:
        return name in self._subscribed

    def post_event(self, event: dict[str, Any], event_id: str | None = None) -> Delivery:
        """Send an event in the background, from any thread."""
        payload = json.loads(json.dumps(envelope(self._slack, event, event_id)))
        delivery = Delivery("event", payload)
        with self._slack.workspace.lock:
            self.record.append(delivery)
            if self._held is not None:
                self._held.append(delivery)
            else:
                self._start(delivery)
        return delivery

    def _start(self, delivery: Delivery) -> None:
        if self._loop is None:
            delivery.outcome = "no_connection"
            return
        self.outstanding += 1
        self._loop.call_soon_threadsafe(self._spawn, delivery)

    def _spawn(self, delivery: Delivery) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver_event(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver_event(self, delivery: Delivery) -> None:
        try:
            reason = ""
            for number, delay in enumerate((0.0, *self._retry_delays)):
                if number:
                    await asyncio.sleep(delay)
                try:
                    await self._attempt(delivery, number, reason)
                    return
                except OperationTimeout as error:
                    reason = str(error)
                    delivery.outcome = "not_acknowledged"
                except DispatchFailed:
                    if number == 0:  # what is said while nobody listens is not sent again
                        delivery.outcome = "no_connection"
                        return
        finally:
            with self._slack.workspace.lock:
                self.outstanding -= 1
                self._slack.workspace.changed.notify_all()

    async def _attempt(self, delivery: Delivery, number: int, reason: str) -> dict[str, Any]:
        way = self.http if self.http.target is not None else self.sockets
        began, failure = time.perf_counter(), ""
        try:
            if self._slack.faults.is_down:
                raise DispatchFailed("Slack is down")
            delivery.reply = await way.send(delivery.kind, delivery.payload, number, reason, self._ack_timeout)
            delivery.outcome = "acknowledged"
        except (OperationTimeout, DispatchFailed) as error:
            failure = str(error)
            raise
        finally:
            delivery.attempts.append(Attempt(number, reason, time.perf_counter() - began, failure))
            with self._slack.workspace.lock:
                self._slack.workspace.changed.notify_all()
        return delivery.reply

    def hold(self) -> None:
        """Keep events back until `release`."""
        with self._slack.workspace.lock:
            self._held = []

    def release(self, *, backwards: bool = False) -> None:
        """Send what was held, in order or backwards: Slack promises no order."""
        with self._slack.workspace.lock:
            held, self._held = self._held or [], None
            for delivery in reversed(held) if backwards else held:
                self._start(delivery)

    # -- interactions -------------------------------------------------------------------------------------------
    async def request(self, kind: Literal["slash", "interactive"], payload: dict[str, Any]) -> dict[str, Any]:
        """Send an interaction once and return the acknowledgement. Raises OperationTimeout or DispatchFailed."""
        delivery = Delivery(kind, json.loads(json.dumps(payload)))
        with self._slack.workspace.lock:
            self.record.append(delivery)
            self.outstanding += 1
        try:
            return await self._attempt(delivery, 0, "")
        except (OperationTimeout, DispatchFailed) as error:
            delivery.outcome = "no_connection" if isinstance(error, DispatchFailed) else "not_acknowledged"
            raise
        finally:
            with self._slack.workspace.lock:
                self.outstanding -= 1
                self._slack.workspace.changed.notify_all()

    # -- life ---------------------------------------------------------------------------------------------------
    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    async def close(self) -> None:
        """Give up what is still on its way."""
        self._loop = None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.sockets.close_all()
        await self.http.close()
