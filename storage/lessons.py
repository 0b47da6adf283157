"""What the local analyzer learned from a workspace's corrections, each lesson a version; the newest is live."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlmodel import Session, col, select

from intelligence.local.corrections import Lesson
from storage.tables import ModelVersionRow, ReviewRow

KIND, NAME = "lesson", "local"


@dataclass(frozen=True, slots=True)
class StoredLesson:
    """A lesson with the reviews it was learned from, and how many of them were read rightly before and after, each
    judged by a lesson that did not know it.
    """

    version: str
    lesson: Lesson | None
    review_ids: tuple[int, ...]
    before: int
    after: int
    at: datetime


def live(session: Session, workspace: str) -> StoredLesson | None:
    """The lesson that readings use now."""
    row = session.exec(_live(workspace)).first()
    if row is None:
        return None
    data: Mapping[str, Any] = row.data
    return StoredLesson(
        row.version,
        _unpacked(data["lesson"]),
        tuple(data["reviews"]),
        data["before"],
        data["after"],
        row.created_at,
    )


def _live(workspace: str) -> Any:
    return (
        select(ModelVersionRow)
        .where(
            ModelVersionRow.workspace_id == workspace,
            ModelVersionRow.kind == KIND,
            ModelVersionRow.name == NAME,
            col(ModelVersionRow.live).is_(True),
        )
        .order_by(col(ModelVersionRow.id).desc())
        .limit(1)
    )


def store(
    session: Session,
    workspace: str,
    lesson: Lesson | None,
    review_ids: Sequence[int],
    *,
    before: int,
    after: int,
    now: datetime,
) -> str:
    """Make this the live lesson (None: nothing is learned any more); its version."""
    where = (
        col(ModelVersionRow.workspace_id) == workspace,
        col(ModelVersionRow.kind) == KIND,
        col(ModelVersionRow.name) == NAME,
    )
    count = session.execute(sa.select(sa.func.count()).select_from(ModelVersionRow).where(*where)).scalar_one()
    session.execute(sa.update(ModelVersionRow).where(*where).values(live=False))
    version = f"c{int(count) + 1}"
    session.add(
        ModelVersionRow(
            workspace_id=workspace,
            kind=KIND,
            name=NAME,
            version=version,
            data={"lesson": _packed(lesson), "reviews": list(review_ids), "before": before, "after": after},
            live=True,
            created_at=now,
        )
    )
    return version


def stamp(session: Session, workspace: str) -> str:
    """Changes whenever there is a new lesson or word, or one is taken back."""
    lesson = session.execute(
        sa.select(sa.func.max(col(ModelVersionRow.id))).where(
            col(ModelVersionRow.workspace_id) == workspace, col(ModelVersionRow.kind) == KIND
        )
    ).scalar()
    words = session.execute(
        sa.select(sa.func.max(col(ReviewRow.id)), sa.func.count(col(ReviewRow.undone_at))).where(
            col(ReviewRow.workspace_id) == workspace
        )
    ).one()
    return f"{lesson}:{words[0]}:{words[1]}"


def _packed(lesson: Lesson | None) -> dict[str, Any] | None:
    if lesson is None:
        return None
    return {name: _bytes(getattr(lesson, name)) for name in ("vector", "cues", "shift")}


def _bytes(array: NDArray[np.float32]) -> dict[str, Any]:
    data = base64.b64encode(array.astype("<f4").tobytes()).decode("ascii")
    return {"shape": list(array.shape), "f4": data}


def _unpacked(data: Mapping[str, Any] | None) -> Lesson | None:
    if data is None:
        return None
    return Lesson(**{name: _array(packed) for name, packed in data.items()})


def _array(packed: Mapping[str, Any]) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(packed["f4"]), "<f4").reshape(packed["shape"]).astype(np.float32)
