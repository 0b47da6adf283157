"""Alembic's entry: the caller (storage/schema.py or the alembic command line) hands over a connection or a URL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from storage.tables import Row


def _owned(_object: object, name: str | None, type_: str, _reflected: bool, _compare_to: object) -> bool:
    """Indices for the nearest vectors are written by hand: SQLAlchemy has no words for them."""
    return not (type_ == "index" and (name or "").startswith("hnsw_"))


def _run(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        import pgvector.sqlalchemy  # noqa: F401 - so that its types are known when tables are read
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        render_as_batch=True,
        compare_type=True,
        include_object=_owned,
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _run(connection)
        return
    url = context.config.get_main_option("sqlalchemy.url") or "sqlite:///ticket-intel.db"
    engine = sa.create_engine(url, hide_parameters=True)
    with engine.connect() as opened:
        _run(opened)
    engine.dispose()


main()
