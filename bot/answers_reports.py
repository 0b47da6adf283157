"""What reporting flows answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from intelligence.reports.values import Report


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """A report to be shown. `published_at` is when it was published, if it was; `changes` says what a fresh computation
    changed and why; `note` is an honest next step or a limit.
    """

    report: Report
    zone: str
    published_at: datetime | None = None
    fresh: bool = False
    changes: tuple[str, ...] = ()
    note: str | None = None
