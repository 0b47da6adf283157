"""A small set of yes-or-no cues with conjunctions, for decisions that words alone must make."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


class CueSet:
    """Named expressions over `plain` text and the pairs whose occurring together means more than each alone.

    A linear model cannot form a conjunction itself, and "everything" with "gone" is one.
    """

    def __init__(self, patterns: Mapping[str, str], pairs: Sequence[tuple[str, str]]) -> None:
        self._patterns = patterns
        self._pairs = tuple(pairs)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the order of `values`."""
        return (*self._patterns, *(f"{a} & {b}" for a, b in self._pairs), "ends by asking")

    def values(self, text: str) -> NDArray[np.float32]:
        """1.0 for each cue and pair that occurs in a `plain` text, shape (len(names),)."""
        found = {name: float(pattern.search(text) is not None) for name, pattern in self._compiled}
        pairs = [found[a] * found[b] for a, b in self._pairs]
        return np.array([*found.values(), *pairs, float(text.rstrip().endswith("?"))], np.float32)

    @cached_property
    def _compiled(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        return tuple((name, re.compile(pattern)) for name, pattern in self._patterns.items())
