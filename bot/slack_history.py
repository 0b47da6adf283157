"""SlackHistory over the Web API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slack_sdk import WebClient

from bot.history import ChannelFacts, Page
from bot.messenger import Refused
from bot.slack_client import slack_errors
from intelligence.model import Visibility

PAGE = 200


class WebHistory:
    """SlackHistory over the Web API."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def channel(self, channel: str, *, oldest: str, latest: str, cursor: str | None = None) -> Page:
        with slack_errors("conversations.history"):
            found = self._client.conversations_history(
                channel=channel, oldest=oldest, latest=latest, inclusive=True, limit=PAGE, cursor=cursor
            )
        return _page(found)

    def thread(self, channel: str, ts: str, *, cursor: str | None = None) -> Page:
        try:
            with slack_errors("conversations.replies"):
                return _page(self._client.conversations_replies(channel=channel, ts=ts, limit=PAGE, cursor=cursor))
        except Refused as refused:
            if refused.code != "thread_not_found":
                raise
            return Page(())

    def facts(self, channel: str) -> ChannelFacts:
        with slack_errors("conversations.info"):
            answer: Any = self._client.conversations_info(channel=channel)
        return channel_facts(answer["channel"])

    def members(self, channel: str) -> frozenset[str]:
        found: set[str] = set()
        cursor: str | None = None
        while True:
            with slack_errors("conversations.members"):
                answer = self._client.conversations_members(channel=channel, limit=PAGE, cursor=cursor)
            found.update(answer.get("members", []))
            cursor = _cursor(answer)
            if not cursor:
                return frozenset(found)

    def group(self, group: str) -> frozenset[str]:
        """Who is in a user group. Raises Refused where the optional permission for it is missing."""
        with slack_errors("usergroups.users.list"):
            answer = self._client.usergroups_users_list(usergroup=group)
        return frozenset(answer.get("users", []))

    def joined(self) -> Iterator[ChannelFacts]:
        """Every channel the bot is a member of."""
        cursor: str | None = None
        while True:
            with slack_errors("users.conversations"):
                answer = self._client.users_conversations(
                    types="public_channel,private_channel", exclude_archived=True, limit=PAGE, cursor=cursor
                )
            for channel in answer.get("channels", []):
                yield channel_facts({**channel, "is_member": True})
            cursor = _cursor(answer)
            if not cursor:
                return


def channel_facts(channel: Mapping[str, Any]) -> ChannelFacts:
    """A channel object of the Web API as facts; shared with another company wins over private."""
    shared = any(channel.get(flag) for flag in ("is_ext_shared", "is_shared", "is_pending_ext_shared"))
    if shared and not channel.get("is_org_shared"):
        visibility = Visibility.SHARED
    elif channel.get("is_private") or channel.get("is_im") or channel.get("is_mpim"):
        visibility = Visibility.PRIVATE
    else:
        visibility = Visibility.PUBLIC
    return ChannelFacts(
        str(channel["id"]),
        str(channel.get("name") or channel["id"]),
        visibility,
        bool(channel.get("is_member") or channel.get("is_im")),
        bool(channel.get("is_archived")),
    )


def _page(answer: Any) -> Page:
    return Page(tuple(answer.get("messages", [])), _cursor(answer))


def _cursor(answer: Any) -> str | None:
    return (answer.get("response_metadata") or {}).get("next_cursor") or None
