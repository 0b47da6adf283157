"""Slack's message events as one value: posted, edited or deleted; everything else is refused with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from integrations.slack.content import flatten
from integrations.slack.json_values import Object, is_object, object_at, objects_at, text_at


class Change(StrEnum):
    """What happened to the message."""

    POSTED = "posted"
    EDITED = "edited"
    DELETED = "deleted"


class RefusalReason(StrEnum):
    """Why an event is not taken up. Only MALFORMED is unexpected."""

    MALFORMED = "malformed"
    NOT_A_MESSAGE = "not_a_message"
    HOUSEKEEPING = "housekeeping"
    UNKNOWN_SUBTYPE = "unknown_subtype"
    NO_CONTENT = "no_content"
    NOTHING_CHANGED = "nothing_changed"


@dataclass(frozen=True, slots=True)
class SlackRefusal:
    """An event that is not taken up; `detail` names the key or the subtype."""

    reason: RefusalReason
    detail: str


@dataclass(frozen=True, slots=True)
class SlackFile:
    """A file shared with a message; its bytes stay in Slack."""

    id: str
    name: str
    mimetype: str = ""
    permalink: str = ""


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """A change to one message. `ts` names the message within its channel, also when it was edited or deleted.

    `text` is what a person sees (links as labels, unescaped); empty for a deleted message. `user` is empty for an app's
    message, `user_team` is the author's workspace where Slack tells it. `payload` is the message's own JSON,
    for the notification reader.
    """

    change: Change
    channel: str
    ts: str
    at: datetime
    text: str = ""
    user: str = ""
    user_team: str | None = None
    thread_ts: str | None = None
    bot_id: str = ""
    app_id: str = ""
    channel_type: str = ""
    broadcast: bool = False
    edited_at: datetime | None = None
    files: tuple[SlackFile, ...] = ()
    payload: Object = field(default_factory=dict[str, object], repr=False)

    @property
    def key(self) -> str:
        """The message's id in its source: "channel/ts"."""
        return f"{self.channel}/{self.ts}"

    @property
    def is_root(self) -> bool:
        return self.thread_ts is None or self.thread_ts == self.ts

    @property
    def is_bot(self) -> bool:
        """Whether an app wrote it; a person's message sent by way of an app has no bot id."""
        return bool(self.bot_id)


_POSTED: Final = frozenset({"", "bot_message", "file_share", "thread_broadcast", "me_message"})
_HOUSEKEEPING: Final = frozenset(
    f"{room}_{act}"
    for room in ("channel", "group")
    for act in (
        "join", "leave", "topic", "purpose", "name", "archive", "unarchive",
        "posting_permissions", "convert_to_private", "convert_to_public",
    )
) | frozenset(
    {
        "assistant_app_thread", "bot_add", "bot_disable", "bot_enable", "bot_remove", "bot_profile", "canvas_comment",
        "document_comment_root", "document_mention", "ekm_access_denied", "file_comment", "file_mention",
        "huddle_thread", "joiner_notification", "message_replied", "pinned_item", "reminder_add", "reminder_delete",
        "reply_broadcast", "sh_room_created", "sh_room_shared", "slackbot_response", "tombstone", "unpinned_item",
    }
)  # fmt: skip
_TS: Final = re.compile(r"(\d{1,10})(?:\.(\d{1,6}))?")
_CHANNEL: Final = re.compile(r"[A-Z][A-Z0-9]{1,30}")


def message_event(event: object, users: Mapping[str, str] | None = None) -> SlackMessage | SlackRefusal:
    """Return the message change that an event tells of, or why there is none. Never raises, whatever the JSON holds.

    `event` is the inner event of an Events API payload, or a message of conversations.history with its channel added.
    """
    if not is_object(event):
        return SlackRefusal(RefusalReason.MALFORMED, "the event is not an object")
    if text_at(event, "type") not in {"message", "app_mention"}:
        return SlackRefusal(RefusalReason.NOT_A_MESSAGE, text_at(event, "type") or "no type")
    if not _CHANNEL.fullmatch(text_at(event, "channel")):
        return SlackRefusal(RefusalReason.MALFORMED, "channel")
    subtype = text_at(event, "subtype")
    if subtype == "message_changed":
        return _changed(event, users)
    if subtype == "message_deleted":
        return _deleted(event, object_at(event, "previous_message"), text_at(event, "deleted_ts"))
    return _posted(event, subtype, users)


