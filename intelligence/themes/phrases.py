"""Phrases of customers' texts: runs of words that a title may be made of, never across a phrase boundary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_TOKEN: Final = re.compile(r"[A-Za-zÀ-ɏ0-9](?:[\w'’&+#/.@-]*[\w+#])?|[^\sA-Za-zÀ-ɏ0-9]+")
_WORD: Final = re.compile(r"[A-Za-zÀ-ɏ0-9]")
_MASK: Final = re.compile(r"\[[a-z][a-z ]{0,20} \d{1,9}\]")  # what redaction has put in the place of a name or a number
_NUMBER: Final = re.compile(r"[\d.,/:-]+(?:st|nd|rd|th|am|pm|k|m|s|h|%)?$", re.IGNORECASE)
_STATUS: Final = re.compile(r"[45]\d\d$")  # HTTP status codes name a problem, other numbers a single ticket
_PRIVATE: Final = re.compile(r"^[\d\W]*\d{4,}[\d\W]*$|\d{7}|@|://")  # numbers, addresses, links; not AUTH-4012


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


FUNCTION_WORDS: Final = _set(
    "a an the this that these those my our your his her its their mine yours i me we us you he she it they them myself "
    "am is are was were be been being do does did doing done have has had having will would shall should can could may "
    "might must and or but if then than so because as of at by for from in into on onto to up out off over under with "
    "without about after before between during through until while again further once here there when where why how "
    "what which who whom whose all any both each few more most other some such no nor not only own same too very just "
    "also even still yet ever never always already now today yesterday tomorrow however though although since "
    "i'm i've i'd i'll it's that's there's what's wouldn't aren't weren't hadn't shouldn't let's you're we're we've "
    "they're im ive"
)
FILLER_WORDS: Final = _set(
    "hi hello hey dear please thanks thank regards sorry help need want wanted like know tell see get got getting "
    "getting go going make made try tried trying think thought thing things something anything someone anyone way ways "
    "issue issues problem problems question questions happen happened happening happens understand wondering wonder "
    "guys team support ok okay yes yeah well really actually basically maybe possible able unable keep keeps kept say "
    "says said told give gave take took put find look looking use using used seem seems one two lot bit day days week "
    "weeks time times new much many sure explain let right back long come came first last next every show shows "
    "takes taking sees seeing click clicked clicking nobody everybody everyone somebody someone become becomes means "
    "good great appreciate assist assistance regarding morning afternoon evening"
)
NEGATIONS: Final = _set(
    "not never can't cannot cant won't wont doesn't doesnt don't dont didn't didnt isn't isnt without unable couldn't "
    "wasn't hasn't haven't"
)
LONGEST: Final = 8


@dataclass(frozen=True, slots=True)
class Token:
    """One word: as written, folded for comparison, and whether it carries meaning of its own."""

    text: str
    key: str
    content: bool


def clauses(text: str) -> Iterator[list[Token]]:
    """The runs of words between punctuation marks, masks and line ends."""
    run: list[Token] = []
    for found in _TOKEN.finditer(_MASK.sub(" . ", text).replace("\n", " . ")):
        token = _token(found.group())
        if token is not None:
            run.append(token)
        elif run and found.group() not in {"'", "’", "-", '"', "“", "”"}:
            yield run
            run = []
    if run:
        yield run


def _counts(piece: str) -> bool:
    return bool(_NUMBER.match(piece)) and not _STATUS.match(piece)


@lru_cache(maxsize=20_000)  # a desk's vocabulary: the same words come again in every text
def _token(piece: str) -> Token | None:
    """The word, or None for what no title or comparison may hold: marks, numbers, names of masks."""
    if not _WORD.search(piece) or _PRIVATE.search(piece) or _counts(piece):
        return None
    folded = piece.lower().replace("’", "'")
    if folded in NEGATIONS:
        return Token(piece, "not", True)
    content = folded not in FUNCTION_WORDS and folded not in FILLER_WORDS and len(folded) > 1
    return Token(piece, stem(folded) if content else folded, content)


def stem(word: str) -> str:
    """Fold the commonest English endings, so that "charged" and "charges" count as one word."""
    word = word.removesuffix("'s")
    for ending, least in (("ings", 4), ("ing", 4), ("ies", 3), ("es", 4), ("ed", 4), ("s", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            base = word[: -len(ending)]
            if len(base) > 4 and base[-1] == base[-2] and base[-1] not in "ls":  # "embedding"
                base = base[:-1]
            return base + "y" if ending == "ies" else base.rstrip("e")
    return word.rstrip("e") if len(word) > 4 else word
