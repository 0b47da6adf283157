"""The numbers behind theme assignment, chosen on development data and shipped as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ThemeSettings:
    """How close is close. All similarities are cosines of unit vectors.

    radius: two waiting tickets nearer than this are neighbours (birth).
    min_neighbours: waiting neighbours that make a core point (minPts 5, the point itself included).
    waiting_days: how long a ticket waits for company.
    closest: a ticket's similarity to a theme is its mean cosine to this many nearest members.
    spread: a ticket may lie this many standard deviations below the members' own similarity to their theme.
    floor, ceiling: bounds of every theme's threshold.
    prior_weight: a theme of this many members trusts its own spread as much as the prior.
    margin: a re-read ticket changes its theme only if another is nearer by this much.
    lead: a ticket that joined in the last `waiting_days` leaves for a birth if it is nearer to its new company than to
        the rest of its theme by this much.
    remembered: newest joined tickets that may leave for a birth.
    """

    radius: float = 0.62
    min_neighbours: int = 4
    waiting_days: float = 14.0
    closest: int = 3
    spread: float = 1.5
    floor: float = 0.50
    ceiling: float = 0.80
    prior_weight: float = 8.0
    margin: float = 0.05
    lead: float = 0.15
    remembered: int = 1000


DEFAULTS: Final = ThemeSettings()
