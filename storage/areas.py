"""Product areas: the workspace's list (a setting that people edit), what tickets are in, and who changed what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.areas import Held
from intelligence.model import Area, DecidedBy, Scope
from storage import reviews, workspaces
from storage.scopes import counted, visible
from storage.tables import AnalysisRow, AuditRow, ChannelRow, ReviewRow, SettingRow, ThemeRow, TicketRow
from storage.upsert import put

KEY: Final = "areas"
ACTION: Final = "area"
LOCAL: Final = "local"  # the analyzer that chooses areas by the list's own words


def as_data(area: Area) -> dict[str, Any]:
    """An area as it is kept."""
    return {
        "name": area.name,
        "words": list(area.words),
        "examples": list(area.examples),
        "owner": area.owner,
        "channel": area.channel,
    }


def from_data(row: Mapping[str, Any]) -> Area:
    """The area that was kept."""
    words, examples = tuple(row.get("words", ())), tuple(row.get("examples", ()))
    return Area(row["name"], words, examples, row.get("owner"), row.get("channel"))


def load(session: Session, workspace: str) -> tuple[Area, ...]:
    """The workspace's areas, in the order people gave them."""
    return tuple(from_data(row) for row in workspaces.setting(session, workspace, KEY, []))


def save(session: Session, workspace: str, areas: Sequence[Area], *, by: str | None, now: datetime) -> None:
    """Replace the list; `note` audits what changed in it."""
    value = [as_data(area) for area in areas]
    values = {"workspace_id": workspace, "key": KEY, "value": value, "updated_at": now, "updated_by": by}
    put(session, SettingRow, values, unique=["workspace_id", "key"])


@dataclass(frozen=True, slots=True)
class Change:
    """What a person did to an area: `data` has what it was before and is after."""

    id: int
    actor: str
    name: str
    data: Mapping[str, Any]
    at: datetime


def note(session: Session, workspace: str, by: str, name: str, data: Mapping[str, Any], now: datetime) -> int:
    """Audit a change of an area; its number, by which it is taken back."""
    row = AuditRow(workspace_id=workspace, actor=by, action=ACTION, subject=name, data=dict(data), at=now)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def change(session: Session, workspace: str, number: int) -> Change | None:
    """One change, by its number."""
    row = session.get(AuditRow, number)
    mine = row is not None and row.workspace_id == workspace and row.action == ACTION
    return _change(row) if row is not None and mine else None


def changes(session: Session, workspace: str, after: int = 0) -> list[Change]:
    """Changes since one of them, oldest first."""
    query = select(AuditRow).where(
        AuditRow.workspace_id == workspace, AuditRow.action == ACTION, col(AuditRow.id) > after
    )
    return [_change(row) for row in session.exec(query.order_by(col(AuditRow.id))).all()]


def taken_back(session: Session, workspace: str, number: int) -> bool:
    """Whether a change was taken back before."""
    return any(one.data.get("undo_of") == number for one in changes(session, workspace, number))


def newest(session: Session, workspace: str) -> int:
    """The number of the newest change, 0 without any."""
    query = select(sa.func.max(AuditRow.id)).where(AuditRow.workspace_id == workspace, AuditRow.action == ACTION)
    return int(session.exec(query).one() or 0)


def _change(row: AuditRow) -> Change:
    assert row.id is not None
    return Change(row.id, row.actor, row.subject, row.data, row.at)


def map_channel(session: Session, workspace: str, channel_id: str, area: str | None) -> None:
    """Tickets of this channel are in this area from now on; None: in whichever they are nearest to."""
    where = (col(ChannelRow.workspace_id) == workspace, col(ChannelRow.channel_id) == channel_id)
    session.execute(sa.update(ChannelRow).where(*where).values(area=area))


def counts(session: Session, scope: Scope, start: datetime, end: datetime) -> dict[str | None, int]:
    """Counted and read tickets of a period by area; None: unassigned."""
    area = col(AnalysisRow.area)
    query = (
        sa.select(area, sa.func.count())
        .join(TicketRow, col(TicketRow.id) == col(AnalysisRow.ticket_id))
        .where(
            visible(scope),
            counted(),
            col(AnalysisRow.current).is_(True),
            col(TicketRow.at) >= start,
            col(TicketRow.at) < end,
        )
        .group_by(area)
    )
    return {name: int(number) for name, number in session.execute(query).all()}


def tickets_in(session: Session, scope: Scope, area: str, start: datetime, limit: int) -> list[int]:
    """The newest counted tickets of an area since a time."""
    query = (
        sa.select(col(TicketRow.id))
        .join(AnalysisRow, col(AnalysisRow.ticket_id) == col(TicketRow.id))
        .where(
            visible(scope),
            counted(),
            col(AnalysisRow.current).is_(True),
            col(AnalysisRow.area) == area,
            col(TicketRow.at) >= start,
        )
        .order_by(col(TicketRow.at).desc())
        .limit(limit)
    )
    return list(session.execute(query).scalars())


