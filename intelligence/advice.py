"""Which of the agents' answers helps others: it says what to do, and was given in several threads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from intelligence.known import phrase_keys

_SHORTEST: Final = 40  # characters of an answer that others can use
_ALIKE: Final = (
    0.5  # share of common words from which on two answers are one: agents change a name, a number, a greeting
)
_THREADS: Final = 2

_DECLINES: Final = re.compile(
    r"\b(?:not (?:available|possible|supported|planned|yet)|(?:isn'?t|aren'?t) (?:available|possible|supported|there)"
    r"|no plans?|afraid not|i'?m afraid|(?:added|counted|noted|logged|recorded) (?:your|it|this|the)\b"
    r"|on (?:our|the) (?:list|roadmap|wish ?list)|passed (?:it|this|your|on)|are the only|feature request"
    r"|(?:i|we)(?:'ll| will) (?:ask|check|get back|look|let you know|keep you|tell you|write|report|update you)"
    r"|(?:looking|look) into|investigating|(?:gets?|is|been) picked up|as soon as (?:it|there|we)"
    r"|(?:it|that|they|all|everything)(?:'s|'re| is| are) (?:\w+ ){0,2}(?:again|now))\b",
    re.IGNORECASE,
)
_TELLS: Final = re.compile(
    r"\b(?:for now|meanwhile|in the meantime|until then|as a workaround|instead|you can|you could|please try|try"
    r"|click|go to|open the|switch|choose|select|set (?:the|it)|turn (?:on|off)|clear|use the|the (?:easiest )?(?:route|way) is)\b",
    re.IGNORECASE,
)


def tells_what_to_do(text: str) -> bool:
    """False for an answer that declines, promises or notes a wish and offers no way round.

    "Not available today, I've added your vote." helps nobody who has the same problem; "Not available yet: for now you can
    export the CSV" does.
    """
    if _TELLS.search(text) is not None:
        return True
    return _DECLINES.search(text) is None and not text.rstrip().endswith("?")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an agent wrote in a ticket, and whether its customer was satisfied in the end."""

    ticket: int
    text: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """One answer with the number of tickets in which it was given, and of those whose customer was satisfied."""

    answer: Answer
    threads: int
    confirmed: int


def given_again(answers: Sequence[Answer]) -> Advice | None:
    """The answer that satisfied most customers, of those that were given in two tickets or more; the first given wins.

    Answers are one where half of their words are common (Jaccard 1901), so that a count never adds up different advice.
    None where no customer of such a ticket was satisfied.
    """
    told = [one for one in answers if len(one.text) >= _SHORTEST and tells_what_to_do(one.text)]
    words = [frozenset(key for key in phrase_keys(one.text) if " " not in key) for one in told]
    found: list[Advice] = []
    for place, one in enumerate(told):
        if not one.confirmed:
            continue
        same = [other for other, others in zip(told, words, strict=True) if _alike(words[place], others)]
        threads = {other.ticket for other in same}
        if len(threads) >= _THREADS:
            found.append(Advice(one, len(threads), len({other.ticket for other in same if other.confirmed})))
    return max(found, key=lambda advice: (advice.confirmed, advice.threads), default=None)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one) and len(one & other) >= _ALIKE * len(one | other)
