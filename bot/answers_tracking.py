"""What the tracker and the loop answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.answers import IssueLine
from integrations.trackers.port import Issue
from intelligence.issue_rules import IssueMode
from intelligence.model import Theme


@dataclass(frozen=True, slots=True)
class IssueForm:
    """Before an issue is opened: the theme, and issues that may be the same (None: the tracker did not answer). `target`
    is what it is for (main or docs), `place` where it goes.
    """

    theme: Theme
    duplicates: tuple[Issue, ...] | None
    target: str = "main"
    place: str = ""


@dataclass(frozen=True, slots=True)
class Proposed:
    """An issue that the rule proposes: how many tickets the theme has and the rule needs, why a person is asked where
    the rule could have opened it, and issues like it.
    """

    theme: Theme
    tickets: int
    needed: int
    reason: str = ""
    like: tuple[IssueLine, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """A theme that would have crossed the rule's volume at `at`. `tickets` are those of the rule's window now; `waits`
    means that it is over it now without an issue; `public` that it could be opened by itself; `dismissed` why a person
    closed its alert.
    """

    theme: Theme
    at: datetime
    tickets: int
    issue: IssueLine | None
    dismissed: str | None
    public: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class IssuePreview:
    """What the rule for issues would have done in so many days; `unseen` tickets are in places the asker may not see."""

    mode: IssueMode
    tickets: int
    days: int
    lines: tuple[PreviewLine, ...]
    unseen: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A fix that was watched: tickets in so many days before and after it."""

    theme: Theme
    days: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Draft:
    """What one person would be told. `problem` is why it cannot be sent; `copy_only` for threads that are not here;
    `page` is the help page that answers them now.
    """

    id: int
    theme: Theme
    text: str
    url: str | None
    problem: str | None
    copy_only: bool
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Drafts:
    """The review list: the oldest drafts, and how many wait in all."""

    shown: tuple[Draft, ...]
    waiting: int
