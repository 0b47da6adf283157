"""`ticket-intel copy`: every table, either way, the same afterwards, all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from databases import NOW, postgres_copy
from sqlmodel import AutoString
from stored import ticket, workspace
from test_command_line import Ran
from test_command_line import run as run

from storage import copying, people, queue, schema
from storage.columns import Float16Vector
from storage.copying import NotCopied
from storage.engine import Database
from storage.tables import Row

HERE = "T1"
EACH = 3  # rows of each table
ODD = {"ü": [1, 2.50, 1e-7, None, "\U0001f600 </script>"], "": {}}


def value(column: sa.Column[Any], number: int) -> Any:
    """Something that fits into a column; of a nullable one every third is empty."""
    if column.nullable and number == EACH:
        return None
    kind = column.type
    if column.foreign_keys:
        key = next(iter(column.foreign_keys))
        return EACH if key.column.table is column.table else number  # to a row that comes later
    if isinstance(kind, sa.Enum):
        return next(iter(kind.enum_class))  # type: ignore[arg-type]
    if isinstance(kind, sa.JSON):
        return [ODD, [], None][number % 3]
    if isinstance(kind, Float16Vector):
        return np.linspace(-0.3, 0.3, 384, dtype=np.float32) / number
    if isinstance(kind, sa.Boolean):
        return bool(number % 2)
    if isinstance(kind, sa.Integer):
        return number
    if isinstance(kind, sa.Float):
        return 0.1 * number
    if isinstance(kind, sa.String | AutoString):
        return f"{column.name} {number} 'ü\n"
    return NOW + timedelta(days=number, microseconds=number)


def fill(db: Database) -> None:
    """Rows of every table, those of a column to their own table pointing forward."""
    with db.write() as session:
        for table in Row.metadata.sorted_tables:
            own = [c for c in table.columns if any(key.column.table is table for key in c.foreign_keys)]
            rows = [{c.name: None if c in own else value(c, n) for c in table.columns} for n in range(1, EACH + 1)]
            session.execute(sa.insert(table), rows)
            if table.autoincrement_column is not None and not db.is_sqlite:
                session.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, "id"), EACH)))
            for column in own:
                session.execute(sa.update(table).where(table.c.id < EACH).values({column.name: EACH}))


@pytest.fixture
def source(database: Database) -> Database:
    fill(database)
    return database


@pytest.fixture
def target(
    database: Database, sqlite_template: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Database]:
    """A database of the other kind."""
    if database.is_sqlite:
        template = request.getfixturevalue("postgres_template")
        server = request.getfixturevalue("postgres")
        with postgres_copy(server, str(template.database)) as url, closing(Database(url)) as db:
            yield db
        return
    with closing(Database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'target.db')}")) as db:
        yield db


def raw(db: Database, query: str) -> list[tuple[Any, ...]]:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query)).all()]


def contents(db: Database, table: sa.Table) -> list[str]:
    with db.engine.connect() as connection:
        return [str(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).all()]


def test_everything_is_the_same_there(source: Database, target: Database) -> None:
    told: list[str] = []
    copied = copying.copy(source, target, NOW, progress=lambda table, _: told.append(table))
    assert {one.table for one in copied} == set(Row.metadata.tables) == set(told)
    assert all(one.read == one.stands and one.stands.rows == EACH for one in copied)
    for query in (
        "SELECT id, merged_into FROM tickets ORDER BY id",
        "SELECT id, response IS NULL, CAST(response AS TEXT) FROM outbox ORDER BY id",
        "SELECT count(*) FROM jobs WHERE state IS NOT NULL AND lease_until IS NULL",
    ):
        assert raw(source, query) == raw(target, query)
    for table in Row.metadata.sorted_tables:
        assert contents(source, table) == contents(target, table), table.name
    assert schema.differences(target) == []


def test_a_number_that_was_given_once_is_not_given_again(source: Database, target: Database) -> None:
    with source.write() as session:
        workspace(session)
        gone = people.account_id(session, HERE, "gone", NOW)
        session.execute(sa.text(f"DELETE FROM accounts WHERE id = {gone}"))
    copying.copy(source, target, NOW)
    with target.write() as session:
        assert people.account_id(session, HERE, "next", NOW) == gone + 1
        assert ticket(session, "next") == EACH + 1


def test_the_index_of_the_vectors_is_there_after_a_copy(source: Database, target: Database) -> None:
    copying.copy(source, target, NOW)
    for db in (source, target):
        if not db.is_sqlite:
            assert raw(db, "SELECT count(*) FROM pg_indexes WHERE indexname = 'hnsw_vectors_384'") == [(1,)]


def test_a_target_with_rows_is_refused_and_keeps_them(source: Database, target: Database) -> None:
    with target.write() as session:
        workspace(session, "T9")
    with pytest.raises(NotCopied, match=r"not empty \(workspaces\).*Copy into an empty"):
        copying.copy(source, target, NOW)
    assert raw(target, "SELECT id FROM workspaces") == [("T9",)]


def test_a_source_at_work_is_refused(source: Database, target: Database) -> None:
    with source.write() as session:
        queue.enqueue(session, "read", {}, key="a", now=NOW - timedelta(days=99))
        [_] = queue.claim(session, NOW)
    with pytest.raises(NotCopied, match=r"1 jobs .* at work\. Stop every process"):
        copying.copy(source, target, NOW + timedelta(seconds=30))
    assert copying.copy(source, target, NOW + timedelta(minutes=5))


def _write_once(db: Database) -> Callable[[str, int], None]:
    written: list[str] = []

    def progress(table: str, _rows: int) -> None:
        if not written:
            written.append(table)
            with db.write() as session:
                queue.enqueue(session, "read", {}, key="late", now=NOW)

    return progress


def test_a_copy_that_is_overtaken_or_broken_off_leaves_the_target_empty(source: Database, target: Database) -> None:
    with pytest.raises(NotCopied, match=r"changed meanwhile \(jobs\)"):
        copying.copy(source, target, NOW, progress=_write_once(source))

    def broken_off(table: str, _rows: int) -> None:
        if table == "vectors":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copying.copy(source, target, NOW, progress=broken_off)
    assert raw(target, "SELECT count(*) FROM workspaces") == [(0,)]
    assert len(copying.copy(source, target, NOW)) == len(Row.metadata.tables)


def test_what_postgresql_cannot_hold_is_marked_and_not_lost(
    tmp_path: Path, sqlite_template: Path, postgres_database: Database
) -> None:
    with closing(Database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'nul.db')}")) as db:
        with db.write() as session:
            workspace(session)
            ticket(session, "k", "before\x00after")
        copying.copy(db, postgres_database, NOW)
    assert raw(postgres_database, "SELECT text FROM messages") == [("before\N{REPLACEMENT CHARACTER}after",)]


def test_the_command_says_what_it_did(run: Callable[..., Ran], sqlite_template: Path, postgres: sa.URL) -> None:
    shutil.copy(sqlite_template, "old.db")
    with closing(Database("sqlite:///old.db")) as db, db.write() as session:
        workspace(session)
        ticket(session, "k")
    with postgres_copy(postgres, "template0") as url:
        done = run("copy", "sqlite:///old.db", url.replace("+psycopg", ""))
        assert done.code == 0, done.err
        assert "tickets" in done.out
        assert "4 rows" in done.out
        assert "counts and checksums agree" in done.out
        again = run("copy", "sqlite:///old.db", url)
        assert again.code == 2
        assert "not empty" in again.err
        assert run("migrate", "--check").code == 1  # the one of the settings is another


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("sqlite:///nothing.db", "sqlite:///new.db"), "nothing.db cannot be read"),
        (("mysql://u:secret@h/d", "sqlite:///new.db"), '"mysql" is no database I know'),
        (("sqlite:///a.db", "sqlite:///a.db"), "the same database"),
        (("sqlite:///a.db", "postgresql://u:secret@h:port/d"), "no database URL"),
    ],
)
def test_input_that_cannot_be_used_is_named(run: Callable[..., Ran], words: tuple[str, str], says: str) -> None:
    done = run("copy", *words)
    assert done.code == 2
    assert says in done.err
    assert "secret" not in done.err
    assert not Path("nothing.db").exists()


def test_a_server_without_pgvector_is_named(postgres: sa.URL, run: Callable[..., Ran], monkeypatch) -> None:
    """As a role that may not switch it on."""
    with postgres_copy(postgres, "template0") as url:
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE ROLE plain LOGIN")
            connection.exec_driver_sql("GRANT CREATE ON SCHEMA public TO plain")
        try:
            monkeypatch.setenv("DATABASE_URL", sa.make_url(url).set(username="plain").render_as_string(False))
            done = run("migrate")
        finally:
            with engine.connect() as connection:
                connection.exec_driver_sql("DROP OWNED BY plain")
                connection.exec_driver_sql("DROP ROLE plain")
            engine.dispose()
    assert done.code == 1
    assert "CREATE EXTENSION vector" in done.err
    assert len(done.err.strip().splitlines()) == 1
