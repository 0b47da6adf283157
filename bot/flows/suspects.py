"""Which releases could have to do with it: those shortly before the first ticket, never "caused by"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from storage import releases

BEFORE = timedelta(days=7)


def suspects_of(session: Session, workspace: str, times: Sequence[datetime], now: datetime) -> tuple[str, ...]:
    """Releases in the week before the first of these tickets, nearest first, with the hours between."""
    if not times:
        return ()
    first = min(times)
    found = releases.between(session, workspace, first - BEFORE, min(first, now))
    told = [f"release {r.name}, {_gap(first - r.at)} before the first ticket" for r in reversed(found)]
    return tuple(told[:3])


def _gap(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
