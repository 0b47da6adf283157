"""What the commands of the terminal share: settings, Deps, a progress bar, printing, and errors as sentences."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from bot import logging
from bot.errors import (
    BadInput,
    BadSettings,
    DiskFull,
    FileUnreadable,
    NotAllowed,
    SchemaOutdated,
    ThemeNotFound,
    TicketIntelError,
    TicketNotFound,
    UnknownVerb,
)
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.deps import Deps
    from storage.engine import Database

BAD_INPUT, FAULT = 2, 1
_INPUT = (BadInput, BadSettings, FileUnreadable, NotAllowed, ThemeNotFound, TicketNotFound, UnknownVerb)
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Desk:
    """Deps and the workspace that a command works on."""

    deps: Deps
    workspace: str


def say(text: str) -> None:
    """Print a line for people at once, also into a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(error: Exception) -> int:
    """Say on stderr what went wrong, in one sentence, and return the exit code; the traceback only when debugging."""
    known = isinstance(error, TicketIntelError)
    if known:
        sentence = error.sentence
    else:
        sentence = f"Something went wrong ({type(error).__name__}). Run it again with LOG_LEVEL=debug to see where."
    sys.stderr.write(f"{sentence}\n")
    if _debugging():
        traceback.print_exception(error, file=sys.stderr)
    return BAD_INPUT if isinstance(error, _INPUT) else FAULT


def _debugging() -> bool:
    try:
        return load_settings().log_level == "debug"
    except BadSettings:
        return False


def settings_for(use: Literal["service", "demo", "once"]) -> Settings:
    """Settings with logging set up for them: only the service talks unless it is being debugged."""
    settings = load_settings()
    quiet = use != "service" and settings.log_level != "debug"
    logging.configure("warning" if quiet else settings.log_level, json=settings.log_json)
    return settings


@contextmanager
def database() -> Iterator[Database]:
    """The database of the settings, whatever its schema."""
    from storage.engine import Database

    db = Database(settings_for("once").database_url)
    try:
        yield db
    finally:
        db.close()


@contextmanager
def at_work() -> Iterator[Desk]:
    """Deps for one command, closed at its end. Raises DiskFull where the database cannot grow."""
    from sqlalchemy.exc import DBAPIError

    from bot.compose import build_deps, place_of
    from storage.engine import is_full

    deps = build_deps(settings_for("once"))
    try:
        workspace = _workspace(deps)
        yield Desk(deps.within(workspace), workspace)
    except DBAPIError as error:
        if is_full(error):
            raise DiskFull(place=place_of(deps.settings.database_url)) from error
        raise
    finally:
        deps.close()


def _workspace(deps: Deps) -> str:
    """The workspace named in the settings; without one the connected Slack workspace, if there is exactly one."""
    from storage import workspaces

    if "workspace" in deps.settings.model_fields_set:
        return deps.settings.workspace
    with deps.db.read() as session:
        connected = [name for name in workspaces.all_ids(session) if name != deps.settings.workspace]
    return connected[0] if len(connected) == 1 else deps.settings.workspace


def answer(line: str, *, as_json: bool) -> None:
    """Parse a line of the grammar, ask the flow, print what it answers."""
    from bot.flows.ask import Asker, ask
    from bot.grammar import parse
    from bot.verbs.parts import Where
    from intelligence.model import Scope

    request = parse(line, where=Where.CLI)
    with at_work() as desk, progress_bar(quiet=as_json) as progress:
        asker = Asker(
            Scope(desk.workspace),
            OPERATOR,
            connected=desk.deps.settings.socket_mode,
            progress=partial(progress, "replayed"),
        )
        found = ask(desk.deps, asker, request)
    show(found, as_json=as_json)


def show(value: object, *, as_json: bool) -> None:
    """Print an answer for people, or as JSON."""
    from bot.printing.show import show as print_answer
    from bot.printing.show import to_json

    if as_json:
        say(to_json(value))
    else:
        print_answer(value)


