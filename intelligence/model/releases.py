"""Versions that went out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Release:
    name: str
    at: datetime
    source: str = "verb"
    id: int | None = None
