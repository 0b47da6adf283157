"""The nightly pass: the waiting, the incoherent and the themes nobody has seen, with all evidence at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intelligence.graphs import weighted_counts
from intelligence.similarity import Floats, Ints, listed, unit
from intelligence.themes.grouping import Grouping
from intelligence.themes.lineage import heirs
from intelligence.themes.members import mean_of_best
from intelligence.themes.plans import Birth, Merge, Move, Plan, Snapshot, Split

_SMALLEST: Final = 5  # tickets that make a theme
_GAIN: Final = 0.02  # a new division must be better by this share of modularity, or themes stay as they are
_PULL: Final = 0.6  # share of a ticket's neighbours (by weight) in another theme that makes it move there
_HOLD: Final = 0.2  # ... while its own theme holds less than this
_PROPOSE: Final = 0.6  # share of a seen theme's tickets in another theme's group that makes a proposal to merge
_PART: Final = 0.25  # share of a seen theme's tickets in a group of their own that makes a proposal to split
_ROUNDS: Final = 3
_COHERENT: Final = 0.40  # mean cosine to its nearest in the theme that a waiting ticket needs, or it goes on waiting
_NEAREST: Final = 3


def recluster(snapshot: Snapshot, *, next_theme: Callable[[], int]) -> Plan:
    """Decide what should change in a workspace's themes. Deterministic; people's links and seen themes always win.

    A new division of everything is adopted only where it explains the neighbourhood of tickets clearly better than the
    present one. Otherwise themes stay, neighbours take in what waits, and what waits together becomes a theme.
    """
    readable = snapshot.vectors.any(axis=1)
    if readable.sum() < _SMALLEST:
        return Plan((), (), (), (), snapshot.theme_ids.copy())
    rows = np.flatnonzero(readable)
    texts = [snapshot.texts[row] for row in rows.tolist()] if snapshot.texts is not None else None
    grouping = Grouping(snapshot.vectors[rows], texts)
    groups = _division(grouping, snapshot.theme_ids[rows])
    return _Night(snapshot, rows, groups, grouping, next_theme).plan()


def _division(grouping: Grouping, themes: Ints) -> Ints:
    """Tonight's groups: a fresh division where that clearly pays, else the present themes with the waiting taken in."""
    fresh = grouping.divide(grouping.find())
    if not (themes != 0).any():
        return fresh
    present = grouping.divide(_settled(grouping, themes, fresh))
    better = grouping.quality(fresh) - grouping.quality(present)
    return fresh if better > _GAIN * abs(grouping.quality(present)) else present


def _settled(grouping: Grouping, themes: Ints, fresh: Ints) -> Ints:
    """The present themes as groups: the waiting form groups by the fresh division, then neighbours vote."""
    labels = np.where(themes != 0, themes, themes.max() + 1 + fresh)
    graph = grouping.graph
    for _ in range(_ROUNDS):
        _, places = np.unique(labels, return_inverse=True)
        best, pull, hold = _votes(graph.sources, graph.indices, graph.weights, places.astype(np.int64))
        waiting_alone = (themes == 0) & (pull > hold)
        misplaced = (pull >= _PULL) & (hold < _HOLD)
        moving = waiting_alone | misplaced
        if not moving.any():
            break
        labels = np.where(moving, np.unique(labels)[best], labels)
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _votes(
    sources: Ints, targets: NDArray[np.int32], weights: NDArray[np.float64], labels: Ints
) -> tuple[Ints, NDArray[np.float64], NDArray[np.float64]]:
    """Of each node's edges: the group that pulls most, its share of the weight, and the share of the own group."""
    groups = int(labels.max()) + 1
    keys = sources * groups + labels[targets]
    pairs, place = np.unique(keys, return_inverse=True)
    sums = weighted_counts(place, weights, len(pairs))
    nodes, voted = pairs // groups, pairs % groups
    total = np.maximum(weighted_counts(nodes, sums, len(labels)), 1e-9)
    hold = np.zeros(len(labels))
    own = voted == labels[nodes]
    hold[nodes[own]] = sums[own]
    order = np.lexsort(
        (-voted, sums, nodes)
    )  # the last entry of each node is its strongest; ties go to the older group
    last = np.flatnonzero(np.diff(nodes[order], append=-1))
    best = labels.copy()
    pull = np.zeros(len(labels))
    best[nodes[order][last]] = voted[order][last]
    pull[nodes[order][last]] = sums[order][last]
    return best, pull / total, hold / total


