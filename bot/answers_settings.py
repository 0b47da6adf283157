"""What `settings` answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting as it stands; `by` and `at` are None where nobody has changed it here. `people` (or user groups) and
    `places`: ids that it names."""

    name: str
    says: str
    takes: str
    value: str
    by: str | None
    at: datetime | None
    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who changed what."""

    actor: str
    action: str
    subject: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SettingsView:
    """What is set, and the latest changes, newest first."""

    lines: tuple[SettingLine, ...]
    trail: tuple[AuditLine, ...]
