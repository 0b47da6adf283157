"""Answers as values of JSON: what programs get, from the terminal's `--json`, the HTTP API and the MCP server alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from intelligence.model import Theme


def plain(value: Any) -> Any:
    """Field names as in bot.answers, times ISO 8601, durations in seconds, themes with their key."""
    if is_dataclass(value) and not isinstance(value, type):
        made = {entry.name: plain(getattr(value, entry.name)) for entry in fields(value)}
        return {"key": value.key} | made if isinstance(value, Theme) else made
    match value:
        case Enum():
            return value.value
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case str() | int() | bool() | None:
            return value
        case float():
            return round(value, 6) if value == value and abs(value) != float("inf") else None
        case Mapping():
            return {str(plain(name)): plain(entry) for name, entry in value.items()}
        case Iterable():
            return [plain(entry) for entry in value]
        case _:
            return str(value)
