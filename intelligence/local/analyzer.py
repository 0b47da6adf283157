"""The analyzer that needs no key and no network: one linear model, then plain decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from intelligence import urgency
from intelligence.local import corrections
from intelligence.local.areas import area_of
from intelligence.local.corrections import Lesson
from intelligence.local.drivers import KeySentences, drivers
from intelligence.local.extract import Sentence, cause_phrase, goal_phrase, sentences
from intelligence.local.features import Features, Floats, Voices, answer_vectors, features, problem_of, voices
from intelligence.local.loyalty import loyalty_indicators
from intelligence.local.model import Weights, at_least, load
from intelligence.local.signals import carriers, needed_page, signal_fields, wanted_capability
from intelligence.model import (
    Alternative,
    Analysis,
    CauseKind,
    ChurnRisk,
    Evidence,
    Level,
    PrimaryCategory,
    Satisfaction,
    Signal,
    SignalKind,
    Subcategory,
)
from intelligence.ports import Conversation, Embedder
from intelligence.prompts.request import Correction as Example
from intelligence.taxonomy import primary_of

MODEL: Final = "local-1"
WEIGHTS: Final = Path(__file__).parent.parent / "weights" / "local.npz"
_MAX_ALTERNATIVES: Final = 2
_WORTH_NAMING: Final = 0.1  # an alternative less likely than this is noise to a reader
_SUMMARY: Final = 140


@cache
def shipped_weights() -> Weights:
    """The weights that come with the product, read once."""
    return load(WEIGHTS)


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything the model believes of one conversation, before any decision: logits (outputs,) and what was read."""

    heard: Voices
    read: Features
    logits: Floats
    weights: Weights

    def probabilities(self, head: str) -> dict[str, float]:
        """The probabilities of one head by label."""
        found = self.weights.probabilities(self.logits, head)
        return {label: float(p) for label, p in zip(self.weights.heads[head].labels, found, strict=True)}

    def subcategories(self) -> dict[Subcategory, float]:
        """P(sub-category); P(primary) is the sum over its sub-categories, so that the two always agree."""
        head = self.weights.category_head(self.read)
        return {Subcategory(label): p for label, p in self.probabilities(head.name).items()}

    def chance_of(self, head: str, *labels: str) -> float:
        """The probability that one of these labels of an exclusive or ordinal head holds."""
        found = self.probabilities(head)
        return sum(found[label] for label in labels)


class LocalAnalyzer:
    """Implements the port `Analyzer`. Safe to share between threads: it holds no state but its weights."""

    name: str = "local"

    def __init__(self, embedder: Embedder, weights: Weights | None = None, version: str = "") -> None:
        """`weights`: those shipped, unless corrections adapted them (`intelligence.local.corrections`); `version` names them."""
        self._embedder = embedder
        self._given = weights
        self._version = f".{version}" if version else ""

    @property
    def weights(self) -> Weights:
        return self._given or shipped_weights()

    def taught(self, lesson: Lesson | None, version: str, examples: Sequence[Example] = ()) -> LocalAnalyzer:
        """The analyzer with shipped weights and this lesson; examples are for language models."""
        if lesson is None:
            return LocalAnalyzer(self._embedder)
        return LocalAnalyzer(self._embedder, corrections.taught(shipped_weights(), lesson), version)

    def analyze(self, conversations: Sequence[Conversation]) -> list[Analysis]:
        return [self._decide(c, r) for c, r in zip(conversations, self.read(conversations), strict=True)]

    def read(self, conversations: Sequence[Conversation]) -> list[Reading]:
        """The probabilities behind `analyze`, one reading for each conversation."""
        weights = self.weights
        readings: list[Reading] = []
        everyone = [voices(conversation) for conversation in conversations]
        answers = answer_vectors(everyone, self._embedder, self._dim)
        for heard, vector, answer in zip(everyone, self._vectors(conversations), answers, strict=True):
            read = features(heard, weights.vocabularies, vector, answer)
            readings.append(Reading(heard, read, weights.logits(read), weights))
        return readings

    def _vectors(self, conversations: Sequence[Conversation]) -> list[Floats]:
        missing = [c for c in conversations if c.vector is None]
        made = iter(self._embedder.encode([problem_of(c) for c in missing]) if missing else ())
        found = [next(made) if c.vector is None else c.vector for c in conversations]
        # Another embedder's vectors mean nothing to these weights: words and cues decide then.
        return [v if len(v) == self._dim else np.zeros(self._dim, np.float32) for v in found]

    @property
    def _dim(self) -> int:
        return len(self.weights.blocks["vector"])

    def _decide(self, conversation: Conversation, reading: Reading) -> Analysis:
        ranked = sorted(reading.subcategories().items(), key=lambda item: -item[1])
        by_primary = {p: sum(x for sub, x in ranked if primary_of(sub) is p) for p in PrimaryCategory}
        primary = max(by_primary, key=lambda p: by_primary[p])
        sub = next(found for found, _ in ranked if primary_of(found) is primary)
        reads = self._embedder.reads(reading.heard.problem)
        numbers = reading.weights.numbers
        heard = sentences(conversation.messages)
        keys = KeySentences(heard, reading)
        carrying = keys.of(sub)
        frustration = Level(decided(reading, "frustration"))
        signals, carried = _signals(reading, heard, keys, frustration)
        cause = CauseKind(decided(reading, "cause"))
        phrase, goal = cause_phrase(heard), goal_phrase(heard)
        return Analysis(
            primary=primary,
            subcategory=sub,
            confidence=by_primary[primary],
            sub_confidence=dict(ranked)[sub],
            unsure=not reads or by_primary[primary] < numbers["unsure_below"],
            alternatives=tuple(
                Alternative(primary_of(other), other, p)
                for other, p in [item for item in ranked if item[0] is not sub][:_MAX_ALTERNATIVES]
                if p >= _WORTH_NAMING
            ),
            area=conversation.area or area_of(conversation.areas, reading.heard, reading.read.vector, self._embedder),
            frustration=frustration,
            urgency=Level(decided(reading, "urgency")),
            churn_risk=ChurnRisk(decided(reading, "churn_risk")),
            satisfaction=_satisfaction(reading),
            loyalty=loyalty_indicators(reading.heard.customer),
            cause=cause,
            cause_phrase=phrase,
            goal=goal,
            signals=signals,
            evidence=_evidence(heard, carried, {"cause": phrase, "goal": goal}, carrying),
            critical=urgency.is_critical(reading.heard.problem, reading.read.vector),
            analyzer=self.name,
            model=f"{MODEL}{self._version}+{self._embedder.model}",
            prompt_version="",
            reads=reads,
            drivers=drivers(reading, sub),
            summary=_summary(carrying),
        )