def timestamp(ts: str) -> datetime | None:
    """A Slack ts ("1700000000.123456") as an aware UTC time, or None when it is not one."""
    match = _TS.fullmatch(ts)
    if match is None or not ts.isascii():
        return None
    microseconds = int((match[2] or "0").ljust(6, "0"))
    return datetime.fromtimestamp(int(match[1]), UTC).replace(microsecond=microseconds)


def _posted(event: Object, subtype: str, users: Mapping[str, str] | None) -> SlackMessage | SlackRefusal:
    if subtype in _HOUSEKEEPING:
        return SlackRefusal(RefusalReason.HOUSEKEEPING, subtype)
    if subtype not in _POSTED:
        return SlackRefusal(RefusalReason.UNKNOWN_SUBTYPE, subtype[:60])
    return _message(Change.POSTED, event, event, users)


def _changed(event: Object, users: Mapping[str, str] | None) -> SlackMessage | SlackRefusal:
    """An edit. Slack also sends one when it unfurls a link or counts a reply: then the words are the same."""
    message, previous = object_at(event, "message"), object_at(event, "previous_message")
    if text_at(message, "subtype") == "tombstone":
        return _deleted(event, previous, text_at(message, "ts"))
    subtype = text_at(message, "subtype")
    if subtype not in _POSTED:
        return SlackRefusal(RefusalReason.HOUSEKEEPING, subtype[:60])
    if previous and not object_at(message, "edited") and text_at(previous, "text") == text_at(message, "text"):
        return SlackRefusal(RefusalReason.NOTHING_CHANGED, text_at(message, "ts")[:40])
    return _message(Change.EDITED, event, message, users)


def _deleted(event: Object, previous: Object, ts: str) -> SlackMessage | SlackRefusal:
    at = timestamp(ts)
    if at is None:
        return SlackRefusal(RefusalReason.MALFORMED, "deleted_ts")
    return SlackMessage(
        Change.DELETED,
        text_at(event, "channel"),
        ts,
        at,
        user=text_at(previous, "user"),
        thread_ts=_thread(previous),
        channel_type=text_at(event, "channel_type"),
    )


def _message(
    change: Change, event: Object, message: Object, users: Mapping[str, str] | None
) -> SlackMessage | SlackRefusal:
    ts = text_at(message, "ts")
    at = timestamp(ts)
    if at is None:
        return SlackRefusal(RefusalReason.MALFORMED, "ts")
    text, files = flatten(message, users), _files(message)
    if not text.strip() and not files and change is Change.POSTED:
        return SlackRefusal(RefusalReason.NO_CONTENT, ts)
    bot = object_at(message, "bot_profile")
    return SlackMessage(
        change,
        text_at(event, "channel"),
        ts,
        at,
        text=text,
        user=text_at(message, "user"),
        user_team=_author_team(message),
        thread_ts=_thread(message),
        bot_id=text_at(message, "bot_id") or text_at(bot, "id"),
        app_id=text_at(message, "app_id") or text_at(bot, "app_id"),
        channel_type=text_at(event, "channel_type"),
        broadcast=text_at(message, "subtype") == "thread_broadcast",
        edited_at=timestamp(text_at(message, "edited", "ts")),
        files=files,
        payload=message,
    )


def _author_team(message: Object) -> str | None:
    """The author's own workspace: in a Slack Connect channel `team` can be the one that received the event."""
    keys = ("user_team", "source_team", "team")
    return next((team for key in keys if (team := text_at(message, key))), None)


def _thread(message: Object) -> str | None:
    ts = text_at(message, "thread_ts")
    return ts if timestamp(ts) else None


def _files(message: Object) -> tuple[SlackFile, ...]:
    return tuple(
        SlackFile(
            text_at(entry, "id"),
            text_at(entry, "name") or text_at(entry, "title"),
            text_at(entry, "mimetype"),
            text_at(entry, "permalink"),
        )
        for entry in objects_at(message, "files")
        if text_at(entry, "id")
    )
