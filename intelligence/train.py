"""Learn the shipped weights from the labelled examples: `python -m intelligence.train`.

Deterministic: the same examples give the same weights. Only this needs scikit-learn; reading uses numpy alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from intelligence.labels import Labelled, read_labelled
from intelligence.local.features import Features, Voices, cue_values, features, problem_of, voices
from intelligence.local.fit import Question, Target, design, fit
from intelligence.local.grams import Vocabulary, char_grams, word_grams
from intelligence.local.model import Weights, save
from intelligence.local.text import NO_VECTOR, text_voices
from intelligence.model import CauseKind, ChurnRisk, Level, PrimaryCategory, Satisfaction, SignalKind, Subcategory
from intelligence.ports import Embedder

HERE: Final = Path(__file__).parent
_NOT_CONVERSATIONS: Final = ("gate.jsonl", "critical_train.jsonl")
_ACCEPTABLE: Final = 0.25  # how much an acceptable label counts beside the label itself

_TOPIC: Final = {"vector": 3.0, "words": 1.5, "chars": 1.5, "agent": 1.0, "cues": 0.2}
_TONE: Final = {"vector": 1.5, "words": 1.5, "chars": 1.5, "cues": 0.3}
_END: Final = {"last": 2.0, "cues": 0.3, "words": 0.5}
_WORDS: Final = {"words": 2.0, "chars": 2.0, "cues": 0.2}

# Shipped figures, chosen on development data; every one is a probability.
_SIGNAL_THRESHOLDS: Final = {
    SignalKind.FEATURE_GAP: 0.5,
    SignalKind.UX_FRICTION: 0.5,
    SignalKind.DOCUMENTATION_GAP: 0.5,
    SignalKind.BUG_PATTERN: 0.5,
    SignalKind.EXPECTATION_MISMATCH: 0.5,
    SignalKind.USE_CASE_EXPANSION: 0.5,
}
_UNSURE_BELOW: Final = 0.5
_SUB_UNSURE_BELOW: Final = 0.4


def train(examples: Path, out: Path, embedder: Embedder) -> dict[str, Weights]:
    """Learn all shipped weights from `examples/*.jsonl` and write them to `out` as local, gate and critical .npz.

    Raises:
        ValueError: an example row is bad; the text names its file and line.
    """
    labelled = labelled_examples(examples)
    learned = {
        "local": learn_local(labelled, embedder),
        "gate": learn_gate(examples, labelled),
        "critical": learn_critical(examples, labelled),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, weights in learned.items():
        save(weights, out / f"{name}.npz")
    return learned


def labelled_examples(examples: Path) -> list[Labelled]:
    """All labelled conversations of the folder, files in alphabetical order."""
    rows: list[Labelled] = []
    for path in sorted(examples.glob("*.jsonl")):
        if path.name in _NOT_CONVERSATIONS:
            continue
        found, bad = read_labelled(path.read_text("utf-8").splitlines())
        if bad:
            raise ValueError(f"{path.name}:{bad[0].line}: {bad[0].reason}")
        rows += found
    return rows


def learn_local(rows: Sequence[Labelled], embedder: Embedder) -> Weights:
    """The analyzer's weights: all heads over words, characters, agents' words, cues and the vector."""
    heard = [voices(row.conversation) for row in rows]
    vectors = embedder.encode([problem_of(row.conversation) for row in rows])
    vocabularies = {
        "words": Vocabulary.learn((h.customer for h in heard), word_grams, min_texts=2, size=12_000),
        "chars": Vocabulary.learn((h.customer for h in heard), char_grams, min_texts=4, size=20_000),
        "agent": Vocabulary.learn((h.agent for h in heard if h.agent), word_grams, min_texts=3, size=3_000),
        "last": Vocabulary.learn((h.last for h in heard if h.last), word_grams, min_texts=3, size=2_000),
    }
    read = [features(h, vocabularies, vector) for h, vector in zip(heard, vectors, strict=True)]
    numbers = {"unsure_below": _UNSURE_BELOW, "sub_unsure_below": _SUB_UNSURE_BELOW}
    return fit(design(read, vocabularies), questions(rows), vocabularies, numbers)


def questions(rows: Sequence[Labelled]) -> list[Question]:
    """The analyzer's heads with their targets."""

    def one(name: str, kind: type, value: Callable[[Labelled], str | None], **how: object) -> Question:
        targets = [{found: 1.0} if (found := value(row)) else None for row in rows]
        return Question(name, tuple(kind), True, targets, **how)  # type: ignore[arg-type]

    kinds = tuple(SignalKind)
    return [
        Question("subcategory", tuple(Subcategory), True, [_subcategories(row) for row in rows], _TOPIC),
        one("primary", PrimaryCategory, lambda row: row.primary, scales=_TOPIC),
        one("frustration", Level, lambda row: row.frustration, scales=_TONE),
        one("urgency", Level, lambda row: row.urgency, scales=_TONE),
        one("churn_risk", ChurnRisk, lambda row: row.churn_risk, scales=_TONE),
        one(
            "satisfaction",
            Satisfaction,
            lambda row: row.satisfaction if _has_answer(row) else None,
            scales=_END,
        ),
        one("cause", CauseKind, lambda row: row.cause, scales=_TOPIC),
        Question(
            "signals",
            kinds,
            False,
            [None if row.signals is None else dict.fromkeys(row.signals, 1.0) for row in rows],
            _TOPIC,
            thresholds=tuple(_SIGNAL_THRESHOLDS[kind] for kind in kinds),
        ),
        _yes_or_no("feature_wanted", [row.wants_feature for row in rows], _TOPIC),
        _yes_or_no("doc_needed", [row.needs_doc for row in rows], _TOPIC),
    ]


