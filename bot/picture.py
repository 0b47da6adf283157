"""What this process remembers of a workspace: the online themes, and every counted ticket with its vector.

Detection looks at a month of vectors for each ticket that arrives; reading them from the database each time would cost
more than everything else together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from intelligence.themes.index import ThemeIndex
from storage.vectors import Members


class TicketRows:
    """Counted tickets in the order of their times, with homes and vectors; grows by doubling."""

    def __init__(self, rows: Members) -> None:
        """`rows`: as storage reads them, in order of time."""
        self._size = len(rows.ticket_ids)
        self._tickets = rows.ticket_ids
        self._themes = rows.theme_ids
        self._times = rows.times
        self._vectors = rows.vectors
        self._known = set(rows.ticket_ids.tolist())

    def __len__(self) -> int:
        return self._size

    @property
    def first(self) -> datetime | None:
        """The time of the first ticket ever."""
        return datetime.fromtimestamp(float(self._times[0]), UTC) if self._size else None

    def members(self, since: datetime | None = None) -> Members:
        """The rows (of the last days with `since`), as views that are valid until the next change."""
        start = int(np.searchsorted(self._times[: self._size], since.timestamp())) if since is not None else 0
        part = slice(start, self._size)
        return Members(self._tickets[part], self._themes[part], self._times[part], self._vectors[part])

    def put(self, ticket: int, at: float, vector: NDArray[np.float32]) -> None:
        """Add a ticket, or renew the vector of a known one; its home stays."""
        if ticket in self._known:
            place = self._place(ticket)
            if self._times[place] == at:
                self._vectors[place] = vector
                return
            home = int(self._themes[place])
            self.drop([ticket])
        else:
            home = 0
        self._make_room()
        place = int(np.searchsorted(self._times[: self._size], at, side="right"))
        for column, value in (
            (self._tickets, ticket),
            (self._themes, home),
            (self._times, at),
            (self._vectors, vector),
        ):
            column[place + 1 : self._size + 1] = column[place : self._size].copy()
            column[place] = value
        self._size += 1
        self._known.add(ticket)

    def settle(self, homes: Mapping[int, int | None]) -> None:
        """Set the homes of tickets (None: waiting); unknown ones are left out."""
        for ticket, theme in homes.items():
            if ticket in self._known:
                self._themes[self._place(ticket)] = theme or 0

    def drop(self, tickets: Collection[int]) -> None:
        """Forget tickets that are counted no more."""
        gone = self._known.intersection(tickets)
        if not gone:
            return
        keep = ~np.isin(self._tickets[: self._size], np.fromiter(gone, np.int64, len(gone)))
        self._tickets, self._themes = self._tickets[: self._size][keep], self._themes[: self._size][keep]
        self._times, self._vectors = self._times[: self._size][keep], self._vectors[: self._size][keep]
        self._size -= len(gone)
        self._known -= gone

    def _place(self, ticket: int) -> int:
        """The newest are asked for most: search from the end."""
        for end in (min(512, self._size), self._size):
            found = np.flatnonzero(self._tickets[self._size - end : self._size] == ticket)
            if len(found):
                return self._size - end + int(found[0])
        raise KeyError(ticket)

    def _make_room(self) -> None:
        if self._size < len(self._tickets):
            return
        more = max(64, self._size)
        self._tickets = np.concatenate([self._tickets, np.zeros(more, np.int64)])
        self._themes = np.concatenate([self._themes, np.zeros(more, np.int64)])
        self._times = np.concatenate([self._times, np.zeros(more, np.float64)])
        self._vectors = np.concatenate([self._vectors, np.zeros((more, self._vectors.shape[1]), np.float32)])


@dataclass
class Picture:
    """One workspace at one version of its memberships."""

    index: ThemeIndex
    rows: TicketRows
    version: int

    def forget(self, tickets: Sequence[int]) -> None:
        """Drop tickets that are counted no more from both."""
        self.index.forget(tickets)
        self.rows.drop(tickets)

    def place(self, ticket: int, theme: int, vector: NDArray[np.float32], at: float) -> None:
        """Put a ticket into a theme that others decided on."""
        self.index.place(ticket, theme, vector, at)
        self.rows.settle({ticket: theme})
