"""The real bot as a process of its own, in a playground: what the fault tests kill and the benchmarks measure."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from intelligence.model import ChannelRole
from playground import Playground
from storage import queue, schema, workspaces
from storage.engine import Database
from storage.tables import AnalysisRow, InboxRow, JobRow, MessageRow

T = TypeVar("T")
LATER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class BotProcess:
    """`ticket-intel run` against a playground, with a database that the caller may look into: at `url`, or a SQLite file
    in `folder`. Several with one `url` and names of their own are one bot; then the sockets are nobody's alone.
    """

    pg: Playground
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    command: Sequence[str] = ("-m", "bot", "run")  # what Python runs
    log_folder: Path | None = None
    url: str = ""
    name: str = "bot"
    role: str = "all"
    before: int = 0

    def __post_init__(self) -> None:
        self.db = Database(self.url or f"sqlite:///{self.folder / 'bot.db'}")
        schema.migrate(self.db)

    @property
    def log(self) -> Path:
        return (self.log_folder or self.folder) / f"{self.name}.log"

    def choose(self, channel: str, role: ChannelRole) -> None:
        """What a person's choice of a channel's role leaves in the database."""
        now = datetime.now(UTC)
        with self.db.write() as session:
            workspaces.ensure(session, self.pg.team_id, now)
            workspaces.put_channel(session, self.pg.team_id, channel, name=role.value, member=True)
            workspaces.choose_channel(session, self.pg.team_id, channel, role=role, by="U0ADMIN", now=now)
            workspaces.update(session, self.pg.team_id, shadow=False)

    def start(self) -> None:
        """Start and wait until it is connected and has begun to read what it missed."""
        self.launch()
        self.wait_until_running()
        self.pg.wait_until_connected(60)

    def launch(self) -> None:
        """Start and do not wait."""
        told = {
            "DATABASE_URL": self.db.url,
            "SLACK_API_URL": self.pg.api_url,
            "SLACK_BOT_TOKEN": self.pg.bot_token,
            "SLACK_APP_TOKEN": self.pg.app_token,
            "SLACK_POST_SECONDS": "0",
            "DEBOUNCE_SECONDS": "0",
            "GROUPING_MINUTES": "0",
            **self.settings,
        }
        with self.log.open("ab") as log:
            self.before = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, *self.command, *(() if self.role == "all" else ("--role", self.role))],
                cwd=self.folder,
                env=without_settings(os.environ) | told,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_until_running(self, timeout: float = 240.0) -> None:
        self.until(lambda: self._says(b"[bot.app] ", self.before), timeout)

    def _says(self, what: bytes, since: int) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(self.log.read_text()[-4000:])
        return what in self.log.read_bytes()[since:]

    def stop(self) -> int:
        """End it as an operator does; its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9: no goodbye."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(how)
        code = self.process.wait(40)
        self.process = None
        if not self.url:
            self.pg.wait_until_disconnected(60)
        return code

    def expire_leases(self) -> None:
        """Let the minute pass that the jobs of a killed process stay reserved for it."""
        with self.db.write() as session:
            session.execute(sa.update(JobRow).where(sa.column("state") == "running").values(lease_until=LATER))

    def until(self, look: Callable[[], T], timeout: float = 30.0) -> T:
        """The first true value of `look()`. Raises AssertionError with the end of the bot's log."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.02)
        raise AssertionError(f"nothing came within {timeout} s; {self.jobs()}\n{self.log.read_text()[-3000:]}")

    def jobs(self) -> dict[str, int]:
        with self.db.read() as session:
            return queue.counts(session)

    def settle(self, timeout: float = 60.0) -> None:
        """Until every delivery is dealt with and no job waits."""
        self.pg.settle(timeout)
        self.until(lambda: set(self.jobs()) <= {"done"} and not self.waiting(), timeout)

    def waiting(self) -> int:
        with self.db.read() as session:
            waiting = sa.select(sa.func.count()).select_from(InboxRow).where(sa.column("processed_at").is_(None))
            return int(session.execute(waiting).scalar_one())

    def texts(self) -> dict[str, str]:
        """Every message that is stored and not deleted: "channel/ts" -> text."""
        with self.db.read() as session:
            rows = session.execute(
                sa.select(MessageRow.external_id, MessageRow.text).where(sa.column("deleted_at").is_(None))
            ).all()
        found: dict[str, str] = {row.external_id: row.text for row in rows}
        assert len(found) == len(rows), "a message is stored twice"
        return found

    def readings(self) -> dict[str, int]:
        """How many readings the ticket of every root message has: "channel/ts" -> count."""
        query = (
            sa.select(MessageRow.external_id, sa.func.count(AnalysisRow.id))
            .join(AnalysisRow, AnalysisRow.ticket_id == MessageRow.ticket_id)
            .group_by(MessageRow.external_id)
        )
        with self.db.read() as session:
            return {key: int(count) for key, count in session.execute(query).all()}

    def has_reading(self, key: str) -> bool:
        """Whether the ticket of the message "channel/ts" was read."""
        query = (
            sa.select(AnalysisRow.id)
            .join(MessageRow, AnalysisRow.ticket_id == MessageRow.ticket_id)
            .where(MessageRow.external_id == key)
        )
        with self.db.read() as session:
            return session.execute(query.limit(1)).first() is not None

    def posted(self, channel: str, thread_ts: str | None = None) -> list[dict[str, Any]]:
        return [m for m in self.pg.messages(channel, thread_ts) if m.get("user") == self.pg.bot_user_id]

    def close(self) -> None:
        if self.process is not None:
            self.kill()
        self.db.close()


def without_settings(environment: Any) -> dict[str, str]:
    """The environment without settings and proxies of whoever runs the tests."""
    foreign = ("SLACK_", "OPENAI_", "DATABASE_", "ANALYZER", "WORKSPACE", "LOG_", "HTTP_PROXY", "HTTPS_PROXY")
    return {name: value for name, value in environment.items() if not name.upper().startswith(foreign)}


@dataclass
class Town:
    """A playground with a support channel, a product channel, customers, and the bot's process."""

    pg: Playground
    bot: BotProcess
    support: str
    product: str
    customers: list[str]
    admin: str


@contextmanager
def town(folder: Path, *, customers: int = 8, url: str = "", **settings: str) -> Iterator[Town]:
    """The stage, with the bot not started yet; its database is at `url`, or a SQLite file in the folder."""
    with Playground(retry_delays=(0.0, 0.3, 1.0, 2.0, 2.0)) as pg:
        admin = pg.add_user("ada.admin", kind="admin")
        people = [pg.add_user(f"customer.{n}") for n in range(customers)]
        support = pg.add_channel("support", members=[admin, *people, pg.bot_user_id])
        product = pg.add_channel("product", members=[admin, pg.bot_user_id])
        bot = BotProcess(pg, folder, {"ADMINS": admin, **settings}, url=url)
        bot.choose(support, ChannelRole.SUPPORT)
        bot.choose(product, ChannelRole.PRODUCT)
        try:
            yield Town(pg, bot, support, product, people, admin)
        finally:
            bot.close()
