"""Tickets of the last days: those that wait for a theme, and those that have just joined one and may yet leave it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intelligence.similarity import Floats, Rows
from intelligence.themes.settings import ThemeSettings

_DAY: Final = 86_400.0


class WaitingPool:
    """Tickets of the last `waiting_days`; a birth test costs one matrix product with all of them."""

    def __init__(self, dim: int, settings: ThemeSettings) -> None:
        self._settings = settings
        self._rows = Rows(dim)
        self._tickets: list[int] = []
        self._times: list[float] = []
        self._places: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._tickets)

    def __contains__(self, ticket: int) -> bool:
        return ticket in self._places

    @property
    def tickets(self) -> tuple[int, ...]:
        return tuple(self._tickets)

    def add(self, ticket: int, vector: Floats, at: float) -> None:
        self._places[ticket] = len(self._tickets)
        self._rows.append(vector)
        self._tickets.append(ticket)
        self._times.append(at)

    def gather(self, vector: Floats, at: float) -> tuple[tuple[int, ...], float]:
        """Waiting tickets with which `vector` would make a theme, oldest first; their mean cosine to the core point.

        The core point is the new ticket or one of its waiting neighbours: whichever has `min_neighbours` neighbours
        within the radius and the last `waiting_days` (DBSCAN's core point, minPts including itself). Empty without one.
        """
        settings = self._settings
        rows = self._rows.matrix
        cosines = rows @ vector
        fresh = np.abs(at - np.asarray(self._times)) <= settings.waiting_days * _DAY
        near = np.flatnonzero((cosines >= settings.radius) & fresh)
        if len(near) >= settings.min_neighbours:
            return self._named(near), float(cosines[near].mean())
        if len(near) == 0:
            return (), 0.0
        among = rows[near] @ rows.T
        within = (among >= settings.radius) & fresh
        counts = within.sum(axis=1)  # each counts itself once, which stands for the new ticket
        best = int(np.argmax(counts))
        if counts[best] < settings.min_neighbours:
            return (), 0.0
        company = np.flatnonzero(within[best])
        others = company[company != near[best]]
        closeness = np.append(among[best][others], cosines[near[best]])
        return self._named(company), float(closeness.mean())

    def near(self, vector: Floats, at: float) -> list[int]:
        """Tickets within the radius of `vector` and the last `waiting_days`."""
        settings = self._settings
        close = np.flatnonzero(self._rows.matrix @ vector >= settings.radius).tolist()
        return [self._tickets[row] for row in close if abs(at - self._times[row]) <= settings.waiting_days * _DAY]

    def times(self, tickets: Sequence[int]) -> dict[int, float]:
        return {ticket: self._times[self._places[ticket]] for ticket in tickets}

    def vectors(self, tickets: Sequence[int]) -> Floats:
        """The vectors of tickets in the order asked, shape (len(tickets), dim)."""
        return self._rows.matrix[[self._places[ticket] for ticket in tickets]]

    def take(self, tickets: Sequence[int]) -> Floats:
        """Remove tickets and return their vectors in the order asked."""
        vectors = self.vectors(tickets).copy()
        for ticket in tickets:
            self._remove(ticket)
        return vectors

    def expire(self, now: float) -> None:
        """Forget tickets that have waited too long; in storage they simply stay without a theme."""
        limit = now - self._settings.waiting_days * _DAY
        for ticket in [one for one, at in zip(self._tickets, self._times, strict=True) if at < limit]:
            self._remove(ticket)

    def keep_newest(self, count: int) -> None:
        """Forget the oldest beyond `count`."""
        surplus = sorted(zip(self._times, self._tickets, strict=True))[: max(0, len(self) - count)]
        for _, ticket in surplus:
            self._remove(ticket)

    def _named(self, places: NDArray[np.intp]) -> tuple[int, ...]:
        aged = sorted((self._times[place], self._tickets[place]) for place in map(int, places))
        return tuple(ticket for _, ticket in aged)

    def _remove(self, ticket: int) -> None:
        place = self._places.pop(ticket)
        self._rows.drop(place)
        last_ticket, last_time = self._tickets.pop(), self._times.pop()
        if place < len(self._tickets):
            self._tickets[place], self._times[place] = last_ticket, last_time
            self._places[last_ticket] = place
