"""What a workspace can decide for itself, without the machine's operator: names, values, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot import rules
from bot.errors import BadInput
from intelligence.issue_rules import WINDOW, IssueMode

ALERTS: Final = "alerts"
QUIET: Final = "quiet"
RULE: Final = "rule"
AGENTS: Final = "agents"
ADMINS: Final = "admins"
RETENTION: Final = "retention"
ISSUES: Final = "issues"
EDITORS: Final = "editors"
PUSH: Final = "push"
LIVE, SHADOW = "live", "shadow"
FEWEST_MONTHS, MOST_MONTHS = 6, 120  # the nightly pass regroups the tickets of four months
NONE: Final = "none"
FEWEST_TICKETS, MOST_TICKETS = 3, 1000

_HOURS = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-–—]\s*(\d{1,2})(?::(\d{2}))?")
_AGE = re.compile(r"(\d{1,4})(?:\s*(?:m|months?))?", re.IGNORECASE)
_VOLUME = re.compile(r"(propose|auto)\s+(\d{1,4})(?:\s*tickets?)?", re.IGNORECASE)
_PERSON = re.compile(r"@?([UWS][A-Z0-9]{3,20})")
_PLACE = re.compile(r"#?([CG][A-Z0-9]{3,20})")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Wall-clock hours of the team's zone in which no alert rings but P0; they may pass midnight."""

    start: time
    end: time

    def until(self, now: datetime, zone: ZoneInfo) -> timedelta | None:
        """How long it stays quiet from `now`; None outside of the hours. Right across daylight-saving changes."""
        here = now.astimezone(zone)
        clock = here.time()
        over_night = self.start > self.end
        inside = clock >= self.start or clock < self.end if over_night else self.start <= clock < self.end
        if not inside:
            return None
        day = here.date() + timedelta(days=1) if over_night and clock >= self.start else here.date()
        return datetime.combine(day, self.end, zone) - now


@dataclass(frozen=True, slots=True)
class Preference:
    """One thing to decide. `read` makes the stored value of what was typed and raises BadInput; `show` says it."""

    name: str
    says: str
    takes: str
    read: Callable[[str], Any]
    show: Callable[[Any], str]


def quiet_hours(stored: Any) -> QuietHours | None:
    """The stored value as hours."""
    return QuietHours(time.fromisoformat(stored[0]), time.fromisoformat(stored[1])) if stored else None


def _mode(text: str) -> str:
    plain = text.casefold()
    if plain not in {LIVE, SHADOW}:
        raise BadInput(problem=f'"{text[:40]}" is no mode.', fix=f"Type `settings {ALERTS} {LIVE}` or `{SHADOW}`.")
    return plain


def _hours(text: str) -> list[str] | None:
    if text.casefold() == NONE:
        return None
    found = _HOURS.fullmatch(text)
    try:
        hours = found.groups(default="0") if found else ("0",) * 4
        start, end = time(int(hours[0]), int(hours[1])), time(int(hours[2]), int(hours[3]))
    except ValueError:
        start = end = time()
    if start == end:
        raise BadInput(
            problem=f'"{text[:40]}" are no hours.', fix=f"Write them as 20:00-08:00, or `settings {QUIET} {NONE}`."
        )
    return [start.isoformat("minutes"), end.isoformat("minutes")]


def _people(text: str) -> list[str]:
    if text.casefold() == NONE:
        return []
    words = text.replace(",", " ").split()
    found = [_PERSON.fullmatch(word) for word in words]
    if not words or not all(found):
        wrong = next((word for word, match in zip(words, found, strict=True) if match is None), text)
        raise BadInput(
            problem=f'"{wrong[:40]}" is nobody I know.',
            fix="Mention people or user groups, as in @ann @support-team, or give their ids.",
        )
    return sorted({match[1] for match in found if match})


def groups(named: Iterable[str]) -> list[str]:
    """The user groups among people's ids."""
    return [one for one in named if one.startswith("S")]


