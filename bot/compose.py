"""Builds Deps from Settings: the one place that chooses implementations."""

from __future__ import annotations

from bot.clock import Clock, SystemClock
from bot.deps import Deps
from bot.errors import BadSettings, SchemaOutdated
from bot.memory import ThemeMemory
from bot.messenger import ConsoleMessenger, Messenger
from bot.settings import Settings
from intelligence.ports import Analyzer, Embedder
from storage import schema
from storage.engine import Database


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

    Raises SchemaOutdated or BadSettings.
    """
    db = Database(settings.database_url)
    if migrate and db.is_sqlite:
        schema.migrate(db)
    elif (found := schema.revision(db)) != schema.head():
        raise SchemaOutdated(found=found or "none", needed=schema.head())
    made = embedder or _embedder()
    time = clock or SystemClock()
    return Deps(
        settings,
        time,
        db,
        made,
        ThemeMemory(made),
        build_analyzer(settings, made, db, clock=time, workspace=workspace),
        messenger or ConsoleMessenger(),
    )


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
