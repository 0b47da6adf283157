"""The way out to people: one protocol, Slack and the console behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

LOOK_AGAIN = timedelta(minutes=5)

Blocks = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message ended up."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent: the text is what notifications show and what is left where blocks cannot be drawn.

    `metadata_key` is stored with the message on the other side, so that a crash between sending and recording can look
    it up before sending twice. `patient`: rather later with its pictures than now without them.
    """

    channel: str
    text: str
    blocks: Blocks = ()
    thread_ts: str | None = None
    metadata_key: str | None = None
    patient: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG to be shown in a message; `alt` says in words what it shows."""

    name: str
    title: str
    alt: str
    content: bytes


class TryLater(Exception):
    """The other side is there and wants us to wait, or it is not there now: the outbox tries again."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class NotInstalled(TryLater):
    """The app is not in this workspace (any more); it may be installed again, and then what waits goes on."""

    def __init__(self, workspace: str) -> None:
        super().__init__(f"the app is not installed in {workspace}", LOOK_AGAIN)
        self.workspace = workspace


class TokenDead(TryLater):
    """Slack takes our token no more: what waits goes on when there is a new one."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"{method}: {code}", LOOK_AGAIN)


class Refused(Exception):
    """The other side will never take this message; `code` is its own word for why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code


class Messenger(Protocol):
    """Sends and edits messages. Raises TryLater or Refused, nothing else for what the other side answers."""

    def post(self, message: Outgoing) -> Posted: ...

    def update(self, at: Posted, message: Outgoing) -> Posted: ...

    def find(self, channel: str, metadata_key: str, thread_ts: str | None = None) -> Posted | None:
        """The message that was sent with this key, if it arrived."""
        ...

    def direct(self, user: str, message: Outgoing) -> Posted:
        """Send to a person privately; `message.channel` is ignored."""
        ...

    def permalink(self, channel: str, ts: str) -> str | None: ...

    def upload(self, picture: Picture) -> str:
        """Keep a picture on the other side, shown to nobody yet; its id there. Refused where it may not be."""
        ...

    def is_ready(self, picture_id: str) -> bool:
        """Whether an uploaded picture can be shown in a message by now."""
        ...


@dataclass
class ConsoleMessenger:
    """Keeps and optionally prints what would be said: for the command line, imports and replays without Slack."""

    sent: list[Outgoing] = field(default_factory=list)
    edits: list[tuple[Posted, Outgoing]] = field(default_factory=list)

    def post(self, message: Outgoing) -> Posted:
        self.sent.append(message)
        return Posted(message.channel, f"{len(self.sent)}.000000")

    def update(self, at: Posted, message: Outgoing) -> Posted:
        self.edits.append((at, message))
        return at

    def find(self, channel: str, metadata_key: str, thread_ts: str | None = None) -> Posted | None:
        for number, message in enumerate(self.sent, 1):
            if message.metadata_key == metadata_key and message.channel == channel:
                return Posted(channel, f"{number}.000000")
        return None

    def direct(self, user: str, message: Outgoing) -> Posted:
        return self.post(Outgoing(f"@{user}", message.text, message.blocks))

    def permalink(self, channel: str, ts: str) -> str | None:
        return None

    def upload(self, picture: Picture) -> str:
        raise Refused("no_pictures", f"a console cannot show {picture.name}")

    def is_ready(self, picture_id: str) -> bool:
        return False
