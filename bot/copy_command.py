"""`ticket-intel copy SOURCE TARGET`: move a deployment to another database, all of it or nothing."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.clock import SystemClock
from bot.compose import open_database
from bot.errors import BadInput, FileUnreadable
from bot.settings import Settings
from bot.terminal import print_copied, progress_bar, settings_for
from storage import copying

FORMS = "Use sqlite:///path/to/file.db or postgresql://user:password@host/database."


def copy_command(source: str, target: str, *, as_json: bool) -> None:
    """Copy and print what was copied. Raises BadInput, BadSettings, FileUnreadable, SchemaOutdated, DatabaseUnusable."""
    settings = settings_for("once")
    if source == target:
        raise BadInput(problem="Source and target are the same database.", fix="Name two.")
    places = [_of(settings, url) for url in (source, target)]
    _must_be_there(source)
    with (
        closing(open_database(places[0], migrate=False)) as old,
        closing(open_database(places[1], postgres_too=True)) as new,
    ):
        try:
            with progress_bar(quiet=as_json, of="rows") as progress:
                copied = copying.copy(old, new, SystemClock().now(), progress=progress)
        except copying.NotCopied as reason:
            problem, _, fix = str(reason).partition(". ")
            raise BadInput(problem=f"{problem}.", fix=fix) from reason
        new.analyze()
    print_copied(copied, as_json=as_json)


def _of(settings: Settings, url: str) -> Settings:
    if not url.startswith(("sqlite:///", "postgresql", "postgres://")):
        raise BadInput(problem=f'"{url.partition("://")[0][:20]}" is no database I know.', fix=FORMS)
    try:
        make_url(url)
    except (ArgumentError, ValueError):  # its words may quote a piece of the password
        raise BadInput(problem="One of the two is no database URL.", fix=FORMS) from None
    return settings.model_copy(update={"database_url": url})


def _must_be_there(source: str) -> None:
    """Opening a SQLite file that is not there would make it."""
    path = make_url(source).database
    if source.startswith("sqlite") and not (path and Path(path).is_file()):
        raise FileUnreadable(path=path or source, reason="there is no such file", fix="Check the source's URL.")
