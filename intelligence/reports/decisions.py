"""Which decisions a report asks of people, and what became of those that the last agenda asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from intelligence.reports.values import BacklogPart, Decision, Event, Outcome, ThemeEntry

MOST: Final = 5
_LEAST_CUSTOMERS: Final = 5
_RISEN: Final = frozenset({"new", "growing", "regressed"})
_HARD: Final = frozenset({"P0", "P1"})
_REQUESTS: Final = frozenset({"feature_request", "expectation_gap"})


def decisions_wanted(
    themes: Sequence[ThemeEntry], regressed: Iterable[Event], backlogs: Sequence[BacklogPart], shadow: int
) -> tuple[Decision, ...]:
    """At most five, the most urgent first: fixes that did not hold, risen or severe themes without an owner, wishes of
    five or more customers without a plan, the page to write, alerts that wait for the admin.
    """
    wanted: list[Decision] = [
        Decision(f"Reopen {one.key} {one.title}?", f"{_tickets(one.after)} since it was marked as fixed", one.key)
        for one in regressed
    ]
    wanted += [_owner(theme) for theme in sorted(themes, key=_urgency) if _needs_owner(theme)]
    wanted += [_plan(theme) for theme in themes if _needs_plan(theme)]
    wanted += [_page(part) for part in backlogs if part.name == "docs" and part.entries][:1]
    if shadow:
        wanted.append(Decision("Switch alerts on?", f"{shadow} of them wait in shadow for the admin's word"))
    seen: set[str] = set()
    kept: list[Decision] = []
    for one in wanted:
        if one.theme is None or one.theme not in seen:
            kept.append(one)
            seen |= {one.theme} if one.theme else set()
    return tuple(kept[:MOST])


def _urgency(theme: ThemeEntry) -> tuple[str, int]:
    return theme.severity or "P9", -theme.customers


def _needs_owner(theme: ThemeEntry) -> bool:
    open_still = theme.owner is None and theme.issue is None
    return open_still and theme.kind not in _REQUESTS and (theme.severity in _HARD or theme.state in _RISEN)


def _needs_plan(theme: ThemeEntry) -> bool:
    decided = theme.roadmap or theme.issue
    return theme.kind in _REQUESTS and not decided and theme.customers >= _LEAST_CUSTOMERS


def _owner(theme: ThemeEntry) -> Decision:
    facts = [_tickets(theme.tickets), _people(theme.customers)]
    facts += [theme.severity] if theme.severity else []
    facts += [_moved(theme)]
    return Decision(f"Who owns {theme.key} {theme.title}?", ", ".join(facts), theme.key)


def _moved(theme: ThemeEntry) -> str:
    """What makes it urgent: new, back, or how much it rose."""
    if theme.new or theme.state == "regressed" or theme.change.within_noise or theme.change.percent is None:
        return "new" if theme.new else theme.state
    return f"{'up' if theme.change.percent > 0 else 'down'} {abs(theme.change.percent):,.0f}%"


def _plan(theme: ThemeEntry) -> Decision:
    facts = [_tickets(theme.tickets), _people(theme.customers)]
    return Decision(f"Plan {theme.key} {theme.title}, or say no?", ", ".join(facts), theme.key)


def _page(part: BacklogPart) -> Decision:
    first = part.entries[0]
    because = f"{_tickets(first.tickets)} asked for it"
    return Decision(f"Who writes the page about {first.title}?", because, first.theme)


def _tickets(count: int) -> str:
    return f"{count:,} ticket{'' if count == 1 else 's'}"


def _people(count: int) -> str:
    return f"{count:,} customer{'' if count == 1 else 's'}"


def outcomes(
    wanted: Iterable[Decision],
    before: Mapping[str, int],
    titles: Mapping[str, str],
    decided: Mapping[str, str],
    now: Mapping[str, int],
) -> tuple[Outcome, ...]:
    """What became of the last agenda's decisions about themes, all by theme key: what people decided since (absent:
    nothing), the tickets of that period and of this one. Undecided ones first: they are asked again.
    """
    found = [
        Outcome(
            one.theme,
            titles.get(one.theme, ""),
            one.what,
            decided.get(one.theme),
            before[one.theme],
            now.get(one.theme, 0),
        )
        for one in wanted
        if one.theme is not None and one.theme in before
    ]
    return tuple(sorted(found, key=lambda one: one.decided is not None))