@contextmanager
def progress_bar(*, quiet: bool, of: str = "tickets") -> Iterator[Callable[[str, int], None]]:
    """A callback (stage, rows done) that draws a counter for each stage on stderr, if somebody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<8}"), BarColumn(), TextColumn("{task.completed:,} " + of))
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=quiet or not console.is_terminal) as bar:
        stages: dict[str, Any] = {}

        def report(stage: str, done: int) -> None:
            if stage not in stages:
                stages[stage] = bar.add_task(stage, total=_total(stage, bar))
            bar.update(stages[stage], completed=done)

        def _total(stage: str, progress: Progress) -> float | None:
            before = [task.completed for task in progress.tasks]
            return before[-1] if stage == "read" and before else None

        yield report


def migrate_database(*, check: bool) -> str:
    """Upgrade the schema, or with `check` only compare it. Raises SchemaOutdated."""
    from storage import schema

    with database() as db:
        if not check:
            from bot.compose import upgrade

            upgrade(db)
            return f"The database is at revision {schema.revision(db)}."
        if (found := schema.revision(db)) != schema.head():
            raise SchemaOutdated(found=found or "none", needed=schema.head())
        differences = schema.differences(db)
        if differences:
            raise BadInput(
                problem=f"The tables differ from the migrations: {'; '.join(differences)}.",
                fix="Write a migration for them.",
            )
        return f"The database is at revision {found}, and its tables are those of this version."


def print_jobs(state: str | None, limit: int, *, as_json: bool) -> None:
    """The queue's jobs for people."""
    from storage import queue

    if state is not None and state not in queue.STATES:
        raise BadInput(problem=f'"{state}" is no state.', fix=f"There are {', '.join(queue.STATES)}.")
    with _migrated() as db, db.read() as session:
        found = queue.listing(session, state=state, limit=limit)
    show(found, as_json=as_json) if as_json else _job_table(found)


def _job_table(found: Sequence[Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    if not found:
        say("No jobs wait.")
        return
    table = Table("job", "what", "key", "state", "tries", "due (UTC)", "error", box=None, pad_edge=False)
    for job in found:
        due = f"{job.run_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(job.id), job.job, job.key, job.state, str(job.attempts), due, job.error or "")
    Console().print(table, markup=False)


def print_copied(copied: Sequence[Any], *, as_json: bool) -> None:
    """What was copied, by table: rows and checksums, which are the same on both sides."""
    if as_json:
        show(copied, as_json=True)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Table", "Rows", "Checksum", box=None, pad_edge=False)
    for one in copied:
        if one.stands.rows:
            table.add_row(one.table, f"{one.stands.rows:,}", one.stands.checksum)
    Console().print(table)
    rows = sum(one.stands.rows for one in copied)
    say(f"{rows:,} rows of {len(copied)} tables are copied; counts and checksums agree. Set DATABASE_URL, then start.")


def retry_job(job: int) -> str:
    """Queue a dead job again. Raises BadInput if there is none of this number."""
    from bot.clock import SystemClock
    from storage import queue

    with _migrated() as db, db.write() as session:
        if not queue.retry(session, job, SystemClock().now()):
            raise BadInput(problem=f"Job {job} is not dead.", fix="`ticket-intel jobs list --state dead` lists them.")
    return f"Job {job} runs again as soon as a worker is free."


def drop_job(job: int) -> str:
    """Give a dead or waiting job up. Raises BadInput if there is none of this number."""
    from bot.clock import SystemClock
    from storage import queue

    with _migrated() as db, db.write() as session:
        if not queue.drop(session, job, SystemClock().now()):
            raise BadInput(problem=f"Job {job} neither waits nor is dead.", fix="`ticket-intel jobs list` lists them.")
    return f"Job {job} is dropped."


@contextmanager
def _migrated() -> Iterator[Database]:
    from storage import schema

    with database() as db:
        if (found := schema.revision(db)) != schema.head():
            raise SchemaOutdated(found=found or "none", needed=schema.head())
        yield db


def print_findings(findings: Sequence[Any], *, as_json: bool) -> None:
    """What the doctor found: a line each, with the cause and the fix of what is wrong."""
    if as_json:
        show(findings, as_json=True)
        return
    for finding in findings:
        say(f"{'ok  ' if finding.ok else 'FAIL'} {finding.name}: {finding.says}")
        if not finding.ok and finding.fix:
            say(f"     {finding.fix}")
