"""The way out to Slack."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from slack_sdk import WebClient

from bot.messenger import Blocks, Outgoing, Picture, Posted, Refused, TryLater
from bot.slack_client import slack_errors

log = structlog.get_logger(__name__)

T = TypeVar("T")

EVENT_TYPE = "ticket_intel"
LOOK_BACK = 100  # messages: a retry comes within minutes, so what was sent is near the end
NOT_READY = re.compile(r"slack[ _]file")  # what Slack says of a picture that it is not done with
ONE_SECOND = timedelta(seconds=1)
MAY_BE_REFUSED = frozenset(  # by plan, client or a lost file
    {"table", "data_table", "data_visualization", "context_actions", "image"}
)


class SlackMessenger:
    """Posts, edits and finds messages through the Web API. Never waits or retries by itself: the outbox does.

    Where Slack refuses the blocks, the message goes out without tables and pictures, then as plain text: words in the wrong shape
    are better than silence. Every such fall is logged.
    """

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._direct: dict[str, str] = {}
        self._lock = threading.Lock()

    def post(self, message: Outgoing) -> Posted:
        def send(blocks: Blocks) -> Posted:
            response = self._client.chat_postMessage(
                channel=message.channel,
                thread_ts=message.thread_ts,
                metadata=_metadata(message),
                unfurl_links=False,
                unfurl_media=False,
                **_content(message, blocks),
            )
            return Posted(str(response["channel"]), str(response["ts"]))

        return self._drawn("chat.postMessage", message, send)

    def update(self, at: Posted, message: Outgoing) -> Posted:
        def send(blocks: Blocks) -> Posted:
            response = self._client.chat_update(
                channel=at.channel, ts=at.ts, metadata=_metadata(message), **_content(message, blocks)
            )
            return Posted(str(response["channel"]), str(response["ts"]))

        return self._drawn("chat.update", message, send)

    def whisper(self, user: str, message: Outgoing) -> None:
        """Show a message to one person in a channel: gone when they reload, impossible where we are no member."""

        def send(blocks: Blocks) -> None:
            self._client.chat_postEphemeral(
                channel=message.channel, user=user, thread_ts=message.thread_ts, **_content(message, blocks)
            )

        self._drawn("chat.postEphemeral", message, send)

    def direct(self, user: str, message: Outgoing) -> Posted:
        channel = self._direct_channel(user)
        return self.post(replace(message, channel=channel))

    def find(self, channel: str, metadata_key: str, thread_ts: str | None = None) -> Posted | None:
        place = self._direct_channel(channel) if channel.startswith(("U", "W")) else channel
        with slack_errors("conversations.history"):
            if thread_ts:
                found = self._client.conversations_replies(
                    channel=place, ts=thread_ts, include_all_metadata=True, limit=LOOK_BACK
                )
            else:
                found = self._client.conversations_history(channel=place, include_all_metadata=True, limit=LOOK_BACK)
        for message in found.get("messages", []):
            if _key_of(message) == metadata_key:
                return Posted(place, str(message["ts"]))
        return None

    def permalink(self, channel: str, ts: str) -> str | None:
        try:
            with slack_errors("chat.getPermalink"):
                return str(self._client.chat_getPermalink(channel=channel, message_ts=ts)["permalink"])
        except Refused as refused:
            log.info("no_permalink", channel=channel, error=refused.code)
            return None

    def upload(self, picture: Picture) -> str:
        """Put a PNG into Slack without sharing it anywhere. Needs files:write."""
        with slack_errors("files.completeUploadExternal"):
            answer: Any = self._client.files_upload_v2(
                filename=picture.name, title=picture.title, alt_txt=picture.alt, content=picture.content
            )
        return str(answer["files"][0]["id"])

    def is_ready(self, picture_id: str) -> bool:
        """Slack knows a file's type only when it is done with it. Without files:read nobody can ask: then it is tried."""
        try:
            with slack_errors("files.info"):
                found: Any = self._client.files_info(file=picture_id)
        except Refused as refused:
            if refused.code != "missing_scope":
                raise
            return True
        return bool(found["file"].get("mimetype"))

    def _direct_channel(self, user: str) -> str:
        with self._lock:
            known = self._direct.get(user)
        if known:
            return known
        with slack_errors("conversations.open"):
            answer: Any = self._client.conversations_open(users=user)
        channel = str(answer["channel"]["id"])
        with self._lock:
            self._direct[user] = channel
        return channel

    def _drawn(self, method: str, message: Outgoing, send: Callable[[Blocks], T]) -> T:
        """Send with all blocks, else without those that may be refused, else as text."""
        tries: list[Blocks] = [message.blocks]
        if message.blocks:
            older = [block for block in message.blocks if block.get("type") not in MAY_BE_REFUSED]
            tries += [older] if 0 < len(older) < len(message.blocks) else []
            tries.append(())
        for last, blocks in ((number == len(tries), blocks) for number, blocks in enumerate(tries, 1)):
            try:
                with slack_errors(method):
                    return send(blocks)
            except Refused as refused:
                if last or not refused.code.startswith("invalid_blocks"):
                    raise
                if message.patient and NOT_READY.search(str(refused)):
                    raise TryLater("a picture is not ready", ONE_SECOND) from refused
                log.error("blocks_refused", method=method, detail=str(refused), blocks=len(blocks))
        raise AssertionError("the last try returns or raises")


def _content(message: Outgoing, blocks: Blocks) -> dict[str, Any]:
    return {"text": message.text, "blocks": [dict(block) for block in blocks]}


def _metadata(message: Outgoing) -> dict[str, Any] | None:
    if message.metadata_key is None:
        return None
    return {"event_type": EVENT_TYPE, "event_payload": {"key": message.metadata_key}}


def _key_of(message: Mapping[str, Any]) -> str | None:
    metadata = message.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("event_type") != EVENT_TYPE:
        return None
    payload = metadata.get("event_payload")
    return str(payload.get("key")) if isinstance(payload, Mapping) else None
