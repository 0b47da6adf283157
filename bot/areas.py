"""Product areas of a workspace: kept as a setting, so that a person can edit the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from intelligence.model import Area
from storage import workspaces

KEY = "areas"


def load(session: Session, workspace: str) -> tuple[Area, ...]:
    """The workspace's areas, in the order people gave them."""
    rows = workspaces.setting(session, workspace, KEY, [])
    return tuple(
        Area(
            row["name"],
            tuple(row.get("words", ())),
            tuple(row.get("examples", ())),
            row.get("owner"),
            row.get("channel"),
        )
        for row in rows
    )


def save(session: Session, workspace: str, areas: Sequence[Area], *, by: str | None, now: datetime) -> None:
    """Replace the list and audit the change."""
    rows = [
        {
            "name": area.name,
            "words": list(area.words),
            "examples": list(area.examples),
            "owner": area.owner,
            "channel": area.channel,
        }
        for area in areas
    ]
    workspaces.set_setting(session, workspace, KEY, rows, by=by, now=now)
