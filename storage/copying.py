"""Move a deployment: every row of one database into another of the same schema, SQLite and PostgreSQL either way.

One transaction on each side: the source is read as it was at one moment, and the target holds everything or nothing. Of
each table the rows are counted and summed up while they are read, and once more from what the target then holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, cast

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.engine import Database
from storage.tables import JobRow, Row

ROWS = 1_000  # at a time
LOST = "\N{REPLACEMENT CHARACTER}"  # in the place of the one character that PostgreSQL's text cannot hold


class NotCopied(Exception):
    """Why nothing was copied, as a sentence."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows a table has, and a sum over their contents that does not depend on their order."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Copied:
    """A table as it was read and as it now stands in the target."""

    table: str
    read: Sum
    stands: Sum


class _Json(sa.types.UserDefinedType[str]):
    """JSON as the text it is stored as: SQL's NULL stays apart from JSON's, and no number is written differently."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "JSON"


def copy(
    source: Database, target: Database, now: datetime, *, progress: Callable[[str, int], None] = lambda *_: None
) -> list[Copied]:
    """Copy everything; what was copied, by table. Raises NotCopied, and then the target is as it was."""
    tables = Row.metadata.sorted_tables
    with _reading(source) as reading, _writing(target) as writing:
        if held := reading.execute(_at_work(now)).scalar_one():
            raise NotCopied(f"{held} jobs of the source are at work. Stop every process of the bot, then copy.")
        if full := [table.name for table in tables if writing.execute(sa.select(table).limit(1)).first() is not None]:
            raise NotCopied(f"The target is not empty ({', '.join(full[:3])}). Copy into an empty database.")
        indices = _without_indices(writing)
        read: dict[str, Sum] = {}
        for table in tables:
            read[table.name] = _copy_table(reading, writing, table, progress)
        for table in tables:
            _link(reading, writing, table)
            _number(reading, writing, table)
        for made in indices:
            writing.exec_driver_sql(made)
        copied = [Copied(table.name, read[table.name], _sum(_rows(writing, table))) for table in tables]
        if wrong := [one.table for one in copied if one.read != one.stands]:
            raise NotCopied(f"What was written is not what was read ({', '.join(wrong)}). Nothing was kept.")
        if changed := _changed(source, read):
            raise NotCopied(
                f"The source changed meanwhile ({changed}). Stop every process of the bot, then copy again."
            )
    return copied


@contextmanager
def _reading(db: Database) -> Iterator[Connection]:
    """The database as it is at this moment."""
    level = {} if db.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with db.engine.execution_options(**level).connect() as connection:
        yield connection


@contextmanager
def _writing(db: Database) -> Iterator[Connection]:
    with db.engine.execution_options(ticket_intel_write=True).begin() as connection:
        yield connection


def _at_work(now: datetime) -> sa.Select[Any]:
    jobs = cast("sa.Table", sa.inspect(JobRow).local_table)
    return sa.select(sa.func.count()).where(jobs.c.state == "running", jobs.c.lease_until > now)


def _changed(source: Database, read: Mapping[str, Sum]) -> str:
    """The first table whose number of rows is another by now."""
    with _reading(source) as reading:
        for table in Row.metadata.sorted_tables:
            if reading.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() != read[table.name].rows:
                return table.name
    return ""


def _copy_table(reading: Connection, writing: Connection, table: sa.Table, progress: Callable[[str, int], None]) -> Sum:
    own = {column.name for column in _to_itself(table)}
    written = sa.table(table.name, *(sa.column(c.name, _written(c)) for c in table.columns))
    total, count = 0, 0
    with closing(_rows(reading, table)) as portions:
        for rows in portions:
            total += sum(map(_digest, rows))
            writing.execute(sa.insert(written), [{n: None if n in own else v for n, v in row.items()} for row in rows])
            count += len(rows)
            progress(table.name, count)
    return Sum(count, _shown(total))


def _written(column: sa.Column[Any]) -> Any:
    return _Json() if isinstance(column.type, sa.JSON) else column.type


def _rows(connection: Connection, table: sa.Table) -> Generator[list[dict[str, Any]], None, None]:
    """A table in portions, JSON as its text."""
    columns = [
        sa.cast(c, sa.Text).label(c.name) if isinstance(c.type, sa.JSON) else c.label(c.name) for c in table.columns
    ]
    query = sa.select(*columns).order_by(*table.primary_key)
    with connection.execution_options(yield_per=ROWS).execute(query) as found:
        for part in found.mappings().partitions():
            yield [{name: _plain(value) for name, value in row.items()} for row in part]


def _plain(value: Any) -> Any:
    return value.replace("\x00", LOST) if isinstance(value, str) and "\x00" in value else value


def _to_itself(table: sa.Table) -> list[sa.Column[Any]]:
    """Columns that name another row of the same table: filled when all rows are there."""
    return [c for c in table.columns if any(key.column.table is table for key in c.foreign_keys)]


def _link(reading: Connection, writing: Connection, table: sa.Table) -> None:
    for column in _to_itself(table):
        query = sa.select(table.c.id, column).where(column.is_not(None))
        rows = [{"row_id": row_id, "value": value} for row_id, value in reading.execute(query).all()]
        for start in range(0, len(rows), ROWS):
            to = sa.update(table).where(table.c.id == sa.bindparam("row_id"))
            writing.execute(to.values({column.name: sa.bindparam("value")}), rows[start : start + ROWS])


def _number(reading: Connection, writing: Connection, table: sa.Table) -> None:
    """Let the next row's number follow the highest ever given: that of a forgotten customer is never given again."""
    if table.autoincrement_column is None:
        return
    highest = _highest(reading, table)
    if not highest:
        return
    if writing.dialect.name == "postgresql":
        of = sa.func.pg_get_serial_sequence(table.name, "id")
        writing.execute(sa.select(sa.func.setval(of, highest)))
    elif table.dialect_options["sqlite"]["autoincrement"]:
        kept = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
        writing.execute(sa.delete(kept).where(kept.c.name == table.name))
        writing.execute(sa.insert(kept).values(name=table.name, seq=highest))


