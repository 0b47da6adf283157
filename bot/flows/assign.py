"""Give read tickets their theme, in the workspace's serial lane, and look at once at what that changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

import numpy as np
from sqlmodel import Session

from bot.deps import Deps
from bot.flows import alert, detect, events, naming, push
from bot.picture import Picture
from bot.worker import Finish, nothing
from intelligence.model import Scope
from intelligence.themes.decisions import Born, Decision, Joined
from storage import analyses, memberships, theme_events, theme_volumes, themes, ticket_volumes, vectors

RENAME_AT = frozenset({8, 13, 21, 34})  # a young theme is named again as it grows; later only the nightly pass does


def assign_tickets(
    deps: Deps,
    workspace: str,
    ticket_ids: Sequence[int],
    *,
    finish: Finish = nothing,
    alerts: bool = True,
    names: bool = True,
) -> dict[int, int]:
    """Decide the home of these tickets; returns ticket -> theme for those that have one now. Runs twice without harm.

    Newborn and growing themes are then named, and with `alerts` the changed ones looked at for patterns (history never
    alerts), both between transactions: it takes a while, in which others must write. Who is interrupted there does it at
    the next run. Without `names` the newborn stay unnamed until a tidying names them all.
    """
    now = deps.clock.now()
    opened = partial(deps.memory.open, deps.db, workspace, now, birth=lambda s: _birth(s, workspace, now))
    with deps.memory.alone(workspace):
        with opened() as (session, picture):
            decided = _decide(deps, session, picture, workspace, ticket_ids)
        homed = {ticket: theme for ticket, theme in decided.items() if theme is not None}
        if names:
            grown = {theme for theme in homed.values() if len(picture.index.members(theme)) in RENAME_AT}
            naming.rename_apart(deps, workspace, grown, set(homed.values()))
        if alerts:
            with deps.db.read() as session:
                seen = detect.arrived(deps, session, workspace, list(decided), picture)
            with opened() as (session, picture):
                detect.tell_arrived(deps, session, workspace, list(decided), seen, picture)
                alert.critical_tickets(deps, session, workspace, ticket_ids)
                push.ask(deps, session, workspace, list(homed))
                finish(session)
        else:
            with deps.db.write() as session:
                finish(session)
    return homed


def _decide(
    deps: Deps, session: Session, picture: Picture, workspace: str, ticket_ids: Sequence[int]
) -> dict[int, int | None]:
    now = deps.clock.now()
    found = vectors.of(session, deps.embedder.model, ticket_ids)
    standing = ticket_volumes.times(session, workspace, found)
    picture.forget([t for t in ticket_ids if t not in standing])
    ids = sorted(standing, key=lambda t: (standing[t], t))
    if not ids:
        return {}
    decisions = picture.index.assign_batch(
        np.stack([found[t] for t in ids]),
        np.array([standing[t].timestamp() for t in ids]),
        np.array(ids, np.int64),
    )
    homes: dict[int, tuple[int | None, float]] = {}
    born: list[int] = []
    for ticket_id, decision in zip(ids, decisions, strict=True):
        homes[ticket_id] = _home(decision)
        if isinstance(decision, Born):
            born.append(decision.theme)
            homes |= dict.fromkeys(decision.members, (decision.theme, decision.similarity))
    memberships.place_many(session, workspace, [(t, theme, close) for t, (theme, close) in homes.items()], now)
    settled = {t: theme for t, (theme, _) in homes.items()}
    for ticket_id in ids:
        picture.rows.put(ticket_id, standing[ticket_id].timestamp(), found[ticket_id])
    picture.rows.settle(settled)
    _date(deps, session, workspace, settled, born)
    return settled


def _home(decision: Decision) -> tuple[int | None, float]:
    if isinstance(decision, (Joined, Born)):
        return decision.theme, decision.similarity
    return None, 0.0


def _birth(session: Session, workspace: str, now: datetime) -> int:
    return themes.give_birth(session, workspace, now, first_at=now, title=naming.UNNAMED)


def _date(deps: Deps, session: Session, workspace: str, homes: Mapping[int, int | None], born: Collection[int]) -> None:
    """Dates and history mark of what grew or was born, and its birth in the lineage."""
    extents = theme_volumes.extents(session, {theme for theme in homes.values() if theme is not None})
    for theme_id, extent in extents.items():
        newborn = {"first_at": extent.first, "history": extent.history} if theme_id in born else {}
        themes.update(session, theme_id, last_at=extent.last, **newborn)
    for theme_id in born:
        size = sum(home == theme_id for home in homes.values())
        told = {"text": f"born from {size} tickets"}
        theme_events.happened(session, workspace, theme_id, "born", "machine", told, deps.clock.now())
        if theme_id in extents and not extents[theme_id].history:
            events.theme_event(deps, session, workspace, theme_id, "theme.created", because="born")


def unassigned(deps: Deps, workspace: str, since: datetime) -> list[int]:
    """Read tickets of the last days without a home: what a restart or an import hands to the lane again."""
    with deps.db.read() as session:
        rows = vectors.members(session, workspace, deps.embedder.model, deps.embedder.dim, since=since.astimezone(UTC))
        read = analyses.labels(session, Scope(workspace), rows.ticket_ids.tolist())
    return [int(t) for t, theme in zip(rows.ticket_ids, rows.theme_ids, strict=True) if theme == 0 and int(t) in read]
