"""How well tickets are labelled: the figures of `eval analyze`.

Pure functions from truths and guesses to one JSON-ready dictionary. A figure that nothing was counted for is None, never
zero. `intervals` holds the 95% interval of each headline figure by its name: Wilson's for shares, a seeded bootstrap for
the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from intelligence.intervals import Interval, bootstrap, wilson
from intelligence.labels import Labelled
from intelligence.model import Analysis, Level
from intelligence.scoring_techniques import ANSWERS, answers, signal_matrix, techniques
from intelligence.similarity import listed

_HIGH: Final = frozenset({Level.HIGH, Level.CRITICAL})
_LEAST_PRECISION: Final = 0.6
_BINS: Final = 10
_WORST: Final = 15
_TONES: Final = (
    ("frustration", "frustration"),
    ("urgency", "urgency"),
    ("churn", "churn_risk"),
    ("satisfaction", "satisfaction"),
)

Bools = NDArray[np.bool_]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Guess:
    """An analysis to be scored. `frustration` and `urgency` rank rows by how likely the level is high or critical;
    `sub_sure` tells whether the sub-category's confidence reaches its shipped threshold.
    """

    analysis: Analysis
    frustration: float
    urgency: float
    sub_sure: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its 95% interval; both None where nothing was counted."""

    value: float | None
    interval: Interval | None = None


def score_labels(truths: Sequence[Labelled], guesses: Sequence[Guess], *, seed: int = 0) -> dict[str, Any]:
    """All label figures of `eval analyze` but its timing. A row without a label leaves only that label's figure.

    Category = the most likely one, even where the product says "unsure". `macro_f1` is over primary categories.
    """
    rng = np.random.default_rng(seed)
    pairs = list(zip(truths, guesses, strict=True))
    figures = _category_figures(pairs, rng) | _tone_figures(pairs, rng) | _signal_figures(pairs, rng)
    figures["ece"] = _calibration(pairs, rng)
    by_technique = techniques([(t, g.analysis) for t, g in pairs])
    return {
        "n": len(pairs),
        **{name: figure.value for name, figure in figures.items()},
        "selective": _selective(pairs),
        "signals_f1": {name: row["f1"] for name, row in by_technique.items() if name not in ANSWERS},
        "techniques": by_technique,
        "per_class": _per_class(pairs),
        "confusions": _confusions(pairs),
        "random_draw": _random_draw(pairs),
        "intervals": {name: figure.interval for name, figure in figures.items()},
    }


Pair = tuple[Labelled, Guess]


def share(hits: Sequence[bool]) -> Figure:
    """A share with Wilson's interval."""
    if not hits:
        return Figure(None)
    return Figure(sum(hits) / len(hits), wilson(sum(hits), len(hits)))


def macro_f1(truth: Sequence[str], found: Sequence[str], rng: np.random.Generator) -> Figure:
    """The mean F1 over every label that occurs in `truth` or `found`."""
    labels = sorted({*truth, *found})
    number = {label: position for position, label in enumerate(labels)}
    true = np.array([number[label] for label in truth], np.int64)
    guessed = np.array([number[label] for label in found], np.int64)

    def of(rows: Indices) -> float | None:
        if not len(rows):
            return None
        hits = np.bincount(true[rows][true[rows] == guessed[rows]], minlength=len(labels))
        seen = np.bincount(true[rows], minlength=len(labels)) + np.bincount(guessed[rows], minlength=len(labels))
        return float((2 * hits[seen > 0] / seen[seen > 0]).mean())

    return _measured(len(true), of, rng)


def f1(truth: Sequence[bool], found: Sequence[bool], rng: np.random.Generator) -> Figure:
    """F1 of a yes-or-no question; None where nobody says yes."""
    true, guessed = np.array(truth, bool), np.array(found, bool)
    return _measured(len(true), lambda rows: _f1(true[rows], guessed[rows]), rng)


def recall_at_precision(truth: Sequence[bool], scores: Sequence[float], least: float) -> float | None:
    """The recall at the lowest threshold whose precision is at least `least`: 0.0 if none is, None without positives."""
    positives = sum(truth)
    if not positives:
        return None
    true, ranked = np.array(truth, bool), np.array(scores)
    for threshold in np.unique(ranked):
        kept = ranked >= threshold
        if true[kept].mean() >= least:
            return float(true[kept].sum() / positives)
    return 0.0


def expected_calibration_error(confidence: Sequence[float], right: Sequence[bool]) -> float | None:
    """The mean gap between confidence and accuracy over 10 bins of equal mass (Naeini et al. 2015)."""
    if not confidence:
        return None
    order = np.argsort(np.array(confidence), kind="stable")
    sure, hit = np.array(confidence)[order], np.array(right, float)[order]
    bins = [b for b in np.array_split(np.arange(len(sure)), _BINS) if len(b)]
    return float(sum(len(b) * abs(sure[b].mean() - hit[b].mean()) for b in bins) / len(sure))


def _measured(n: int, of: Callable[[Indices], float | None], rng: np.random.Generator) -> Figure:
    value = of(np.arange(n))
    return Figure(None) if value is None else Figure(value, bootstrap(n, of, rng))


def _f1(true: Bools, guessed: Bools) -> float | None:
    seen = int(true.sum() + guessed.sum())
    return 2 * int((true & guessed).sum()) / seen if seen else None


