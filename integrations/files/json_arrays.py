"""The entries of one big JSON array, one at a time: a file of gigabytes is never held."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TextIO

_CHUNK: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """What is no JSON, and why."""

    reason: str


def is_array(file: TextIO) -> bool:
    """Whether the first character with meaning opens an array; the file is read from its beginning afterwards."""
    first = ""
    while (character := file.read(1)) and not first:
        first = character.strip()
    file.seek(0)
    return first == "["


def array_entries(file: TextIO, longest: int, *, chunk: int = _CHUNK) -> Iterator[Any]:
    """Each entry; a BrokenEntry where the array breaks off or one is longer than `longest` characters, and then no more."""
    decoder, held, over = json.JSONDecoder(), "", False
    while True:
        read = file.read(max(chunk, len(held)))  # twice as much each time: a long entry is not parsed over and over
        over, held = not read, held + read
        while True:
            held = held.lstrip(" \t\r\n,[")
            if held.startswith("]"):
                return
            try:
                entry, end = decoder.raw_decode(held)
            except (ValueError, RecursionError) as error:
                if over or len(held) > longest or isinstance(error, RecursionError):
                    yield BrokenEntry(f"the array breaks off here: {error}")
                    return
                break
            if end == len(held) and not over:
                break  # a number may go on in the next chunk
            yield entry
            held = held[end:]
