"""The head of a report in a model's words, where a model is configured: written around the values, then checked."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Protocol, runtime_checkable

import structlog

from bot.deps import Deps
from intelligence.prompts import load
from intelligence.prompts.data import fenced, neutral
from intelligence.prompts.request import ModelRequest
from intelligence.replies import BadReply, Fields
from intelligence.reports.prose import checked
from intelligence.reports.values import Report

log = structlog.get_logger(__name__)

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"summary": {"type": "string"}},
    "required": ["summary"],
    "additionalProperties": False,
}


@runtime_checkable
class Writer(Protocol):
    """An analyzer that can also write. `write` answers None, having logged why, where the model has no answer."""

    @property
    def name(self) -> str: ...

    def write(self, request: ModelRequest) -> str | None: ...


def summarised(deps: Deps, workspace: str, report: Report) -> Report:
    """The report with a summary by the model; with the computed one where there is no model, it fails, or nothing that
    it wrote holds.
    """
    writer = deps.readers.untaught(workspace)
    if not isinstance(writer, Writer) or not report.volume.tickets:
        return report
    reply = writer.write(_request(report))
    if reply is None:
        return report
    try:
        found = checked(str(Fields.of(reply).value("summary") or ""), report)
    except BadReply as error:
        log.warning("report_summary_unreadable", workspace=workspace, reason=str(error))
        return report
    if found.dropped:
        log.warning("report_sentences_dropped", workspace=workspace, report=report.span.name, dropped=found.dropped)
    if not found.kept:
        return replace(report, dropped=found.dropped)
    return replace(report, summary=found.kept, summary_by=writer.name, dropped=found.dropped)


def _request(report: Report) -> ModelRequest:
    prompt = load("report")
    return ModelRequest("report", prompt.version, prompt.text, fenced([_values(report)]), _SCHEMA)


def _values(report: Report) -> dict[str, Any]:
    """What the model is told: counts and names. Quotes stay here, whatever their source allows."""
    volume = report.volume
    told: dict[str, Any] = {
        "period": report.span.name,
        "tickets": volume.tickets,
        "change": asdict(volume.change),
        "customers": volume.customers,
        "themes": [
            {
                "key": theme.key,
                "title": neutral(theme.title),
                "state": theme.state,
                "new": theme.new,
                "tickets": theme.tickets,
                "customers": theme.customers,
                "change": asdict(theme.change),
                "area": theme.area,
                "stands_out": theme.segment,
            }
            for theme in report.themes[:5]
        ],
        "backlogs": [
            {
                "name": part.name,
                "tickets": part.tickets,
                "first": [[neutral(e.title), e.tickets] for e in part.entries[:4]],
            }
            for part in report.backlogs
        ],
        "fixed": [[one.key, neutral(one.title)] for one in report.fixed],
        "back": [[one.key, neutral(one.title), one.after] for one in report.regressed],
    }
    return told
