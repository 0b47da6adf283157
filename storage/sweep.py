"""Words taken out of every column that can hold text: where nobody thought of a name, none is left."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import Source
from storage import tombstones
from storage.tables import InboxRow, JobRow, ModelVersionRow, OutboxRow, Row, SettingRow
from storage.tombstones import Mark
from storage.upsert import BATCH

ERASED = "[erased]"
_SLACK_KEY = re.compile(r"[CGD][A-Z0-9]{2,}/\d+\.\d+")
_OWN_ROOMS = frozenset({"jobs", "tombstones"})
_SOURCES = frozenset(source.value for source in Source)


@dataclass(frozen=True, slots=True)
class Found:
    """A value that holds words to be replaced, where it stands, and what it becomes."""

    table: sa.Table
    key: tuple[Any, ...]
    column: str
    fresh: Any


def find_words(session: Session, workspace: str, instead: Mapping[str, str]) -> list[Found]:
    """Every text and JSON value of a workspace with these whole words (or sentences) in it; reads only.

    Single words are matched as they are written, addresses and sentences in any case.
    """
    wanted = {word: by for word, by in instead.items() if word.strip() and word != by}
    if not wanted:
        return []
    rewrite = _rewriter(wanted)
    return [
        found
        for table in Row.metadata.sorted_tables
        if "workspace_id" in table.c and table.name not in _OWN_ROOMS
        for column in _texts(table)
        for found in _sweep(session, workspace, table, column, list(wanted), rewrite)
    ]


def replace(session: Session, found: Sequence[Found]) -> None:
    """Write what was found as it should be."""
    for one in found:
        mine = [key == value for key, value in zip(one.table.primary_key.columns, one.key, strict=True)]
        session.execute(sa.update(one.table).where(*mine).values({one.column: one.fresh}))


def _texts(table: sa.Table) -> Iterator[sa.Column[Any]]:
    for column in table.c:
        text = isinstance(column.type, sa.String) and not isinstance(column.type, sa.Enum)
        if (text or isinstance(column.type, sa.JSON)) and not column.primary_key and column.name != "workspace_id":
            yield column


def _rewriter(instead: Mapping[str, str]) -> Callable[[str], str]:
    ordered = sorted(instead, key=len, reverse=True)
    parts = [_pattern(word) for word in ordered]
    every = re.compile("|".join(f"({part})" for part in parts))
    return lambda text: every.sub(lambda found: instead[ordered[(found.lastindex or 1) - 1]], text)


def _pattern(word: str) -> str:
    start = r"(?<!\w)" if word[0].isalnum() or word[0] == "_" else ""
    end = r"(?!\w)" if word[-1].isalnum() or word[-1] == "_" else ""
    same_case = word.isalnum()  # a single word may be an ordinary one: Will, Mark, Bill
    return f"{start}{re.escape(word)}{end}" if same_case else f"{start}(?i:{re.escape(word)}){end}"


def _sweep(
    session: Session,
    workspace: str,
    table: sa.Table,
    column: sa.Column[Any],
    words: Sequence[str],
    rewrite: Callable[[str], str],
) -> Iterator[Found]:
    keys = list(table.primary_key.columns)
    text = sa.cast(column, sa.Text)
    is_json = isinstance(column.type, sa.JSON)
    for start in range(0, len(words), 20):
        written = [json.dumps(word)[1:-1] if is_json else word for word in words[start : start + 20]]
        holds = sa.or_(*(text.icontains(word, autoescape=True) for word in written))
        for *key, value in session.execute(sa.select(*keys, column).where(table.c.workspace_id == workspace, holds)):
            fresh = _rewritten(value, rewrite)
            if fresh != value:
                yield Found(table, tuple(key), column.name, fresh)


def _rewritten(value: Any, rewrite: Callable[[str], str]) -> Any:
    match value:
        case str():
            return rewrite(value)
        case list():
            return [_rewritten(entry, rewrite) for entry in value]
        case dict():
            return {rewrite(str(name)): _rewritten(entry, rewrite) for name, entry in value.items()}
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Work:
    """Rows about a customer that are better gone than rewritten: ids of jobs, letters and deliveries, keys of states."""

    jobs: tuple[int, ...]
    letters: tuple[int, ...]
    deliveries: tuple[int, ...]
    states: tuple[str, ...]


def find_work(session: Session, workspace: str, tickets: Collection[int], words: Sequence[str], *, but: str) -> Work:
    """What waits, ran or was said about these tickets, or holds these words or buried ids. Jobs called `but` stay."""
    named = re.compile("|".join(_pattern(word) for word in words) or r"(?!)")
    return Work(
        _jobs(session, workspace, frozenset(tickets), named, but),
        _letters(session, workspace, named),
        _deliveries(session, workspace, named),
        _states(session, workspace),
    )


def drop_work(session: Session, workspace: str, work: Work) -> None:
    """Delete it."""
    for table, ids in ((JobRow, work.jobs), (OutboxRow, work.letters), (InboxRow, work.deliveries)):
        _delete(session, table, ids)
    mine = (col(SettingRow.workspace_id) == workspace, col(SettingRow.key).in_(work.states))
    session.execute(sa.delete(SettingRow).where(*mine))


def _chunks(session: Session, table: type[Any]) -> Iterator[Sequence[Any]]:
    last = 0
    while rows := session.exec(select(table).where(table.id > last).order_by(table.id).limit(BATCH)).all():
        last = rows[-1].id
        yield rows
        session.expunge_all()


def _jobs(
    session: Session, workspace: str, erased: frozenset[int], named: re.Pattern[str], but: str
) -> tuple[int, ...]:
    found: list[int] = []
    for chunk in _chunks(session, JobRow):
        theirs = [job for job in chunk if job.job != but and job.args.get("workspace", workspace) == workspace]
        told = {job.id: f"{job.key} {job.lane or ''} {json.dumps(job.args, ensure_ascii=False)}" for job in theirs}
        marks = {job.id: _marks(job, told[job.id]) for job in theirs}
        buried = tombstones.buried(session, workspace, [mark for some in marks.values() for mark in some])
        found += [
            job.id
            for job in theirs
            if job.args.get("ticket") in erased
            or named.search(told[job.id])
            or not buried.keys().isdisjoint(marks[job.id])
        ]
    return tuple(found)


def _marks(job: JobRow, told: str) -> list[Mark]:
    marks: list[Mark] = []
    if "external_id" in job.args and job.args.get("source") in _SOURCES:
        marks.append(tombstones.ticket(Source(job.args["source"]), str(job.args["external_id"])))
    for key in set(_SLACK_KEY.findall(told)):
        marks += [tombstones.message(Source.SLACK, key), tombstones.ticket(Source.SLACK, key)]
    return marks


def _letters(session: Session, workspace: str, named: re.Pattern[str]) -> tuple[int, ...]:
    """Letters about the customer: what waits is not sent, what was sent is not remembered."""
    return tuple(
        row.id
        for chunk in _chunks(session, OutboxRow)
        for row in chunk
        if row.workspace_id == workspace
        and named.search(f"{row.key} {row.lane} {json.dumps([row.payload, row.response], ensure_ascii=False)}")
    )


def _deliveries(session: Session, workspace: str, named: re.Pattern[str]) -> tuple[int, ...]:
    """Deliveries of the customer's that were never dealt with; those that were hold nothing."""
    waits = sa.cast(InboxRow.__table__.c.payload, sa.Text) != "{}"  # type: ignore[attr-defined]
    rows = session.exec(select(InboxRow).where(InboxRow.workspace_id == workspace, waits)).all()
    return tuple(row.id for row in rows if row.id and named.search(json.dumps(row.payload, ensure_ascii=False)))


def _states(session: Session, workspace: str) -> tuple[str, ...]:
    """What was remembered of single tickets of helpdesks, "helpdesk:<source>:<id>"."""
    query = select(SettingRow.key).where(
        SettingRow.workspace_id == workspace, col(SettingRow.key).startswith("helpdesk:")
    )
    marks: dict[Mark, str] = {}
    for key in session.exec(query).all():
        _, source, external_id = key.split(":", 2)
        if source in _SOURCES:
            marks[tombstones.ticket(Source(source), external_id)] = key
    return tuple(marks[mark] for mark in tombstones.buried(session, workspace, list(marks)))


def _delete(session: Session, table: type[Any], ids: Sequence[int | None]) -> int:
    for start in range(0, len(ids), BATCH):
        session.execute(sa.delete(table).where(table.id.in_(ids[start : start + BATCH])))
    return len(ids)


def drop_lessons(session: Session, workspace: str) -> int:
    """Forget what was learned from corrections: the next lesson is made of those that are left; how many."""
    where = (col(ModelVersionRow.workspace_id) == workspace, col(ModelVersionRow.kind) == "lesson")
    found = session.exec(select(ModelVersionRow.id).where(*where)).all()
    return _delete(session, ModelVersionRow, list(found))
