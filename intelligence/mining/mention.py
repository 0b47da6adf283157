"""What the techniques work on: tickets that carry a signal, and the phrases that were taken from them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from intelligence.model import CauseKind, ChurnRisk, Level, Satisfaction
from intelligence.themes.phrases import clauses

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

PHRASES: Final = 3
RIVALS: Final = 3
_EDGES: Final = " \t\r\n-:;,.\"'“”*_>#"
_LONGEST_NAME: Final = 14  # words: a longer phrase is a whole sentence, and reads badly in a list
_LEAST_WORDS: Final = 2
_NOTIFIED: Final = re.compile(r"(?:new|updated) (?:ticket|conversation|request)\b|ticket #?\d", re.IGNORECASE)

Facts = TypeVar("Facts", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class Mention:
    """One ticket of a backlog item.

    `fields` is what the technique extracted from it, empty where the ticket counts by its theme alone or where its
    source shares no words. `who` tells customers apart (None: unknown), `closeness` is the cosine to the middle of the
    item. `messages` and `minutes` are the effort until it was resolved, None where it was not.
    """

    ticket_id: int
    at: datetime
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    who: str | None = None
    area: str | None = None
    closeness: float = 0.0
    frustration: Level = Level.LOW
    urgency: Level = Level.LOW
    critical: bool = False
    churn_risk: ChurnRisk = ChurnRisk.LOW
    satisfaction: Satisfaction = Satisfaction.UNKNOWN
    cause: CauseKind = CauseKind.UNKNOWN
    messages: int = 0
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words out of tickets, masked, and how many tickets said just that."""

    text: str
    tickets: int = 1


def phrases(mentions: Sequence[Mention], name: str, *, limit: int = PHRASES) -> tuple[Phrase, ...]:
    """What the tickets say in a field: what several say first, then what shares most words with what others say.

    Phrases without two words of meaning ("do that") are left out, and so is the head of a ticket's notification.
    """
    counts: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for mention in sorted(mentions, key=lambda one: -one.closeness):
        text = " ".join(mention.fields.get(name, "").split()).strip(_EDGES)
        if text and not _NOTIFIED.match(text):
            counts[text.casefold()] += 1
            spelled.setdefault(text.casefold(), text)
    words = {key: content(text) for key, text in spelled.items()}
    shared = Counter(word for key in spelled for word in words[key])
    order = {key: place for place, key in enumerate(spelled)}
    ranked = sorted(
        (key for key in counts if len(words[key]) >= _LEAST_WORDS),
        key=lambda key: (-counts[key], -_typical(words[key], shared, spelled[key]), order[key]),
    )
    return tuple(Phrase(spelled[key], counts[key]) for key in ranked[:limit])


def content(text: str) -> frozenset[str]:
    """The stems of the words that carry meaning."""
    return frozenset(token.key for clause in clauses(text) for token in clause if token.content and token.key != "not")


def _typical(words: frozenset[str], shared: Counter[str], text: str) -> float:
    """How much of what others say a phrase holds, by word; a long phrase holds something of everything."""
    echoed = sum(shared[word] - 1 for word in words) / (len(words) + 2)
    return echoed if len(text.split()) <= _LONGEST_NAME else echoed / 2


def lines(mentions: Sequence[Mention], name: str, *, limit: int = PHRASES) -> tuple[Phrase, ...]:
    """The values of a field that holds several, one a line, exactly as they stand; each counts once a ticket."""
    counts = Counter(
        line
        for mention in sorted(mentions, key=lambda one: -one.closeness)
        for line in dict.fromkeys(part.strip() for part in mention.fields.get(name, "").split("\n"))
        if line
    )
    return tuple(Phrase(line, n) for line, n in counts.most_common(limit))


def tally(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """How often each word occurs, the commonest first."""
    return tuple(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))


def rivals(mentions: Iterable[Mention], ours: str) -> tuple[tuple[str, int], ...]:
    """The other products that customers compare with, by tickets; what bears the first word of our name is none."""
    own = set(ours.lower().split()[:1])
    named = (mention.fields.get("competitor", "") for mention in mentions)
    return tally(name for name in named if name and own.isdisjoint(name.lower().split()))[:RIVALS]


def masked(facts: Facts, mask: Callable[[str], str]) -> Facts:
    """Facts with every phrase in them masked; phrases that become empty are left out."""
    changed: dict[str, Any] = {}
    for entry in fields(facts):
        value: Any = getattr(facts, entry.name)
        if isinstance(value, tuple) and any(isinstance(part, Phrase) for part in cast("tuple[Any, ...]", value)):
            told = [Phrase(mask(part.text), part.tickets) for part in cast("tuple[Phrase, ...]", value)]
            changed[entry.name] = tuple(part for part in told if part.text)
    return replace(facts, **changed)
