"""When a theme deserves an issue: by its volume, decided from counts alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

WINDOW: Final = timedelta(days=30)
MOST_A_DAY: Final = 5  # of each: issues that nobody clicked for, and proposals


class IssueMode(StrEnum):
    """What happens to a theme that has grown over the volume."""

    OFF = "off"
    PROPOSE = "propose"
    AUTO = "auto"


class Step(StrEnum):
    """What the rule does with one theme now."""

    NOTHING = "nothing"
    PROPOSE = "propose"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class IssueRule:
    """A theme with `tickets` tickets within WINDOW. `since` is when the rule was switched on."""

    mode: IssueMode
    tickets: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rule must know of a theme. `tickets` are those of WINDOW, `before` those that it had at `since` in the
    same way; `asked` how many it had when somebody was last asked (0: never). `public`: everything it may be named by
    is public, or a person named it. `live`: a ticket has just come. `opened` and `proposed` count the last day.
    """

    tickets: int
    before: int
    asked: int = 0
    public: bool = True
    live: bool = True
    has_issue: bool = False
    over: bool = False  # fixed, merged away, or closed as noise
    opened: int = 0
    proposed: int = 0


def decide(rule: IssueRule, theme: Standing) -> tuple[Step, str]:
    """What to do, and why it is not opened by itself where it could be."""
    if rule.mode is IssueMode.OFF or theme.has_issue or theme.over or theme.tickets < rule.tickets:
        return Step.NOTHING, ""
    if theme.asked and theme.tickets < 2 * theme.asked:
        return Step.NOTHING, ""
    reason = _why_asked(rule, theme)
    if rule.mode is IssueMode.AUTO and not reason:
        return Step.OPEN, ""
    return (Step.PROPOSE, reason) if theme.proposed < MOST_A_DAY else (Step.NOTHING, "")


def _why_asked(rule: IssueRule, theme: Standing) -> str:
    """What keeps an automatic rule from opening it, in words; "" where nothing does."""
    if rule.mode is not IssueMode.AUTO:
        return ""
    if theme.before >= rule.tickets:
        return "it was over the volume before the rule was switched on"
    if not theme.public:
        return "its title may be made of words from private channels"
    if theme.asked or not theme.live:
        return "it waited for a person before"
    if theme.opened >= MOST_A_DAY:
        return f"{MOST_A_DAY} issues were opened by themselves within a day"
    return ""


def crossings(times: Sequence[datetime], tickets: int, start: datetime) -> datetime | None:
    """When a theme first had so many tickets within WINDOW, at or after `start`; `times` in their order."""
    recent: deque[datetime] = deque()
    for at in times:
        recent.append(at)
        while recent[0] <= at - WINDOW:
            recent.popleft()
        if len(recent) >= tickets and at >= start:
            return at
    return None
