"""The tickets around one that has just arrived, without any themes: closeness after a step along the neighbours.

A short text is a noisy point. A ticket's vector moved towards the mean of its nearest neighbours is a far better sign
of its subject: of pairs called alike at precision 0.5 twice as many are found as by the plain cosine. This is one step
of graph diffusion (Wu et al. 2019, "Simplifying Graph Convolutional Networks", without weights), done only among the
candidates around the ticket, so that nothing has to be kept up to date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intelligence.patterns.policy import HISTORY_DAYS, WINDOWS
from intelligence.similarity import Floats, Ints, middle_of, unit

CANDIDATES: Final = 256  # nearest tickets that are looked at; a larger subject is seen by its nearest part
_NEIGHBOURS: Final = 10
_STEP: Final = 2.0  # weight of the neighbours' mean beside the ticket's own vector
_FARTHEST: Final = 0.2  # cosine to the common middle's remainder below which nothing is a candidate
_FIRST_LOOK: Final = 40  # nearest tickets whose days say whether a closer look can pay
_STIRRING: Final = 1.4  # times the days' even share that the recent ones among them must reach
_FEWEST: Final = 4


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Rows of a history around one ticket, itself included, in order of time, and how close they are (cosines)."""

    rows: Ints
    closeness: Floats


def neighbourhood(vectors: Floats, days: Ints, row: int) -> Neighbourhood | None:
    """What lies around `row`; None where too few of its nearest are recent for anything to be rising.

    vectors: (n, dim) unit rows in order of time; days: (n,) whole days before now.
    """
    cosines = vectors @ vectors[row]
    nearest = (
        np.argpartition(-cosines, CANDIDATES)[:CANDIDATES] if len(cosines) > CANDIDATES else np.arange(len(cosines))
    )
    nearest = nearest[np.argsort(-cosines[nearest], kind="stable")]
    if not _stirs(days[nearest[:_FIRST_LOOK]]):
        return None
    middle = middle_of(vectors)
    own = unit((vectors[row] - middle)[np.newaxis])[0]
    centred = unit(vectors[nearest] - middle)
    close = centred @ own > _FARTHEST
    nearest, centred = nearest[close].astype(np.int64), centred[close]
    if len(nearest) <= _FEWEST:
        return None
    order = np.argsort(nearest, kind="stable")
    nearest, moved = nearest[order], _moved(centred[order])
    place = int(np.searchsorted(nearest, row))
    return Neighbourhood(nearest, moved @ moved[place])


def _stirs(days: Ints) -> bool:
    """Whether the last days hold more of these tickets than an even spread over all days would give."""
    for window in WINDOWS:
        recent = int((days < window).sum())
        even = len(days) * window / (HISTORY_DAYS + window)
        if recent > _FEWEST and recent >= _STIRRING * even:
            return True
    return False


def _moved(vectors: Floats) -> Floats:
    """Each vector moved towards the mean of its nearest, to unit length again."""
    near = vectors @ vectors.T
    np.fill_diagonal(near, -1.0)
    size = min(_NEIGHBOURS, len(vectors) - 1)
    weights = np.zeros(near.shape, np.float32)
    chosen: NDArray[np.intp] = np.argpartition(-near, size - 1, axis=1)[:, :size]
    np.put_along_axis(weights, chosen, np.float32(_STEP / size), axis=1)
    pulled: Floats = weights @ vectors
    return unit(vectors + pulled)
