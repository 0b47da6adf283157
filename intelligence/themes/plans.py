"""What the nightly pass wants: actions on themes that nobody has seen, proposals for the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from intelligence.themes.decisions import Links


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The tickets the nightly pass may look at, as stored.

    `theme_ids` holds 0 for waiting tickets. `seen` are the themes that an alert, a person or an issue has made
    permanent: their tickets stay, the pass only proposes. `unsettled` are tickets that came to a seen theme since
    people looked at it: nobody has seen them there, so they may still leave for a theme that suits them better.
    `pinned` are tickets whose home a person decided. `texts` are the (redacted) problem texts, row for row: the words
    sharpen the groups; without them the vectors decide alone.
    """

    ticket_ids: NDArray[np.int64]
    vectors: NDArray[np.float32]
    theme_ids: NDArray[np.int64]
    times: NDArray[np.float64]
    seen: frozenset[int] = frozenset()
    unsettled: frozenset[int] = frozenset()
    pinned: frozenset[int] = frozenset()
    links: Links = field(default_factory=Links)
    texts: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Birth:
    """A new theme and its tickets; `came_from` is the theme it was split from, or None."""

    theme: int
    members: tuple[int, ...]
    came_from: int | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """`absorbed` goes into `kept` (the older id). `proposal` is True where somebody has seen one of them."""

    kept: int
    absorbed: int
    similarity: float
    tickets: int
    reason: str
    proposal: bool


@dataclass(frozen=True, slots=True)
class Split:
    """`parts` would leave `theme`, each as a theme of its own; always a proposal: a Birth splits an unseen theme."""

    theme: int
    parts: tuple[tuple[int, ...], ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Move:
    """A ticket changes its home. `source` 0 = was waiting; `target` 0 = waits again."""

    ticket: int
    source: int
    target: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the nightly pass decided. `theme_ids` is the state after all actions, row for row as in the snapshot:
    births, merges (not proposed) and moves describe the way there. Apply births first, then merges, then moves."""

    births: tuple[Birth, ...]
    merges: tuple[Merge, ...]
    splits: tuple[Split, ...]
    moves: tuple[Move, ...]
    theme_ids: NDArray[np.int64]

    @property
    def proposals(self) -> tuple[Merge | Split, ...]:
        return tuple(merge for merge in self.merges if merge.proposal) + self.splits
