"""A change in the workspace -> the frames that the open pages get. One function a kind of change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from playground.channels import Channel
from playground.page_frames import Frame, channel_value, history, message_value, pinned, sees
from playground.slack import Slack


class Pages(Protocol):
    """The open pages, as far as showing needs them."""

    slack: Slack

    @property
    def people(self) -> Iterable[str]:
        """Ids of the people who have a page open."""
        ...

    def send(self, frame: Frame, *, user: str | None = None, channel: Channel | None = None) -> None: ...

    def app_status(self) -> Frame: ...


Show = Callable[[Pages, Any, Frame], None]


def show_channel(pages: Pages, channel: Channel, _data: Frame) -> None:
    """The channel with its unread mark, which differs from person to person."""
    for user in pages.people:
        if sees(user, channel):
            pages.send({"type": "channel", "channel": channel_value(pages.slack, channel, user)}, user=user)


def _message(pages: Pages, channel: Channel, data: Frame) -> None:
    message = data["message"]
    frame = {"type": "message", "channel": channel.id, "message": message_value(channel, message)}
    pages.send(frame, channel=channel)
    if message.get("user") and channel.top_level and not message.get("bot_id"):
        pages.slack.workspace.last_read[(message["user"], channel.id)] = channel.top_level[-1]
    _root(pages, channel, message.get("thread_ts"), message["ts"])
    show_channel(pages, channel, data)


def _root(pages: Pages, channel: Channel, root: str | None, ts: str) -> None:
    """A reply changes the counters of its root."""
    if root and root != ts and root in channel.messages:
        shown = message_value(channel, channel.shown(root))
        pages.send({"type": "message_changed", "channel": channel.id, "message": shown}, channel=channel)


def _changed(pages: Pages, channel: Channel, data: Frame) -> None:
    message = message_value(channel, data["message"])
    pages.send({"type": "message_changed", "channel": channel.id, "message": message}, channel=channel)


def _deleted(pages: Pages, channel: Channel, data: Frame) -> None:
    pages.send({"type": "message_deleted", "channel": channel.id, "ts": data["ts"]}, channel=channel)
    _root(pages, channel, data["previous"].get("thread_ts"), data["ts"])


def _reaction(pages: Pages, channel: Channel, data: Frame) -> None:
    about = {"channel": channel.id, "ts": data["ts"], "reactions": data["reactions"]}
    pages.send({"type": "reaction", **about}, channel=channel)


def _whisper(pages: Pages, channel: Channel, data: Frame) -> None:
    pages.send({"type": "ephemeral", "channel": channel.id, "message": data["message"]}, user=data["user"])


def _whisper_removed(pages: Pages, channel: Channel, data: Frame) -> None:
    pages.send({"type": "ephemeral_removed", "channel": channel.id, "ts": data["ts"]}, user=data["user"])


def _loaded(pages: Pages, channel: Channel, data: Frame) -> None:
    """Bulk history shows as one page of it: the newest."""
    pages.send(history(channel), channel=channel)
    show_channel(pages, channel, data)


def _user(pages: Pages, _channel: Channel | None, data: Frame) -> None:
    pages.send({"type": "user", "user": data["user"].as_page()})


def _pins(pages: Pages, _channel: Channel | None, _data: Frame) -> None:
    for user in pages.people:
        pages.send({"type": "pins", "pinned": pinned(pages.slack, user)}, user=user)


def _status(pages: Pages, _channel: Channel | None, _data: Frame) -> None:
    pages.send(pages.app_status())


def _plain(kind: str, *names: str, personal: bool = False) -> Show:
    """A change that goes to the page as it is; a personal one only to the tabs of `data["user"]`."""

    def show(pages: Pages, _channel: Channel | None, data: Frame) -> None:
        user = data.get("user") if personal else None
        pages.send({"type": kind, **{name: data[name] for name in names}}, user=user)

    return show


SHOWN: dict[str, Show] = {
    "message": _message,
    "message_changed": _changed,
    "message_deleted": _deleted,
    "reaction_added": _reaction,
    "reaction_removed": _reaction,
    "ephemeral": _whisper,
    "ephemeral_removed": _whisper_removed,
    "loaded": _loaded,
    **dict.fromkeys(
        ("channel_created", "member_joined", "member_left", "archived", "unarchived", "renamed", "topic"), show_channel
    ),
    "user": _user,
    "pins": _pins,
    "app_status": _status,
    "view": _plain("view", "mode", "view", personal=True),
    "view_errors": _plain("view_errors", "view_id", "errors", personal=True),
    "view_closed": _plain("view_closed", "view_id", "all", personal=True),
    "home": _plain("home", "view", personal=True),
    "toast": _plain("toast", "level", "text", personal=True),
    "progress": _plain("progress", "label", "done", "total"),
    "panel": _plain("panel", "panel"),
    "faults": _plain("faults", "faults"),
}
