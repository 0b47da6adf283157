"""Which tickets a change of areas moves: counted before it is made, written by a job after.

The job looks at one batch, writes it and enqueues the next in one transaction: it goes on where it stopped, and a
newer change takes its place. An imported area, a channel's mapping and a person's word stand over what it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlmodel import Session

from bot.answers_areas import AreaEffect, Reassigning
from bot.deps import Deps
from bot.flows import analyze, naming
from bot.worker import Finish, nothing
from intelligence.areas import Held, decided, moves
from intelligence.local.areas import area_of
from intelligence.local.features import voices
from intelligence.model import Area
from storage import areas, memberships, queue, themes, workspaces

JOB: Final = "areas"
RENAME: Final = "areas_rename"
RUN: Final = "areas:run"
DAYS: Final = 30
BATCH: Final = 100
RELABELLED: Final = 500  # readings in one transaction
MOST_PREVIEWED: Final = 1000  # a preview has to be there within Slack's three seconds

Mapped = Mapping[str, str | None]  # channels that get another mapping


def effect(deps: Deps, workspace: str, wanted: Sequence[Area], mapped: Mapped | None = None) -> AreaEffect:
    """What this list, and these mappings of channels, would move of the last days' tickets."""
    now = deps.clock.now()
    with deps.db.read() as session:
        found = areas.held(session, workspace, now - timedelta(days=DAYS), limit=MOST_PREVIEWED + 1)
        places = areas.channels_of(session, [one.ticket_id for one in found]) if mapped else {}
    looked = [_as_mapped(one, places.get(one.ticket_id), mapped or {}) for one in found[:MOST_PREVIEWED]]
    return AreaEffect(moves(_decisions(deps, workspace, wanted, looked)), len(looked), DAYS, len(found) > len(looked))


def _as_mapped(held: Held, channel: str | None, mapped: Mapped) -> Held:
    return replace(held, mapped=mapped[channel]) if channel is not None and channel in mapped else held


def _decisions(
    deps: Deps, workspace: str, wanted: Sequence[Area], found: Sequence[Held]
) -> list[tuple[Held, str | None]]:
    nearest = _nearest(deps, workspace, wanted, [one for one in found if not (one.imported or one.mapped)])
    known = {area.name for area in wanted}
    return [(one, decided(one, known, nearest)) for one in found]


def _nearest(deps: Deps, workspace: str, wanted: Sequence[Area], found: Sequence[Held]) -> Callable[[int], str | None]:
    """The rule of the local reading, on tickets as they were stored."""
    read = analyze.conversations(deps, workspace, [one.ticket_id for one in found]) if wanted and found else {}
    blank = np.zeros(deps.embedder.dim, np.float32)

    def nearest(ticket_id: int) -> str | None:
        one = read.get(ticket_id)
        if one is None:
            return None
        return area_of(wanted, voices(one), blank if one.vector is None else one.vector, deps.embedder)

    return nearest


def start(deps: Deps, session: Session, workspace: str, version: int, *, days: int = DAYS) -> None:
    """Give the last days' readings their areas anew, in the background; a run that is not over lends its days."""
    now = deps.clock.now()
    before = workspaces.setting(session, workspace, RUN)
    since = now - timedelta(days=days)
    if before and not before["over"]:
        since = min(since, datetime.fromisoformat(before["since"]))
    run = {"version": version, "since": since.isoformat(), "days": (now - since).days, "looked": 0, "moved": 0}
    workspaces.put_state(session, workspace, RUN, run | {"over": False}, now)
    _next(deps, session, workspace, version, None)


def _next(deps: Deps, session: Session, workspace: str, version: int, before: int | None) -> None:
    queue.enqueue(
        session,
        JOB,
        {"workspace": workspace, "version": version, "before": before},
        key=f"areas:{workspace}:{version}:{before or 'start'}",
        lane=f"areas:{workspace}",
        now=deps.clock.now(),
    )


def progress(session: Session, workspace: str) -> Reassigning | None:
    """How far the newest run is; None where there was none."""
    run = workspaces.setting(session, workspace, RUN)
    return Reassigning(run["days"], run["looked"], run["moved"], run["over"]) if run else None


def reassign_batch(deps: Deps, workspace: str, version: int, before: int | None, *, finish: Finish = nothing) -> int:
    """One batch of a run, newest tickets first; how many readings changed. A run that a newer one replaced stops."""
    with deps.db.read() as session:
        run: dict[str, Any] | None = workspaces.setting(session, workspace, RUN)
        current = run is not None and run["version"] == version and not run["over"]
        wanted = areas.load(session, workspace)
        since = datetime.fromisoformat(run["since"]) if run else deps.clock.now()
        found = areas.held(session, workspace, since, before=before, limit=BATCH) if current else []
    decisions = _decisions(deps, workspace, wanted, found)
    with deps.db.write() as session:
        moved: list[int] = []
        newest = workspaces.setting(session, workspace, RUN)
        if current and newest is not None and newest["version"] == version:
            moved = areas.assign(session, workspace, decisions)
            _themes(session, workspace, moved)
            _write_run(deps, session, workspace, newest, found, len(moved))
        finish(session)
    return len(moved)


def _write_run(
    deps: Deps, session: Session, workspace: str, run: Mapping[str, Any], found: Sequence[Held], moved: int
) -> None:
    over = len(found) < BATCH
    told = {"looked": run["looked"] + len(found), "moved": run["moved"] + moved, "over": over}
    workspaces.put_state(session, workspace, RUN, {**run, **told}, deps.clock.now())
    if not over:
        _next(deps, session, workspace, int(run["version"]), found[-1].ticket_id)


def _themes(session: Session, workspace: str, moved: Sequence[int]) -> None:
    """Themes are in the area of most of their tickets: alerts go by it."""
    for theme_id in sorted(set(memberships.homes(session, moved).values())):
        themes.update(session, theme_id, area=naming.area_of(session, workspace, theme_id))


def rename(deps: Deps, session: Session, workspace: str, version: int, old: str, new: str, step: int = 0) -> None:
    """Give all readings of an area its new name, in the background."""
    queue.enqueue(
        session,
        RENAME,
        {"workspace": workspace, "version": version, "old": old, "new": new, "step": step},
        key=f"areas_rename:{workspace}:{version}:{step}",
        lane=f"areas:{workspace}",
        now=deps.clock.now(),
    )


def rename_batch(deps: Deps, args: Mapping[str, Any], *, finish: Finish = nothing) -> int:
    """So many readings at a time; how many were given the new name."""
    workspace, old, new = str(args["workspace"]), str(args["old"]), str(args["new"])
    with deps.db.write() as session:
        if int(args["step"]) == 0:
            areas.relabel_words(session, workspace, old, new)
        made = areas.relabel(session, workspace, old, new, limit=RELABELLED)
        if made == RELABELLED:
            rename(deps, session, workspace, int(args["version"]), old, new, int(args["step"]) + 1)
        finish(session)
    return made
