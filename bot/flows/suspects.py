"""Which releases could have to do with it: never "caused by", always with the alternatives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.words import count
from intelligence.releases import Onset, onset, suspects
from storage import releases

LOOK_BACK = timedelta(days=60)


def suspects_of(
    session: Session, workspace: str, times: Sequence[datetime], usual_per_day: float, now: datetime
) -> tuple[str, ...]:
    """Releases shortly before these tickets began, the likeliest first, in words."""
    began = onset(times, usual_per_day, now)
    return releases_before(session, workspace, began, now) if began is not None else ()


def releases_before(session: Session, workspace: str, began: Onset, now: datetime) -> tuple[str, ...]:
    """The same of a known beginning."""
    known = releases.between(session, workspace, now - LOOK_BACK, now)
    told: list[str] = []
    for suspect in suspects(known, began):
        hours, days = round(suspect.hours), round(suspect.hours / 24)
        gap = count(hours, "hour") if suspect.hours < 48 else count(days, "day")
        share = f" ({suspect.share:.0%} of the suspicion)" if suspect.share < 0.995 else ""
        told.append(f"release {suspect.release.name}, {gap} before it began{share}")
    return tuple(told)
