"""A conversation and its messages, kept in timestamp order."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Message = dict[str, Any]
ChannelKind = Literal["channel", "private", "im"]

#: channel_type as it appears in message events, and the letter of member_joined_channel.
EVENT_KIND = {"channel": "channel", "private": "group", "im": "im"}
MEMBER_KIND = {"channel": "C", "private": "G", "im": "D"}


def micros(ts: str) -> int:
    """A Slack timestamp ("1700000000.000100") in microseconds. Raises ValueError for anything else."""
    seconds, _, fraction = str(ts).partition(".")
    return int(seconds) * 1_000_000 + int((fraction + "000000")[:6])


def is_top_level(message: Message) -> bool:
    """Shown in the channel itself: roots, plain messages and thread broadcasts."""
    thread_ts = message.get("thread_ts")
    return thread_ts is None or thread_ts == message["ts"] or message.get("subtype") == "thread_broadcast"


@dataclass(slots=True)
class Channel:
    """A public or private channel or a direct message between one person and the bot."""

    id: str
    name: str
    kind: ChannelKind
    created: int
    creator: str
    members: list[str] = field(default_factory=list)
    topic: str = ""
    is_shared: bool = False
    is_archived: bool = False
    partner: str = ""
    messages: dict[str, Message] = field(default_factory=dict)
    top_level: list[str] = field(default_factory=list)
    threads: dict[str, list[str]] = field(default_factory=dict)
    pinned: list[str] = field(default_factory=list)
    streaming: set[str] = field(default_factory=set)
    read_until: str = "0"

    def insert(self, messages: Iterable[Message]) -> None:
        for message in messages:
            ts = message["ts"]
            self.messages[ts] = message
            if is_top_level(message):
                bisect.insort(self.top_level, ts, key=micros)
            if message.get("thread_ts") not in (None, ts):
                bisect.insort(self.threads.setdefault(message["thread_ts"], []), ts, key=micros)

    def remove(self, ts: str) -> Message:
        message = self.messages.pop(ts)
        if ts in self.top_level:
            self.top_level.remove(ts)
        replies = self.threads.get(message.get("thread_ts", ""), [])
        if ts in replies:
            replies.remove(ts)
        return message

    def replies(self, root_ts: str) -> list[str]:
        return [ts for ts in self.threads.get(root_ts, []) if ts in self.messages]

    def shown(self, ts: str, *, metadata: bool = False) -> Message:
        """One message as the Web API returns it: thread counters on a root, metadata only when asked for."""
        message = dict(self.messages[ts])
        if not metadata:
            message.pop("metadata", None)
        replies = self.replies(ts)
        if replies:
            authors = list(dict.fromkeys(self.messages[r].get("user") or self.messages[r]["bot_id"] for r in replies))
            message |= {
                "thread_ts": ts,
                "reply_count": len(replies),
                "reply_users_count": len(authors),
                "reply_users": authors[:5],
                "latest_reply": replies[-1],
                "is_locked": False,
                "subscribed": False,
            }
        return message

    def within(self, order: list[str], oldest: str, latest: str, *, inclusive: bool) -> list[str]:
        """The timestamps of `order` between two limits (either may be ""). Raises ValueError for a bad limit."""
        find_low, find_high = (
            (bisect.bisect_left, bisect.bisect_right) if inclusive else (bisect.bisect_right, bisect.bisect_left)
        )
        low = find_low(order, micros(oldest), key=micros) if oldest else 0
        high = find_high(order, micros(latest), key=micros) if latest else len(order)
        return order[low:high]

    def everything(self) -> Iterator[Message]:
        """Every message, replies included, oldest first."""
        for ts in sorted(self.messages, key=micros):
            yield self.shown(ts, metadata=True)

    def as_slack(self, team_id: str, bot_user_id: str) -> dict[str, Any]:
        """The `channel` object of conversations.info and conversations.list."""
        if self.kind == "im":
            return {
                "id": self.id,
                "created": self.created,
                "is_im": True,
                "is_org_shared": False,
                "user": self.partner,
                "is_user_deleted": False,
                "is_archived": False,
            }
        note = {"value": "", "creator": "", "last_set": 0}
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "private",
            "is_im": False,
            "is_mpim": False,
            "is_private": self.kind == "private",
            "created": self.created,
            "creator": self.creator,
            "is_archived": self.is_archived,
            "is_general": self.name == "general",
            "is_shared": self.is_shared,
            "is_ext_shared": self.is_shared,
            "is_org_shared": False,
            "is_member": bot_user_id in self.members,
            "context_team_id": team_id,
            "shared_team_ids": [team_id],
            "num_members": len(self.members),
            "topic": note | {"value": self.topic},
            "purpose": note,
            "previous_names": [],
            "updated": self.created * 1000,
        }
