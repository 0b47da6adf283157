"""Which statements of a model hold: each against the records that it names as its evidence, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from intelligence.claims import CAUSAL, DOWN, KEY, NUMBER, ODD_DIGIT, UNCHECKABLE, UP, figure, flat, quoted
from intelligence.grounding import inert
from intelligence.replies import Fields

MOST_STATEMENTS: Final = 4
MOST_CHARACTERS: Final = 320
_MARKED: Final = re.compile(r"([^\[\]]+?)((?:\s*\[\d{1,3}\][,.!?]?)+)")
_MARK: Final = re.compile(r"\s*\[(\d{1,3})\]")


@dataclass(frozen=True, slots=True)
class Facts:
    """What one numbered record says. `names` are its key and title, `texts` the words in it that may be quoted."""

    names: tuple[str, ...] = ()
    figures: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()
    rises: bool = False
    falls: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence and the numbers of the records that bear it out."""

    text: str
    evidence: tuple[int, ...]


def statements_of(reply: str) -> tuple[Statement, ...]:
    """The statements in the arguments of an answer. Raises BadReply."""
    found = Fields.of(reply).records("statements")
    return tuple(Statement(_line(one.value("text")), _numbers(one.value("evidence"))) for one in found)


def statements_in(text: str) -> tuple[Statement, ...]:
    """The statements of an answer in plain words: "TI-2 is new [1][2]." What no number follows is none."""
    return tuple(
        Statement(_line(said.lstrip(".!?,; ")), tuple(int(n) for n in _MARK.findall(marks)))
        for said, marks in _MARKED.findall(text[:20_000])
    )


def held(statements: Sequence[Statement], records: Mapping[int, Facts]) -> tuple[tuple[Statement, ...], int]:
    """The statements that hold, and how many do not.

    One goes when it names no evidence or a number that there is not, when it has a figure that none of its records has, a
    figure in words, a quote that none of them holds, a theme that is not among them, a rise or fall that is noise, a
    claim of cause, a mention or an address.
    """
    kept = tuple(one for one in statements if _holds(one, records))[:MOST_STATEMENTS]
    return kept, len(statements) - len(kept)


def _holds(one: Statement, records: Mapping[int, Facts]) -> bool:
    if not one.text or len(one.text) > MOST_CHARACTERS or not one.evidence:
        return False
    if any(number not in records for number in one.evidence):
        return False
    facts = [records[number] for number in one.evidence]
    names = [name for fact in facts for name in fact.names]
    if {f"TI-{number}" for number in KEY.findall(one.text)} - {name.upper() for name in names}:
        return False
    texts = [flat(text) for fact in facts for text in (*fact.texts, *fact.names)]
    if not all(any(flat(quote) in text for text in texts) for quote in quoted(one.text)):
        return False
    plain = _without(one.text, [*quoted(one.text), *names])
    return _words_hold(plain, facts) and all(figure(n) in _figures(facts) for n in NUMBER.findall(plain))


def _words_hold(plain: str, facts: Sequence[Facts]) -> bool:
    if UNCHECKABLE.search(plain) or CAUSAL.search(plain) or "<" in plain or not inert(plain):
        return False
    if any(c.isnumeric() for c in ODD_DIGIT.findall(plain)):
        return False
    rises, falls = any(f.rises for f in facts), any(f.falls for f in facts)
    return (rises or not UP.search(plain)) and (falls or not DOWN.search(plain))


def _figures(facts: Iterable[Facts]) -> frozenset[str]:
    return frozenset(number for fact in facts for number in fact.figures)


def _without(text: str, names: Iterable[str]) -> str:
    """The sentence without what it quotes or names: a figure in a title ("error 500") is no claim."""
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text, flags=re.IGNORECASE) if len(name) > 2 else text
    return text


def _line(value: object) -> str:
    return " ".join(_MARK.sub("", value).split()) if isinstance(value, str) else ""


def _numbers(value: object) -> tuple[int, ...]:
    """The numbers without doubles; a value that is none makes the statement's evidence empty: it does not count."""
    found = cast("list[object]", value) if isinstance(value, list) else []
    numbers = [n for n in found if isinstance(n, int) and not isinstance(n, bool)]
    return tuple(dict.fromkeys(numbers)) if len(numbers) == len(found) else ()
