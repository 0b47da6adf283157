"""Word and character n-grams as sparse TF-IDF vectors, in plain Python and numpy.

Reading must not load scikit-learn (0.6 s, 80 MB), and training must see exactly the features that reading sees: both use
the functions here. Weights follow scikit-learn's `sublinear_tf`: (1 + ln tf) * idf, idf = ln((1 + n) / (1 + df)) + 1, then
unit length.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Grams = Callable[[str], list[str]]
Sparse = tuple[NDArray[np.int64], NDArray[np.float32]]

# What lies beyond this cut is a log or a quoted thread: it costs time and says nothing about the kind of request.
MAX_CHARACTERS: Final = 2_400
_TOKEN: Final = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+|[?!]+|[^\W\d_a-z]+")
_SPACES: Final = re.compile(r"\s+")
_STRAIGHT: Final = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})


def plain(text: str) -> str:
    """Lower case with straight quotes, cut to `MAX_CHARACTERS`: what every n-gram and cue is read from."""
    return text[:MAX_CHARACTERS].translate(_STRAIGHT).lower()


def tokens(text: str) -> list[str]:
    """Words, numbers (as "0") and runs of question or exclamation marks ("?", "!", "!!") of a `plain` text."""
    return [_shape(token) for token in _TOKEN.findall(text)]


def _shape(token: str) -> str:
    if token[0].isdigit():
        return "0"
    return ("?" if "?" in token else "!" if len(token) == 1 else "!!") if token[0] in "?!" else token


def word_grams(text: str) -> list[str]:
    """The words of a `plain` text and its pairs of neighbouring words."""
    words = tokens(text)
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def char_grams(text: str) -> list[str]:
    """Runs of 3 to 5 characters of a `plain` text, spaces squeezed: they survive typos and inflections."""
    padded = f" {_SPACES.sub(' ', text).strip()} "
    return [padded[i : i + n] for n in (3, 4, 5) for i in range(len(padded) - n + 1)]


class Vocabulary:
    """The n-grams a model knows, in column order, with their inverse document frequencies."""

    def __init__(self, grams: Sequence[str], idf: NDArray[np.float32], cut: Grams) -> None:
        self.grams = tuple(grams)
        self.idf = idf
        self._cut = cut
        self._columns = {gram: column for column, gram in enumerate(self.grams)}

    def __len__(self) -> int:
        return len(self.grams)

    @classmethod
    def learn(cls, texts: Iterable[str], cut: Grams, *, min_texts: int, size: int) -> Vocabulary:
        """The `size` n-grams in most `plain` texts, each in at least `min_texts`; ties in alphabetical order."""
        frequency: Counter[str] = Counter()
        count = 0
        for text in texts:
            frequency.update(set(cut(text)))
            count += 1
        known = sorted((-found, gram) for gram, found in frequency.items() if found >= min_texts)[:size]
        grams = sorted(gram for _, gram in known)
        idf = [math.log((1 + count) / (1 + frequency[gram])) + 1 for gram in grams]
        return cls(grams, np.array(idf, np.float32), cut)

    def vector(self, text: str) -> Sparse:
        """Columns and TF-IDF values of a `plain` text, unit length; empty where no n-gram is known."""
        found = Counter(column for gram in self._cut(text) if (column := self._columns.get(gram)) is not None)
        columns = np.fromiter(found.keys(), np.int64, len(found))
        counts = np.fromiter(found.values(), np.float32, len(found))
        values = (1 + np.log(counts)) * self.idf[columns]
        length = float(np.linalg.norm(values))
        return columns, (values / length if length else values).astype(np.float32)
