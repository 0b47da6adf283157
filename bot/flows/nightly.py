"""The 02:00 job: tidy the themes, look for every pattern, move states on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import numpy as np
from sqlmodel import Session

from bot.deps import Deps
from bot.flows import analyze, assign, detect, issue_rules, loop_news, naming
from bot.flows.names import pseudonyms
from bot.memory import people_links
from bot.worker import Finish, nothing
from intelligence.clean import problem_text
from intelligence.model import Scope, ThemeState
from intelligence.redact import redact, without_masks
from intelligence.themes.plans import Merge, Plan, Snapshot, Split
from intelligence.themes.recluster import recluster
from storage import (
    alerts,
    memberships,
    queue,
    rereadings,
    theme_events,
    theme_volumes,
    themes,
    ticket_volumes,
    tickets,
    vectors,
    workspaces,
)

LOOK_BACK = timedelta(days=120)  # tickets the pass may regroup; older ones keep their theme
UNSETTLED = timedelta(days=14)  # how long a ticket may still leave a theme that people have seen
STATE_WINDOW = timedelta(days=7)
TIDIED = "tidied"
TIDY_SHARE = 5
TIDY_AT_LEAST = timedelta(days=7)
YOUNG = timedelta(days=7)
GROWING = 1.5
FEW = 5  # tickets of all other themes that say little about how busy a week is
CHUNK = 500


def nightly(deps: Deps, workspace: str, *, finish: Finish = nothing) -> Plan | None:
    """One nightly pass over a workspace; runs twice without harm, because the second finds nothing left to do.

    Returns the plan of the tidying, None where too little was new for one.

    What was stored and never read (an interrupted import) is read first.
    """
    with deps.db.read() as session:
        forgotten = rereadings.unread(session, workspace)
    for start in range(0, len(forgotten), CHUNK):
        chunk = forgotten[start : start + CHUNK]
        analyze.read_tickets(deps, workspace, chunk, assign=False)
        assign.assign_tickets(deps, workspace, chunk)
    tidied = tidy(deps, workspace) if is_worth_tidying(deps, workspace) else None
    with deps.db.write() as session:
        move_states(deps, session, workspace)
    detect.everywhere(deps, workspace)
    with deps.db.write() as session:
        issue_rules.sweep(deps, session, workspace)
        memberships.touched(session, workspace)  # a burst may have become a theme
        queue.prune(session, deps.clock.now())
        finish(session)
    return tidied


def tidy(deps: Deps, workspace: str) -> Plan:
    """Re-cluster what waits, what does not hang together and what nobody has seen.

    Thinking happens outside of any transaction; what has changed meanwhile is left as it is.
    """
    snapshot = _gather(deps, workspace)
    plan = recluster(snapshot, next_theme=_provisional_numbers(snapshot))
    _apply(deps, workspace, snapshot, plan)
    with deps.db.write() as session:
        told = {"at": deps.clock.now().isoformat(), "tickets": ticket_volumes.span(session, workspace)[0]}
        workspaces.put_state(session, workspace, TIDIED, told, deps.clock.now())
    return plan


def is_worth_tidying(deps: Deps, workspace: str) -> bool:
    """Whether enough has come since the last tidying: a fifth more tickets, or any at all within a week.

    The cost of the nights grows with the news, not with the archive.
    """
    with deps.db.read() as session:
        last = workspaces.setting(session, workspace, TIDIED)
        everything = ticket_volumes.span(session, workspace)[0]
    if last is None:
        return everything > 0
    fresh = everything - int(last["tickets"])
    aged = deps.clock.now() - datetime.fromisoformat(last["at"]) >= TIDY_AT_LEAST
    return fresh * TIDY_SHARE >= everything or (aged and fresh > 0)


def _gather(deps: Deps, workspace: str) -> Snapshot:
    now = deps.clock.now()
    with deps.db.read() as session:
        rows = vectors.members(session, workspace, deps.embedder.model, deps.embedder.dim, since=now - LOOK_BACK)
        seen = frozenset(t.id for t in themes.load(session, workspace).values() if not t.provisional)
        ids = rows.ticket_ids.tolist()
        loaded = tickets.load(session, Scope(workspace), ids)
        people = pseudonyms(session, workspace)
        region = deps.settings.phone_region
        texts = [
            without_masks(redact(problem_text(loaded[i].messages), people=people, region=region).text) for i in ids
        ]
        return Snapshot(
            rows.ticket_ids,
            rows.vectors,
            rows.theme_ids,
            rows.times,
            seen=seen,
            unsettled=_unsettled(session, workspace, rows, seen, now),
            pinned=memberships.pinned(session, workspace),
            links=people_links(session, workspace),
            texts=texts if any(texts) else None,  # where no word is left or was copied, meaning alone groups
        )


def _unsettled(
    session: Session, workspace: str, rows: vectors.Members, seen: frozenset[int], now: datetime
) -> frozenset[int]:
    """Young tickets of seen themes that no alert has shown to anybody: only the machine knows where they are."""
    shown = {ticket for one in alerts.since(session, workspace, now - LOOK_BACK) for ticket in one.ticket_ids}
    young = np.isin(rows.theme_ids, list(seen)) & (rows.times >= (now - UNSETTLED).timestamp())
    return frozenset(rows.ticket_ids[young].tolist()) - shown


def _provisional_numbers(snapshot: Snapshot) -> Callable[[], int]:
    """Numbers for themes that are born in the plan: above every id in the snapshot, made real when it is applied."""
    numbers = count(int(snapshot.theme_ids.max(initial=0)) + 1_000_000)
    return lambda: next(numbers)


def _apply(deps: Deps, workspace: str, snapshot: Snapshot, plan: Plan) -> None:
    now = deps.clock.now()
    real: dict[int, int] = {}
    with deps.db.write() as session:
        for birth in plan.births:
            real[birth.theme] = themes.give_birth(session, workspace, now, first_at=now, title=naming.UNNAMED)
            told = f"born at night from {len(birth.members)} tickets"
            theme_events.happened(session, workspace, real[birth.theme], "born", "machine", {"text": told}, now)
    _move_tickets(deps, workspace, snapshot, plan, real)
    for (
        merge
    ) in plan.merges:  # a transaction each: a first night may have hundreds, and whoever listens must write, too
        with deps.db.write() as session:
            _merge(session, workspace, merge, real, now)
            memberships.touched(session, workspace)
    with deps.db.write() as session:
        for split in plan.splits:
            _propose(session, workspace, split, now)
        moved = plan.theme_ids[plan.theme_ids != snapshot.theme_ids]
        touched = {real.get(theme, theme) for theme in map(int, np.unique(moved)) if theme}
        naming.date(session, touched | set(real.values()))
        unnamed = {
            theme_id for theme_id, (title, _, _) in themes.titles(session, workspace).items() if title == naming.UNNAMED
        }
        memberships.touched(session, workspace)
    with deps.db.read() as session:  # reading the words of many themes takes seconds: nobody waits for it to write
        names = naming.decide(deps, session, workspace, sorted(unnamed.union(_changed_much(snapshot, plan, real))))
    with deps.db.write() as session:
        naming.give(session, workspace, names)


def _move_tickets(deps: Deps, workspace: str, snapshot: Snapshot, plan: Plan, real: dict[int, int]) -> None:
    """Give every ticket the home of the plan, unless it has moved since the snapshot; in chunks, for the others'
    sake.
    """
    rows = np.flatnonzero(plan.theme_ids != snapshot.theme_ids).tolist()
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        with deps.db.write() as session:
            present = memberships.homes(session, [int(snapshot.ticket_ids[row]) for row in chunk])
            homes: list[tuple[int, int | None, float]] = []
            for row in chunk:
                ticket, before = int(snapshot.ticket_ids[row]), int(snapshot.theme_ids[row])
                if present.get(ticket, 0) == before:
                    target = int(plan.theme_ids[row])
                    homes.append((ticket, real.get(target, target) or None, 1.0))
            memberships.place_many(session, workspace, homes, deps.clock.now())
            memberships.touched(session, workspace)


def _merge(session: Session, workspace: str, merge: Merge, real: dict[int, int], now: datetime) -> None:
    kept, absorbed = real.get(merge.kept, merge.kept), real.get(merge.absorbed, merge.absorbed)
    if merge.proposal:
        told = {"text": f"proposal to merge: {merge.reason}", "other": absorbed, "similarity": merge.similarity}
        _once(session, workspace, kept, "proposal", told, now)
        return
    themes.absorb(session, workspace, kept, absorbed)
    told = {"text": f"took in {merge.tickets} tickets of another theme: {merge.reason}", "absorbed": absorbed}
    theme_events.happened(session, workspace, kept, "merged", "machine", told, now)


def _propose(session: Session, workspace: str, split: Split, now: datetime) -> None:
    told = {
        "text": f"proposal to split into {len(split.parts) + 1}: {split.reason}",
        "parts": [list(p) for p in split.parts],
    }
    _once(session, workspace, split.theme, "proposal", told, now)


def _once(session: Session, workspace: str, theme_id: int, kind: str, told: dict[str, object], now: datetime) -> None:
    """Write a proposal into the lineage unless the same stands there already."""
    known = {data.get("text") for _, was, _, data, _, _ in theme_events.lineage(session, theme_id) if was == kind}
    if told["text"] not in known:
        theme_events.happened(session, workspace, theme_id, kind, "machine", told, now)


def _changed_much(snapshot: Snapshot, plan: Plan, real: dict[int, int]) -> list[int]:
    """Themes that deserve a new name: the newborn, and those of which a fifth of the tickets changed."""
    again = list(real.values())
    for theme in np.unique(plan.theme_ids).tolist():
        if theme == 0 or theme in real:
            continue
        after, before = plan.theme_ids == theme, snapshot.theme_ids == theme
        if (after != before).sum() * 5 >= after.sum():
            again.append(theme)
    return again


def move_states(deps: Deps, session: Session, workspace: str) -> None:
    """What nobody decided moves on by itself: new, growing, steady, quiet; a fix that holds for two weeks is over."""
    now = deps.clock.now()
    scope = Scope(workspace)
    this_week = theme_volumes.counts(session, scope, now - STATE_WINDOW, now)
    last_week = theme_volumes.counts(session, scope, now - 2 * STATE_WINDOW, now - STATE_WINDOW)
    everything = (sum(c.tickets for c in this_week.values()), sum(c.tickets for c in last_week.values()))
    for fact in themes.facts(session, workspace):
        recent = this_week[fact.theme_id].tickets if fact.theme_id in this_week else 0
        earlier = last_week[fact.theme_id].tickets if fact.theme_id in last_week else 0
        state = next_state(fact, recent, earlier, now, everything)
        if state is not fact.state:
            themes.update(session, fact.theme_id, state=state)
            if fact.state is ThemeState.VERIFYING:
                loop_news.held(deps, session, workspace, fact.theme_id)


def next_state(fact: themes.Facts, recent: int, earlier: int, now: datetime, everything: tuple[int, int]) -> ThemeState:
    """The state by activity: tickets of the last seven days (`recent`) against the seven before (`earlier`).

    `everything`: of all themes in both weeks. Where all are silent the source is, and no theme falls; what grows no more
    than all others do (a source that is back) does not grow.
    """
    if fact.state is ThemeState.FIXING:
        return fact.state
    if fact.state is ThemeState.VERIFYING:
        over = fact.resolved_at is not None and now - fact.resolved_at > loop_news.VERIFY_FOR
        return ThemeState.QUIET if over and recent == 0 else fact.state
    if everything[0] == 0:
        return fact.state
    if recent == 0 and earlier == 0:
        return ThemeState.QUIET
    if fact.state is ThemeState.REGRESSED:
        return fact.state
    if now - fact.first_at <= YOUNG and not fact.history:
        return ThemeState.NEW
    # Twice the standard deviation of a difference of Poisson counts: less than that is noise.
    others, others_before = everything[0] - recent, everything[1] - earlier
    usual = earlier * max(1.0, (others + FEW) / (others_before + FEW))
    grows = recent >= GROWING * usual and recent - usual > 2.0 * np.sqrt(recent + usual)
    return ThemeState.GROWING if grows else ThemeState.STEADY
