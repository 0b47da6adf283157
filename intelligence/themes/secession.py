"""Which young members may leave their themes for a birth: an old theme takes in the first tickets of a new subject for
want of a better home, one by one, and they would never gather."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from intelligence.similarity import Floats
from intelligence.themes.members import mean_of_best
from intelligence.themes.settings import ThemeSettings


def leaving(
    tickets: Sequence[int],
    homes: Sequence[int],
    vectors: Floats,
    others: Floats,
    without: Callable[[int, Collection[int]], Floats],
    settings: ThemeSettings,
) -> list[int]:
    """The tickets that are strangers in their themes: the rest of it lies outside of their radius, and farther from them
    than each other and `others` by `settings.lead`.

    `homes` and `vectors` (n, dim) go with `tickets`; `others` (m, dim), m >= 1, have no theme; `without` gives the
    vectors of a theme's members without some of them. A theme keeps its core: at least as many as might leave it.
    """
    cosines = vectors @ np.vstack([vectors, others]).T
    np.fill_diagonal(cosines, -1.0)
    drawn = mean_of_best(cosines, min(settings.closest, cosines.shape[1] - 1))
    free: list[int] = []
    for home in dict.fromkeys(homes):
        places = [place for place, its in enumerate(homes) if its == home]
        rest = without(home, {tickets[place] for place in places})
        if len(rest) >= len(places):
            held = mean_of_best(vectors[places] @ rest.T, settings.closest)
            strange = (held < settings.radius) & (drawn[places] >= held + settings.lead)
            free += [tickets[place] for place, leaves in zip(places, strange, strict=True) if leaves]
    return free
