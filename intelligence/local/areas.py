"""Which of the workspace's product areas a ticket is about: by its words, else by nearness to its examples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from intelligence.local.features import Floats, Voices
from intelligence.model import Area
from intelligence.ports import Embedder

_NEAR: Final = 0.45  # cosine to an area's nearest example or its name and words
_TEXTS_KEPT: Final = 512


def area_of(areas: Sequence[Area], heard: Voices, vector: Floats, embedder: Embedder) -> str | None:
    """The area whose words occur most (longer words count more), else the nearest by meaning, else None."""
    if not areas:
        return None
    scored = [(_word_score(area, heard.customer), area.name) for area in areas]
    best = max(score for score, _ in scored)
    if best > 0:
        winners = [name for score, name in scored if score == best]
        if len(winners) == 1:
            return winners[0]
        areas = [area for area in areas if area.name in winners]
    if not vector.any():
        return areas[0].name if best > 0 else None
    near = [(float((_examples(_texts(area), embedder) @ vector).max()), area.name) for area in areas]
    cosine, name = max(near)
    return name if best > 0 or cosine >= _NEAR else None


def _word_score(area: Area, text: str) -> float:
    marks = {mark.lower() for mark in (area.name, *area.words) if mark}
    return sum(len(mark.split()) * min(3, len(_word(mark).findall(text))) for mark in marks)


@lru_cache(maxsize=_TEXTS_KEPT)
def _word(mark: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(mark)}(?:s|es)?(?!\w)")


def _texts(area: Area) -> tuple[str, ...]:
    return (f"{area.name}: {', '.join(area.words)}" if area.words else area.name, *area.examples)


def _examples(texts: tuple[str, ...], embedder: Embedder) -> Floats:
    return np.asarray(embedder.encode(texts), np.float32)
