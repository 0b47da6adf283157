"""Tickets avoided after an article went live: the theme's fall against that of a control theme, with an interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

LEAST_BEFORE: Final = 8  # tickets of either theme before the article: fewer bear no ratio
_Z: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Counts:
    """Tickets of a theme in two stretches of equal length: before the article, and since."""

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Avoided:
    """`tickets` that did not come, of `expected` ones, between `low` and `high` (95%); below 0: more came than expected.

    `days` is how long it has been live. Beyond noise where the interval lies on one side of 0.
    """

    tickets: float
    low: float
    high: float
    expected: float
    theme: Counts
    control: Counts
    days: int

    @property
    def beyond_noise(self) -> bool:
        return self.low > 0 or self.high < 0


def avoided(theme: Counts, control: Counts, days: int) -> Avoided | None:
    """What the article spared: expected are the tickets before, moved as the control theme moved. None with too few.

    Difference in differences of logarithms: the ratio of the theme's change to the control's, each count Poisson, with
    0.5 added to every cell (Haldane and Anscombe) and the interval of Woolf (1955). What moves all themes alike (a
    holiday, fewer customers) falls out.
    """
    if theme.before < LEAST_BEFORE or control.before < LEAST_BEFORE:
        return None
    cells = [count + 0.5 for count in (theme.after, theme.before, control.after, control.before)]
    ratio = log(cells[0] / cells[1]) - log(cells[2] / cells[3])
    spread = _Z * sqrt(sum(1 / cell for cell in cells))
    expected = theme.before * cells[2] / cells[3]
    low, high = (expected * (1 - exp(ratio + sign * spread)) for sign in (1, -1))
    return Avoided(expected - theme.after, low, high, expected, theme, control, days)
