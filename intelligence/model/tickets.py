"""Support conversations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from intelligence.model.channels import Visibility
from intelligence.model.people import Account, Customer, Role, Source


class TicketState(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class RequestVerdict(StrEnum):
    """The request gate's answer: does this message ask for something?"""

    REQUEST = "request"
    NOT_REQUEST = "not_request"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation. `key` is its id in the source (Slack: "channel/ts")."""

    role: Role
    text: str
    at: datetime
    key: str = ""
    author: str = ""
    permalink: str | None = None
    private_note: bool = False
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A support conversation. `at` is the first customer message: the time that every statistic uses."""

    id: int
    workspace: str
    source: Source
    at: datetime
    messages: tuple[Message, ...]
    subject: str = ""
    state: TicketState = TicketState.OPEN
    request: RequestVerdict = RequestVerdict.REQUEST
    customer: Customer | None = None
    account: Account | None = None
    segments: Mapping[str, str] = field(default_factory=dict[str, str])
    area: str | None = None
    channel: str | None = None
    thread_ts: str | None = None
    visibility: Visibility = Visibility.PUBLIC
    url: str | None = None
    history: bool = False