def _category_figures(pairs: Sequence[Pair], rng: np.random.Generator) -> dict[str, Figure]:
    primary = [(t.primary, g.analysis.primary) for t, g in pairs if t.primary]
    return {
        "primary_accuracy": share([truth is found for truth, found in primary]),
        "subcategory_accuracy": share([_right_sub(t, g) for t, g in pairs if t.subcategory]),
        "subcategory_acceptable": share([_acceptable(t, g) for t, g in pairs if t.subcategory]),
        "macro_f1": macro_f1([str(truth) for truth, _ in primary], [str(found) for _, found in primary], rng),
    }


def _right_sub(truth: Labelled, guess: Guess) -> bool:
    """A sub-category is right only with its primary category."""
    return guess.analysis.subcategory is truth.subcategory and guess.analysis.primary is truth.primary


def _acceptable(truth: Labelled, guess: Guess) -> bool:
    return guess.analysis.subcategory in (truth.subcategory, *truth.acceptable)


def _tone_figures(pairs: Sequence[Pair], rng: np.random.Generator) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for name, field in _TONES:
        told = [(getattr(t, field), getattr(g.analysis, field)) for t, g in pairs if getattr(t, field)]
        figures[f"{name}_macro_f1"] = macro_f1([str(t) for t, _ in told], [str(f) for _, f in told], rng)
    for name in ("frustration", "urgency"):
        scored = [(getattr(t, name) in _HIGH, getattr(g, name)) for t, g in pairs if getattr(t, name)]
        truth, scores = [t for t, _ in scored], [s for _, s in scored]
        figures[f"{name}_high_recall"] = _high_recall(truth, scores, rng)
    return figures


def _high_recall(truth: Sequence[bool], scores: Sequence[float], rng: np.random.Generator) -> Figure:
    def of(rows: Indices) -> float | None:
        return recall_at_precision(
            [truth[i] for i in listed(rows)], [scores[i] for i in listed(rows)], _LEAST_PRECISION
        )

    return _measured(len(truth), of, rng)


def _signal_figures(pairs: Sequence[Pair], rng: np.random.Generator) -> dict[str, Figure]:
    judged = [(t, g.analysis) for t, g in pairs]
    true, found = signal_matrix(judged)
    asked = {name: answers(judged, name) for name in ANSWERS}
    return {
        "signals_micro_f1": _measured(len(true), lambda rows: _f1(true[rows], found[rows]), rng),
        **{f"{name}_f1": f1([t for t, _ in told], [g for _, g in told], rng) for name, told in asked.items()},
    }


def _calibration(pairs: Sequence[Pair], rng: np.random.Generator) -> Figure:
    told = [(g.analysis.confidence, t.primary is g.analysis.primary) for t, g in pairs if t.primary]
    sure, right = [c for c, _ in told], [hit for _, hit in told]

    def of(rows: Indices) -> float | None:
        return expected_calibration_error([sure[i] for i in listed(rows)], [right[i] for i in listed(rows)])

    return _measured(len(told), of, rng)


def _selective(pairs: Sequence[Pair]) -> dict[str, dict[str, Any]]:
    """Precision among the answers shown as sure, and which share of all they are."""
    primary = [(not g.analysis.unsure, t.primary is g.analysis.primary) for t, g in pairs if t.primary]
    sub = [(g.sub_sure, _right_sub(t, g)) for t, g in pairs if t.subcategory]
    return {"primary": _kept(primary), "sub": _kept(sub)}


def _kept(answers: Sequence[tuple[bool, bool]]) -> dict[str, Any]:
    kept = [right for sure, right in answers if sure]
    precision = share(kept)
    return {
        "precision": precision.value,
        "interval": precision.interval,
        "coverage": len(kept) / len(answers) if answers else None,
    }


def _per_class(pairs: Sequence[Pair]) -> dict[str, dict[str, Any]]:
    """Precision, recall, F1 and count of each primary and sub-category (their names never collide)."""
    primary = [(str(t.primary), str(g.analysis.primary)) for t, g in pairs if t.primary]
    sub = [(str(t.subcategory), str(g.analysis.subcategory)) for t, g in pairs if t.subcategory]
    return {
        label: _class(told, label) for told in (primary, sub) for label in sorted({x for pair in told for x in pair})
    }


def _class(told: Sequence[tuple[str, str]], label: str) -> dict[str, Any]:
    hits = sum(truth == found == label for truth, found in told)
    true, guessed = sum(truth == label for truth, _ in told), sum(found == label for _, found in told)
    return {
        "n": true,
        "precision": hits / guessed if guessed else None,
        "recall": hits / true if true else None,
        "f1": 2 * hits / (true + guessed),
    }


def _confusions(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """The commonest wrong answers, primary categories first."""
    primary = Counter((str(t.primary), str(g.analysis.primary)) for t, g in pairs if t.primary)
    sub = Counter((str(t.subcategory), str(g.analysis.subcategory)) for t, g in pairs if t.subcategory)
    return [
        {"level": level, "truth": truth, "found": found, "n": n}
        for level, counted in (("primary", primary), ("subcategory", sub))
        for (truth, found), n in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
        if truth != found
    ][: 2 * _WORST]


def _random_draw(pairs: Sequence[Pair]) -> dict[str, Any] | None:
    """The category figures of the rows drawn at random, or None where no row says how it was drawn."""
    drawn = [(t, g) for t, g in pairs if t.random]
    if not drawn:
        return None
    figures = _category_figures(drawn, np.random.default_rng(0))
    return {
        "n": len(drawn),
        **{name: figure.value for name, figure in figures.items()},
        "intervals": {name: figure.interval for name, figure in figures.items()},
    }