def held(
    session: Session, workspace: str, since: datetime, *, before: int | None = None, limit: int | None = None
) -> list[Held]:
    """Counted and read tickets since a time, newest first, with all that has been said of their areas. `before`:
    only those with a smaller id.
    """
    reading = (col(AnalysisRow.area), col(AnalysisRow.machine), col(AnalysisRow.analyzer))
    query = (
        sa.select(col(TicketRow.id), col(TicketRow.channel_id), col(TicketRow.area), *reading, col(ChannelRow.area))
        .join(AnalysisRow, col(AnalysisRow.ticket_id) == col(TicketRow.id))
        .join(
            ChannelRow,
            sa.and_(
                col(ChannelRow.workspace_id) == col(TicketRow.workspace_id),
                col(ChannelRow.channel_id) == col(TicketRow.channel_id),
            ),
            isouter=True,
        )
        .where(
            col(TicketRow.workspace_id) == workspace,
            counted(),
            col(TicketRow.at) >= since,
            col(AnalysisRow.current).is_(True),
        )
        .order_by(col(TicketRow.id).desc())
    )
    if before is not None:
        query = query.where(col(TicketRow.id) < before)
    return [_held(*row) for row in session.execute(query.limit(limit)).all()]


def channels_of(session: Session, ticket_ids: Sequence[int]) -> dict[int, str]:
    """The channel of each of these tickets that came from one."""
    query = sa.select(col(TicketRow.id), col(TicketRow.channel_id)).where(
        col(TicketRow.id).in_(list(ticket_ids)), col(TicketRow.channel_id).is_not(None)
    )
    return {row[0]: row[1] for row in session.execute(query).all()}


def _held(
    ticket_id: int,
    channel_id: str | None,
    told: str | None,
    shown: str | None,
    machine: Mapping[str, Any] | None,
    analyzer: str,
    mapped: str | None,
) -> Held:
    """A ticket of a channel has its area from the channel's mapping alone, any other from where it came from."""
    own = machine["area"] if machine else shown
    imported = told if channel_id is None else None
    return Held(ticket_id, imported, mapped, own, shown, own != shown, model=analyzer != LOCAL)


def assign(session: Session, workspace: str, decisions: Sequence[tuple[Held, str | None]]) -> list[int]:
    """Write areas into tickets' readings, below what people said; the tickets for which something changed."""
    made: list[int] = []
    for held_, area in decisions:
        _follow_channel(session, held_)
        if area == held_.own:
            continue
        made.append(held_.ticket_id)
        where = (col(AnalysisRow.ticket_id) == held_.ticket_id, col(AnalysisRow.current).is_(True))
        row = session.exec(select(AnalysisRow.machine).where(*where)).one()
        values: dict[str, Any] = {"machine": {**row, "area": area}} if row else {"area": area}
        session.execute(sa.update(AnalysisRow).where(*where).values(**values))
    reviews.apply(session, workspace, made)
    return made


def _follow_channel(session: Session, held_: Held) -> None:
    """The ticket itself says what its channel's mapping is: the next reading obeys it."""
    if held_.imported is None:
        decided_by = DecidedBy.PERSON if held_.mapped else None
        where = (col(TicketRow.id) == held_.ticket_id, col(TicketRow.channel_id).is_not(None))
        session.execute(
            sa.update(TicketRow)
            .where(*where, col(TicketRow.area).is_distinct_from(held_.mapped))
            .values(area=held_.mapped, area_by=decided_by)
        )


def relabel(session: Session, workspace: str, old: str, new: str, *, limit: int) -> int:
    """Give readings of an area its new name, so many at a time; how many. Imported areas keep the name they came with."""
    imported = sa.and_(col(TicketRow.channel_id).is_(None), col(TicketRow.area).is_not(None))
    query = (
        sa.select(col(AnalysisRow.id), col(AnalysisRow.ticket_id))
        .join(TicketRow, col(TicketRow.id) == col(AnalysisRow.ticket_id))
        .where(
            col(AnalysisRow.workspace_id) == workspace,
            col(AnalysisRow.area) == old,
            sa.not_(imported),
        )
        .limit(limit)
    )
    rows = session.execute(query).all()
    session.execute(sa.update(AnalysisRow).where(col(AnalysisRow.id).in_([r[0] for r in rows])).values(area=new))
    there = col(TicketRow.id).in_([r[1] for r in rows])
    session.execute(sa.update(TicketRow).where(there, col(TicketRow.area) == old).values(area=new))
    return len(rows)


def relabel_words(session: Session, workspace: str, old: str, new: str) -> None:
    """The same in what people said of readings, in what the machine had said below it, and in themes."""
    words = select(ReviewRow).where(ReviewRow.workspace_id == workspace)
    for row in session.exec(words).all():
        row.was = _renamed(row.was, old, new)
        row.said = _renamed(row.said, old, new) if row.said else row.said
        session.add(row)
    corrected = select(AnalysisRow).where(
        AnalysisRow.workspace_id == workspace, col(AnalysisRow.corrected_by).is_not(None)
    )
    for reading in session.exec(corrected).all():
        if reading.machine:
            reading.machine = _renamed(reading.machine, old, new)
            session.add(reading)
    where = (col(ThemeRow.workspace_id) == workspace, col(ThemeRow.area) == old)
    session.execute(sa.update(ThemeRow).where(*where).values(area=new))


def _renamed(labels: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    return {**labels, "area": new if labels.get("area") == old else labels.get("area")}
