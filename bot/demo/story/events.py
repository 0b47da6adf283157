"""What happens in the story: plain values that a replay turns into Slack messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What a story event does."""

    MESSAGE = "message"
    REPLY = "reply"
    REACTION = "reaction"
    EDIT = "edit"
    DELETE = "delete"
    NOTIFICATION = "notification"
    RELEASE = "release"
    RESOLVE = "resolve"


@dataclass(frozen=True)
class StoryEvent:
    """One thing that somebody did.

    `key` is unique and the same for the same seed. `author` is a person's key, `parent` the key of the event that is
    replied to, reacted to, edited or deleted. `extra` by kind:

    - reaction: `reaction`, the emoji's name
    - notification: `attachments` (Slack's), `ticket_url`, `requester`, `organisation`, `priority`, and `updates`, the
      key of the first notification, where this one reports a change
    - release: `release`, the version
    - resolve: `ticket`, the key of a ticket that the release answers, and `release`
    - message: `continues`, the key of the ticket that its author goes on with
    """

    at: datetime
    key: str
    kind: EventKind
    channel: str
    author: str
    text: str = ""
    parent: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict[str, object])
