"""The online state of one workspace's themes: which theme a new ticket belongs to, decided as it arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from intelligence.similarity import Floats, Ints
from intelligence.themes import secession
from intelligence.themes.decisions import Born, Decision, Joined, Links, Waiting
from intelligence.themes.members import Members
from intelligence.themes.settings import DEFAULTS, ThemeSettings
from intelligence.themes.waiting import WaitingPool

_CANDIDATES: Final = 6  # themes, by centre, whose members are looked at
_CHUNK: Final = 256  # tickets of a batch that share one matrix product with the centres


@dataclass(frozen=True, slots=True)
class Ranked:
    """A theme's closeness to one ticket."""

    theme: int
    similarity: float
    threshold: float


class ThemeIndex:
    """Assigns tickets to themes in the order they arrive. Not thread-safe: one serial lane per workspace.

    A ticket has at most one home. Ids of themes come from `next_theme` and are never made twice.
    """

    def __init__(
        self,
        dim: int,
        *,
        next_theme: Callable[[], int],
        links: Links | None = None,
        settings: ThemeSettings = DEFAULTS,
    ) -> None:
        self._dim = dim
        self._next_theme = next_theme
        self._links = links or Links()
        self._settings = settings
        self._themes: dict[int, Members] = {}
        self._homes: dict[int, int] = {}
        self._pool = WaitingPool(dim, settings)
        self._joined = WaitingPool(dim, settings)
        self._order: NDArray[np.int64] = np.empty(0, np.int64)
        self._centres: Floats = np.empty((0, dim), np.float32)

    @classmethod
    def build(
        cls,
        ticket_ids: NDArray[np.int64],
        vectors: Floats,
        theme_ids: NDArray[np.int64],
        times: NDArray[np.float64],
        *,
        next_theme: Callable[[], int],
        now: float,
        links: Links | None = None,
        settings: ThemeSettings = DEFAULTS,
    ) -> Self:
        """Restore the state from stored rows: every ticket with a theme, and the waiting ones of the last 14 days.

        Shapes and units: see the package docstring. Rows with theme 0 that are older than the waiting time are ignored.
        """
        index = cls(vectors.shape[1], next_theme=next_theme, links=links, settings=settings)
        order = np.lexsort((times, theme_ids))
        starts = np.flatnonzero(np.diff(theme_ids[order], prepend=-1))
        for group in np.split(order, starts[1:]) if len(order) else []:
            theme = int(theme_ids[group[0]])
            if theme == 0:
                for row in group.tolist():
                    index._pool.add(int(ticket_ids[row]), vectors[row], float(times[row]))
            else:
                index._found(theme, ticket_ids[group].tolist(), vectors[group])
        index._recall(ticket_ids, vectors, theme_ids, times)
        index._expire(now)
        index._refresh()
        return index

    # ---- reading

    @property
    def themes(self) -> tuple[int, ...]:
        return tuple(self._themes)

    @property
    def waiting(self) -> tuple[int, ...]:
        return self._pool.tickets

    def home(self, ticket: int) -> int | None:
        return self._homes.get(ticket)

    def members(self, theme: int) -> tuple[int, ...]:
        """Ticket ids of a theme, in no particular order. Raises KeyError for a theme that is not in the index."""
        return self._themes[theme].tickets

    def threshold(self, theme: int) -> float:
        return self._themes[theme].threshold

    def rank(self, vector: Floats, ticket: int | None = None) -> list[Ranked]:
        """The nearest themes of one vector, best first, without the ones people have forbidden for `ticket`."""
        if not len(self._order) or not vector.any():
            return []
        self._refresh_if_stale()
        return self._rank(vector, self._centres @ vector, ticket)

    # ---- deciding

    def assign(self, vector: Floats, at: float, ticket_id: int) -> Decision:
        """Decide one ticket's home and remember it. `at` is in POSIX seconds, `vector` (dim,) of unit length or zero.

        The birth test comes before the assignment: an old theme must not swallow the first tickets of a new one. A
        ticket that has a home keeps it unless another theme is nearer by the margin, never against a person's word.
        """
        return self.assign_batch(vector[np.newaxis], np.array([at]), np.array([ticket_id], np.int64))[0]

    def assign_batch(
        self, vectors: Floats, times: NDArray[np.float64], ticket_ids: NDArray[np.int64]
    ) -> list[Decision]:
        """Decide many tickets in the order of `times`; decisions come back in the order given.

        Centres are refreshed every 256 tickets instead of every ticket; apart from that the result is that of `assign`.
        """
        decisions: list[Decision] = [Waiting()] * len(vectors)
        order = np.argsort(times, kind="stable")
        for start in range(0, len(order), _CHUNK):
            chunk = order[start : start + _CHUNK]
            self._expire(float(times[chunk[0]]))
            self._refresh()
            known = vectors[chunk] @ self._centres.T
            for row, cosines in zip(chunk.tolist(), known, strict=True):
                decisions[row] = self._decide(vectors[row], float(times[row]), int(ticket_ids[row]), cosines)
        return decisions

    # ---- what others decided

    def place(self, ticket: int, theme: int | None, vector: Floats, at: float) -> None:
        """Apply a decision made elsewhere (a person's, or a nightly move): home in `theme`, or waiting for None."""
        self._leave(ticket)
        if theme is None:
            self._pool.add(ticket, vector, at)
            return
        if theme not in self._themes:
            self._found(theme, [ticket], vector[np.newaxis])
            return
        self._join(theme, ticket, vector, float(self._themes[theme].similarity(vector[np.newaxis])[0]))

    def relink(self, links: Links) -> None:
        """Replace what people have decided; a home that contradicts it stays until it is placed or assigned again."""
        self._links = links

    def forget(self, tickets: Iterable[int]) -> None:
        """Drop tickets from memory (erased or merged into another ticket)."""
        for ticket in tickets:
            self._leave(ticket)

    # ---- inside

    def _decide(self, vector: Floats, at: float, ticket: int, cosines: Floats) -> Decision:
        wanted = self._links.must.get(ticket)
        if wanted is not None and wanted in self._themes:
            self._leave(ticket)
            score = float(self._themes[wanted].similarity(vector[np.newaxis])[0])
            self._join(wanted, ticket, vector, score)
            return Joined(wanted, score, 0.0)
        current = self._homes.get(ticket)
        if current is not None:
            return self._reconsider(vector, at, ticket, current, cosines)
        self._leave(ticket)
        if not vector.any():
            return Waiting()
        return (
            self._birth(vector, at, ticket)
            or self._secession(vector, at, ticket)
            or self._assignment(vector, at, ticket, cosines)
        )

    def _birth(self, vector: Floats, at: float, ticket: int) -> Born | None:
        company, similarity = self._pool.gather(vector, at) if len(self._pool) else ((), 0.0)
        if not company:
            return None
        theme = self._next_theme()
        others = self._pool.take(company)
        self._found(theme, [*company, ticket], np.vstack([others, vector]))
        return Born(theme, (*company, ticket), similarity)

    def _secession(self, vector: Floats, at: float, ticket: int) -> Born | None:
        """A birth out of waiting tickets and those that older themes have just taken in for want of a better home."""
        least = self._settings.min_neighbours
        joined = [one for one in self._joined.near(vector, at) if one not in self._links.must]
        waiting = self._pool.near(vector, at) if joined else []
        if not joined or len(joined) + len(waiting) < least:
            return None
        leaving = secession.leaving(
            joined,
            [self._homes[one] for one in joined],
            self._joined.vectors(joined),
            np.vstack([self._pool.vectors(waiting), vector]),
            lambda theme, tickets: self._themes[theme].without(tickets),
            self._settings,
        )
        if len(leaving) + len(waiting) < least:
            return None
        return self._seceded(vector, ticket, waiting, leaving)

    def _seceded(self, vector: Floats, ticket: int, waiting: list[int], leaving: list[int]) -> Born:
        times = self._pool.times(waiting) | self._joined.times(leaving)
        vectors = np.vstack([self._pool.vectors(waiting), self._joined.vectors(leaving)])
        for one in times:
            self._leave(one)
        theme = self._next_theme()
        self._found(theme, [*waiting, *leaving, ticket], np.vstack([vectors, vector]))
        company = sorted(times, key=lambda one: (times[one], one))
        return Born(theme, (*company, ticket), float((vectors @ vector).mean()))

    def _assignment(self, vector: Floats, at: float, ticket: int, cosines: Floats) -> Decision:
        ranked = self._rank(vector, cosines, ticket)
        best = ranked[0] if ranked else None
        if best is None or best.similarity < best.threshold:
            self._pool.add(ticket, vector, at)
            return Waiting(best.theme, best.similarity) if best else Waiting()
        self._join(best.theme, ticket, vector, best.similarity)
        self._joined.add(ticket, vector, at)
        return _joined(ranked)

    def _reconsider(self, vector: Floats, at: float, ticket: int, current: int, cosines: Floats) -> Decision:
        self._leave(ticket)
        kept = self._themes.get(current)
        ranked = self._rank(vector, cosines, ticket)
        best = ranked[0] if ranked else None
        score = float(kept.similarity(vector[np.newaxis])[0]) if kept is not None and len(kept) else 1.0
        refused = self._links.forbid(ticket, current)
        moves = best is not None and best.theme != current and best.similarity >= best.threshold
        if moves and best is not None and (refused or best.similarity >= score + self._settings.margin):
            self._join(best.theme, ticket, vector, best.similarity)
            return _joined(ranked)
        if refused:
            self._pool.add(ticket, vector, at)
            return Waiting(best.theme, best.similarity) if best else Waiting()
        self._join(current, ticket, vector, score)
        return Joined(current, score, 0.0)

    def _rank(self, vector: Floats, cosines: Floats, ticket: int | None) -> list[Ranked]:
        best = np.argsort(-cosines)[:_CANDIDATES]
        candidates = [int(self._order[place]) for place in best]
        candidates += [theme for theme in self._unranked if theme not in candidates]
        ranked: list[Ranked] = []
        for theme in candidates:
            members = self._themes[theme]
            if len(members) == 0 or (ticket is not None and self._links.forbid(ticket, theme)):
                continue
            ranked.append(Ranked(theme, float(members.similarity(vector[np.newaxis])[0]), members.threshold))
        return sorted(ranked, key=lambda one: -one.similarity)

    @property
    def _unranked(self) -> list[int]:
        """Themes born since the centres were last refreshed."""
        return list(self._themes)[len(self._order) :]

    def _found(self, theme: int, tickets: list[int], vectors: Floats) -> None:
        members = self._themes.setdefault(theme, Members(self._dim, self._settings))
        members.extend(tickets, vectors)
        self._homes.update(dict.fromkeys(tickets, theme))

    def _join(self, theme: int, ticket: int, vector: Floats, score: float) -> None:
        self._themes[theme].add(ticket, vector, score)
        self._homes[ticket] = theme

    def _leave(self, ticket: int) -> None:
        home = self._homes.pop(ticket, None)
        if home is not None:
            self._themes[home].remove(ticket)
        for pool in (self._pool, self._joined):
            if ticket in pool:
                pool.take((ticket,))

    def _recall(self, ticket_ids: Ints, vectors: Floats, theme_ids: Ints, times: NDArray[np.float64]) -> None:
        """Remember the newest tickets that have a home."""
        housed = np.flatnonzero(theme_ids != 0)
        for row in housed[np.argsort(times[housed], kind="stable")][-self._settings.remembered :].tolist():
            self._joined.add(int(ticket_ids[row]), vectors[row], float(times[row]))

    def _expire(self, now: float) -> None:
        self._pool.expire(now)
        self._joined.expire(now)
        self._joined.keep_newest(self._settings.remembered)

    def _refresh(self) -> None:
        self._order = np.fromiter(self._themes, np.int64, len(self._themes))
        if len(self._themes):
            self._centres = np.stack([members.centre for members in self._themes.values()])

    def _refresh_if_stale(self) -> None:
        if len(self._order) != len(self._themes):
            self._refresh()


def _joined(ranked: list[Ranked]) -> Joined:
    best = ranked[0]
    if len(ranked) == 1:
        return Joined(best.theme, best.similarity, best.threshold)
    second = ranked[1]
    return Joined(best.theme, best.similarity, best.threshold, second.theme, best.similarity - second.similarity)
