"""Where customers read along, words of another customer are shown only if several said the same.

What a shared channel shows is for the asker alone, but screens are shared and words are copied: a quote of the one
customer who met a trouble says who it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar, cast

from bot.answers import EvidencePage, KnownAnswer, ThemeCard

A = TypeVar("A")

FEWEST_CUSTOMERS = 3


def floored(answer: A) -> A:
    """The answer without quotes of what fewer than FEWEST_CUSTOMERS said; those count as held back."""
    found: object = answer
    if isinstance(answer, KnownAnswer) and answer.best is not None:
        found = replace(answer, best=_card(answer.best))
    elif isinstance(answer, ThemeCard):
        found = _card(answer)
    elif isinstance(answer, EvidencePage) and len({quote.who for quote in answer.quotes}) < FEWEST_CUSTOMERS:
        found = replace(answer, quotes=(), held_back=answer.held_back + len(answer.quotes))
    return cast("A", found)


def _card(card: ThemeCard) -> ThemeCard:
    if card.customers >= FEWEST_CUSTOMERS:
        return card
    return replace(card, quotes=(), held_back=card.held_back + len(card.quotes))