def decided(reading: Reading, head: str) -> str:
    """The label of an exclusive or ordinal head.

    Exclusive: the greatest probability, each divided by its shipped threshold if there is one; dividing by a label's
    usual share finds rare labels that plain argmax would never name. Ordinal: the highest step that is reached.
    """
    asked = reading.weights.heads[head]
    if asked.ordinal:
        reached = at_least(reading.logits[asked.columns]) >= np.array(asked.thresholds, np.float32)
        return asked.labels[int(np.logical_and.accumulate(reached).sum()) - 1]
    found = reading.weights.probabilities(reading.logits, head)
    if asked.thresholds:
        found = found / np.array(asked.thresholds, np.float32)
    return asked.labels[int(found.argmax())]


def _satisfaction(reading: Reading) -> Satisfaction:
    """Nobody can be satisfied with an answer they never spoke about."""
    if not reading.heard.agent_messages:
        return Satisfaction.UNKNOWN
    return Satisfaction(decided(reading, "satisfaction"))


def _signals(
    reading: Reading, heard: Sequence[Sentence], keys: KeySentences, severity: Level
) -> tuple[tuple[Signal, ...], dict[str, Sentence]]:
    head = reading.weights.heads["signals"]
    chances = reading.probabilities("signals")
    kinds = [SignalKind(k) for k, least in zip(head.labels, head.thresholds, strict=True) if chances[k] >= least]
    wanting, needing = carriers(
        kinds, wants=_says_yes(reading, "feature_wanted"), needs=_says_yes(reading, "doc_needed")
    )
    found: list[Signal] = []
    carried: dict[str, Sentence] = {}
    for kind in kinds:
        key = keys.of(kind)
        if key:
            carried[kind.value] = key
        text = key.text if key else None
        fields = signal_fields(kind, heard, text, severity)
        if kind is wanting and (capability := wanted_capability(heard, text)):
            fields["capability"] = capability
        if kind is needing and (page := needed_page(heard, text)):
            fields["doc"] = page
        found.append(Signal(kind, chances[kind], fields))
    return tuple(sorted(found, key=lambda signal: -signal.probability)), carried


def _says_yes(reading: Reading, head: str) -> bool:
    return reading.probabilities(head)[head] >= reading.weights.heads[head].thresholds[0]


def _evidence(
    heard: Sequence[Sentence],
    carried: dict[str, Sentence],
    phrases: dict[str, str | None],
    category: Sentence | None,
) -> tuple[Evidence, ...]:
    quotes = [Evidence(category.text, "category", category.message.key)] if category else []
    quotes += [Evidence(s.text, supports, s.message.key) for supports, s in carried.items()]
    for supports, phrase in phrases.items():
        source = next((s for s in heard if phrase and phrase in s.text), None)
        if phrase and source:
            quotes.append(Evidence(phrase, supports, source.message.key))
    return tuple(quotes)


def _summary(key: Sentence | None) -> str | None:
    if key is None:
        return None
    return key.text if len(key.text) <= _SUMMARY else key.text[:_SUMMARY].rsplit(" ", 1)[0] + "…"
