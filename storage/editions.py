"""With what a model reads a workspace's tickets: editions that people tried, what came of it, and the one that is live.

Rows of `model_versions`: none is ever edited but for its trial and whether it is live. Without a live one the shipped
prompts and the model of the settings read. No words of tickets are kept here, only their ids and labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from intelligence.model import LabelSet, Level, Subcategory
from intelligence.prompts.edition import SHIPPED, Edition, PromptFile
from intelligence.trials import Judged
from storage.tables import ModelVersionRow, WorkspaceRow

KIND, NAME = "edition", "reading"


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of reading the regression set twice. `words` are the people's words there were, `unasked` the tickets
    that a reader could not be asked about; `unusable` counts answers, live and candidate, that ended at the local analyzer.
    """

    judged: tuple[Judged, ...]
    words: int
    unasked: int
    unusable: tuple[int, int]
    tokens: int
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredEdition:
    """An edition with who made it of which one (`base`, "" for the shipped one), and its trial once that is over."""

    number: int
    edition: Edition
    model: str
    base: str
    by: str
    at: datetime
    live: bool
    trial: Trial | None
    failure: str | None = None


def live(session: Session, workspace: str) -> Edition:
    """What reads now."""
    row = session.exec(_all(workspace).where(col(ModelVersionRow.live).is_(True))).first()
    return _edition(row) if row else SHIPPED


def listing(session: Session, workspace: str, *, limit: int = 10) -> list[StoredEdition]:
    """The newest first."""
    rows = session.exec(_all(workspace).order_by(col(ModelVersionRow.id).desc()).limit(limit)).all()
    return [_stored(row) for row in rows]


def get(session: Session, workspace: str, number: int) -> StoredEdition | None:
    row = session.exec(_all(workspace).where(ModelVersionRow.version == f"r{number}")).first()
    return _stored(row) if row else None


def lock(session: Session, workspace: str) -> None:
    """Nobody else makes or switches editions of this workspace until the transaction ends."""
    session.exec(select(WorkspaceRow.id).where(WorkspaceRow.id == workspace).with_for_update()).first()


def store(
    session: Session,
    workspace: str,
    *,
    model: str,
    prompts: Mapping[str, PromptFile],
    definitions: Mapping[Subcategory, str],
    base: str,
    by: str,
    now: datetime,
) -> int:
    """Keep a candidate; its number. `model` is "" for that of the settings."""
    lock(session, workspace)
    where = (col(ModelVersionRow.workspace_id) == workspace, col(ModelVersionRow.kind) == KIND)
    count = session.execute(sa.select(sa.func.count()).select_from(ModelVersionRow).where(*where)).scalar_one()
    number = int(count) + 1
    data = {
        "model": model,
        "prompts": {name: asdict(file) for name, file in prompts.items()},
        "definitions": {label.value: text for label, text in definitions.items()},
        "base": base,
        "by": by,
        "trial": None,
    }
    session.add(
        ModelVersionRow(
            workspace_id=workspace, kind=KIND, name=NAME, version=f"r{number}", data=data, live=False, created_at=now
        )
    )
    return number


def tried(session: Session, workspace: str, number: int, trial: Trial) -> None:
    """Keep what came of trying an edition."""
    kept = {
        "judged": [_judged_data(one) for one in trial.judged],
        "words": trial.words,
        "unasked": trial.unasked,
        "unusable": list(trial.unusable),
        "tokens": trial.tokens,
        "at": trial.at.isoformat(),
    }
    _put(session, workspace, number, {"trial": kept, "failure": None})


def not_tried(session: Session, workspace: str, number: int, reason: str) -> None:
    """Keep why an edition could not be tried."""
    _put(session, workspace, number, {"failure": reason})


def _put(session: Session, workspace: str, number: int, values: Mapping[str, Any]) -> None:
    row = session.exec(_all(workspace).where(ModelVersionRow.version == f"r{number}")).one()
    session.execute(
        sa.update(ModelVersionRow).where(col(ModelVersionRow.id) == row.id).values(data={**row.data, **values})
    )


def switch(session: Session, workspace: str, name: str) -> None:
    """Let this edition read from now on; "" is the shipped one."""
    where = (col(ModelVersionRow.workspace_id) == workspace, col(ModelVersionRow.kind) == KIND)
    session.execute(sa.update(ModelVersionRow).where(*where).values(live=col(ModelVersionRow.version) == name))


def _all(workspace: str) -> Any:
    return select(ModelVersionRow).where(ModelVersionRow.workspace_id == workspace, ModelVersionRow.kind == KIND)


def _edition(row: ModelVersionRow) -> Edition:
    data: Mapping[str, Any] = row.data
    return Edition(
        row.version,
        data["model"] or None,
        {name: PromptFile(file["number"], file["text"]) for name, file in data["prompts"].items()},
        {Subcategory(label): text for label, text in data["definitions"].items()},
    )


def _stored(row: ModelVersionRow) -> StoredEdition:
    data: Mapping[str, Any] = row.data
    return StoredEdition(
        int(row.version.removeprefix("r")),
        _edition(row),
        data["model"],
        data["base"],
        data["by"],
        row.created_at,
        row.live,
        _trial(data["trial"]) if data["trial"] else None,
        data.get("failure"),
    )


def _trial(data: Mapping[str, Any]) -> Trial:
    live_bad, candidate_bad = data["unusable"]
    return Trial(
        tuple(_judged(one) for one in data["judged"]),
        data["words"],
        data["unasked"],
        (live_bad, candidate_bad),
        data["tokens"],
        datetime.fromisoformat(data["at"]),
    )


def _judged_data(one: Judged) -> list[Any]:
    return [one.ticket_id, *(_labels_data(x) for x in (one.said, one.live, one.candidate)), one.drawn, one.fixed]


def _judged(data: Sequence[Any]) -> Judged:
    ticket_id, said, read, candidate, drawn, fixed = data
    return Judged(ticket_id, _labels(said), _labels(read), _labels(candidate), drawn, fixed)


def _labels_data(labels: LabelSet) -> list[str | None]:
    return [labels.subcategory.value, labels.area, labels.frustration.value, labels.urgency.value]


def _labels(data: Sequence[Any]) -> LabelSet:
    subcategory, area, frustration, urgency = data
    return LabelSet(Subcategory(subcategory), area, Level(frustration), Level(urgency))


def of_name(session: Session, workspace: str, name: str) -> Edition:
    """An edition by its name; the shipped one by "" and where it is gone."""
    row = session.exec(_all(workspace).where(ModelVersionRow.version == name)).first() if name else None
    return _edition(row) if row else SHIPPED
