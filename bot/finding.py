"""What the doctor found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was found and, when it is wrong, how to mend it."""

    name: str
    ok: bool
    says: str
    fix: str = ""
