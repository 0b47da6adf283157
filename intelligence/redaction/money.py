"""Payment cards and bank accounts by their check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from intelligence.redaction import checksums
from intelligence.redaction.rule import Kind, Region, Rule, is_unnumbered

# Payment card schemes: the prefix and lengths of ISO/IEC 7812 ranges in use.
_SCHEMES: Final = (
    (re.compile(r"4"), (16, 13, 19)),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),  # Mastercard
    (re.compile(r"3[47]"), (15,)),  # American Express
    (re.compile(r"6011|64[4-9]|65|81|82|508|60"), (16, 19)),  # Discover, RuPay
    (re.compile(r"30[0-5]|36|3[89]"), (14, 16)),  # Diners Club
    (re.compile(r"35(?:2[89]|[3-8])"), (16,)),  # JCB
    (re.compile(r"62"), (16, 17, 18, 19)),  # UnionPay
    (re.compile(r"50|5[6-9]|6[0137]"), (16, 12, 13, 14, 15, 17, 18, 19)),  # Maestro
    (re.compile(r"220[0-4]|9792"), (16,)),  # Mir, Troy
)
_DIGIT_RUN: Final = re.compile(r"(?<![\w$€£])(?<!\d[.,-])\d(?:[ \n\u00a0.\u2010-\u2015_-]?\d){11,40}(?!\d)")


def _cards(text: str) -> Iterator[Region]:
    for run in _DIGIT_RUN.finditer(text):
        if not is_unnumbered(run):
            continue
        places = [place for place in range(run.start(), run.end()) if text[place].isdigit()]
        found = _card_within(text, places)
        if found:
            yield found


def _card_within(text: str, places: list[int]) -> Region | None:
    """The first card number among the digits at `places` that begins and ends at the end of a group."""
    digits = "".join(text[place] for place in places)
    for first, place in enumerate(places):
        if first and places[first - 1] == place - 1:
            continue
        for length in _card_lengths(digits[first : first + 4]):
            stop = first + length
            ends_group = stop == len(places) or (stop < len(places) and places[stop] > places[stop - 1] + 1)
            if ends_group and checksums.luhn(digits[first:stop]):
                return place, places[stop - 1] + 1
    return None


def _card_lengths(prefix: str) -> tuple[int, ...]:
    return tuple(length for pattern, lengths in _SCHEMES if pattern.match(prefix) for length in lengths)


_IBAN_START: Final = re.compile(r"(?<![A-Za-z\d])[A-Za-z]{2}\d\d(?=[ \u00a0-]?[A-Za-z\d])")
_IBAN_CHARACTER: Final = re.compile(r"[ \u00a0-]?([A-Za-z\d])")


def _ibans(text: str) -> Iterator[Region]:
    for start in _IBAN_START.finditer(text):
        account, position = start.group(), start.end()
        for _ in range(checksums.IBAN_LENGTH.get(account[:2].upper(), 0) - 4):
            character = _IBAN_CHARACTER.match(text, position)
            if character is None:
                break
            account += character[1]
            position = character.end()
        if checksums.iban(account) and not text[position : position + 1].isalnum():
            yield start.start(), position


MONEY: Final = (Rule(Kind.IBAN, "IBAN", _ibans, digits=8), Rule(Kind.CARD, "payment card", _cards, digits=12))
