"""What changed between two reports: since the last one of its kind, and between a published one and a fresh one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from intelligence.reports.values import Report, SinceLast

_MOST: Final = 12


def since_last(last: Report, themes: Report) -> SinceLast:
    """What is new in the list of themes, what left it, and whose state moved, by theme key."""
    old = {theme.key: theme for theme in last.themes}
    new = {theme.key: theme for theme in themes.themes}
    moved = [
        f"{key} {old[key].state} → {theme.state}"
        for key, theme in new.items()
        if key in old and old[key].state != theme.state
    ]
    return SinceLast(
        last.span.name,
        tuple(key for key in new if key not in old),
        tuple(key for key in old if key not in new),
        tuple(moved),
    )


def explained(
    before: Report,
    after: Report,
    old: Mapping[int, Sequence[int]],
    new: Mapping[int, Sequence[int]],
    keys: Mapping[int, str],
) -> tuple[str, ...]:
    """What a fresh computation changed and why, in sentences; empty where nothing did.

    `old` and `new` are the tickets by home theme (0: none) behind the two, `keys` the names of themes; a theme that is
    gone was merged.
    """
    home_before = {ticket: theme for theme, ids in old.items() for ticket in ids}
    home_after = {ticket: theme for theme, ids in new.items() for ticket in ids}
    told: list[str] = []
    if late := home_after.keys() - home_before.keys():
        told.append(f"{_tickets(len(late))} of the period came in after it was published.")
    if gone := home_before.keys() - home_after.keys():
        told.append(f"No longer counted: {_tickets(len(gone))} (deleted, merged, or not a request after all).")
    moves: dict[tuple[int, int], int] = {}
    for ticket in home_before.keys() & home_after.keys():
        pair = (home_before[ticket], home_after[ticket])
        if pair[0] != pair[1]:
            moves[pair] = moves.get(pair, 0) + 1
    for (source, target), count in sorted(moves.items(), key=lambda one: -one[1])[:_MOST]:
        told.append(f"{_tickets(count)} moved from {_name(source, keys)} to {_name(target, keys)}.")
    return (*told, *_figures(before, after))


def _figures(before: Report, after: Report) -> list[str]:
    told: list[str] = []
    if before.volume.change.now != after.volume.change.now:
        told.append(f"Volume {before.volume.change.now:,} → {after.volume.change.now:,}.")
    old = {theme.key: theme for theme in before.themes}
    for theme in after.themes:
        was = old.get(theme.key)
        if was is None:
            told.append(f"{theme.key} {theme.title} is in the list now.")
            continue
        if was.title != theme.title:
            told.append(f"{theme.key} was called {was.title}.")
        if was.tickets != theme.tickets:
            told.append(f"{theme.key} {was.tickets:,} → {_tickets(theme.tickets)}.")
        if was.state != theme.state:
            told.append(f"{theme.key} went from {was.state} to {theme.state}.")
    present = {theme.key for theme in after.themes}
    told += [f"{key} {theme.title} left the list." for key, theme in old.items() if key not in present]
    return told


def _tickets(count: int) -> str:
    return f"{count:,} ticket{'' if count == 1 else 's'}"


def _name(theme: int, keys: Mapping[int, str]) -> str:
    return "no theme" if theme == 0 else keys.get(theme, "a theme that was merged")
