"""One theme's members in memory: their vectors, and how close a ticket must be to be one of them."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

import numpy as np

from intelligence.similarity import Floats, Rows, unit
from intelligence.themes.settings import ThemeSettings

_SAMPLE: Final = 256  # newest members a ticket is compared with: language drifts, and thousands more add nothing


class Members:
    """The members of one theme. `centre` is the unit mean of all of them; `threshold` follows from their own spread.

    The spread is that of the members' similarity to the theme without themselves, measured when the theme is built and
    updated with each ticket that joins (Welford), pulled towards the shipped radius while members are few.
    """

    def __init__(self, dim: int, settings: ThemeSettings) -> None:
        self._settings = settings
        self._rows = Rows(dim)
        self._tickets: list[int] = []
        self._sum = np.zeros(dim, np.float64)
        self._scores = 0
        self._mean = 0.0
        self._squares = 0.0

    def __len__(self) -> int:
        return len(self._tickets)

    @property
    def tickets(self) -> tuple[int, ...]:
        return tuple(self._tickets)

    @property
    def centre(self) -> Floats:
        return unit(self._sum.astype(np.float32))

    @property
    def recent(self) -> Floats:
        return self._rows.matrix[-_SAMPLE:]

    def without(self, tickets: Container[int]) -> Floats:
        """The newest members that are not among `tickets`, shape (n, dim)."""
        newest = self._tickets[-_SAMPLE:]
        return self.recent[[row for row, ticket in enumerate(newest) if ticket not in tickets]]

    @property
    def threshold(self) -> float:
        """The similarity a ticket must reach: the members' own mean minus `spread` deviations, shrunk and bounded."""
        settings = self._settings
        if self._scores == 0:
            return settings.radius
        deviation = float(np.sqrt(self._squares / self._scores))
        own = self._mean - settings.spread * deviation
        weight = self._scores / (self._scores + settings.prior_weight)
        wanted = weight * own + (1 - weight) * settings.radius
        return float(
            min(max(wanted, settings.floor), settings.ceiling)
        )  # asked per ticket: np.clip costs 15 times more

    def extend(self, tickets: list[int], vectors: Floats) -> None:
        """Add members at once and measure how close they are to each other."""
        self._rows.extend(vectors)
        self._tickets.extend(tickets)
        self._sum += vectors.sum(axis=0, dtype=np.float64)
        if len(self._tickets) > 1:
            self._measure()

    def add(self, ticket: int, vector: Floats, score: float) -> None:
        """Add one member that joined with similarity `score`."""
        self._rows.append(vector)
        self._tickets.append(ticket)
        self._sum += vector
        self._scores += 1
        step = score - self._mean
        self._mean += step / self._scores
        self._squares += step * (score - self._mean)

    def remove(self, ticket: int) -> None:
        position = self._tickets.index(ticket)
        self._sum -= self._rows.matrix[position]
        self._rows.drop(position)
        last = self._tickets.pop()
        if position < len(self._tickets):
            self._tickets[position] = last

    def similarity(self, queries: Floats) -> Floats:
        """Mean cosine of each query (q, dim) to its nearest members, shape (q,)."""
        return mean_of_best(queries @ self.recent.T, self._settings.closest)

    def _measure(self) -> None:
        rows = self.recent
        cosines = rows @ rows.T
        np.fill_diagonal(cosines, -2.0)
        scores = mean_of_best(cosines, min(self._settings.closest, len(rows) - 1))
        self._scores = len(scores)
        self._mean = float(scores.mean())
        self._squares = float(((scores - self._mean) ** 2).sum())


def mean_of_best(cosines: Floats, count: int) -> Floats:
    """The mean of the `count` largest values of each row of (q, n)."""
    count = min(count, cosines.shape[1])
    if count == cosines.shape[1]:
        return cosines.mean(axis=1)
    return np.partition(cosines, cosines.shape[1] - count, axis=1)[:, -count:].mean(axis=1)
