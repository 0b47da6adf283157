"""Help pages and help-centre searches: what documentation gaps are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlmodel import Session, col

from intelligence.mining.pages import HelpSearch, Section
from storage.tables import DocPageRow, DocSectionRow, HelpSearchRow
from storage.upsert import insert_new, put


@dataclass(frozen=True, slots=True)
class NewSection:
    """A stretch of a page with its vector (dim,)."""

    heading: str
    text: str
    vector: NDArray[np.float32]


def put_page(
    session: Session, workspace: str, url: str, title: str, model: str, sections: Sequence[NewSection], now: datetime
) -> None:
    """Store a page, in the place of what was known under this address."""
    values: dict[str, Any] = {"workspace_id": workspace, "url": url, "title": title, "imported_at": now}
    put(session, DocPageRow, values, unique=["workspace_id", "url"])
    page = session.execute(
        sa.select(col(DocPageRow.id)).where(col(DocPageRow.workspace_id) == workspace, col(DocPageRow.url) == url)
    ).scalar_one()
    session.execute(sa.delete(DocSectionRow).where(col(DocSectionRow.page_id) == page))
    for place, section in enumerate(sections):
        session.add(
            DocSectionRow(
                page_id=page,
                place=place,
                workspace_id=workspace,
                model=model,
                heading=section.heading,
                text=section.text,
                embedding=section.vector,
            )
        )
    session.flush()


def count(session: Session, workspace: str) -> int:
    """How many pages are known."""
    query = sa.select(sa.func.count()).where(col(DocPageRow.workspace_id) == workspace)
    return int(session.execute(query).scalar_one())


def sections(session: Session, workspace: str, model: str) -> list[Section]:
    """Every section of every page that this embedder encoded."""
    query = (
        sa.select(
            col(DocPageRow.url),
            col(DocPageRow.title),
            col(DocSectionRow.place),
            col(DocSectionRow.heading),
            col(DocSectionRow.text),
            DocSectionRow.__table__.c.embedding,  # type: ignore[attr-defined]
        )
        .join(DocSectionRow, col(DocSectionRow.page_id) == col(DocPageRow.id))
        .where(col(DocPageRow.workspace_id) == workspace, col(DocSectionRow.model) == model)
        .order_by(col(DocPageRow.id), col(DocSectionRow.place))
    )
    return [Section(*row) for row in session.execute(query).all()]


def add_search(session: Session, workspace: str, search: HelpSearch) -> bool:
    """Store a search once; False if it was known."""
    values: dict[str, Any] = {
        "workspace_id": workspace,
        "at": search.at,
        "query": search.query,
        "results": search.results,
        "clicked": search.clicked,
    }
    return insert_new(session, HelpSearchRow, values, unique=["workspace_id", "at", "query"])


def searches(session: Session, workspace: str, start: datetime, end: datetime) -> list[HelpSearch]:
    """The searches of a period, in order."""
    query = (
        sa.select(
            col(HelpSearchRow.at), col(HelpSearchRow.query), col(HelpSearchRow.results), col(HelpSearchRow.clicked)
        )
        .where(
            col(HelpSearchRow.workspace_id) == workspace, col(HelpSearchRow.at) >= start, col(HelpSearchRow.at) < end
        )
        .order_by(col(HelpSearchRow.at))
    )
    return [HelpSearch(*row) for row in session.execute(query).all()]
