"""Themes, who belongs to them, and what happened to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from intelligence.model import DecidedBy, MembershipKind, Scope, Theme, ThemeState
from storage import loop_drafts, tracked_issues
from storage.tables import (
    AlertRow,
    AnswerRow,
    MembershipRow,
    SilenceRow,
    ThemeEventRow,
    ThemeLinkRow,
    ThemeRow,
    TicketRow,
    WatchRow,
    WorkspaceRow,
)
from storage.tickets import counted, visible
from storage.upsert import changed, insert_new, put, put_many


@dataclass(frozen=True, slots=True)
class Member:
    """A ticket in a theme, with what counting needs: who asked, when, and in which segments."""

    ticket_id: int
    at: datetime
    account_id: int | None
    customer_id: int | None
    kind: MembershipKind
    similarity: float
    decided_by: DecidedBy
    segments: Mapping[str, str]

    @property
    def who(self) -> str | None:
        """The distinct customer: the account where known, else the person, else None."""
        if self.account_id is not None:
            return f"a{self.account_id}"
        return None if self.customer_id is None else f"p{self.customer_id}"


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """Tickets and distinct known customers of a theme in a period; `unknown` tickets have no known customer."""

    theme_id: int
    tickets: int
    customers: int
    unknown: int


def _theme(row: ThemeRow) -> Theme:
    assert row.id is not None
    return Theme(
        row.id,
        row.workspace_id,
        row.number,
        row.title,
        row.description,
        row.state,
        row.provisional,
        row.created_at,
        row.first_at,
        row.severity,
        row.area,
        row.owner,
        row.issue_key,
        row.issue_url,
        row.roadmap,
        row.resolved_at,
        row.resolved_release,
        row.merged_into,
    )


def give_birth(
    session: Session, workspace: str, now: datetime, *, first_at: datetime, title: str, history: bool = False
) -> int:
    """A new theme with the workspace's next number; its row id."""
    number = session.execute(
        sa.update(WorkspaceRow)
        .where(col(WorkspaceRow.id) == workspace)
        .values(next_theme=col(WorkspaceRow.next_theme) + 1)
        .returning(col(WorkspaceRow.next_theme))
    ).scalar_one()
    row = ThemeRow(
        workspace_id=workspace,
        number=number - 1,
        title=title,
        title_by=DecidedBy.MACHINE,
        state=ThemeState.NEW,
        created_at=now,
        first_at=first_at,
        last_at=first_at,
        history=history,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def get(session: Session, workspace: str, theme_id: int) -> Theme | None:
    row = session.get(ThemeRow, theme_id)
    return None if row is None or row.workspace_id != workspace else _theme(row)


def standing(session: Session, workspace: str, theme_id: int) -> Theme | None:
    """The theme, or what it became by merges."""
    found = session.get(ThemeRow, theme_id)
    while found is not None and found.merged_into is not None:
        found = session.get(ThemeRow, found.merged_into)
    return None if found is None or found.workspace_id != workspace else _theme(found)


def by_number(session: Session, workspace: str, number: int) -> Theme | None:
    """TI-n, following merges: a merged number leads to what it became for ever."""
    row = session.exec(select(ThemeRow).where(ThemeRow.workspace_id == workspace, ThemeRow.number == number)).first()
    while row is not None and row.merged_into is not None:
        row = session.get(ThemeRow, row.merged_into)
    return None if row is None else _theme(row)


def load(session: Session, workspace: str, ids: Collection[int] | None = None) -> dict[int, Theme]:
    """Living themes by id: all of a workspace, or those asked for."""
    query = select(ThemeRow).where(ThemeRow.workspace_id == workspace, col(ThemeRow.merged_into).is_(None))
    if ids is not None:
        query = query.where(col(ThemeRow.id).in_(list(ids)))
    return {theme.id: theme for theme in map(_theme, session.exec(query).all())}


def titles(session: Session, workspace: str) -> dict[int, tuple[str, DecidedBy, bool]]:
    """Title, who gave it, and whether the theme came from history, by living theme."""
    rows = session.execute(
        sa.select(col(ThemeRow.id), col(ThemeRow.title), col(ThemeRow.title_by), col(ThemeRow.history)).where(
            col(ThemeRow.workspace_id) == workspace, col(ThemeRow.merged_into).is_(None)
        )
    ).all()
    return {theme_id: (title, by, history) for theme_id, title, by, history in rows}


def phrases(session: Session, theme_id: int) -> tuple[str, ...]:
    """The phrases that mark a theme."""
    found = session.exec(select(ThemeRow.phrases).where(ThemeRow.id == theme_id)).first()
    return tuple(found or ())


def severity_reason(session: Session, theme_id: int) -> str | None:
    """The rule that set a theme's severity, in words."""
    return session.exec(select(ThemeRow.severity_reason).where(ThemeRow.id == theme_id)).first()


def update(session: Session, theme_id: int, **values: Any) -> None:
    """Change columns of a theme."""
    session.execute(sa.update(ThemeRow).where(col(ThemeRow.id) == theme_id).values(**values))


def seen(session: Session, theme_ids: Iterable[int]) -> None:
    """Somebody has seen these themes: from now on the machine only proposes changes to them."""
    session.execute(sa.update(ThemeRow).where(col(ThemeRow.id).in_(list(theme_ids))).values(provisional=False))


def place(
    session: Session,
    workspace: str,
    ticket_id: int,
    theme_id: int | None,
    now: datetime,
    *,
    similarity: float,
    by: DecidedBy = DecidedBy.MACHINE,
    who: str | None = None,
) -> None:
    """Set a ticket's home theme (None: it waits). A person's placing is never undone by a machine."""
    home = (col(MembershipRow.ticket_id) == ticket_id, col(MembershipRow.kind) == MembershipKind.HOME)
    if by is DecidedBy.MACHINE:
        decided = session.execute(sa.select(col(MembershipRow.decided_by)).where(*home)).scalar_one_or_none()
        if decided is DecidedBy.PERSON:
            return
    session.execute(sa.delete(MembershipRow).where(*home))
    if theme_id is None:
        return
    values = {
        "ticket_id": ticket_id,
        "theme_id": theme_id,
        "workspace_id": workspace,
        "kind": MembershipKind.HOME,
        "decided_by": by,
        "decided_who": who,
        "similarity": similarity,
        "at": now,
    }
    put(session, MembershipRow, values, unique=["ticket_id", "theme_id"])


def place_many(session: Session, workspace: str, homes: Sequence[tuple[int, int | None, float]], now: datetime) -> None:
    """Set the homes of many tickets, (ticket, theme or None, similarity) each; people's placings stay."""
    ids = [ticket_id for ticket_id, _, _ in homes]
    pinned: set[int] = set()
    for start in range(0, len(ids), 500):
        chunk = col(MembershipRow.ticket_id).in_(ids[start : start + 500])
        kept = sa.select(col(MembershipRow.ticket_id)).where(
            chunk,
            col(MembershipRow.kind) == MembershipKind.HOME,
            col(MembershipRow.decided_by) == DecidedBy.PERSON,
        )
        pinned.update(session.execute(kept).scalars())
        session.execute(
            sa.delete(MembershipRow).where(
                chunk,
                col(MembershipRow.kind) == MembershipKind.HOME,
                col(MembershipRow.decided_by) == DecidedBy.MACHINE,
            )
        )
    rows = [
        {
            "ticket_id": ticket_id,
            "theme_id": theme_id,
            "workspace_id": workspace,
            "kind": MembershipKind.HOME,
            "decided_by": DecidedBy.MACHINE,
            "similarity": similarity,
            "at": now,
        }
        for ticket_id, theme_id, similarity in homes
        if theme_id is not None and ticket_id not in pinned
    ]
    put_many(session, MembershipRow, rows, unique=["ticket_id", "theme_id"])


def home_of(session: Session, ticket_id: int) -> tuple[int, float, DecidedBy] | None:
    """A ticket's home theme, how close it is, and who decided."""
    row = session.exec(
        select(MembershipRow).where(
            MembershipRow.ticket_id == ticket_id, col(MembershipRow.kind) == MembershipKind.HOME
        )
    ).first()
    return None if row is None else (row.theme_id, row.similarity, row.decided_by)


def pinned(session: Session, workspace: str) -> frozenset[int]:
    """Tickets whose home a person decided."""
    found = session.execute(
        sa.select(col(MembershipRow.ticket_id)).where(
            col(MembershipRow.workspace_id) == workspace,
            col(MembershipRow.kind) == MembershipKind.HOME,
            col(MembershipRow.decided_by) == DecidedBy.PERSON,
        )
    )
    return frozenset(found.scalars())


def members(
    session: Session,
    scope: Scope,
    theme_id: int,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[Member]:
    """A theme's counted tickets that the asker may see, newest first; home members and mentions."""
    query = (
        sa.select(
            col(TicketRow.id),
            col(TicketRow.at),
            col(TicketRow.account_id),
            col(TicketRow.customer_id),
            col(MembershipRow.kind),
            col(MembershipRow.similarity),
            col(MembershipRow.decided_by),
            TicketRow.__table__.c.segments,  # type: ignore[attr-defined]
        )
        .join(MembershipRow, col(MembershipRow.ticket_id) == col(TicketRow.id))
        .where(visible(scope), counted(), col(MembershipRow.theme_id) == theme_id)
        .order_by(col(TicketRow.at).desc())
    )
    if start is not None:
        query = query.where(col(TicketRow.at) >= start)
    if end is not None:
        query = query.where(col(TicketRow.at) < end)
    return [Member(*row) for row in session.execute(query).all()]


def size(session: Session, scope: Scope, theme_id: int) -> int:
    """How many tickets `members` would list."""
    query = (
        sa.select(sa.func.count())
        .select_from(TicketRow)
        .join(MembershipRow, col(MembershipRow.ticket_id) == col(TicketRow.id))
        .where(visible(scope), counted(), col(MembershipRow.theme_id) == theme_id)
    )
    return int(session.execute(query).scalar_one())


def counts(
    session: Session,
    scope: Scope,
    start: datetime,
    end: datetime,
    *conditions: sa.ColumnElement[bool],
) -> dict[int, ThemeCount]:
    """Tickets and distinct customers by theme in a period, in one query; `conditions` narrow the tickets."""
    who = sa.case(
        (col(TicketRow.account_id).is_not(None), sa.literal("a") + sa.cast(col(TicketRow.account_id), sa.String)),
        (col(TicketRow.customer_id).is_not(None), sa.literal("p") + sa.cast(col(TicketRow.customer_id), sa.String)),
        else_=None,
    )
    query = (
        sa.select(
            col(MembershipRow.theme_id),
            sa.func.count(sa.distinct(col(TicketRow.id))),
            sa.func.count(sa.distinct(who)),
            sa.func.sum(sa.case((who.is_(None), 1), else_=0)),
        )
        .join(TicketRow, col(TicketRow.id) == col(MembershipRow.ticket_id))
        .where(visible(scope), counted(), col(TicketRow.at) >= start, col(TicketRow.at) < end, *conditions)
        .group_by(col(MembershipRow.theme_id))
    )
    return {row[0]: ThemeCount(row[0], int(row[1]), int(row[2]), int(row[3] or 0)) for row in session.execute(query)}


def covered(session: Session, scope: Scope, start: datetime, end: datetime) -> int:
    """How many counted tickets of a period have a home theme."""
    query = (
        sa.select(sa.func.count(sa.distinct(col(TicketRow.id))))
        .join(MembershipRow, col(MembershipRow.ticket_id) == col(TicketRow.id))
        .where(
            visible(scope),
            counted(),
            col(MembershipRow.kind) == MembershipKind.HOME,
            col(TicketRow.at) >= start,
            col(TicketRow.at) < end,
        )
    )
    return int(session.execute(query).scalar_one())


def link(
    session: Session, workspace: str, ticket_id: int, theme_id: int, *, must: bool, by: str, now: datetime
) -> None:
    """Keep a person's word: the ticket belongs to the theme, or never again."""
    values = {
        "ticket_id": ticket_id,
        "theme_id": theme_id,
        "workspace_id": workspace,
        "must": must,
        "by": by,
        "at": now,
    }
    put(session, ThemeLinkRow, values, unique=["ticket_id", "theme_id"])


def word_of(session: Session, ticket_id: int, theme_id: int) -> bool | None:
    """What people said of this ticket and theme: it belongs there (True), never again (False), nothing (None)."""
    row = session.get(ThemeLinkRow, (ticket_id, theme_id))
    return None if row is None else row.must


def unlink(session: Session, ticket_id: int, theme_id: int) -> None:
    """Take a person's word back."""
    pair = (col(ThemeLinkRow.ticket_id) == ticket_id, col(ThemeLinkRow.theme_id) == theme_id)
    session.execute(sa.delete(ThemeLinkRow).where(*pair))


def links(session: Session, workspace: str) -> list[tuple[int, int, bool]]:
    """All (ticket, theme, must) words of people."""
    found = session.execute(
        sa.select(col(ThemeLinkRow.ticket_id), col(ThemeLinkRow.theme_id), col(ThemeLinkRow.must)).where(
            col(ThemeLinkRow.workspace_id) == workspace
        )
    )
    return [(ticket, theme, must) for ticket, theme, must in found.all()]


def happened(
    session: Session, workspace: str, theme_id: int, kind: str, actor: str, data: Mapping[str, Any], now: datetime
) -> int:
    """Write an event into a theme's lineage; its id, for undo."""
    row = ThemeEventRow(workspace_id=workspace, theme_id=theme_id, kind=kind, actor=actor, data=dict(data), at=now)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a theme's lineage."""

    id: int
    theme_id: int
    kind: str
    actor: str
    data: Mapping[str, Any]
    at: datetime
    undone: bool


def event(session: Session, workspace: str, event_id: int) -> Event | None:
    row = session.get(ThemeEventRow, event_id)
    if row is None or row.workspace_id != workspace:
        return None
    return Event(event_id, row.theme_id, row.kind, row.actor, row.data, row.at, row.undone_at is not None)


def events_of_kind(session: Session, workspace: str, kind: str) -> list[Event]:
    """What happened in this way to any theme and was not taken back, in order; of merged themes under the one that stands."""
    rows = session.exec(
        select(ThemeEventRow, ThemeRow)
        .join(ThemeRow, col(ThemeRow.id) == col(ThemeEventRow.theme_id))
        .where(ThemeEventRow.workspace_id == workspace, ThemeEventRow.kind == kind)
        .where(col(ThemeEventRow.undone_at).is_(None))
        .order_by(col(ThemeEventRow.id))
    ).all()
    found: list[Event] = []
    for row, theme in rows:
        standing = by_number(session, workspace, theme.number)
        if standing is not None:
            found.append(Event(row.id or 0, standing.id, row.kind, row.actor, row.data, row.at, undone=False))
    return found


def undone(session: Session, event_id: int, now: datetime) -> bool:
    """Mark an event as taken back; False if it was before."""
    open_still = (col(ThemeEventRow.id) == event_id, col(ThemeEventRow.undone_at).is_(None))
    return changed(session.execute(sa.update(ThemeEventRow).where(*open_still).values(undone_at=now))) == 1


def lineage(session: Session, theme_id: int) -> list[tuple[int, str, str, Mapping[str, Any], datetime, bool]]:
    """A theme's events in order: id, kind, actor, data, time, undone."""
    rows = session.exec(
        select(ThemeEventRow).where(ThemeEventRow.theme_id == theme_id).order_by(col(ThemeEventRow.id))
    ).all()
    return [(r.id or 0, r.kind, r.actor, r.data, r.at, r.undone_at is not None) for r in rows]


def absorb(session: Session, workspace: str, kept: int, absorbed: int) -> int:
    """Move all that belongs to `absorbed` into `kept` and let its number redirect; how many tickets moved.

    A ticket that was in both stays once, at home if it was at home in either. People's words about tickets, watchers,
    alert episodes, the issue and drafts to reporters follow; where they exist for both, those of `kept` stand.
    """
    if kept == absorbed:
        return 0
    at_home = sa.select(col(MembershipRow.ticket_id)).where(
        col(MembershipRow.theme_id) == absorbed, col(MembershipRow.kind) == MembershipKind.HOME
    )
    session.execute(
        sa.delete(MembershipRow).where(
            col(MembershipRow.theme_id) == kept,
            col(MembershipRow.kind) == MembershipKind.MENTION,
            col(MembershipRow.ticket_id).in_(at_home),
        )
    )
    moved = _follow(session, MembershipRow, kept, absorbed, same=("ticket_id",))
    _follow(session, ThemeLinkRow, kept, absorbed, same=("ticket_id",))
    _follow(session, WatchRow, kept, absorbed, same=("user_id", "reason"))
    for table in (AlertRow, SilenceRow, AnswerRow):
        mine = (col(table.workspace_id) == workspace, col(table.theme_id) == absorbed)
        session.execute(sa.update(table).where(*mine).values(theme_id=kept))
    loop_drafts.absorb(session, kept, absorbed)
    if issue := tracked_issues.absorb(session, workspace, kept, absorbed):
        update(session, kept, issue_key=issue.key, issue_url=issue.url)
    update(session, absorbed, merged_into=kept, state=ThemeState.QUIET)
    return moved


def _follow(session: Session, table: Any, kept: int, absorbed: int, *, same: Sequence[str]) -> int:
    """Let rows about `absorbed` be about `kept`, except those that `kept` has already; how many followed."""
    there = aliased(table)
    twin = (
        sa.select(sa.literal(1))
        .where(there.theme_id == kept, *(getattr(there, name) == getattr(table, name) for name in same))
        .exists()
    )
    session.execute(sa.delete(table).where(col(table.theme_id) == absorbed, twin))
    return changed(session.execute(sa.update(table).where(col(table.theme_id) == absorbed).values(theme_id=kept)))


def watch(session: Session, workspace: str, theme_id: int, user_id: str, reason: str, now: datetime) -> bool:
    """Tell this person when the theme changes (reason "watch") or is fixed ("fixed"); False if already so."""
    values = {"workspace_id": workspace, "theme_id": theme_id, "user_id": user_id, "reason": reason, "at": now}
    return insert_new(session, WatchRow, values, unique=["workspace_id", "theme_id", "user_id", "reason"])


def watchers(session: Session, workspace: str, theme_id: int, reason: str) -> list[str]:
    """Who is to be told."""
    found = session.exec(
        select(WatchRow.user_id).where(
            WatchRow.workspace_id == workspace, WatchRow.theme_id == theme_id, WatchRow.reason == reason
        )
    )
    return list(found.all())


def touched(session: Session, workspace: str) -> int:
    """Count a change of memberships, so that other processes rebuild their picture; the new version."""
    return session.execute(
        sa.update(WorkspaceRow)
        .where(col(WorkspaceRow.id) == workspace)
        .values(memory_version=col(WorkspaceRow.memory_version) + 1)
        .returning(col(WorkspaceRow.memory_version))
    ).scalar_one()


def version(session: Session, workspace: str, *, hold: bool = True) -> int:
    """The memberships' version, 0 for a workspace of which nothing is stored yet; with `hold`, in a transaction that
    writes, nobody else changes it until the end.
    """
    query = sa.select(col(WorkspaceRow.memory_version)).where(col(WorkspaceRow.id) == workspace)
    return session.execute(query.with_for_update() if hold else query).scalar_one_or_none() or 0


@dataclass(frozen=True, slots=True)
class Extent:
    """First and last ticket time of a theme's home members, and whether all of them are history."""

    first: datetime
    last: datetime
    history: bool


def extents(session: Session, theme_ids: Collection[int]) -> dict[int, Extent]:
    """The extent of each of these themes that has a home member."""
    query = (
        sa.select(
            col(MembershipRow.theme_id),
            sa.func.min(col(TicketRow.at)),
            sa.func.max(col(TicketRow.at)),
            sa.func.sum(sa.case((col(TicketRow.history).is_(False), 1), else_=0)),
        )
        .join(TicketRow, col(TicketRow.id) == col(MembershipRow.ticket_id))
        .where(col(MembershipRow.theme_id).in_(list(theme_ids)), col(MembershipRow.kind) == MembershipKind.HOME)
        .group_by(col(MembershipRow.theme_id))
    )
    return {row[0]: Extent(row[1], row[2], not row[3]) for row in session.execute(query).all()}


def arrivals(session: Session, workspace: str, since: datetime) -> list[tuple[int, int, datetime, bool]]:
    """(ticket, home theme or 0, time, history) of every counted ticket since a time: what detection counts."""
    home = sa.and_(col(MembershipRow.ticket_id) == col(TicketRow.id), col(MembershipRow.kind) == MembershipKind.HOME)
    query = (
        sa.select(col(TicketRow.id), col(MembershipRow.theme_id), col(TicketRow.at), col(TicketRow.history))
        .select_from(TicketRow)
        .join(MembershipRow, home, isouter=True)
        .where(col(TicketRow.workspace_id) == workspace, counted(), col(TicketRow.at) >= since)
        .order_by(col(TicketRow.at), col(TicketRow.id))
    )
    return [(row[0], row[1] or 0, row[2], bool(row[3])) for row in session.execute(query).all()]


@dataclass(frozen=True, slots=True)
class Facts:
    """What detection must know of a theme besides its tickets."""

    theme_id: int
    created_at: datetime
    first_at: datetime
    resolved_at: datetime | None
    history: bool
    state: ThemeState


def facts(session: Session, workspace: str) -> list[Facts]:
    """Facts of every living theme."""
    query = sa.select(
        col(ThemeRow.id),
        col(ThemeRow.created_at),
        col(ThemeRow.first_at),
        col(ThemeRow.resolved_at),
        col(ThemeRow.history),
        col(ThemeRow.state),
    ).where(col(ThemeRow.workspace_id) == workspace, col(ThemeRow.merged_into).is_(None))
    return [Facts(*row) for row in session.execute(query).all()]


def area_of(session: Session, theme_id: int) -> str | None:
    """The theme's product area."""
    return session.exec(select(ThemeRow.area).where(ThemeRow.id == theme_id)).first()


def homes(session: Session, ticket_ids: Collection[int]) -> dict[int, int]:
    """The home theme of each of these tickets that has one."""
    query = sa.select(col(MembershipRow.ticket_id), col(MembershipRow.theme_id)).where(
        col(MembershipRow.ticket_id).in_(list(ticket_ids)), col(MembershipRow.kind) == MembershipKind.HOME
    )
    return {row[0]: row[1] for row in session.execute(query).all()}
