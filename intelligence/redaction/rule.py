"""What a redaction rule is, and the questions that several rules ask about their surroundings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final


class Kind(StrEnum):
    """What was masked; the value is what an evaluation file calls it."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"
    CARD = "CARD"
    IBAN = "IBAN"
    IP = "IP"
    KEY = "KEY"
    IDNUM = "IDNUM"
    URL_SECRET = "URL_SECRET"  # noqa: S105 - a kind of finding, not a secret
    PERSON = "PERSON"


Region = tuple[int, int]
Find = Callable[[str], Iterable[Region]]
Check = Callable[[re.Match[str]], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """`find` returns the (start, end) of every place in a text where `kind` is written in this form.

    A text is only searched when it has at least `digits` digits and, in lower case, one of the words `needs`: most
    texts hold no secret, and this question is fifty times cheaper than the search.
    """

    kind: Kind
    name: str
    find: Find
    needs: tuple[str, ...] = ()
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Screen:
    """What a text has, asked once for all rules."""

    lowered: str
    digits: int

    @classmethod
    def of(cls, text: str) -> Screen:
        return cls(text.lower(), sum(map(text.count, "0123456789")))

    def admits(self, rule: Rule) -> bool:
        return self.digits >= rule.digits and (not rule.needs or any(word in self.lowered for word in rule.needs))


def rule(
    kind: Kind,
    name: str,
    pattern: str,
    *,
    needs: tuple[str, ...] = (),
    digits: int = 0,
    check: Check | None = None,
    flags: re.RegexFlag = re.NOFLAG,
) -> Rule:
    """A rule by regular expression. A group named `secret` narrows the masked region to it."""
    compiled = re.compile(pattern, flags)
    group = "secret" if "secret" in compiled.groupindex else 0

    def find(text: str) -> Iterator[Region]:
        for match in compiled.finditer(text):
            if check is None or check(match):
                yield match.span(group)

    return Rule(kind, name, find, needs, digits)


def folded(text: str) -> str:
    """The text with full-width, superscript and other variant characters as the plain ones, place by place.

    The length stays: a place in the result is the same place in `text`.
    """
    return text if text.isascii() else "".join(map(_plain_character, text))


@lru_cache(maxsize=4_096)
def _plain_character(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


def compact(match: re.Match[str]) -> str:
    return re.sub(r"[\W_]", "", match.group())


def checked(checksum: Callable[[str], bool]) -> Check:
    return lambda match: checksum(compact(match))


def before(match: re.Match[str], width: int = 32) -> str:
    return match.string[max(0, match.start() - width) : match.start()]


def looks_random(value: str) -> bool:
    """Whether a part of `value` mixes letters and digits as tokens do and slugs, words and versions do not."""
    return any(_is_generated(part) for part in re.split(r"[-_.~=/%+]", value))


def _is_generated(part: str) -> bool:
    digits = sum(character.isdigit() for character in part)
    letters = sum(character.isalpha() for character in part)
    return len(part) >= 6 and digits >= 2 and letters >= 2


_NUMBERED: Final = re.compile(
    r"\b(?:order|invoice|tracking|track|ticket|case|ref|reference|transaction|sku|serial|imei|iccid|id|part|item|shipment|"
    r"parcel|booking|isbn|ean|upc|number of)\b(?:[ ]?(?:no|nr|number|num|id)\b\.?)?[\s:#=]*(?:is\s)?[\s:#]*$",
    re.I,
)


def is_unnumbered(match: re.Match[str]) -> bool:
    """No word before the match says that it numbers an order, an invoice, a parcel."""
    return not _NUMBERED.search(before(match))
