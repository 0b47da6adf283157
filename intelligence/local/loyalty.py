"""What a customer says that binds them to the product."""

from __future__ import annotations

import re
from typing import Final

_INDICATORS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "long-time customer",
        re.compile(
            r"\b(?:long[- ]?time|been (?:a |with |using )[^.\n]{0,30}\byears?|for (?:\w+ ){0,2}years|since (?:19|20)\d\d|loyal)\b"
        ),
    ),
    (
        "recommends it",
        re.compile(r"\brecommend(?:ed|ing)?\b|\btell (?:everyone|all my)\b|\btold (?:everyone|all my|my friends)\b"),
    ),
    (
        "praises it",
        re.compile(
            r"\b(?:love|loving|amazing|awesome|excellent|fantastic|brilliant|great (?:app|tool|product|work|job|software|service)|best (?:app|tool|browser|product)|big fan|keep up|favou?rite)\b"
        ),
    ),
    (
        "expands use",
        re.compile(
            r"\b(?:more seats|additional (?:seats|users|licen[cs]es)|roll(?:ing)? (?:it )?out to|upgrade (?:to|our)|whole company|more teams|add (?:\d+|more) (?:users|seats))\b"
        ),
    ),
    (
        "offers help",
        re.compile(
            r"\b(?:happy to (?:help|test|contribute|beta)|willing to|pull request|i can (?:test|help|contribute)|beta test)\b"
        ),
    ),
    (
        "would pay",
        re.compile(r"\b(?:(?:happy|willing|glad|ready) to pay|would (?:gladly )?pay|i'd pay|take my money)\b"),
    ),
)
_NEGATED: Final = re.compile(
    r"\b(?:not|never|can't|cannot|don't|won't|no longer|wouldn't|hard to|used to|would love)\W+(?:\w+\W+){0,2}$"
)


def loyalty_indicators(customer: str) -> tuple[str, ...]:
    """The indicators a customer's `plain` text shows, without those it denies ("can't recommend")."""
    return tuple(name for name, pattern in _INDICATORS if _affirmed(pattern, customer))


def _affirmed(pattern: re.Pattern[str], text: str) -> bool:
    return any(not _NEGATED.search(text[max(0, m.start() - 40) : m.start()]) for m in pattern.finditer(text))
