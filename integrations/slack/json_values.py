"""Reading JSON that nobody guarantees: each question answers with the value or with nothing, and never raises."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

Object = Mapping[str, Any]


def is_object(value: object) -> TypeGuard[Object]:
    return isinstance(value, Mapping)


def text_at(value: object, *path: str) -> str:
    """The string at `path`, or "" when the way there or the value is not what it should be."""
    for key in path:
        value = value.get(key) if is_object(value) else None
    return value if isinstance(value, str) else ""


def scalar_at(value: object, *path: str) -> str:
    """As `text_at`, with numbers written out: vendors send ids and counts as either."""
    for key in path:
        value = value.get(key) if is_object(value) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def object_at(value: object, key: str) -> Object:
    found = value.get(key) if is_object(value) else None
    return found if is_object(found) else {}


def objects_at(value: object, key: str) -> Iterator[Object]:
    """The objects in the list at `key`; some apps post the list as a JSON string."""
    found = value.get(key) if is_object(value) else None
    if isinstance(found, str):
        found = _decoded(found)
    return (entry for entry in found if is_object(entry)) if isinstance(found, list) else iter(())


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
