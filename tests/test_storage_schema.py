"""The migrations: up, equal to the tables, down, on both engines."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from databases import NOW, postgres_copy

from storage import schema, tracked_issues
from storage.engine import Database


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        db = Database(f"sqlite:///{tmp_path / 'new' / 'empty.db'}")
        yield db
        db.close()
        return
    with postgres_copy(request.getfixturevalue("postgres"), "template0") as url:
        db = Database(url)
        yield db
        db.close()


def test_up_matches_the_tables_and_down_leaves_nothing(empty: Database) -> None:
    assert schema.revision(empty) is None
    schema.migrate(empty)
    assert schema.revision(empty) == schema.head()
    assert schema.differences(empty) == []
    schema.migrate(empty)  # a second time changes nothing

    schema.downgrade(empty)
    assert set(sa.inspect(empty.engine).get_table_names()) <= {"alembic_version"}
    schema.migrate(empty)
    assert schema.differences(empty) == []


def test_issues_of_before_keep_their_place_unsaid(empty: Database) -> None:
    with schema._exclusive(empty) as connection:
        command.upgrade(schema.config(connection), "0001")
    theme = {"id": 1, "workspace_id": "T1", "number": 1, "title": "x", "description": "", "provisional": False}
    theme |= {"title_by": "machine", "state": "new", "phrases": "[]", "history": False}
    theme |= dict.fromkeys(("created_at", "first_at", "last_at"), NOW)
    issue = {"workspace_id": "T1", "theme_id": 1, "marker": "m", "title": "x", "state": "opened", "key": "ENG-1"}
    issue |= {"attempts": 1, "by": "U1", "needs": "{}", "at": NOW}
    with empty.engine.begin() as connection:
        for table, row in (("themes", theme), ("tracked_issues", issue)):
            names = ", ".join(row)
            connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES (:{', :'.join(row)})"), row)
    schema.migrate(empty)
    with empty.read() as session:
        found = tracked_issues.of_theme(session, "T1", 1)
    assert found is not None
    assert (found.key, found.target, found.place) == ("ENG-1", tracked_issues.MAIN, None)


def test_connections_that_open_a_new_file_at_once_take_turns(tmp_path: Path) -> None:
    for number in range(25):  # without turns about one round in fourteen fails
        url, gate, failed = f"sqlite:///{tmp_path / str(number)}.db", threading.Barrier(8), list[Exception]()

        def start(url: str = url, gate: threading.Barrier = gate, failed: list[Exception] = failed) -> None:
            db = Database(url)
            gate.wait(30)
            try:
                with db.read() as session:
                    session.connection()
            except Exception as error:  # noqa: BLE001 - told to the asserting thread
                failed.append(error)
            db.close()

        threads = [threading.Thread(target=start) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failed == []


def test_two_processes_that_start_at_once_migrate_once(empty: Database) -> None:
    others = [Database(empty.engine.url.render_as_string(hide_password=False)) for _ in range(3)]
    failed: list[Exception] = []

    def start(db: Database) -> None:
        try:
            schema.migrate(db)
        except Exception as error:  # noqa: BLE001 - told to the asserting thread
            failed.append(error)

    threads = [threading.Thread(target=start, args=(db,)) for db in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for db in others:
        db.close()
    assert failed == []
    assert schema.revision(empty) == schema.head()


def test_a_difference_is_named(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE releases ADD COLUMN forgotten INTEGER")
    assert any("forgotten" in difference for difference in schema.differences(database))


def test_every_table_and_unique_key_names_its_workspace() -> None:
    from storage.tables import Row

    # Jobs of all workspaces share one queue, their keys name the workspace; a state is of none until it is used.
    shared = {"workspaces", "jobs", "oauth_states"}
    for table in Row.metadata.tables.values():
        if table.name not in shared:
            assert "workspace_id" in table.columns, table.name
        for constraint in table.constraints:
            if isinstance(constraint, sa.UniqueConstraint) and table.name not in shared:
                assert "workspace_id" in {column.name for column in constraint.columns}, table.name
