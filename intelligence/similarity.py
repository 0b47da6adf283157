"""Cosine similarity over unit vectors: growing matrices, nearest neighbours, neighbour graphs."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_BLOCK: Final = 1024  # rows of a similarity block: 1024 x 100,000 float32 is 400 MB at most
_TINY: Final = 1e-9
_MIDDLE_SAMPLE: Final = 1024  # rows from which the middle of everything is taken


def unit(vectors: Floats) -> Floats:
    """Scale each row of (n, dim) to length one; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(lengths, _TINY)).astype(np.float32)


def listed(numbers: Ints) -> list[int]:
    """A one-dimensional array of whole numbers as plain ints."""
    return [int(number) for number in numbers]


class Rows:
    """A (n, dim) float32 matrix that grows by doubling, so that appending costs O(1) on average."""

    def __init__(self, dim: int) -> None:
        self._data: Floats = np.empty((8, dim), np.float32)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def matrix(self) -> Floats:
        """The rows so far, as a view that is valid until the next change."""
        return self._data[: self._size]

    def append(self, row: Floats) -> None:
        self.extend(row[np.newaxis])

    def extend(self, rows: Floats) -> None:
        size = self._size + len(rows)
        if size > len(self._data):
            grown = np.empty((max(8, size, 2 * len(self._data)), self._data.shape[1]), np.float32)
            grown[: self._size] = self._data[: self._size]
            self._data = grown
        self._data[self._size : size] = rows
        self._size = size

    def drop(self, position: int) -> None:
        """Remove one row by moving the last row into its place."""
        self._size -= 1
        self._data[position] = self._data[self._size]


def nearest(queries: Floats, rows: Floats, k: int) -> tuple[Ints, Floats]:
    """The `k` most similar rows of each query, best first: positions and cosines, both (len(queries), min(k, n))."""
    k = min(k, len(rows))
    positions = np.empty((len(queries), k), np.int64)
    cosines = np.empty((len(queries), k), np.float32)
    for start in range(0, len(queries), _BLOCK):
        block = queries[start : start + _BLOCK] @ rows.T
        positions[start : start + len(block)], cosines[start : start + len(block)] = _best(block, k)
    return positions, cosines


def neighbours(vectors: Floats, k: int) -> tuple[Ints, Floats]:
    """The `k` nearest other rows of each row, best first: positions and cosines, both (n, min(k, n - 1))."""
    n = len(vectors)
    k = max(0, min(k, n - 1))
    positions = np.empty((n, k), np.int64)
    cosines = np.empty((n, k), np.float32)
    for start in range(0, n, _BLOCK):
        block = vectors[start : start + _BLOCK] @ vectors.T
        own = np.arange(len(block))
        block[own, own + start] = -2.0
        positions[start : start + len(block)], cosines[start : start + len(block)] = _best(block, k)
    return positions, cosines


def _best(block: Floats, k: int) -> tuple[Ints, Floats]:
    if k == 0:
        return np.empty((len(block), 0), np.int64), np.empty((len(block), 0), np.float32)
    found = np.argpartition(-block, k - 1, axis=1)[:, :k]
    cosines = np.take_along_axis(block, found, axis=1)
    order = np.argsort(-cosines, axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(cosines, order, axis=1)


def middle_of(vectors: Floats) -> Floats:
    """The mean of rows (n, dim), from about a thousand of them spread evenly: what all of them have in common."""
    return vectors[:: max(1, len(vectors) // _MIDDLE_SAMPLE)].mean(axis=0)
