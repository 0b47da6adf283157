"""The browser's WebSocket: one tab, one person; every change is sent to the tabs that may see it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from playground.channels import Channel
from playground.delivery import Deliveries
from playground.errors import DispatchFailed, OperationTimeout, PlaygroundError
from playground.interactions import Interactions
from playground.page_frames import Frame, channel_value, pinned, sees
from playground.page_requests import PageRequests
from playground.page_shown import SHOWN
from playground.slack import Slack
from playground.workspace import Change

log = logging.getLogger(__name__)

GOING_AWAY = 1001


@dataclass(eq=False, slots=True)
class Tab:
    """One open page of one person."""

    user: str
    socket: WebSocket
    frames: asyncio.Queue[Frame] = field(default_factory=asyncio.Queue)


class PageHub:
    """All tabs. Tabs live on the server's event loop; changes may come from any thread."""

    def __init__(
        self, slack: Slack, deliveries: Deliveries, interactions: Interactions, requests: PageRequests
    ) -> None:
        self.slack = slack
        self._deliveries, self._interactions, self._requests = deliveries, interactions, requests
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tabs: list[Tab] = []
        self._running: set[asyncio.Task[None]] = set()
        self.panel: Frame | None = None
        slack.workspace.listen(self._on_change)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    async def close(self) -> None:
        self._loop = None
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for tab in list(self._tabs):
            if tab.socket.application_state is WebSocketState.CONNECTED:
                await tab.socket.close(GOING_AWAY)

    # -- to the pages -------------------------------------------------------------------------------------------
    @property
    def people(self) -> set[str]:
        return {tab.user for tab in list(self._tabs)}

    def send(self, frame: Frame, *, user: str | None = None, channel: Channel | None = None) -> None:
        """Queue a frame for the tabs of a person, of whoever sees a channel, or of everybody. From any thread."""
        loop = self._loop
        if loop is None:
            return
        for tab in list(self._tabs):
            if user in (None, tab.user) and (channel is None or sees(tab.user, channel)):
                with contextlib.suppress(RuntimeError):  # the loop may close between the check and the call
                    loop.call_soon_threadsafe(tab.frames.put_nowait, frame)

    def _on_change(self, change: Change) -> None:
        show = SHOWN.get(change.kind)
        if show is not None and self._tabs:
            show(self, self.slack.workspace.channels.get(change.channel), change.data)

    def app_status(self) -> Frame:
        mode = self._deliveries.mode
        return {"type": "app_status", "connected": mode != "none" and not self.slack.faults.is_down, "mode": mode}

    def _hello(self, user: str) -> Frame:
        workspace, slack = self.slack.workspace, self.slack
        channels = [channel_value(slack, c, user) for c in workspace.channels.values() if sees(user, c)]
        return {
            "type": "hello",
            "me": workspace.users[user].as_page(),
            "workspace": {"id": workspace.team_id, "name": workspace.name, "domain": workspace.domain},
            "bot": {"user_id": slack.app.user_id, "name": slack.app.name, "app_id": slack.app.id},
            "users": [u.as_page() for u in workspace.users.values()],
            "channels": channels,
            "commands": list(self._interactions.commands.values()),
            "shortcuts": list(self._interactions.shortcuts.values()),
            "pinned": pinned(slack, user),
            "faults": dict(slack.faults.switches),
            "panel": self.panel,
        }

    # -- a tab --------------------------------------------------------------------------------------------------
    async def serve(self, socket: WebSocket) -> None:
        """One tab from hello to its end."""
        users = self.slack.workspace.users
        asked = socket.query_params.get("user", "")
        user = asked if asked in users else next((u.id for u in users.values() if not u.is_bot), "")
        await socket.accept()
        if not user:
            await socket.close(1008, "nobody is in this workspace yet")
            return
        tab = self._opened(user, socket)
        writer = asyncio.create_task(self._write(tab))
        try:
            while True:
                self.spawn(self._handle(tab, await socket.receive_text()))
        except (WebSocketDisconnect, RuntimeError):
            pass  # the tab was closed
        finally:
            self._tabs.remove(tab)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def _opened(self, user: str, socket: WebSocket) -> Tab:
        tab = Tab(user, socket)
        with self.slack.workspace.lock:
            if user not in self.people:
                self.slack.workspace.ephemerals.pop(user, None)  # a reload forgets them, as in Slack
            tab.frames.put_nowait(self._hello(user))
            tab.frames.put_nowait(self.app_status())
            self._tabs.append(tab)
        return tab

    async def _write(self, tab: Tab) -> None:
        while True:
            frame = await tab.frames.get()
            try:
                await tab.socket.send_json(frame)
            except (WebSocketDisconnect, RuntimeError):
                return

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in the background of the server's loop."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _handle(self, tab: Tab, text: str) -> None:
        frame: Any = None
        try:
            frame = json.loads(text)
            await self._requests.handle(tab.user, frame, tab.frames.put_nowait)
        except (OperationTimeout, DispatchFailed):
            pass  # the person has been shown this as Slack shows it
        except PlaygroundError as error:
            tab.frames.put_nowait({"type": "error", "text": str(error), "for": frame})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("a page sent a frame that makes no sense: %r (%r)", text[:200], error)
            tab.frames.put_nowait({"type": "error", "text": f"not understood: {error!r}", "for": frame})
