"""Known people in running text. Nobody is guessed: only names that were given are found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

_WORD: Final = re.compile(r"\w+")


class NameIndex:
    """Finds many names in one pass over the words of a text, longest name first.

    Upper and lower case do not matter, except that a name of one word is not found in a lower-case word: "will" is not
    Will. Names of a single character are not looked for.
    """

    def __init__(self, replacements: Mapping[str, str]) -> None:
        self._names: dict[str, list[tuple[str, int, str]]] = {}
        for name in sorted(replacements, key=len, reverse=True):
            name_text = name.strip()
            first = _WORD.search(name_text)
            if first and len(name_text) > 1:
                entry = (name_text, first.start(), replacements[name])
                self._names.setdefault(first.group().casefold(), []).append(entry)

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield (start, end, replacement) without overlaps, in order."""
        if not self._names:
            return
        covered = 0
        for word in _WORD.finditer(text):
            for name, offset, replacement in self._names.get(word.group().casefold(), ()):
                start = word.start() - offset
                end = start + len(name)
                if start >= covered and _is_name(text, start, end, name):
                    yield start, end, replacement
                    covered = end
                    break


def _is_name(text: str, start: int, end: int, name: str) -> bool:
    found = text[start:end]
    if found.casefold() != name.casefold() or text[end : end + 1].isalnum():
        return False
    return " " in name or not found[:1].islower() or name[:1].islower()
