"""What the local analyzer is taught: its heads, what each looks at, and how their figures were chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from intelligence.labels import Labelled
from intelligence.local.features import voices
from intelligence.local.fit import Question, Target
from intelligence.local.model import ANSWERED, CATEGORY
from intelligence.model import CauseKind, ChurnRisk, Level, PrimaryCategory, Satisfaction, SignalKind, Subcategory
from intelligence.taxonomy import primary_of

_ACCEPTABLE: Final = 0.4  # how much an acceptable label counts beside the label itself
_ASKED: Final = {"vector": 3.0, "words": 4.0, "opening": 1.0, "agent": 2.0, "cues": 0.2}
_ANSWERED: Final = _ASKED | {"answer": 2.5}
_CAUSE: Final = {"vector": 3.0, "words": 1.5, "agent": 1.5, "cues": 0.2}
_SIGNALS: Final = _CAUSE | {"answer": 2.0}
_TONE: Final = {"vector": 3.0, "words": 1.5, "cues": 0.2}
_END: Final = {"last": 2.0, "cues": 0.3, "words": 0.5}

# Shipped figures, chosen on development data; every one is a probability.
_SIGNAL_THRESHOLDS: Final = {
    SignalKind.FEATURE_GAP: 0.5,
    SignalKind.UX_FRICTION: 0.5,
    SignalKind.DOCUMENTATION_GAP: 0.6,
    SignalKind.BUG_PATTERN: 0.5,
    SignalKind.EXPECTATION_MISMATCH: 0.4,
    SignalKind.USE_CASE_EXPANSION: 0.5,
}
# How much likelier each category is in real support than in the balanced examples.
_USUAL: Final = {
    PrimaryCategory.BUG_REPORT: 1.5,
    PrimaryCategory.HOW_TO: 0.75,
    PrimaryCategory.FEATURE_REQUEST: 0.9,
    PrimaryCategory.EXPECTATION_GAP: 1.15,
    PrimaryCategory.ACCOUNT_BILLING: 0.9,
}
_SHORT: Final = 0.6  # how much an example of a few sentences counts beside a whole conversation


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled conversation; `whole` if it is as long and untidy as real ones, else it is a few sentences."""

    labelled: Labelled
    whole: bool


def questions(examples: Sequence[Example]) -> list[Question]:
    """The analyzer's heads with their targets."""
    rows = [example.labelled for example in examples]
    return [
        _category(examples, CATEGORY, _ASKED),
        _category(examples, ANSWERED, _ANSWERED),
        *_tone(examples),
        *_ends(rows),
        *_signals(rows),
    ]


def _category(examples: Sequence[Example], name: str, scales: Mapping[str, float]) -> Question:
    """Both heads learn from all examples: before anybody answered, the vector of an answer would only take attention
    from the words.
    """
    return Question(
        name,
        tuple(Subcategory),
        True,
        [_subcategories(example.labelled) for example in examples],
        scales,
        strength=0.03,
        balance=0.75,
        sharpen=2.6,
        priors={sub.value: _USUAL[primary_of(sub)] for sub in Subcategory},
        weights=[1.0 if example.whole else _SHORT for example in examples],
    )


def _tone(examples: Sequence[Example]) -> tuple[Question, ...]:
    """How urgent a ticket is shows in what is at stake, which only whole conversations tell; frustration was labelled
    for its own sake in the short ones.
    """
    upset = [None if example.whole else example.labelled.frustration for example in examples]
    urgent = [example.labelled.urgency if example.whole else None for example in examples]
    leaving = [example.labelled.churn_risk for example in examples]
    return (
        _ordinal("frustration", Level, upset, (0.0, 0.4, 0.5, 0.5), balance=1.0),
        _ordinal("urgency", Level, urgent, (0.0, 0.3, 0.3, 0.1), balance=0.6, strength=0.15),
        _ordinal("churn_risk", ChurnRisk, leaving, (0.0, 0.45, 0.55), balance=0.7, strength=0.1),
    )


def _ends(rows: Sequence[Labelled]) -> tuple[Question, ...]:
    satisfied = [row.satisfaction if _has_answer(row) else None for row in rows]
    return (
        Question("satisfaction", tuple(Satisfaction), True, _one_each(satisfied), _END),
        Question("cause", tuple(CauseKind), True, _one_each([row.cause for row in rows]), _CAUSE),
    )


def _one_each(found: Sequence[str | None]) -> list[Target | None]:
    return [{one: 1.0} if one else None for one in found]


def _signals(rows: Sequence[Labelled]) -> tuple[Question, ...]:
    kinds = tuple(SignalKind)
    return (
        Question(
            "signals",
            kinds,
            False,
            [None if row.signals is None else dict.fromkeys(row.signals, 1.0) for row in rows],
            _SIGNALS,
            thresholds=tuple(_SIGNAL_THRESHOLDS[kind] for kind in kinds),
        ),
        _yes_or_no("feature_wanted", [row.wants_feature for row in rows], _SIGNALS),
        _yes_or_no("doc_needed", [row.needs_doc for row in rows], _SIGNALS),
    )


def _has_answer(row: Labelled) -> bool:
    return voices(row.conversation).agent_messages > 0


def _subcategories(row: Labelled) -> Target | None:
    if row.subcategory is None:
        return None
    target: dict[str, float] = {sub.value: _ACCEPTABLE for sub in row.acceptable}
    return target | {row.subcategory.value: 1.0}


def _ordinal(
    name: str,
    kind: type[StrEnum],
    truths: Sequence[str | None],
    thresholds: tuple[float, ...],
    *,
    balance: float,
    strength: float = 0.1,
) -> Question:
    """A question whose answer is a step: one yes or no for "at least this" at each (Frank and Hall 2001).

    A softmax over the four levels knows nothing of their order and calls a furious ticket calm as readily as upset.
    """
    labels = tuple(kind)
    targets: list[Target | None] = [
        None if truth is None else dict.fromkeys(labels[: labels.index(truth) + 1], 1.0) for truth in truths
    ]
    return Question(
        name, labels, False, targets, _TONE, strength=strength, balance=balance, thresholds=thresholds, ordinal=True
    )


def _yes_or_no(
    name: str, truths: Sequence[bool | None], scales: Mapping[str, float], threshold: float = 0.5, balance: float = 1.0
) -> Question:
    targets: list[Target | None] = [None if truth is None else {name: float(truth)} for truth in truths]
    return Question(name, (name,), False, targets, scales, thresholds=(threshold,), balance=balance)
