"""Reading what vendors send: ids as strings or integers, three kinds of times, text that no database would take."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from integrations.files.markup import text_of

MAX_TEXT: Final = 40_000
MAX_NAME: Final = 200
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)


def json_object(body: bytes) -> Mapping[str, Any]:
    """A body as a JSON object. Raises ValueError; numbers that JSON does not know (NaN, 1e999) are refused too."""
    try:
        found = json.loads(body, parse_constant=_no_number, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(found, Mapping):
        raise ValueError("not a JSON object")
    return found


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


def _finite(written: str) -> float:
    found = float(written)
    if not math.isfinite(found):
        raise ValueError("a number beyond all measure")
    return found


def at(value: object, *path: str) -> Any:
    """What is at `path`, or None."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def many(value: object, *path: str) -> Iterator[Mapping[str, Any]]:
    """The objects in the list at `path`."""
    found = at(value, *path)
    return (entry for entry in found if isinstance(entry, Mapping)) if isinstance(found, list) else iter(())


def identifier(value: object, *path: str) -> str:
    """An id, which may be told as a string or an integer; "" for anything else, and for what is no id at all."""
    found = at(value, *path) if path else value
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    written = str(found) if isinstance(found, str) or abs(found) < 10**30 else ""
    written = written.strip()
    return written if 0 < len(written) <= MAX_NAME and written.isprintable() and written.isascii() else ""


def number(value: object, *path: str) -> str:
    """An id that is a whole number without sign, as most helpdesks' are; "" otherwise."""
    found = identifier(value, *path)
    return found if found.isdigit() and len(found) <= 24 else ""


def line(value: object, *path: str) -> str:
    """A short text in one line: a name, a status, a subject."""
    found = at(value, *path)
    return " ".join(clean(found).split())[:MAX_NAME] if isinstance(found, str) else ""


def last_part(value: object, *path: str) -> str:
    """What an address ends in, without query and anchor: often the id of what it leads to."""
    found = at(value, *path)
    return re.split("[?#]", found)[0].rstrip("/").rpartition("/")[2] if isinstance(found, str) else ""


def prose(value: object, *path: str) -> str:
    """A message's text, without markup."""
    found = at(value, *path)
    return text_of(clean(found)).strip()[:MAX_TEXT] if isinstance(found, str) else ""


def clean(text: str) -> str:
    """Without NULs and lone surrogates, which databases refuse."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def moment(value: object, *path: str) -> datetime | None:
    """A time told in ISO 8601 or as Unix seconds; None if it is none, names no zone, or lies outside 2000-2100."""
    found = at(value, *path) if path else value
    if isinstance(found, bool):
        return None
    try:
        if isinstance(found, int | float):
            read = datetime.fromtimestamp(found, UTC)
        elif isinstance(found, str):
            read = datetime.fromisoformat(_six_digits(found.strip()))
        else:
            return None
        if read.tzinfo is None or not _EARLIEST < read < _LATEST:
            return None
        return read.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _six_digits(written: str) -> str:
    """Nanoseconds, as Zendesk's events tell them, cut to what Python reads."""
    whole, dot, rest = written[:64].partition(".")
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return f"{whole}.{rest[:6] if digits > 6 else rest[:digits]}{rest[digits:]}" if dot else written[:64]


def short_digest(*parts: str) -> str:
    """A name for content that has none of its own."""
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=10).hexdigest()
