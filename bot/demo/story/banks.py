"""Reading the phrase banks: text files of sections, one hand-written entry a line.

A file may open with `name: value` lines; a section starts with `--- name`. In an entry `\\n` is a line break,
`[a|b]` a choice and `{slot}` a fact (see template.py).
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from bot.demo.story.template import Template, parse

_SECTION = "--- "


@dataclass(frozen=True)
class Bank:
    """One file: its head, and its sections in order."""

    head: dict[str, str]
    sections: dict[str, tuple[str, ...]]

    def lines(self, section: str) -> tuple[str, ...]:
        """The entries of a section as written; empty where the file has no such section."""
        return self.sections.get(section, ())

    def templates(self, section: str) -> tuple[Template, ...]:
        """The entries of a section, ready to be filled in."""
        return tuple(parse(line) for line in self.lines(section))


@cache
def bank(name: str) -> Bank:
    """The bank `wording/<name>.txt`."""
    return _read(_wording().joinpath(f"{name}.txt"))


@cache
def intent_banks() -> dict[str, Bank]:
    """Every bank of `wording/intents/`, by intent, in alphabetical order."""
    entries = sorted(_wording().joinpath("intents").iterdir(), key=lambda entry: entry.name)
    return {entry.name.removesuffix(".txt"): _read(entry) for entry in entries if entry.name.endswith(".txt")}


def _wording() -> Traversable:
    return files("bot.demo.story").joinpath("wording")


def _read(source: Traversable) -> Bank:
    head: dict[str, str] = {}
    sections: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in source.read_text(encoding="utf-8").splitlines():
        if line.startswith(_SECTION):
            current = sections.setdefault(line.removeprefix(_SECTION).strip(), [])
        elif not line.strip():
            continue
        elif current is None:
            name, _, value = line.partition(":")
            head[name.strip()] = value.strip()
        else:
            current.append(line.replace("\\n", "\n"))
    return Bank(head, {name: tuple(lines) for name, lines in sections.items()})