class _Night:
    """One run of the pass: from groups of rows to actions on themes and proposals to people."""

    def __init__(
        self, snapshot: Snapshot, rows: Ints, groups: Ints, grouping: Grouping, next_theme: Callable[[], int]
    ) -> None:
        self._snapshot = snapshot
        self._rows = rows
        self._groups = groups
        self._before = snapshot.theme_ids
        self._features: Floats = grouping.features
        self._next_theme = next_theme
        self._owners = heirs(groups, snapshot.theme_ids[rows], snapshot.seen)
        self._births: dict[int, int] = {}

    def plan(self) -> Plan:
        after = self._homes()
        merges = self._merges(after)
        births = tuple(self._birth(theme, after) for theme in self._births.values())
        return Plan(births, merges, self._splits(), self._moves(after, merges), after)

    def _homes(self) -> Ints:
        """The home of every row after the pass, 0 for waiting."""
        after = self._before.copy()
        for group in range(int(self._groups.max()) + 1):
            members = self._rows[self._groups == group]
            movable = [row for row in members.tolist() if self._movable(row)]
            theme = self._theme_of(group, members, movable)
            if theme == 0:  # what came to a seen theme leaves it for another, never to wait
                movable = [row for row in movable if not self._in_seen(row)]
            movable = self._with_company(group, members, movable, after)
            for row in movable:
                ticket = int(self._snapshot.ticket_ids[row])
                if theme == 0 or not self._snapshot.links.forbid(ticket, theme):
                    after[row] = theme
                elif self._snapshot.links.forbid(ticket, int(after[row])):
                    after[row] = 0
        return self._with_musts(after)

    def _movable(self, row: int) -> bool:
        ticket = int(self._snapshot.ticket_ids[row])
        return ticket not in self._snapshot.pinned and (not self._in_seen(row) or ticket in self._snapshot.unsettled)

    def _in_seen(self, row: int) -> bool:
        return int(self._before[row]) in self._snapshot.seen

    def _theme_of(self, group: int, members: Ints, movable: list[int]) -> int:
        """The theme a group's movable tickets go to: its heir, a new one, or 0 where there are too few to make one."""
        if group in self._owners:
            return self._owners[group]
        if len(movable) < _SMALLEST:
            return self._former(members)
        if len(set(self._coherent(listed(members))) & set(movable)) < _SMALLEST:
            return 0
        self._births[group] = self._next_theme()
        return self._births[group]

    def _former(self, members: Ints) -> int:
        """The theme most of a group came from, 0 where all of them waited.

        A seen theme does not count: the group has left it, and what waits may yet gather to a theme of its own.
        """
        themes = Counter(int(theme) for theme in self._before[members] if theme and theme not in self._snapshot.seen)
        return themes.most_common(1)[0][0] if themes else 0

    def _with_company(self, group: int, members: Ints, movable: list[int], after: Ints) -> list[int]:
        """The movable rows that a theme may take: a one-off waits (again), it must not make a theme wider."""
        near = set(self._coherent(members.tolist()))
        born = group in self._births
        alone = [row for row in movable if row not in near and (born or self._before[row] == 0)]
        after[[row for row in alone if not self._in_seen(row)]] = 0
        return [row for row in movable if row not in set(alone)]

    def _coherent(self, rows: list[int]) -> list[int]:
        """The rows whose nearest others are near enough, by meaning alone."""
        if len(rows) < 2:
            return []
        vectors = self._snapshot.vectors[rows]
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, -1.0)
        near = mean_of_best(cosines, min(_NEAREST, len(rows) - 1)) >= _COHERENT
        return [row for row, company in zip(rows, near.tolist(), strict=True) if company]

    def _with_musts(self, after: Ints) -> Ints:
        for ticket, theme in self._snapshot.links.must.items():
            after[self._snapshot.ticket_ids == ticket] = theme
        return after

    def _birth(self, theme: int, after: Ints) -> Birth:
        rows = np.flatnonzero(after == theme)
        rows = rows[np.argsort(self._snapshot.times[rows], kind="stable")]
        came_from = Counter(int(old) for old in self._before[rows] if old).most_common(1)
        parent = came_from[0][0] if came_from and came_from[0][1] * 2 >= len(rows) else None
        return Birth(theme, tuple(int(ticket) for ticket in self._snapshot.ticket_ids[rows]), parent)

    def _merges(self, after: Ints) -> tuple[Merge, ...]:
        """Unseen themes that ended up empty went into another; seen ones that sit in another's group are proposed."""
        merges: list[Merge] = []
        for theme in listed(np.unique(self._before[self._before != 0])):
            if theme in self._snapshot.seen:
                merges.extend(self._proposed(theme))
                continue
            rows = np.flatnonzero(self._before == theme)
            if (after == theme).any():
                continue
            target, count = Counter(listed(after[rows])).most_common(1)[0]
            if target and count * 2 >= len(rows):
                merges.append(self._merge(target, theme, count / len(rows), proposal=False))
        return tuple(merges)

    def _proposed(self, theme: int) -> list[Merge]:
        inside = self._before[self._rows] == theme
        if not inside.any():
            return []
        group, count = Counter(listed(self._groups[inside])).most_common(1)[0]
        other = self._owners.get(group, theme)
        if other == theme or count < _PROPOSE * inside.sum() or self._snapshot.links.keep_apart(theme, other):
            return []
        return [self._merge(min(theme, other), max(theme, other), count / int(inside.sum()), proposal=True)]

    def _merge(self, kept: int, absorbed: int, share: float, *, proposal: bool) -> Merge:
        tickets = int((self._before == absorbed).sum())
        similarity = self._closeness(kept, absorbed)
        reason = f"{share:.0%} of its {tickets} tickets have their nearest neighbours in the other theme"
        return Merge(kept, absorbed, similarity, tickets, reason, proposal)

    def _closeness(self, one: int, other: int) -> float:
        """Cosine of two themes' centres before the night; 0 where one had no readable ticket."""
        before = self._before[self._rows]
        left, right = (self._features[before == theme].sum(axis=0) for theme in (one, other))
        scale = float(np.linalg.norm(left) * np.linalg.norm(right))
        return float(left @ right) / scale if scale else 0.0

    def _splits(self) -> tuple[Split, ...]:
        splits: list[Split] = []
        for theme in sorted(self._snapshot.seen):
            rows = np.flatnonzero(self._before[self._rows] == theme)
            groups = Counter(listed(self._groups[rows]))
            parts = [
                tuple(
                    int(ticket) for ticket in self._snapshot.ticket_ids[self._rows[rows[self._groups[rows] == group]]]
                )
                for group, count in groups.items()
                if group not in self._owners and count >= max(_SMALLEST, _PART * len(rows))
            ]
            if parts:
                moved = sum(len(part) for part in parts)
                reason = f"{moved} of its {len(rows)} tickets stood apart, in {'one group' if len(parts) == 1 else f'{len(parts)} groups'}"
                splits.append(Split(theme, tuple(parts), reason))
        return tuple(splits)

    def _moves(self, after: Ints, merges: tuple[Merge, ...]) -> tuple[Move, ...]:
        """Changes that neither a birth nor a merge explains."""
        merged = {merge.absorbed: merge.kept for merge in merges if not merge.proposal}
        born = set(self._births.values())
        closeness = _closeness_to_home(self._snapshot.vectors, after)
        moves: list[Move] = []
        for row in np.flatnonzero(after != self._before).tolist():
            source, target = int(self._before[row]), int(after[row])
            if target not in born and merged.get(source) != target:
                moves.append(Move(int(self._snapshot.ticket_ids[row]), source, target, float(closeness[row])))
        return tuple(moves)


def _closeness_to_home(vectors: Floats, themes: Ints) -> Floats:
    """Cosine of each ticket to the centre of its theme; 0 for waiting."""
    _, places = np.unique(themes, return_inverse=True)
    centres = np.zeros((int(places.max()) + 1, vectors.shape[1]), np.float32)
    np.add.at(centres, places, vectors)
    cosines = np.einsum("nd,nd->n", vectors, unit(centres)[places])
    return np.where(themes != 0, cosines, 0.0).astype(np.float32)
