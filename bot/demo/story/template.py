"""The grammar of a phrase: text, `{slot}` and `[one|or|another]`, which may nest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

_SENTENCE_ENDS = (". ", "? ", "! ", "\n")


@dataclass(frozen=True)
class Slot:
    """A fact to fill in."""

    name: str


@dataclass(frozen=True)
class Choice:
    """One of several wordings."""

    options: tuple["Template", ...]


Template = tuple[str | Slot | Choice, ...]


@cache
def parse(source: str) -> Template:
    """The parts of a phrase; ValueError names a bracket that is never closed or opened."""
    template, end = _sequence(source, 0, inside=False)
    if end != len(source):
        raise ValueError(f"unexpected {source[end]!r} at {end} in {source!r}")
    return template


def render(template: Template, fact: Callable[[str], str], rng: Random) -> str:
    """The phrase in words: slots filled by `fact`, choices made by `rng`, a capital where a slot opens a sentence."""
    text = ""
    for part in _chosen(template, rng):
        if isinstance(part, str):
            text += part
        else:
            words = fact(part.name)
            opens = not text or text.endswith(_SENTENCE_ENDS)
            text += words[:1].upper() + words[1:] if opens else words
    return text


def _chosen(template: Template, rng: Random) -> Iterator[str | Slot]:
    """The parts of a phrase after every choice has been made."""
    for part in template:
        if isinstance(part, Choice):
            yield from _chosen(rng.choice(part.options), rng)
        else:
            yield part


def slots(template: Template) -> set[str]:
    """The names of all facts that a phrase may ask for."""
    found: set[str] = set()
    for part in template:
        if isinstance(part, Slot):
            found.add(part.name)
        elif isinstance(part, Choice):
            found |= {name for option in part.options for name in slots(option)}
    return found


def _sequence(source: str, start: int, *, inside: bool) -> tuple[Template, int]:
    parts: list[str | Slot | Choice] = []
    text = start
    at = start
    while at < len(source) and not (inside and source[at] in "|]"):
        if source[at] not in "[{]":
            at += 1
            continue
        if source[at] == "]":
            break
        if at > text:
            parts.append(source[text:at])
        part, at = _slot(source, at) if source[at] == "{" else _choice(source, at)
        parts.append(part)
        text = at
    if at > text:
        parts.append(source[text:at])
    return tuple(parts), at


def _slot(source: str, start: int) -> tuple[Slot, int]:
    end = source.find("}", start)
    if end < 0:
        raise ValueError(f"unclosed slot in {source!r}")
    return Slot(source[start + 1 : end]), end + 1


def _choice(source: str, start: int) -> tuple[Choice, int]:
    options: list[Template] = []
    at = start
    while True:
        option, at = _sequence(source, at + 1, inside=True)
        options.append(option)
        if at >= len(source):
            raise ValueError(f"unclosed choice in {source!r}")
        if source[at] == "]":
            return Choice(tuple(options)), at + 1
