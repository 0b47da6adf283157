"""What every tracker is to the product: search, create, follow. Values in, values out; it stores nothing.

Failures are those of the helpdesks' port: Unavailable (try later), AccessDenied, NotThere, Rejected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable


class IssueState(StrEnum):
    """Where an issue stands, in every tracker's words."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class IssueDraft:
    """What is to be opened: a title and Markdown that holds evidence, counts, severity and links."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of the tracker. `ref` is what the tracker's API takes, `key` what people say. `stage` ("In Progress") and
    `planned` (a milestone, release, cycle or day) are the tracker's own words, "" where it has none.
    """

    ref: str
    key: str
    url: str
    title: str
    state: IssueState
    stage: str = ""
    planned: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A verified webhook: its own id, and the ref of the issue that changed (None: it is about something else)."""

    id: str
    ref: str | None


@dataclass(frozen=True, slots=True)
class Need:
    """An account that waits for an issue. `customer` is our own id of it, `body` Markdown."""

    customer: str
    name: str
    body: str


@runtime_checkable
class KeepsNeeds(Protocol):
    """A tracker that keeps which customers wait for an issue."""

    def add_need(self, issue: str, need: Need, marker: str) -> str:
        """Write it once for a marker; its id."""
        ...


class Tracker(Protocol):
    """One tracker. All that asks raises HelpdeskError (integrations/helpdesks/port.py)."""

    @property
    def name(self) -> str: ...

    @property
    def place(self) -> str:
        """Where issues go, as people call it: a repository, a team or a project."""
        ...

    @property
    def takes_webhooks(self) -> bool: ...

    def owns(self, typed: str) -> bool:
        """Whether what a person typed names an issue of this place and of no other."""
        ...

    def search(self, text: str) -> list[Issue]:
        """Issues that may be about the same, likeliest first."""
        ...

    def create(self, draft: IssueDraft, marker: str) -> Issue:
        """Open an issue that carries the marker."""
        ...

    def find(self, marker: str) -> Issue | None:
        """The issue that carries the marker: looked for before a second try to create it."""
        ...

    def update_count(self, issue: str, text: str, marker: str, note: str | None) -> str:
        """Write the live count at the issue `issue` (a ref), in place of the note of last time; the note's id."""
        ...

    def status(self, ref: str) -> Issue:
        """The issue as it stands. `ref` may be typed by a person."""
        ...

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Delivery:
        """Verify and read a delivery. Raises Forged, or ValueError for what is no JSON object."""
        ...

    def check(self) -> str:
        """Where issues go and as whom we are known, for `doctor`."""
        ...

    def close(self) -> None: ...
