"""The browser's WebSocket: one tab, one person; every change is sent to the tabs that may see it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from playground.channels import Channel
from playground.delivery import Deliveries
from playground.errors import PlaygroundError
from playground.interactions import Interactions
from playground.page_frames import Frame, channel_value, history, message_value, pinned, sees, thread
from playground.people_acts import PeopleActs
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

    def __init__(self, slack: Slack, deliveries: Deliveries, interactions: Interactions, acts: PeopleActs) -> None:
        self._slack, self._deliveries, self._interactions, self._acts = slack, deliveries, interactions, acts
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tabs: list[Tab] = []
        self._running: set[asyncio.Task[None]] = set()
        self.panel: Frame | None = None
        self.on_panel: Callable[[str, str, Any], object] = lambda user, action, value: None
        slack.workspace.listen(self._on_change)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    async def close(self) -> None:
        self._loop = None
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        for tab in list(self._tabs):
            if tab.socket.application_state is WebSocketState.CONNECTED:
                await tab.socket.close(GOING_AWAY)

    # -- to the page --------------------------------------------------------------------------------------------
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
        show = _SHOWN.get(change.kind)
        if show is None or not self._tabs:
            return
        channel = self._slack.workspace.channels.get(change.channel)
        show(self, channel, change.data)

    def _channel_frames(self, channel: Channel) -> None:
        """The channel with its unread mark, which differs from person to person."""
        for user in {tab.user for tab in self._tabs if sees(tab.user, channel)}:
            self.send({"type": "channel", "channel": channel_value(self._slack, channel, user)}, user=user)

    def _show_message(self, channel: Channel, data: Frame) -> None:
        message = message_value(channel, data["message"])
        self.send({"type": "message", "channel": channel.id, "message": message}, channel=channel)
        self._mark_author(channel, data["message"])
        root = data["message"].get("thread_ts")
        if root and root in channel.messages and root != message["ts"]:
            shown = message_value(channel, channel.shown(root))
            self.send({"type": "message_changed", "channel": channel.id, "message": shown}, channel=channel)
        self._channel_frames(channel)

    def _mark_author(self, channel: Channel, message: Frame) -> None:
        author = message.get("user")
        if author and channel.top_level and not message.get("bot_id"):
            self._slack.workspace.last_read[(author, channel.id)] = channel.top_level[-1]

    def _show_changed(self, channel: Channel, data: Frame) -> None:
        message = message_value(channel, data["message"])
        self.send({"type": "message_changed", "channel": channel.id, "message": message}, channel=channel)

    def _show_deleted(self, channel: Channel, data: Frame) -> None:
        self.send({"type": "message_deleted", "channel": channel.id, "ts": data["ts"]}, channel=channel)
        root = data["previous"].get("thread_ts")
        if root in channel.messages:
            shown = message_value(channel, channel.shown(root))
            self.send({"type": "message_changed", "channel": channel.id, "message": shown}, channel=channel)

    def _show_reaction(self, channel: Channel, data: Frame) -> None:
        frame = {"type": "reaction", "channel": channel.id, "ts": data["ts"], "reactions": data["reactions"]}
        self.send(frame, channel=channel)

    def _show_ephemeral(self, channel: Channel, data: Frame) -> None:
        self.send({"type": "ephemeral", "channel": channel.id, "message": data["message"]}, user=data["user"])

    def _show_ephemeral_removed(self, channel: Channel, data: Frame) -> None:
        self.send({"type": "ephemeral_removed", "channel": channel.id, "ts": data["ts"]}, user=data["user"])

    def _show_loaded(self, channel: Channel, data: Frame) -> None:
        self.send(history(channel), channel=channel)
        self._channel_frames(channel)

    def _show_channel(self, channel: Channel, data: Frame) -> None:
        self._channel_frames(channel)

    def _show_view(self, channel: Channel | None, data: Frame) -> None:
        self.send({"type": "view", "mode": data["mode"], "view": data["view"]}, user=data["user"])

    def _show_user(self, channel: Channel | None, data: Frame) -> None:
        self.send({"type": "user", "user": data["user"].as_page()})

    def _show_pins(self, channel: Channel | None, data: Frame) -> None:
        for user in {tab.user for tab in self._tabs}:
            self.send({"type": "pins", "pinned": pinned(self._slack, user)}, user=user)

    def _show_status(self, channel: Channel | None, data: Frame) -> None:
        self.send(self.app_status())

    def app_status(self) -> Frame:
        mode = self._deliveries.mode
        return {"type": "app_status", "connected": mode != "none" and not self._slack.faults.is_down, "mode": mode}

    # -- a tab --------------------------------------------------------------------------------------------------
    async def serve(self, socket: WebSocket) -> None:
        """One tab from hello to its end."""
        users = self._slack.workspace.users
        asked = socket.query_params.get("user", "")
        user = asked if asked in users else next((u.id for u in users.values() if not u.is_bot), "")
        await socket.accept()
        if not user:
            await socket.close(1008, "nobody is in this workspace yet")
            return
        tab = Tab(user, socket)
        with self._slack.workspace.lock:
            self._slack.workspace.ephemerals.get(user, []).clear()  # a reload forgets them, as in Slack
            tab.frames.put_nowait(self._hello(user))
            tab.frames.put_nowait(self.app_status())
            self._tabs.append(tab)
        writer = asyncio.create_task(self._write(tab))
        try:
            while True:
                self._received(tab, await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            pass  # the tab was closed
        finally:
            self._tabs.remove(tab)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _write(self, tab: Tab) -> None:
        while True:
            frame = await tab.frames.get()
            try:
                await tab.socket.send_json(frame)
            except (WebSocketDisconnect, RuntimeError):
                return

    def _hello(self, user: str) -> Frame:
        workspace, slack = self._slack.workspace, self._slack
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

    def _received(self, tab: Tab, text: str) -> None:
        self.spawn(self._handle(tab, text))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in the background of the server's loop."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _handle(self, tab: Tab, text: str) -> None:
        frame: Any = None
        try:
            frame = json.loads(text)
            await _HANDLERS[frame["type"]](self, tab, frame)
        except PlaygroundError as error:
            tab.frames.put_nowait({"type": "error", "text": str(error), "for": frame})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("a page sent a frame that makes no sense: %r (%s)", text[:200], error)
            tab.frames.put_nowait({"type": "error", "text": f"not understood: {error!r}", "for": frame})

    # -- from the page ------------------------------------------------------------------------------------------
    def _channel(self, tab: Tab, frame: Frame) -> Channel:
        channel = self._slack.workspace.channels.get(frame["channel"])
        if channel is None or not sees(tab.user, channel):
            raise PlaygroundError("there is no such channel")
        return channel

    async def _history(self, tab: Tab, frame: Frame) -> None:
        with self._slack.workspace.lock:
            tab.frames.put_nowait(history(self._channel(tab, frame), frame.get("cursor") or ""))

    async def _thread(self, tab: Tab, frame: Frame) -> None:
        with self._slack.workspace.lock:
            tab.frames.put_nowait(thread(self._channel(tab, frame), frame["ts"]))

    async def _read(self, tab: Tab, frame: Frame) -> None:
        channel = self._channel(tab, frame)
        with self._slack.workspace.lock:
            if channel.top_level:
                self._slack.workspace.last_read[(tab.user, channel.id)] = channel.top_level[-1]
            self.send({"type": "channel", "channel": channel_value(self._slack, channel, tab.user)}, user=tab.user)

    async def _say(self, tab: Tab, frame: Frame) -> None:
        self._channel(tab, frame)
        self._acts.say(tab.user, frame["channel"], frame["text"], frame.get("thread_ts"))

    async def _edit(self, tab: Tab, frame: Frame) -> None:
        self._acts.edit(tab.user, self._channel(tab, frame).id, frame["ts"], frame["text"])

    async def _delete(self, tab: Tab, frame: Frame) -> None:
        self._acts.delete(tab.user, self._channel(tab, frame).id, frame["ts"])

    async def _react(self, tab: Tab, frame: Frame) -> None:
        channel = self._channel(tab, frame).id
        self._acts.react(tab.user, channel, frame["ts"], frame["name"], remove=bool(frame.get("remove")))

    async def _slash(self, tab: Tab, frame: Frame) -> None:
        channel = self._channel(tab, frame).id
        thread_ts = frame.get("thread_ts")
        await self._interactions.slash(tab.user, channel, frame["command"], frame.get("text", ""), thread_ts)

    async def _action(self, tab: Tab, frame: Frame) -> None:
        await self._interactions.act(
            tab.user,
            frame["container"],
            frame["action_id"],
            frame.get("value"),
            frame.get("block_id"),
            frame.get("state"),
        )

    async def _submit(self, tab: Tab, frame: Frame) -> None:
        values = frame.get("state", {}).get("values", {})
        await self._interactions.submit(tab.user, frame["view_id"], values)

    async def _close(self, tab: Tab, frame: Frame) -> None:
        await self._interactions.close(tab.user, frame["view_id"])

    async def _options(self, tab: Tab, frame: Frame) -> None:
        found = await self._interactions.options(
            tab.user, frame["container"], frame["action_id"], frame.get("query", "")
        )
        names = {"block_id": frame.get("block_id"), "action_id": frame["action_id"]}
        tab.frames.put_nowait({"type": "options", **names, "options": found})

    async def _shortcut(self, tab: Tab, frame: Frame) -> None:
        if frame.get("channel"):
            channel = self._channel(tab, frame).id
            await self._interactions.message_shortcut(tab.user, channel, frame["ts"], frame["callback_id"])
        else:
            await self._interactions.global_shortcut(tab.user, frame["callback_id"])

    async def _home_opened(self, tab: Tab, frame: Frame) -> None:
        view = self._slack.views.homes.get(tab.user)
        if view:
            tab.frames.put_nowait({"type": "home", "view": view})
        self._interactions.open_home(tab.user)

    async def _invite(self, tab: Tab, frame: Frame) -> None:
        self._acts.invite(tab.user, self._channel(tab, frame).id, frame["user"])

    async def _open_im(self, tab: Tab, frame: Frame) -> None:
        channel = self._acts.open_im(tab.user, frame["user"])
        value = channel_value(self._slack, self._slack.workspace.channels[channel], tab.user)
        tab.frames.put_nowait({"type": "channel", "channel": value})

    async def _fault(self, tab: Tab, frame: Frame) -> None:
        self._slack.faults.switch(str(frame["name"]), bool(frame["on"]))

    async def _panel(self, tab: Tab, frame: Frame) -> None:
        action, value = str(frame["action"]), frame.get("value")
        await asyncio.get_running_loop().run_in_executor(None, self.on_panel, tab.user, action, value)


Shower = Callable[[PageHub, Any, Frame], None]
Handler = Callable[[PageHub, Tab, Frame], Awaitable[None]]


def _plain(kind: str, *names: str, personal: bool = False) -> Shower:
    """A change that goes to the page as it is; a personal one only to the tabs of `data["user"]`."""

    def show(hub: PageHub, channel: Channel | None, data: Frame) -> None:
        hub.send({"type": kind, **{name: data[name] for name in names}}, user=data.get("user") if personal else None)

    return show


_SHOWN: dict[str, Shower] = {
    "message": PageHub._show_message,
    "message_changed": PageHub._show_changed,
    "message_deleted": PageHub._show_deleted,
    "reaction_added": PageHub._show_reaction,
    "reaction_removed": PageHub._show_reaction,
    "ephemeral": PageHub._show_ephemeral,
    "ephemeral_removed": PageHub._show_ephemeral_removed,
    "loaded": PageHub._show_loaded,
    **dict.fromkeys(
        ("channel_created", "member_joined", "member_left", "archived", "unarchived", "renamed", "topic"),
        PageHub._show_channel,
    ),
    "user": PageHub._show_user,
    "pins": PageHub._show_pins,
    "app_status": PageHub._show_status,
    "view": _plain("view", "mode", "view", personal=True),
    "view_errors": _plain("view_errors", "view_id", "errors", personal=True),
    "view_closed": _plain("view_closed", "view_id", "all", personal=True),
    "home": _plain("home", "view", personal=True),
    "toast": _plain("toast", "level", "text", personal=True),
    "progress": _plain("progress", "label", "done", "total"),
    "panel": _plain("panel", "panel"),
    "faults": _plain("faults", "faults"),
}

_HANDLERS: dict[str, Handler] = {
    "history": PageHub._history,
    "thread": PageHub._thread,
    "read": PageHub._read,
    "say": PageHub._say,
    "slash": PageHub._slash,
    "edit": PageHub._edit,
    "delete": PageHub._delete,
    "react": PageHub._react,
    "action": PageHub._action,
    "submit": PageHub._submit,
    "close": PageHub._close,
    "options": PageHub._options,
    "shortcut": PageHub._shortcut,
    "home_opened": PageHub._home_opened,
    "invite": PageHub._invite,
    "open_im": PageHub._open_im,
    "fault": PageHub._fault,
    "panel": PageHub._panel,
}
