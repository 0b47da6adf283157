"""What every helpdesk is to the product: a few questions, and tickets as values.

An adapter knows one vendor's wire formats and client. It verifies a delivery, reads which tickets it names, fetches a
ticket by its ref and lists what changed since a time. It stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from intelligence.model import Role, Source

Headers = Mapping[str, str]
Payload = Mapping[str, Any]


class Forged(Exception):
    """A delivery that nobody proves to have sent: no signature, a wrong one, or one of another time."""


class HelpdeskError(Exception):
    """What the other side answered instead of an answer. The message is for people, and holds no secret."""


class Unavailable(HelpdeskError):
    """It is not there, too slow, or wants us to wait: `after` is its own wish, if it told one."""

    def __init__(self, says: str, after: timedelta | None = None) -> None:
        super().__init__(says)
        self.after = after


class AccessDenied(HelpdeskError):
    """It refuses our credentials, or they may not do this."""


class NotThere(HelpdeskError):
    """It knows no such thing, or does not show it to us. Never taken for a deletion: a lost permission looks alike."""


class Gone(NotThere):
    """It says that there was such a thing (410). Whether that is a deletion, only the vendor's adapter knows."""


class Moved(NotThere):
    """It has another address now, at the same origin: `path`."""

    def __init__(self, says: str, path: str) -> None:
        super().__init__(says)
        self.path = path


class Rejected(HelpdeskError):
    """It will never answer this request."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote or asked, under the id of the helpdesk. `organisation` is "" where it is not told."""

    external_id: str
    name: str = ""
    email: str = ""
    organisation: str = ""
    plan: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Said:
    """One message. `key` is its id in the helpdesk; an `erased` one has lost its text there and must lose it here."""

    key: str
    role: Role
    text: str
    at: datetime
    author: str = ""
    private: bool = False
    erased: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True)
class HelpdeskTicket:
    """A ticket as the helpdesk shows it at `as_of`. `external_id` is its ref ("zendesk/acme/5158"), the same that its
    address gives in a Slack notification.

    `solved` is None when it is not told. `whole` says that `messages` are all there are: a stored one that is missing
    was deleted. `formerly` are refs that it had before it was moved. An `internal` one is the team's own work, in which
    no customer has a word: it opens no ticket here, and one that was opened from a notification is not counted.
    """

    source: Source
    external_id: str
    at: datetime
    as_of: datetime
    messages: tuple[Said, ...]
    subject: str = ""
    solved: bool | None = None
    requester: Person | None = None
    url: str | None = None
    segments: Mapping[str, str] = field(default_factory=dict[str, str])
    area: str | None = None
    whole: bool = False
    formerly: tuple[str, ...] = ()
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A ticket that changed: told in full (`ticket`), deleted, or to be fetched. `version` tells two states of one
    ticket apart, so that the same state is fetched once.
    """

    external_id: str
    version: str = ""
    deleted: bool = False
    ticket: HelpdeskTicket | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """A delivery without a ticket for us, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what changed, and the cursor of the next page (None: that was all). `total` where the vendor tells it."""

    changes: tuple[Change, ...]
    more: str | None = None
    total: int | None = None

    @property
    def standing(self) -> int:
        """How many of them were not deleted."""
        return sum(not change.deleted for change in self.changes)


class WebhookSource(Protocol):
    """Something that sends signed deliveries."""

    @property
    def source(self) -> Source: ...

    @property
    def takes_webhooks(self) -> bool:
        """Whether there is a secret: without one no route is started."""
        ...

    def verify(self, headers: Headers, body: bytes, now: datetime) -> str:
        """Check who sent it, before anything is parsed; what makes this delivery once, out of what was signed.

        `headers` have lower-case names. Raises Forged.
        """
        ...

    def read(self, headers: Headers, payload: Payload) -> Change | Nothing:
        """What a verified delivery says. Never raises, whatever the JSON holds."""
        ...


class Helpdesk(WebhookSource, Protocol):
    """A helpdesk that can be asked. Its methods raise HelpdeskError."""

    def owns(self, external_id: str) -> bool:
        """Whether a ref is a ticket of this account and not of another customer of the same vendor."""
        ...

    def fetch(self, external_id: str) -> HelpdeskTicket | None:
        """A ticket with all its messages, under its present ref; None if the helpdesk says that it was deleted."""
        ...

    def changes_since(self, since: datetime, cursor: str | None = None) -> Page:
        """Tickets that changed at or after `since`, a page at a time."""
        ...

    def check(self) -> str:
        """As whom we are known there, for `doctor`."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class TakesNotes(Protocol):
    """A helpdesk on whose tickets we may write for its agents. Its methods raise HelpdeskError."""

    def has_note(self, external_id: str, mark: str) -> bool:
        """Whether a note with this mark is there: asked after a try whose end nobody knows."""
        ...

    def add_note(self, external_id: str, paragraphs: Sequence[str], mark: str) -> None:
        """Write an internal note that no customer sees, with the mark at its end."""
        ...

    def retag(self, external_id: str, tag: str | None, instead_of: str | None) -> None:
        """Let one tag of ours stand there instead of another; the same twice changes nothing."""
        ...
