"""What a page asks for -> what its person does. One method a type of frame."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from playground.channels import Channel
from playground.errors import PlaygroundError
from playground.interactions import Interactions
from playground.page_frames import Frame, channel_value, history, sees, thread
from playground.people_acts import PeopleActs
from playground.slack import Slack

#: Sends a frame back to the tab that asked.
Reply = Callable[[Frame], None]


class PageRequests:
    """The verbs of the page protocol. Raises PlaygroundError with a sentence for the person."""

    def __init__(self, slack: Slack, interactions: Interactions, acts: PeopleActs) -> None:
        self._slack, self._interactions, self._acts = slack, interactions, acts
        self.on_panel: Callable[[str, str, Any], object] = lambda *_: None

    async def handle(self, user: str, frame: Frame, reply: Reply) -> None:
        handler = HANDLERS.get(str(frame.get("type")))
        if handler is None:
            raise PlaygroundError(f"nothing here understands a frame of type {frame.get('type')!r}")
        await handler(self, user, frame, reply)

    def _channel(self, user: str, frame: Frame) -> Channel:
        channel = self._slack.workspace.channels.get(frame["channel"])
        if channel is None or not sees(user, channel):
            raise PlaygroundError("there is no such channel")
        return channel

    async def _history(self, user: str, frame: Frame, reply: Reply) -> None:
        with self._slack.workspace.lock:
            reply(history(self._channel(user, frame), frame.get("cursor") or ""))

    async def _thread(self, user: str, frame: Frame, reply: Reply) -> None:
        with self._slack.workspace.lock:
            reply(thread(self._channel(user, frame), frame["ts"]))

    async def _read(self, user: str, frame: Frame, reply: Reply) -> None:
        channel = self._channel(user, frame)
        with self._slack.workspace.lock:
            if channel.top_level:
                self._slack.workspace.last_read[(user, channel.id)] = channel.top_level[-1]
            reply({"type": "channel", "channel": channel_value(self._slack, channel, user)})

    async def _say(self, user: str, frame: Frame, _reply: Reply) -> None:
        self._acts.say(user, self._channel(user, frame).id, frame["text"], frame.get("thread_ts"))

    async def _edit(self, user: str, frame: Frame, _reply: Reply) -> None:
        self._acts.edit(user, self._channel(user, frame).id, frame["ts"], frame["text"])

    async def _delete(self, user: str, frame: Frame, _reply: Reply) -> None:
        self._acts.delete(user, self._channel(user, frame).id, frame["ts"])

    async def _react(self, user: str, frame: Frame, _reply: Reply) -> None:
        channel = self._channel(user, frame).id
        self._acts.react(user, channel, frame["ts"], frame["name"], remove=bool(frame.get("remove")))

    async def _slash(self, user: str, frame: Frame, _reply: Reply) -> None:
        channel = self._channel(user, frame).id
        text, thread_ts = frame.get("text", ""), frame.get("thread_ts")
        await self._interactions.slash(user, channel, frame["command"], text, thread_ts)

    async def _action(self, user: str, frame: Frame, _reply: Reply) -> None:
        chosen, block_id, state = frame.get("value"), frame.get("block_id"), frame.get("state")
        await self._interactions.act(user, frame["container"], frame["action_id"], chosen, block_id, state)

    async def _submit(self, user: str, frame: Frame, _reply: Reply) -> None:
        await self._interactions.submit(user, frame["view_id"], frame.get("state", {}).get("values", {}))

    async def _close(self, user: str, frame: Frame, _reply: Reply) -> None:
        await self._interactions.close(user, frame["view_id"])

    async def _options(self, user: str, frame: Frame, reply: Reply) -> None:
        query = frame.get("query", "")
        found = await self._interactions.options(user, frame["container"], frame["action_id"], query)
        names = {"block_id": frame.get("block_id"), "action_id": frame["action_id"]}
        reply({"type": "options", **names, "options": found})

    async def _shortcut(self, user: str, frame: Frame, _reply: Reply) -> None:
        if frame.get("channel"):
            channel = self._channel(user, frame).id
            await self._interactions.message_shortcut(user, channel, frame["ts"], frame["callback_id"])
        else:
            await self._interactions.global_shortcut(user, frame["callback_id"])

    async def _home_opened(self, user: str, _frame: Frame, reply: Reply) -> None:
        view = self._slack.views.homes.get(user)
        if view:
            reply({"type": "home", "view": view})
        self._interactions.open_home(user)

    async def _invite(self, user: str, frame: Frame, _reply: Reply) -> None:
        self._acts.invite(user, self._channel(user, frame).id, frame["user"])

    async def _open_im(self, user: str, frame: Frame, reply: Reply) -> None:
        channel = self._slack.workspace.channels[self._acts.open_im(user, frame["user"])]
        reply({"type": "channel", "channel": channel_value(self._slack, channel, user)})

    async def _fault(self, _user: str, frame: Frame, _reply: Reply) -> None:
        self._slack.faults.switch(str(frame["name"]), bool(frame["on"]))

    async def _panel(self, user: str, frame: Frame, _reply: Reply) -> None:
        action, value = str(frame["action"]), frame.get("value")
        await asyncio.get_running_loop().run_in_executor(None, self.on_panel, user, action, value)


Handler = Callable[[PageRequests, str, Frame, Reply], Awaitable[None]]

HANDLERS: dict[str, Handler] = {
    "history": PageRequests._history,
    "thread": PageRequests._thread,
    "read": PageRequests._read,
    "say": PageRequests._say,
    "slash": PageRequests._slash,
    "edit": PageRequests._edit,
    "delete": PageRequests._delete,
    "react": PageRequests._react,
    "action": PageRequests._action,
    "submit": PageRequests._submit,
    "close": PageRequests._close,
    "options": PageRequests._options,
    "shortcut": PageRequests._shortcut,
    "home_opened": PageRequests._home_opened,
    "invite": PageRequests._invite,
    "open_im": PageRequests._open_im,
    "fault": PageRequests._fault,
    "panel": PageRequests._panel,
}