def _places(text: str) -> list[str]:
    if text.casefold() == NONE:
        return []
    words = text.replace(",", " ").split()
    found = [_PLACE.fullmatch(word) for word in words]
    if not words or not all(found):
        wrong = next((word for word, match in zip(words, found, strict=True) if match is None), text)
        raise BadInput(problem=f'"{wrong[:40]}" is no channel I know.', fix="Name channels as in #support, or `none`.")
    return sorted({match[1] for match in found if match})


def _months(text: str) -> int | None:
    if text.casefold() in {NONE, "off", "0"}:
        return None
    found = _AGE.fullmatch(text)
    if found is None or not FEWEST_MONTHS <= int(found[1]) <= MOST_MONTHS:
        fix = f"Give {FEWEST_MONTHS} to {MOST_MONTHS}, or `settings {RETENTION} {NONE}` to keep everything."
        raise BadInput(problem=f'"{text[:40]}" is no number of months.', fix=fix)
    return int(found[1])


def _issues(text: str) -> dict[str, Any] | None:
    """The mode and volume of the rule for issues; None for off."""
    if text.casefold() in {NONE, IssueMode.OFF}:
        return None
    found = _VOLUME.fullmatch(text)
    if found is None or not FEWEST_TICKETS <= int(found[2]) <= MOST_TICKETS:
        fix = (
            f"Type `settings {ISSUES} propose 10`, `auto 10` or `off`, with {FEWEST_TICKETS} to {MOST_TICKETS} tickets."
        )
        raise BadInput(problem=f'"{text[:40]}" is no rule for issues.', fix=fix)
    return {"mode": found[1].casefold(), "tickets": int(found[2])}


def _ruled(value: Any) -> str:
    if not value:
        return "off: a person clicks"
    did = "proposed" if value["mode"] == IssueMode.PROPOSE else "opened by themselves"
    return f"{did} for themes from {value['tickets']} tickets in {WINDOW.days} days"


def _counted(value: Any) -> str:
    teams = groups(value)
    people = len(value) - len(teams)
    told = [{1: "one person"}.get(people, f"{people} people")] if people else []
    told += [{1: "one user group"}.get(len(teams), f"{len(teams)} user groups")] if teams else []
    return " and ".join(told) or "nobody"


PREFERENCES: Final[tuple[Preference, ...]] = (
    Preference(
        ALERTS,
        "Alerts go to their channels, or in shadow to an admin alone",
        f"{LIVE}|{SHADOW}",
        _mode,
        lambda value: "live: to their channels" if value == LIVE else "in shadow: an admin alone sees them",
    ),
    Preference(
        QUIET,
        "Hours of the team's zone in which no alert rings but P0",
        f"20:00-08:00|{NONE}",
        _hours,
        lambda value: f"{value[0]} to {value[1]}, but P0 rings" if value else "none",
    ),
    Preference(
        RULE,
        "When an alert is sent; `backtest` with the same words shows what would have come of it",
        f"spike=2 new=5 budget=2|{NONE}",
        rules.read,
        rules.show,
    ),
    Preference(
        ISSUES,
        "Whether issues are proposed, or opened by themselves, for themes over a volume; auto shows first what it means",
        "off|propose 10|auto 10",
        _issues,
        _ruled,
    ),
    Preference(AGENTS, "Whose replies are answers", f"@ann @support-team|{NONE}", _people, _counted),
    Preference(
        EDITORS,
        "Who may change themes and alerts, beside agents and admins; all others ask and read",
        f"@product-team @ann|{NONE}",
        _people,
        lambda value: _counted(value) if value else "whoever is in a channel that I work in",
    ),
    Preference(
        PUSH,
        "Support channels where I say by myself, once a ticket and in one line, that it is known",
        f"#support|{NONE}",
        _places,
        lambda value: {0: "nowhere", 1: "in one channel"}.get(len(value), f"in {len(value)} channels"),
    ),
    Preference(
        RETENTION,
        "How long words of customers are kept; what was counted stays",
        f"24|{NONE}",
        _months,
        lambda value: f"{value} months" if value else "for ever",
    ),
    Preference(ADMINS, "Who may change settings and erase customers", f"@ann @ops-team|{NONE}", _people, _counted),
)
BY_NAME: Final = {preference.name: preference for preference in PREFERENCES}
