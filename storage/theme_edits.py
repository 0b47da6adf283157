"""What people's edits of themes need to know and to put back: versions, pairs kept apart, and rows as they stood.

A snapshot holds ids, dates and flags only, never words of customers: it may outlive the messages.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import DecidedBy, MembershipKind, ThemeState
from storage import loop_drafts, tracked_issues
from storage.tables import (
    AlertRow,
    AnswerRow,
    MembershipRow,
    SilenceRow,
    ThemeEventRow,
    ThemeLinkRow,
    ThemePairRow,
    ThemeRow,
    TicketRow,
    WatchRow,
    WorkspaceRow,
)
from storage.theme_events import Event
from storage.upsert import BATCH, insert_new, put, put_many


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rows about some tickets and themes as they stood before an edit; `as_json` and `of_json` are inverse."""

    tickets: tuple[int, ...]
    themes: tuple[int, ...]
    homes: tuple[tuple[Any, ...], ...]  # ticket, theme, kind, decided_by, decided_who, similarity, at
    words: tuple[tuple[Any, ...], ...]  # ticket, theme, must, by, at
    watches: tuple[tuple[Any, ...], ...]  # theme, user, reason, at
    episodes: tuple[int, ...]  # alerts of the last theme
    silences: tuple[int, ...]
    answers: tuple[tuple[str, str], ...]
    issues: tuple[int, ...] = ()  # of the last theme, like the drafts
    drafts: tuple[tuple[int, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {name: _plain(getattr(self, name)) for name in self.__slots__}

    @staticmethod
    def of_json(data: Mapping[str, Any]) -> Snapshot:
        return Snapshot(**{name: _tuples(data.get(name, [])) for name in Snapshot.__slots__})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return [_plain(entry) for entry in value] if isinstance(value, tuple) else value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(entry) for entry in value) if isinstance(value, list) else value


def lock(session: Session, theme_ids: Collection[int]) -> None:
    """Let nobody else edit these themes, nor give their workspace's tickets themes, until the transaction ends (SQLite
    has one writer anyway). The workspace comes first, as wherever memberships change: so nobody waits in a ring.
    """
    places = sa.select(col(ThemeRow.workspace_id)).where(col(ThemeRow.id).in_(list(theme_ids)))
    session.execute(sa.select(col(WorkspaceRow.id)).where(col(WorkspaceRow.id).in_(places)).with_for_update()).all()
    query = sa.select(col(ThemeRow.id)).where(col(ThemeRow.id).in_(list(theme_ids))).order_by(col(ThemeRow.id))
    session.execute(query.with_for_update()).all()


def events(session: Session, theme_ids: Collection[int], *, after: int = 0, kinds: Collection[str] = ()) -> list[Event]:
    """The lineage of several themes after an event id, in order; of these kinds, or all."""
    query = select(ThemeEventRow).where(col(ThemeEventRow.theme_id).in_(list(theme_ids)), col(ThemeEventRow.id) > after)
    if kinds:
        query = query.where(col(ThemeEventRow.kind).in_(list(kinds)))
    rows = session.exec(query.order_by(col(ThemeEventRow.id))).all()
    return [Event(r.id or 0, r.theme_id, r.kind, r.actor, r.data, r.at, r.undone_at is not None) for r in rows]


def events_of_kind(session: Session, workspace: str, kinds: Collection[str]) -> list[Event]:
    """Every event of these kinds that was not taken back, oldest first."""
    rows = session.exec(
        select(ThemeEventRow)
        .where(
            ThemeEventRow.workspace_id == workspace,
            col(ThemeEventRow.kind).in_(list(kinds)),
            col(ThemeEventRow.undone_at).is_(None),
        )
        .order_by(col(ThemeEventRow.id))
    ).all()
    return [Event(r.id or 0, r.theme_id, r.kind, r.actor, r.data, r.at, False) for r in rows]


def title_by(session: Session, theme_id: int) -> DecidedBy:
    """Who gave the theme its title."""
    return DecidedBy(session.exec(select(ThemeRow.title_by).where(ThemeRow.id == theme_id)).one())


def keep_apart(session: Session, workspace: str, one: int, other: int, *, by: str, now: datetime) -> None:
    """Remember that two themes are not the same: nothing proposes or makes one of them again."""
    values = {"one_id": min(one, other), "other_id": max(one, other), "workspace_id": workspace, "by": by, "at": now}
    put(session, ThemePairRow, values, unique=["one_id", "other_id"])


def allow_together(session: Session, one: int, other: int) -> bool:
    """Forget that they are not the same; whether somebody had said so."""
    pair = (col(ThemePairRow.one_id) == min(one, other), col(ThemePairRow.other_id) == max(one, other))
    found = session.execute(sa.delete(ThemePairRow).where(*pair).returning(col(ThemePairRow.one_id))).first()
    return found is not None


def apart(session: Session, workspace: str) -> frozenset[tuple[int, int]]:
    """Pairs of themes, smaller id first, that somebody said are not the same."""
    found = session.execute(
        sa.select(col(ThemePairRow.one_id), col(ThemePairRow.other_id)).where(
            col(ThemePairRow.workspace_id) == workspace
        )
    )
    return frozenset((one, other) for one, other in found.all())


def at_home(session: Session, theme_id: int) -> list[int]:
    """The tickets whose home a theme is, in order of their ids."""
    home = (col(MembershipRow.theme_id) == theme_id, col(MembershipRow.kind) == MembershipKind.HOME)
    return list(
        session.execute(sa.select(col(MembershipRow.ticket_id)).where(*home).order_by(col(MembershipRow.ticket_id)))
        .scalars()
        .all()
    )


def words_on(session: Session, theme_id: int) -> dict[int, bool]:
    """People's words about tickets and this theme: it belongs (True) or never again (False), by ticket."""
    words = sa.select(col(ThemeLinkRow.ticket_id), col(ThemeLinkRow.must)).where(col(ThemeLinkRow.theme_id) == theme_id)
    return {row[0]: row[1] for row in session.execute(words)}


def say_many(
    session: Session, workspace: str, ticket_ids: Sequence[int], theme_id: int, *, must: bool, by: str, now: datetime
) -> None:
    """A person's word about many tickets and one theme."""
    about = {"theme_id": theme_id, "workspace_id": workspace, "must": must, "by": by, "at": now}
    rows = [{"ticket_id": ticket, **about} for ticket in ticket_ids]
    put_many(session, ThemeLinkRow, rows, unique=["ticket_id", "theme_id"])


def settle_many(
    session: Session, workspace: str, ticket_ids: Sequence[int], theme_id: int, *, by: str, now: datetime
) -> None:
    """Give many tickets their home by a person's word."""
    _leave(session, ticket_ids, col(MembershipRow.kind) == MembershipKind.HOME)
    home = {
        "theme_id": theme_id,
        "workspace_id": workspace,
        "kind": MembershipKind.HOME,
        "decided_by": DecidedBy.PERSON,
        "decided_who": by,
        "similarity": 1.0,
        "at": now,
    }
    put_many(session, MembershipRow, [{"ticket_id": t, **home} for t in ticket_ids], unique=["ticket_id", "theme_id"])


def send_away(session: Session, ticket_ids: Sequence[int], theme_id: int) -> None:
    """Let tickets of a theme wait again."""
    _leave(session, ticket_ids, col(MembershipRow.theme_id) == theme_id)


def _leave(session: Session, ticket_ids: Sequence[int], *conditions: Any) -> None:
    for start in range(0, len(ticket_ids), BATCH):
        here = col(MembershipRow.ticket_id).in_(list(ticket_ids[start : start + BATCH]))
        session.execute(sa.delete(MembershipRow).where(here, *conditions))


def snapshot(session: Session, workspace: str, ticket_ids: Sequence[int], theme_ids: Sequence[int]) -> Snapshot:
    """How these tickets stand to these themes, and what follows the last of the themes when it is merged."""
    last = theme_ids[-1]
    homes = _rows(session, MembershipRow, ticket_ids, theme_ids)
    words = _rows(session, ThemeLinkRow, ticket_ids, theme_ids)
    watches = session.exec(select(WatchRow).where(col(WatchRow.theme_id).in_(list(theme_ids)))).all()

    def mine(table: Any, *columns: Any) -> Any:
        return sa.select(*columns).where(col(table.workspace_id) == workspace, col(table.theme_id) == last)

    return Snapshot(
        tuple(ticket_ids),
        tuple(theme_ids),
        tuple((r.ticket_id, r.theme_id, r.kind, r.decided_by, r.decided_who, r.similarity, r.at) for r in homes),
        tuple((r.ticket_id, r.theme_id, r.must, r.by, r.at) for r in words),
        tuple((r.theme_id, r.user_id, r.reason, r.at) for r in watches),
        tuple(session.execute(mine(AlertRow, col(AlertRow.id))).scalars().all()),
        tuple(session.execute(mine(SilenceRow, col(SilenceRow.id))).scalars().all()),
        tuple(
            (c, t)
            for c, t in session.execute(mine(AnswerRow, col(AnswerRow.channel_id), col(AnswerRow.thread_ts))).all()
        ),
        tracked_issues.ids_of(session, last),
        loop_drafts.states_of(session, last),
    )


def _rows(session: Session, table: Any, ticket_ids: Sequence[int], theme_ids: Sequence[int]) -> list[Any]:
    found: list[Any] = []
    for start in range(0, len(ticket_ids), BATCH):
        some = col(table.ticket_id).in_(list(ticket_ids[start : start + BATCH]))
        found += session.exec(select(table).where(some, col(table.theme_id).in_(list(theme_ids)))).all()
    return found


def restore(session: Session, workspace: str, before: Snapshot) -> None:
    """Put the rows of a snapshot back; what came to the themes since, and tickets that are gone, stay as they are."""
    there = _existing(session, before.tickets)
    _put_homes_back(session, workspace, before, there)
    for start in range(0, len(before.tickets), BATCH):
        some = col(ThemeLinkRow.ticket_id).in_(list(before.tickets[start : start + BATCH]))
        session.execute(sa.delete(ThemeLinkRow).where(some, col(ThemeLinkRow.theme_id).in_(list(before.themes))))
    words = [
        {"ticket_id": t, "theme_id": theme, "workspace_id": workspace, "must": must, "by": by, "at": _moment(at)}
        for t, theme, must, by, at in before.words
        if t in there
    ]
    put_many(session, ThemeLinkRow, words, unique=["ticket_id", "theme_id"])


def _existing(session: Session, ticket_ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(ticket_ids), BATCH):
        some = col(TicketRow.id).in_(list(ticket_ids[start : start + BATCH]))
        found.update(session.execute(sa.select(col(TicketRow.id)).where(some)).scalars())
    return found


def _put_homes_back(session: Session, workspace: str, before: Snapshot, there: set[int]) -> None:
    _leave(session, before.tickets, col(MembershipRow.theme_id).in_(list(before.themes)))
    homes = [
        {
            "ticket_id": ticket,
            "theme_id": theme,
            "workspace_id": workspace,
            "kind": MembershipKind(kind),
            "decided_by": DecidedBy(decided),
            "decided_who": who,
            "similarity": similarity,
            "at": _moment(at),
        }
        for ticket, theme, kind, decided, who, similarity, at in before.homes
        if ticket in there
    ]
    alone = {row["ticket_id"] for row in homes if row["kind"] is MembershipKind.HOME}
    _leave(session, sorted(alone), col(MembershipRow.kind) == MembershipKind.HOME)  # one home a ticket
    put_many(session, MembershipRow, homes, unique=["ticket_id", "theme_id"])


def unmerge(session: Session, workspace: str, before: Snapshot, state: ThemeState) -> None:
    """A merged theme (the last of the snapshot) stands on its own again, with what had followed it."""
    kept, freed = before.themes[0], before.themes[-1]
    session.execute(
        sa.update(ThemeRow).where(col(ThemeRow.id) == freed).values(merged_into=None, state=ThemeState(state))
    )
    for table, ids in ((AlertRow, before.episodes), (SilenceRow, before.silences)):
        if ids:
            session.execute(sa.update(table).where(col(table.id).in_(list(ids))).values(theme_id=freed))
    for channel, thread in before.answers:
        where = (col(AnswerRow.channel_id) == channel, col(AnswerRow.thread_ts) == thread)
        mine = sa.update(AnswerRow).where(col(AnswerRow.workspace_id) == workspace, *where)
        session.execute(mine.values(theme_id=freed))
    loop_drafts.give_back(session, before.drafts, freed)
    if tracked_issues.give_back(session, before.issues, kept, freed):
        stays = tracked_issues.deciding(session, workspace, kept)
        shown = {"issue_key": stays.key if stays else None, "issue_url": stays.url if stays else None}
        session.execute(sa.update(ThemeRow).where(col(ThemeRow.id) == kept).values(**shown))
    _put_watches_back(session, workspace, before, kept, freed)


def _put_watches_back(session: Session, workspace: str, before: Snapshot, kept: int, freed: int) -> None:
    stood = {theme: {(user, reason) for t, user, reason, _ in before.watches if t == theme} for theme in (kept, freed)}
    for theme, user, reason, at in before.watches:
        if theme == freed:
            values = {"workspace_id": workspace, "theme_id": freed, "user_id": user, "reason": reason}
            insert_new(session, WatchRow, values | {"at": _moment(at)}, unique=list(values))
    for user, reason in stood[freed] - stood[kept]:
        followed = (col(WatchRow.theme_id) == kept, col(WatchRow.user_id) == user, col(WatchRow.reason) == reason)
        session.execute(sa.delete(WatchRow).where(*followed))


def _moment(at: datetime | str) -> datetime:
    return at if isinstance(at, datetime) else datetime.fromisoformat(at)
