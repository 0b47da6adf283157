"""What a model's answer may rely on: the words, numbers and links of one conversation, and nothing else.

A conversation can hold text that steers the model. Whatever the model then answers, a quote must stand in a message,
a written line may hold no link, number or mention of its own, and nobody else's words come through.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from intelligence.model import Message, Role
from intelligence.prompts.data import INVISIBLE, SMUGGLED

MAX_QUOTE: Final = 300
MAX_LINE: Final = 240
_MIN_QUOTE: Final = 4
_RUN: Final = 6  # words in a row that are no coincidence

_PLAIN: Final = str.maketrans("‘’‚‛“”„‟´`‹›⁅⁆–—‑。", "''''\"\"\"\"''<>[]---.")
_GAP: Final = re.compile(r"\s*(?:\.\.\.|…|\[\.\.\.\]|\[…\])\s*")
_ADDRESS: Final = re.compile(
    r"[a-z][a-z0-9+.-]{1,15}:/{2,}|(?<!\w)www\.\w|\b(?:mailto|tel|sms|javascript|vbscript|data|slack):\S"
    r"|[\w.+-]+@[\w-]+\.\w|\]\(",
    re.IGNORECASE,
)
_DOMAIN: Final = re.compile(
    r"(?<![\w.-])(?:[\w-]+\.)+[^\W\d_]{2,24}(?![\w-])(?:[/:?#][^\s<>|\"]*)?",
    re.IGNORECASE,
)
_SPELT: Final = re.compile(r"(?<=\w)\s*[\[({]\s*(?:\.|dot)\s*[\])}]\s*(?=\w)|(?<=\w)\s+dot\s+(?=\w)")  # evil[.]example
_MENTION: Final = re.compile(
    r"<\s*[@#!]|@\s*(?:channel|here|everyone|all|group)\b|<\s*(?:subteam|date)\b", re.IGNORECASE
)
_AT: Final = re.compile(r"(?<!\w)@(?=\w)")
_MARKS: Final = re.compile(r"[*_~`]{2,}|(?<!\w)[*_~`](?=\w)|(?<=\w)[*~`](?!\w)")
_NUMBER: Final = re.compile(r"\d+(?:[.,:'’]\d+)*")
_WORD: Final = re.compile(r"\w+")
_COUNTED: Final = {
    "one": "1", "once": "1", "single": "1", "first": "1", "two": "2", "twice": "2", "both": "2", "double": "2",
    "doubled": "2", "second": "2", "couple": "2", "three": "3", "third": "3", "four": "4", "fourth": "4", "five": "5",
    "fifth": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
    "fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70",
    "eighty": "80", "ninety": "90",
}  # fmt: skip
#: Words that state a figure of their own; "one", "both" and "second" are said of anything.
_STATED: Final = frozenset(_COUNTED) - {
    "one", "once", "single", "first", "two", "twice", "both", "double", "doubled", "second", "couple", "third", "fourth",
    "fifth",
}  # fmt: skip
_AMOUNTS: Final = frozenset(
    {"dozen", "dozens", "hundred", "hundreds", "thousand", "thousands", "million", "millions", "billion", "billions"}
)


@dataclass(frozen=True, slots=True)
class Quote:
    """An exact part of a message."""

    text: str
    message: Message


class Grounds:
    """One conversation as the ground of an answer. `instructions` is what else the model was told: never repeated."""

    def __init__(self, messages: Sequence[Message], subject: str, instructions: str = "") -> None:
        spoken = [m for m in messages if not m.private_note]
        self._messages = [(m, *_mapped(m.text)) for m in spoken]
        self._text = "\n".join([_settled(subject), *(_settled(m.text) for m in spoken)]).lower()
        self._spelt = _SPELT.sub(".", self._text)
        self._numbers = frozenset(_numbers(self._text))
        self._words = frozenset(_WORD.findall(self._text))
        self._foreign = _runs(instructions) - _runs(self._text)

    def quote(self, said: object, *, by: Role | None = None) -> Quote | None:
        """The exact part of a message that a quote stands for, or None. Differences in spaces, quotation marks and case
        are forgiven; of a quote with a gap ("a … b") its longest piece counts. `by` wants the words of one side.
        """
        if not isinstance(said, str):
            return None
        whole = said.strip()
        bare = whole.strip("\"'“”‘’„").strip()
        pieces = sorted((p.strip() for p in _GAP.split(bare)), key=len, reverse=True)
        for piece in dict.fromkeys((whole, bare, pieces[0])):
            wanted = _mapped(piece)[0].strip()
            if len(wanted) >= _MIN_QUOTE and (found := self._locate(wanted, by)):
                return found
        return None

    def line(self, written: object, *, limit: int = MAX_LINE) -> str | None:
        """One line that a model wrote, made inert; None where it brings in what the conversation does not hold, or an
        address to follow: a customer could have asked for that one.
        """
        if not isinstance(written, str):
            return None
        text = " ".join(SMUGGLED.sub("", INVISIBLE.sub("", _settled(written))).split())
        if not any(c.isalpha() for c in text) or _active(text) or self._invents(text):
            return None
        text = _MARKS.sub("", _AT.sub("", text)).replace("<", "‹").replace(">", "›").strip(" \"'")
        return (text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + "…") or None

    def words(self, said: object, *, by: Role | None = None, limit: int = MAX_LINE) -> str | None:
        """Their own words on one line; None for words never said, and for a mention or an address to follow."""
        found = self.quote(said, by=by)
        if found is None or len(found.text) > limit or _active(_settled(found.text)):
            return None
        return " ".join(found.text.split())

    def phrase(self, said: object, *, limit: int = MAX_LINE) -> str | None:
        """The customer's or agent's own words where they are that, else a written line."""
        return self.words(said, limit=limit) or self.line(said, limit=limit)

    def _locate(self, wanted: str, by: Role | None) -> Quote | None:
        for message, text, places in self._messages:
            if by is not None and message.role is not by:
                continue
            start = text.find(wanted)
            if start >= 0:
                exact = message.text[places[start] : places[start + len(wanted) - 1] + 1]
                return Quote(exact if len(exact) <= MAX_QUOTE else exact[:MAX_QUOTE].rsplit(" ", 1)[0], message)
        return None

    def _invents(self, text: str) -> bool:
        lowered = text.lower()
        links = (match.group().rstrip(".,;:!?)]}'") for match in _DOMAIN.finditer(_SPELT.sub(".", lowered)))
        if any(not self._links(link) for link in links):
            return True
        words = set(_WORD.findall(lowered))
        figures = {*_digits(lowered), *(_COUNTED[word] for word in words & _STATED)}
        if not figures <= self._numbers or not words & _AMOUNTS <= self._words:
            return True
        return not self._foreign.isdisjoint(_runs(text))

    def _links(self, link: str) -> bool:
        return re.search(rf"(?<![\w.@-]){re.escape(link)}(?![\w-])", self._spelt) is not None


def _active(text: str) -> bool:
    """Whether a chat client would ping somebody or offer something to click."""
    return _MENTION.search(text) is not None or _ADDRESS.search(text) is not None


def inert(text: str) -> bool:
    """Whether a text names nothing to ping and no address to follow, spelt out or in disguise."""
    settled = _settled(text)
    return not (_active(settled) or _SPELT.search(settled) or _DOMAIN.search(settled))


def _settled(text: str) -> str:
    """Without entities and compatibility forms: `&lt;` and a full-width `＠` are what they look like."""
    for _ in range(3):
        text = html.unescape(text)
    return unicodedata.normalize("NFKC", text).replace("。", ".")


def _mapped(text: str) -> tuple[str, list[int]]:
    """The text as quotes are compared, and where each of its characters stands in the original."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text.translate(_PLAIN)):
        if INVISIBLE.match(character):
            continue
        character = " " if character.isspace() else character
        if character == " " and (not folded or folded[-1] == " "):
            continue
        lowered = character.lower()
        folded.append(lowered if len(lowered) == 1 else character)
        places.append(place)
    return "".join(folded), places


def _digits(text: str) -> Iterator[str]:
    for match in _NUMBER.finditer(text):
        # Other scripts' digits are numbers too, and 1,200 is 1200.
        yield "".join(str(unicodedata.digit(c)) for c in match.group() if c.isdigit()).lstrip("0") or "0"


def _numbers(text: str) -> Iterator[str]:
    yield from _digits(text)
    yield from _digits(" ".join(match.group().split(".")[0] for match in _NUMBER.finditer(text)))  # 11 of 11.0.2
    yield from (_COUNTED[word] for word in _WORD.findall(text) if word in _COUNTED)


@lru_cache(maxsize=64)
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return frozenset(tuple(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1))