def _highest(reading: Connection, table: sa.Table) -> int:
    found = [reading.execute(sa.select(sa.func.max(table.c.id))).scalar_one() or 0]
    if reading.dialect.name == "postgresql":
        of = reading.execute(sa.select(sa.func.pg_get_serial_sequence(table.name, "id"))).scalar_one()
        given = sa.select(sa.column("last_value"), sa.column("is_called")).select_from(sa.text(of))
        last, called = reading.execute(given).one()
        found.append(last if called else 0)
    elif table.dialect_options["sqlite"]["autoincrement"]:
        kept = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
        found.append(reading.execute(sa.select(kept.c.seq).where(kept.c.name == table.name)).scalar() or 0)
    return max(found)


def _without_indices(writing: Connection) -> list[str]:
    """Take PostgreSQL's indices of vectors away while they are filled; the statements that make them again."""
    if writing.dialect.name != "postgresql":
        return []
    query = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND indexname ~ '^hnsw_'"
    found = writing.exec_driver_sql(query).all()
    for name, _ in found:
        writing.exec_driver_sql(f"DROP INDEX {name}")
    return [made for _, made in found]


def _sum(portions: Iterable[list[dict[str, Any]]]) -> Sum:
    total, count = 0, 0
    for rows in portions:
        count += len(rows)
        total += sum(map(_digest, rows))
    return Sum(count, _shown(total))


def _shown(total: int) -> str:
    return f"{total % 2**64:016x}"


def _digest(row: Mapping[str, Any]) -> int:
    whole = "\x1f".join(f"{name}={_canonical(value)}" for name, value in sorted(row.items()))
    return int.from_bytes(hashlib.sha256(whole.encode(errors="surrogatepass")).digest()[:8], "big")


def _canonical(value: Any) -> str:
    """The same for the same value, whichever database it comes from."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, np.ndarray):
        return np.asarray(value, "<f2").tobytes().hex()
    return repr(value)
