"""Learn the shipped weights from the labelled examples: `python -m intelligence.train`.

Deterministic: the same examples give the same weights. Only this needs scikit-learn; reading uses numpy alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from intelligence.labels import Labelled, read_labelled
from intelligence.local.alarms import ALARMS, without_sender
from intelligence.local.features import answer_vectors, features, problem_of, voices
from intelligence.local.fit import Question, design, fit
from intelligence.local.grams import Vocabulary, char_grams, plain, word_grams
from intelligence.local.heads import Example, questions
from intelligence.local.model import Weights, save
from intelligence.local.requests import REQUESTS
from intelligence.local.text import text_features
from intelligence.model import Level
from intelligence.ports import Embedder
from intelligence.urgency import BY_MEANING, BY_WORDS

HERE: Final = Path(__file__).parent
_WHOLE: Final = "conversations"
_NOT_CONVERSATIONS: Final = ("gate.jsonl", "critical_train.jsonl")
_WORDS: Final = {"words": 1.0, "chars": 2.0, "cues": 0.7}

# Shipped figures, chosen on development data; every one is a probability.
_CRITICAL: Final = 0.46
_CRITICAL_BY_WORDS: Final = 0.45
_REQUEST_FROM: Final = 0.6
_NOT_REQUEST_BELOW: Final = 0.3
_RATED: Final = 0.1  # how much a labelled conversation counts beside a row written for the decision
_RATED_URGENCY: Final = 0.2  # the same for the critical decision, which ordinary trouble must not trip
_UNSURE_BELOW: Final = 0.6
_SUB_UNSURE_BELOW: Final = 0.55


def train(examples: Path, out: Path, embedder: Embedder) -> dict[str, Weights]:
    """Learn all shipped weights from `examples/*.jsonl` and write them to `out` as local, gate and critical .npz.

    Raises:
        ValueError: an example row is bad; the text names its file and line.
    """
    rows = labelled_examples(examples)
    # The gate and the alarms judge a first message: few sentences, as in the short examples.
    short = [row.labelled for row in rows if not row.whole]
    learned = {
        "local": learn_local(rows, embedder),
        "gate": learn_gate(examples, short),
        "critical": learn_critical(examples, short, embedder),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, weights in learned.items():
        save(weights, out / f"{name}.npz")
    return learned


def labelled_examples(examples: Path) -> list[Example]:
    """All labelled conversations of the folder and of its `conversations`, files in alphabetical order."""
    rows: list[Example] = []
    for path in [*sorted(examples.glob("*.jsonl")), *sorted(examples.glob(f"{_WHOLE}/*.jsonl"))]:
        if path.name in _NOT_CONVERSATIONS:
            continue
        found, bad = read_labelled(path.read_text("utf-8").splitlines())
        if bad:
            raise ValueError(f"{path.name}:{bad[0].line}: {bad[0].reason}")
        rows += [Example(row, path.parent.name == _WHOLE) for row in found]
    return rows


def learn_local(rows: Sequence[Example], embedder: Embedder) -> Weights:
    """The analyzer's weights: all heads over words, characters, agents' words, cues and the vector."""
    conversations = [row.labelled.conversation for row in rows]
    heard = [voices(conversation) for conversation in conversations]
    vectors = embedder.encode([problem_of(conversation) for conversation in conversations])
    answers = answer_vectors(heard, embedder, vectors.shape[1])
    vocabularies = {
        "words": Vocabulary.learn((h.customer for h in heard), word_grams, min_texts=2, size=12_000),
        "opening": Vocabulary.learn((h.opening for h in heard), word_grams, min_texts=2, size=6_000),
        "agent": Vocabulary.learn((h.agent for h in heard if h.agent), word_grams, min_texts=3, size=3_000),
        "last": Vocabulary.learn((h.last for h in heard if h.last), word_grams, min_texts=3, size=2_000),
    }
    read = [features(h, vocabularies, *both) for h, *both in zip(heard, vectors, answers, strict=True)]
    numbers = {"unsure_below": _UNSURE_BELOW, "sub_unsure_below": _SUB_UNSURE_BELOW}
    return fit(design(read, vocabularies), questions(rows), vocabularies, numbers)


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    truth: bool


def learn_gate(examples: Path, labelled: Sequence[Labelled]) -> Weights:
    """The request gate: gate.jsonl, and, counting less, every labelled conversation as a request."""
    rows = _texts(examples / "gate.jsonl", "request")
    weights = [1.0] * len(rows) + [_RATED] * len(labelled)
    rows += [_Said(voices(row.conversation).problem, True) for row in labelled]
    shown = [plain(row.text) for row in rows]
    vocabularies = {
        "words": Vocabulary.learn(shown, word_grams, min_texts=2, size=15_000),
        "chars": Vocabulary.learn(shown, char_grams, min_texts=3, size=20_000),
    }
    read = [text_features(row.text, vocabularies, REQUESTS) for row in rows]
    question = Question(
        "request",
        ("request",),
        False,
        [{"request": float(row.truth)} for row in rows],
        _WORDS,
        strength=1.0,
        balance=0.5,
        weights=weights,
    )
    numbers = {"request_from": _REQUEST_FROM, "not_request_below": _NOT_REQUEST_BELOW}
    return fit(design(read, vocabularies, standardise=False), [question], vocabularies, numbers)


def learn_critical(examples: Path, labelled: Sequence[Labelled], embedder: Embedder) -> Weights:
    """The critical decision: critical_train.jsonl, and, counting less, the labelled conversations by their urgency."""
    rows = _texts(examples / "critical_train.jsonl", "critical")
    weights = [1.0] * len(rows)
    rated = [row for row in labelled if row.urgency]
    rows += [_Said(voices(row.conversation).problem, row.urgency is Level.CRITICAL) for row in rated]
    weights += [_RATED_URGENCY] * len(rated)
    rows = [_Said(without_sender(row.text), row.truth) for row in rows]
    words = Vocabulary.learn((plain(row.text) for row in rows), word_grams, min_texts=2, size=15_000)
    vocabularies = {"words": words}
    vectors = embedder.encode([row.text for row in rows])
    read = [text_features(r.text, vocabularies, ALARMS, v) for r, v in zip(rows, vectors, strict=True)]
    heads = [
        Question(
            name,
            ("critical",),
            False,
            [{"critical": float(row.truth)} for row in rows],
            scales,
            strength=1.0,
            balance=0.5,
            thresholds=(threshold,),
            weights=weights,
        )
        for name, scales, threshold in (
            (BY_WORDS, {"words": 2.0, "cues": 0.5}, _CRITICAL_BY_WORDS),
            (BY_MEANING, {"vector": 2.0, "words": 1.0, "cues": 1.0}, _CRITICAL),
        )
    ]
    return fit(design(read, vocabularies, standardise=False), heads, vocabularies, {})


def _texts(path: Path, field: str) -> list[_Said]:
    rows: list[_Said] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        row = json.loads(line)
        if not isinstance(row.get("text"), str) or not isinstance(row.get(field), bool):
            raise ValueError(f"{path.name}:{number}: needs a string text and a true or false {field}")
        rows.append(_Said(row["text"], row[field]))
    return rows


def main() -> None:
    """Train on the examples beside this file and replace the shipped weights."""
    from intelligence.encoder.minilm import MiniLMEncoder

    train(HERE / "examples", HERE / "weights", MiniLMEncoder())


if __name__ == "__main__":
    main()
