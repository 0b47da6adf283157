"""What this process remembers of a workspace's themes, so that a ticket costs milliseconds and not a reload.

The truth is in the database. Assignments of a workspace run in one serial lane of the queue; each one, and whoever else
changes memberships or what counts, counts the workspace's memory version up in its own transaction. A process whose
picture is older rebuilds it from rows, whichever process made the change; a transaction that fails throws it away.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from bot.picture import Picture, TicketRows
from intelligence.ports import Embedder
from intelligence.themes.decisions import Links
from intelligence.themes.index import ThemeIndex
from storage import memberships, theme_edits, theme_links, vectors
from storage.engine import Database


def people_links(session: Session, workspace: str) -> Links:
    """What people decided about tickets and themes, as the algorithms want it."""
    words = theme_links.links(session, workspace)
    must = {ticket: theme for ticket, theme, together in words if together}
    cannot = frozenset((ticket, theme) for ticket, theme, together in words if not together)
    return Links(must=must, cannot=cannot, apart=theme_edits.apart(session, workspace))


@dataclass
class ThemeMemory:
    """Pictures by workspace. `open` gives one for the length of a transaction, under this process's lock for it.

    Who waits for that lock may hold the database's; who holds it waits for the database's. So `forget`, which is called
    within transactions, only leaves a mark.
    """

    embedder: Embedder
    _pictures: dict[str, Picture] = field(default_factory=dict[str, Picture])
    _read: dict[str, tuple[int, TicketRows]] = field(default_factory=dict[str, tuple[int, TicketRows]])
    _births: dict[str, Callable[[], int]] = field(default_factory=dict[str, Callable[[], int]])
    _stale: set[str] = field(default_factory=set[str])
    _locks: dict[str, threading.RLock] = field(default_factory=dict[str, threading.RLock])
    _brief: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def open(
        self, db: Database, workspace: str, now: datetime, *, birth: Callable[[Session], int]
    ) -> Iterator[tuple[Session, Picture]]:
        """A write session and the picture it agrees with; commits both or neither.

        `birth` makes a theme row and returns its id; it is called by the index for each theme born in the block.

        A picture that is missing or old is built before the transaction: reading every vector takes seconds, in which
        others must write. Only where something changed meanwhile is it built again within.
        """
        with self._lock(workspace):
            try:
                with db.read() as session:
                    self._fresh(session, workspace, now, memberships.version(session, workspace, hold=False))
                with db.write() as session:
                    # The version is held: nobody else decides on this workspace until we are done.
                    picture = self._fresh(session, workspace, now, memberships.version(session, workspace))
                    self._births[workspace] = lambda: birth(session)
                    yield session, picture
                    picture.version = memberships.touched(session, workspace)
            except BaseException:
                self._pictures.pop(workspace, None)
                raise
            finally:
                self._births.pop(workspace, None)

    @contextmanager
    def alone(self, workspace: str) -> Iterator[None]:
        """Nobody else in this process gets the workspace's picture for the length of the block, which may open it more than
        once.
        """
        with self._lock(workspace):
            yield

    def forget(self, workspace: str) -> None:
        """Throw this process's picture away; the next use rebuilds it."""
        with self._brief:
            self._stale.add(workspace)

    @contextmanager
    def rows(self, db: Database, workspace: str, now: datetime) -> Iterator[vectors.Members | None]:
        """Every counted ticket with its vector, for the length of the block; None on PostgreSQL, which is asked itself.

        Reading all vectors takes a second for 100,000 tickets, so that a question is answered from the picture of the
        last assignment, or from rows that an earlier question has read.
        """
        if not db.is_sqlite:
            yield None
            return
        with self._lock(workspace):
            with db.read() as session:
                rows = self._rows(session, workspace, now)
            yield rows.members()

    def _rows(self, session: Session, workspace: str, now: datetime) -> TicketRows:
        self._drop_stale(workspace)
        version = memberships.version(session, workspace, hold=False)
        picture, kept = self._pictures.get(workspace), self._read.get(workspace)
        if picture is not None and picture.version == version:
            self._read.pop(workspace, None)
            return picture.rows
        if kept is not None and kept[0] == version:
            return kept[1]
        rows = TicketRows(self._members(session, workspace, now))
        self._read[workspace] = (version, rows)
        return rows

    def _lock(self, workspace: str) -> threading.RLock:
        with self._brief:
            return self._locks.setdefault(workspace, threading.RLock())

    def _drop_stale(self, workspace: str) -> None:
        """Under the workspace's lock: throw away what was forgotten."""
        with self._brief:
            stale = workspace in self._stale
            self._stale.discard(workspace)
        if stale:
            self._pictures.pop(workspace, None)
            self._read.pop(workspace, None)

    def _members(self, session: Session, workspace: str, now: datetime) -> vectors.Members:
        return vectors.members(session, workspace, self.embedder.model, self.embedder.dim, until=now)

    def _fresh(self, session: Session, workspace: str, now: datetime, version: int) -> Picture:
        """The picture of a version that was read before: what is read now is no older."""
        self._drop_stale(workspace)
        picture = self._pictures.get(workspace)
        if picture is not None and picture.version == version:
            picture.index.relink(people_links(session, workspace))
            return picture
        self._read.pop(workspace, None)
        rows = self._members(session, workspace, now)
        index = ThemeIndex.build(
            rows.ticket_ids,
            rows.vectors,
            rows.theme_ids,
            rows.times,
            next_theme=lambda: self._next_theme(workspace),
            now=now.timestamp(),
            links=people_links(session, workspace),
        )
        self._pictures[workspace] = picture = Picture(index, TicketRows(rows), version)
        return picture

    def _next_theme(self, workspace: str) -> int:
        birth = self._births.get(workspace)
        if birth is None:
            raise RuntimeError("a theme can be born only inside ThemeMemory.open")
        return birth()