def _has_answer(row: Labelled) -> bool:
    return voices(row.conversation).agent_messages > 0


def _subcategories(row: Labelled) -> Target | None:
    if row.subcategory is None:
        return None
    target = dict.fromkeys(row.acceptable, _ACCEPTABLE)
    return target | {row.subcategory: 1.0}


def _yes_or_no(
    name: str, truths: Sequence[bool | None], scales: Mapping[str, float], threshold: float = 0.5, balance: float = 1.0
) -> Question:
    targets: list[Target | None] = [None if truth is None else {name: float(truth)} for truth in truths]
    return Question(name, (name,), False, targets, scales, thresholds=(threshold,), balance=balance)


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    truth: bool


def learn_gate(examples: Path, labelled: Sequence[Labelled]) -> Weights:
    """The request gate: gate.jsonl, and the first words of every labelled conversation as requests."""
    rows = _texts(examples / "gate.jsonl", "request")
    rows += [_Said(voices(row.conversation).problem, True) for row in labelled]
    return _learn_text(rows, "request", {"request_from": 0.6, "not_request_below": 0.3})


def learn_critical(examples: Path, labelled: Sequence[Labelled]) -> Weights:
    """The critical decision: critical_train.jsonl, and the labelled conversations by their urgency."""
    path = examples / "critical_train.jsonl"
    rows = _texts(path, "critical") if path.exists() else []
    rows += [_Said(voices(row.conversation).problem, row.urgency is Level.CRITICAL) for row in labelled if row.urgency]
    return _learn_text(rows, "critical", {"critical_from": 0.5})


def _texts(path: Path, field: str) -> list[_Said]:
    rows: list[_Said] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        row = json.loads(line)
        if not isinstance(row.get("text"), str) or not isinstance(row.get(field), bool):
            raise ValueError(f"{path.name}:{number}: needs a string text and a true or false {field}")
        rows.append(_Said(row["text"], row[field]))
    return rows


def _learn_text(rows: Sequence[_Said], name: str, numbers: Mapping[str, float]) -> Weights:
    heard = [text_voices(row.text) for row in rows]
    vocabularies = {
        "words": Vocabulary.learn((h.customer for h in heard), word_grams, min_texts=2, size=15_000),
        "chars": Vocabulary.learn((h.customer for h in heard), char_grams, min_texts=3, size=20_000),
    }
    read = [_text_features(h, vocabularies) for h in heard]
    question = _yes_or_no(name, [row.truth for row in rows], _WORDS, balance=0.5)
    return fit(design(read, vocabularies), [question], vocabularies, numbers)


def _text_features(heard: Voices, vocabularies: Mapping[str, Vocabulary]) -> Features:
    sparse = {name: vocabulary.vector(heard.customer) for name, vocabulary in vocabularies.items()}
    return Features(sparse, cue_values(heard), NO_VECTOR)


def main() -> None:
    """Train on the examples beside this file and replace the shipped weights."""
    from intelligence.encoder.minilm import MiniLMEncoder

    train(HERE / "examples", HERE / "weights", MiniLMEncoder())


if __name__ == "__main__":
    main()
