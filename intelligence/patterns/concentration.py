"""One group of customers that stands out: a theme whose recent tickets come from a segment as never before.

A theme that only administrators ever meet is no news, and neither is a week in which a large customer writes about
everything. So the share of a segment among a theme's recent tickets is held against two others: that of all tickets of
the same days, and that of the theme's own earlier ones. Both must be exceeded beyond chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from intelligence.model import Pattern, PatternKind, Receipt
from intelligence.patterns.history import DAY
from intelligence.patterns.policy import HISTORY_DAYS, Policy
from intelligence.patterns.significance import discoveries, usual_range
from intelligence.segments import hypergeometric_tail, is_known

WINDOW_DAYS: Final = 7
_EARLIER: Final = 8  # tickets that a theme must have had before the window, or nobody knows who usually writes them
_FALSE_SHARE: Final = 100.0  # times the policy's level: 1% of what is believed is false at the default budget

Group = tuple[int, str, str]  # theme, attribute, value


@dataclass(frozen=True, slots=True)
class Arrival:
    """A ticket as this detector sees it: its home theme (0: none), its time (POSIX seconds), who wrote it."""

    ticket: int
    theme: int
    at: float
    segments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Share:
    """Tickets of a segment among those that say which segment they are of."""

    hits: int
    known: int

    def __str__(self) -> str:
        return f"{self.hits} of {self.known}"


@dataclass(frozen=True, slots=True)
class _Tested:
    group: Group
    here: _Share
    everywhere: _Share
    before: _Share
    p_value: float

    @property
    def expected(self) -> float:
        return self.here.known * self.everywhere.hits / self.everywhere.known

    def large(self, policy: Policy) -> bool:
        return self.here.hits >= policy.least and self.here.hits >= policy.ratio * self.expected


class _Counted:
    """Tickets by (theme, attribute, value) and by (theme, attribute); theme -1 is everybody."""

    def __init__(self, arrivals: Iterable[Arrival]) -> None:
        self._hits: Counter[Group] = Counter()
        self._known: Counter[tuple[int, str]] = Counter()
        for one in arrivals:
            for attribute, value in one.segments.items():
                if is_known(value):
                    for theme in (one.theme, -1):
                        self._hits[theme, attribute, value] += 1
                        self._known[theme, attribute] += 1

    def groups(self) -> list[Group]:
        return sorted(group for group in self._hits if group[0] > 0)

    def share(self, theme: int, attribute: str, value: str) -> _Share:
        return _Share(self._hits[theme, attribute, value], self._known[theme, attribute])


def concentrations(arrivals: Iterable[Arrival], *, now: float, policy: Policy) -> list[Pattern]:
    """For each theme at most the one segment that stands out most in the last 7 days; evidence: that segment's tickets.

    The chance of a group is the larger of two hypergeometric tails (Fisher's exact test, one-sided), against everybody
    of the same days and against the theme's own 28 days before: both must hold (an intersection-union test). False
    discoveries over all groups are held down (Benjamini and Hochberg 1995). At least the policy's ratio and tickets.
    """
    days = [(int((now - one.at) // DAY), one) for one in arrivals if one.at <= now]
    recent = [one for day, one in days if day < WINDOW_DAYS]
    current = _Counted(recent)
    earlier = _Counted(one for day, one in days if WINDOW_DAYS <= day < WINDOW_DAYS + HISTORY_DAYS)
    tested = [_test(group, current, earlier) for group in current.groups()]
    tested = [one for one in tested if one.before.known >= _EARLIER]
    kept = discoveries([one.p_value for one in tested], policy.level * _FALSE_SHARE)
    strongest: dict[int, _Tested] = {}
    for one, significant in zip(tested, kept, strict=True):
        best = strongest.get(one.group[0])
        if significant and one.large(policy) and (best is None or one.p_value < best.p_value):
            strongest[one.group[0]] = one
    return [_pattern(strongest[theme], recent, now, policy) for theme in sorted(strongest)]


def _test(group: Group, current: _Counted, earlier: _Counted) -> _Tested:
    here, everywhere = current.share(*group), current.share(-1, *group[1:])
    before = earlier.share(*group)
    beside_others = hypergeometric_tail(here.hits, here.known, everywhere.hits, everywhere.known)
    beside_itself = hypergeometric_tail(here.hits, here.known, here.hits + before.hits, here.known + before.known)
    return _Tested(group, here, everywhere, before, max(beside_others, beside_itself))


def _pattern(one: _Tested, recent: list[Arrival], now: float, policy: Policy) -> Pattern:
    theme, attribute, value = one.group
    mine = sorted((a for a in recent if a.theme == theme and a.segments.get(attribute) == value), key=lambda a: a.at)
    first, last = (datetime.fromtimestamp(mine[end].at, UTC) for end in (0, -1))
    tickets = tuple(a.ticket for a in mine)
    return Pattern(
        PatternKind.SEGMENT, theme, datetime.fromtimestamp(now, UTC), tickets, _receipt(one, policy), first, last
    )


def _receipt(one: _Tested, policy: Policy) -> Receipt:
    """`count` is of the group's tickets, `expected` what everybody's share of the same days would give."""
    _, attribute, value = one.group
    low, high = usual_range(one.expected, 0.0)
    needed = max(policy.least, int(policy.ratio * one.expected) + 1, high + 1)
    return Receipt(
        rule=f"one group stands out ({attribute.replace('_', ' ')}: {value})",
        count=one.here.hits,
        expected=round(one.expected, 2),
        low=low,
        high=high,
        window_hours=WINDOW_DAYS * 24.0,
        baseline_days=float(HISTORY_DAYS),
        ratio=round(one.here.hits / one.expected, 2),
        p_value=one.p_value,
        threshold=(
            f"at least {policy.ratio:g} times the group's share of all tickets and {policy.least} tickets, "
            "hardly by chance, and not so before"
        ),
        silent_if=f"fewer than {needed} tickets had come from this group in {WINDOW_DAYS} days",
        notes=(
            f"{attribute.replace('_', ' ')} {value}: {one.here} tickets of this theme in {WINDOW_DAYS} days, {one.before}"
            f" in the {HISTORY_DAYS} days before; of all tickets {one.everywhere} in the same {WINDOW_DAYS} days",
        ),
    )
