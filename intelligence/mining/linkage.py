"""Average linkage (Sokal and Michener 1958) up to a similarity, for the thousands of tickets of one backlog.

It stops where nothing is alike enough, which most tickets of a backlog are from the start. SciPy would build the whole
tree, and importing it costs an answer more than a second of the processor.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from intelligence.similarity import Floats, Ints

_GONE: Final = np.float32(-np.inf)


def average_linkage(similarities: Floats, least: float) -> Ints:
    """Labels from 0 of groups whose mean similarity to each other is below `least`.

    `similarities` (n, n) is symmetric; it is overwritten. Follows chains of nearest neighbours (Murtagh 1983): a group and
    the nearest to it are joined as soon as each is the other's nearest. Average linkage never brings a third group nearer
    than the nearer of the two was, so a group with nothing near it is finished.
    """
    return _Chains(similarities, np.float32(least)).labels()


class _Chains:
    """Groups on their way to fewer groups; a group's row stands at its last member."""

    def __init__(self, similarities: Floats, least: np.float32) -> None:
        count = len(similarities)
        self._similarities = similarities
        self._least = least
        self._sizes = np.ones(count, np.float32)
        self._gone = np.zeros(count, np.float32)  # added to a row: minus infinity where a group is no more
        self._row = np.empty(count, np.float32)
        self._parents = np.arange(count)
        np.fill_diagonal(similarities, _GONE)

    def labels(self) -> Ints:
        for start in range(len(self._parents)):
            while self._gone[start] == 0.0:
                self._follow(start)
        for place in range(len(self._parents) - 1, -1, -1):  # who joined a later one has its group
            self._parents[place] = self._parents[self._parents[place]]
        return np.unique(self._parents, return_inverse=True)[1].astype(np.int64)

    def _follow(self, start: int) -> None:
        """From a group to its nearest and on to the nearest of that, until two are each other's nearest or nothing is near."""
        chain = [start]
        while chain:
            last = chain[-1]
            nearest, similarity = self._nearest(last, chain[-2] if len(chain) > 1 else None)
            if similarity < self._least:
                self._gone[last] = _GONE  # finished: only the first of a chain has nothing near it
                chain.pop()
            elif len(chain) > 1 and nearest == chain[-2]:
                del chain[-2:]
                self._join(last, nearest)
            else:
                chain.append(nearest)

    def _nearest(self, place: int, before: int | None) -> tuple[int, np.float32]:
        """The nearest group; of several the one that the chain came from, so that it ends."""
        np.add(self._similarities[place], self._gone, out=self._row)
        best = int(self._row.argmax())
        if before is not None and self._row[before] >= self._row[best]:
            best = before
        return best, self._row[best]

    def _join(self, one: int, other: int) -> None:
        first, last = sorted((one, other))
        sizes = self._sizes
        whole = sizes[first] + sizes[last]
        row = self._similarities[first] * (sizes[first] / whole) + self._similarities[last] * (sizes[last] / whole)
        row[last] = _GONE
        self._similarities[last] = row
        self._similarities[:, last] = row
        sizes[last] = whole
        self._gone[first] = _GONE
        self._parents[first] = last
