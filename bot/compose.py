"""Builds Deps from Settings: the one place that chooses implementations."""

from __future__ import annotations

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from bot.clock import Clock, SystemClock
from bot.deps import Deps
from bot.errors import BadSettings, DatabaseUnusable, DiskFull, SchemaOutdated
from bot.event_target import build_events
from bot.helpdesks import build_helpdesks
from bot.learning import Readers
from bot.memory import ThemeMemory
from bot.messenger import ConsoleMessenger, Messenger
from bot.settings import Settings
from bot.trackers import build_docs_tracker, build_tracker
from intelligence.ports import Analyzer, Embedder
from storage import schema
from storage.engine import Database, is_full


def build_deps(
    settings: Settings,
    *,
    clock: Clock | None = None,
    messenger: Messenger | None = None,
    embedder: Embedder | None = None,
    migrate: bool = True,
    workspace: str | None = None,
) -> Deps:
    """Everything that flows need. Makes or upgrades the SQLite database; a PostgreSQL one must have been migrated.

    What a model costs is counted on `workspace`, the Slack team where one is installed; else on that of the settings.

    Raises SchemaOutdated, DatabaseUnusable or BadSettings.
    """
    db = open_database(settings, migrate=migrate)
    made = embedder or _embedder()
    said = messenger or ConsoleMessenger()
    time = clock or SystemClock()
    analyzer = build_analyzer(settings, made, db, clock=time, workspace=workspace)
    return Deps(
        settings,
        time,
        db,
        made,
        ThemeMemory(made),
        analyzer,
        Readers(db, analyzer, settings.phone_region),
        lambda _workspace: said,
        build_helpdesks(settings),
        build_tracker(settings),
        build_events(settings),
        build_docs_tracker(settings),
    )


def open_database(settings: Settings, *, migrate: bool = True, postgres_too: bool = False) -> Database:
    """The database of the settings at this version's schema; `migrate` makes it so on SQLite, and elsewhere
    `postgres_too`. Raises BadSettings, SchemaOutdated or DatabaseUnusable.
    """
    try:
        db = _database(settings.database_url)
        if migrate and (db.is_sqlite or postgres_too):
            upgrade(db)
        elif (found := schema.revision(db)) != schema.head():
            raise SchemaOutdated(found=found or "none", needed=schema.head())
    except (OSError, DatabaseError) as error:
        if is_full(error):
            raise DiskFull(place=place_of(settings.database_url)) from error
        raise DatabaseUnusable(place=place_of(settings.database_url), reason=_reason(error)) from error
    return db


def upgrade(db: Database) -> None:
    """Bring the schema to this version. Raises DatabaseUnusable without pgvector on PostgreSQL."""
    try:
        schema.migrate(db)
    except schema.NoVectors as error:
        reason = (
            f"{error}; install pgvector 0.8 or newer on the server, and as its superuser run CREATE EXTENSION vector"
        )
        raise DatabaseUnusable(place=place_of(db.url), reason=reason) from error


def _database(url: str) -> Database:
    try:
        return Database(url)
    except (ArgumentError, ValueError):
        form = "use sqlite:///path/to/file.db or postgresql://user:password@host/database"
        raise BadSettings(problems=f"DATABASE_URL: {form}") from None  # the cause may quote a piece of the password
    except ModuleNotFoundError as error:
        fix = "install the extra postgres, as in `uv sync --extra postgres`"
        raise BadSettings(problems=f"DATABASE_URL: {error.name} is needed for PostgreSQL; {fix}") from error


def place_of(url: str) -> str:
    """Where a database is, without its password."""
    parsed = make_url(url)
    return parsed.database or url if parsed.get_backend_name() == "sqlite" else parsed.render_as_string()


def _reason(error: OSError | DatabaseError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or type(error).__name__).lower()
    said = str(error.orig).strip() or type(error).__name__
    return said.splitlines()[0].rstrip(".")


def _embedder() -> Embedder:
    from intelligence.encoder.minilm import MiniLMEncoder

    return MiniLMEncoder()


def build_analyzer(
    settings: Settings, embedder: Embedder, db: Database, *, clock: Clock | None = None, workspace: str | None = None
) -> Analyzer:
    """The local analyzer, or the OpenAI one with the local one behind it."""
    from intelligence.local import LocalAnalyzer

    local = LocalAnalyzer(embedder)
    if settings.analyzer == "local":
        return local
    if settings.openai_api_key is None:
        raise BadSettings(problems="OPENAI_API_KEY: it is needed with ANALYZER=openai; set it, or use ANALYZER=local")
    from bot.openai_reading import build_openai_analyzer

    return build_openai_analyzer(settings, local, db, clock=clock, workspace=workspace)
