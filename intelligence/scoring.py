"""How good is it? Scores with intervals for the evaluation commands; plain numpy, formulas named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

_TAIL: Final = 0.025  # on either side of a 95% interval


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and its 95% interval."""

    value: float
    low: float
    high: float


def encoded(labels: Sequence[object] | NDArray[np.generic]) -> Labels:
    """Any labels as integers from 0, in order of first sight."""
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(label, len(seen)) for label in list(labels)], np.int64)


def contingency(truth: Labels, found: Labels) -> NDArray[np.int64]:
    """Counts of each pair of labels, shape (labels of truth, labels of found)."""
    if len(truth) != len(found):
        raise ValueError(f"{len(truth)} true labels against {len(found)} found ones")
    if not len(truth):
        return np.zeros((0, 0), np.int64)
    table = np.zeros((int(truth.max()) + 1, int(found.max()) + 1), np.int64)
    np.add.at(table, (truth, found), 1)
    return table


def nmi(truth: Labels, found: Labels) -> float:
    """Normalised mutual information by the mean of the entropies (Strehl and Ghosh 2002); 1.0 if both are trivial."""
    table = contingency(truth, found).astype(np.float64)
    total = table.sum()
    if total == 0:
        return 0.0
    joint = table / total
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    entropies = _entropy(rows) + _entropy(columns)
    if entropies == 0:
        return 1.0
    expected = np.outer(rows, columns)
    present = joint > 0
    mutual = float((joint[present] * np.log(joint[present] / expected[present])).sum())
    return max(0.0, 2 * mutual / entropies)


def ari(truth: Labels, found: Labels) -> float:
    """Adjusted Rand index (Hubert and Arabie 1985): 0 by chance, 1 for the same division."""
    table = contingency(truth, found)
    total = _pairs(np.array([table.sum()]))
    if total == 0:
        return 0.0
    together = _pairs(table)
    in_truth, in_found = _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    expected = in_truth * in_found / total
    most = (in_truth + in_found) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


def hungarian_accuracy(truth: Labels, found: Labels) -> float:
    """Share of tickets in the right place when each found group may stand for one true label (best matching)."""
    from scipy.optimize import linear_sum_assignment  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

    table = contingency(truth, found)
    if table.sum() == 0:
        return 0.0
    rows, columns = cast("tuple[NDArray[np.int64], NDArray[np.int64]]", linear_sum_assignment(table, maximize=True))
    return float(table[rows, columns].sum() / table.sum())


def alone(themes: Labels) -> Labels:
    """Give each unassigned ticket (theme 0) a group of its own, as the evaluation wants it."""
    return np.where(themes > 0, themes, -np.arange(1, len(themes) + 1))


def stability(before: Labels, after: Labels) -> float:
    """Share of tickets with a theme `before` that have the very same theme `after` (row for row); 1.0 without any."""
    had = before > 0
    return float((before[had] == after[had]).mean()) if had.any() else 1.0


def auc(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """Probability that a positive scores above a negative, ties half (Mann-Whitney); 0.5 if a class is missing."""
    positives, negatives = scores[positive], scores[~positive]
    if not len(positives) or not len(negatives):
        return 0.5
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, side="left")
    level = np.searchsorted(ordered, positives, side="right") - below
    return float((below + level / 2).sum() / (len(positives) * len(negatives)))


def recall_at_precision(scores: Floats, right: NDArray[np.bool_], positives: int, precision: float) -> float:
    """The largest recall over thresholds whose answers are right with at least `precision`; 0.0 where none is.

    `right` tells whether the answer given with that score is right; `positives` is how many right answers exist.
    """
    if not len(scores) or positives == 0:
        return 0.0
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(right[order])
    shares = hits / np.arange(1, len(hits) + 1)
    last_of_tie = np.append(np.diff(scores[order]) != 0, True)
    fine = (shares >= precision) & last_of_tie
    return float(hits[fine].max() / positives) if fine.any() else 0.0


def calibration_error(probabilities: Floats, right: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error over bins of equal mass: mean distance of promised and actual share (Naeini 2015)."""
    if not len(probabilities):
        return 0.0
    order = np.argsort(probabilities, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(float(probabilities[part].mean()) - float(right[part].mean())) * len(part) for part in parts]
    return sum(gaps) / len(probabilities)


def wilson(hits: int, trials: int, z: float = 1.96) -> Interval:
    """A share with its score interval (Wilson 1927); 0..1 without trials."""
    if trials == 0:
        return Interval(0.0, 0.0, 1.0)
    share = hits / trials
    scale = 1 + z**2 / trials
    middle = (share + z**2 / (2 * trials)) / scale
    half = z * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2)) / scale
    return Interval(share, max(0.0, float(middle - half)), min(1.0, float(middle + half)))


def poisson_rate(count: int, exposure: float) -> Interval:
    """Events per unit of exposure with the exact interval of a Poisson mean (Garwood 1936). `exposure` is above 0."""
    from scipy.special import gammaincinv  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

    low = cast("float", gammaincinv(count, _TAIL)) if count else 0.0
    high = cast("float", gammaincinv(count + 1, 1 - _TAIL))
    return Interval(count / exposure, float(low) / exposure, float(high) / exposure)


def bootstrap(statistic: Callable[[Labels], float], size: int, rng: np.random.Generator, draws: int = 200) -> Interval:
    """A statistic with its percentile interval (Efron 1979): `statistic` gets row numbers, drawn with return."""
    value = statistic(np.arange(size, dtype=np.int64))
    if size == 0:
        return Interval(value, value, value)
    drawn = np.array([statistic(rng.integers(0, size, size)) for _ in range(draws)])
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(value, float(low), float(high))


def _entropy(shares: Floats) -> float:
    present = shares[shares > 0]
    return float(-(present * np.log(present)).sum())


def _pairs(counts: ArrayLike) -> float:
    numbers = np.asarray(counts, np.float64)
    return float((numbers * (numbers - 1) / 2).sum())
