"""Publish what is due: each report once, kept as its values, said in the product channel or, in shadow, to the admin."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session

from bot.answers_reports import ReportAnswer
from bot.blocks import report as drawn
from bot.blocks.message import Rendered
from bot.deps import Deps
from bot.flows import agents, routing
from bot.flows.reports import pictures
from bot.flows.reports.gather import Made
from bot.flows.reports.reporting import make
from bot.flows.reports.spans import last_whole
from bot.messenger import Outgoing, TryLater
from bot.worker import Finish, nothing
from intelligence.model import AlertState, Audience
from intelligence.reports.values import ReportKind, Span
from storage import outbox, queue, reports, ticket_volumes, workspaces
from storage.outbox import Letter

log = structlog.get_logger(__name__)

POST, CHARTS, PART = "report.post", "report.charts", "report.part"
METHODS = frozenset({POST, CHARTS, PART})
_KEYS = {pictures.UPLOAD: "pictures", POST: "post", CHARTS: "charts"}
_PATIENCE = 3  # tries that wait for Slack to be done with a picture
_AFTER_ITS_POST = timedelta(seconds=2)


def publish_due(deps: Deps, workspace: str, due: datetime, *, finish: Finish = nothing) -> int:
    """Publish the reports whose period ended in the week before `due`; how many were new.

    A report of a kind and period is published once, whoever asks for it and how often. Nothing is published for the
    time before the workspace was there, or before its first ticket.
    """
    spans = _due(deps, workspace, due)
    made = [make(deps, workspace, span) for span in spans]
    with deps.db.write() as session:
        fresh = sum(_publish(deps, session, workspace, one) for one in made)
        finish(session)
    return fresh


def _due(deps: Deps, workspace: str, due: datetime) -> list[Span]:
    zone = deps.settings.zone
    day = due.astimezone(zone).date()
    with deps.db.read() as session:
        space = workspaces.get(session, workspace)
        _, first, _ = ticket_volumes.span(session, workspace)
        if space is None or first is None or due < space.created_at:
            return []
        spans = [last_whole(kind, day, zone) for kind in ReportKind]
        return [
            span
            for span in spans
            if first < span.end
            and due - span.end < timedelta(days=7)
            and reports.published(session, workspace, span) is None
        ]


def _publish(deps: Deps, session: Session, workspace: str, made: Made) -> bool:
    now = deps.clock.now()
    report_id = reports.publish(session, workspace, made.report, made.tickets, now)
    if report_id is None:
        return False
    place = _place(deps, session, workspace)
    if place is None:
        log.warning("report_for_nobody", workspace=workspace, report=made.report.span.name)
        return True
    parts = len(drawn.thread(ReportAnswer(made.report, deps.settings.timezone, now)))
    for method in (pictures.UPLOAD, POST, CHARTS):
        _write(deps, session, workspace, made.report.span, method, place | {"report": report_id})
    for part in range(parts):
        _write(deps, session, workspace, made.report.span, PART, place | {"report": report_id, "part": part})
    return True


def _place(deps: Deps, session: Session, workspace: str) -> dict[str, Any] | None:
    """The product channel; the first admin while alerts are in shadow or no channel was chosen; None without either."""
    state, channel = routing.place(session, workspace, Audience.PRODUCT, None)
    if state is not AlertState.SHADOW and channel is not None:
        return {"channel": channel}
    admins = sorted(agents.known_admins(deps, session, workspace))
    return {"user": admins[0]} if admins else None


def _key(span: Span) -> str:
    return f"report:{span.kind}:{span.name}"


def _write(deps: Deps, session: Session, workspace: str, span: Span, method: str, payload: dict[str, Any]) -> None:
    now = deps.clock.now()
    lane = str(payload.get("channel") or f"person:{payload['user']}")
    key = f"{_key(span)}:{_KEYS.get(method) or 'part:' + str(payload['part'])}"
    letter = outbox.write(
        session, workspace, key, lane=lane, method=method, payload=payload, now=now, subject=_key(span)
    )
    if letter is not None:
        work = {"letter": letter}
        queue.enqueue(session, "send", work, key=f"send:{letter}", lane=f"out:{workspace}:{lane}", now=now)


def draw(deps: Deps, session: Session, letter: Letter) -> Outgoing | str:
    """The message of a letter as it is sent now, or why it is not. Raises TryLater for a part whose report is on its
    way.
    """
    kept = reports.by_id(session, letter.workspace, int(letter.payload["report"]))
    if kept is None:
        return "the report is gone"
    channel = letter.payload.get("channel")
    if channel is not None and routing.customers_read(session, letter.workspace, str(channel)):
        return "customers read this channel now"
    answer = ReportAnswer(kept.report, deps.settings.timezone, kept.published_at)
    shown = pictures.uploaded(session, letter.workspace, f"{_key(kept.report.span)}:pictures")
    patient = letter.attempts < _PATIENCE
    if letter.method == POST:
        message = drawn.parent(answer, shown)
        to = str(channel) if channel is not None else f"@{letter.payload['user']}"
        return Outgoing(to, message.text, message.blocks, metadata_key=letter.key, patient=patient)
    state, posted = outbox.state_of(session, letter.workspace, f"{_key(kept.report.span)}:post") or ("", None)
    if state == "waiting":
        raise TryLater("the report itself goes first", _AFTER_ITS_POST)
    if state != "sent" or not posted:
        return "the report was not posted"
    found = _reply(letter, answer, shown)
    if isinstance(found, str):
        return found
    return Outgoing(str(posted["channel"]), found.text, found.blocks, str(posted["ts"]), letter.key, patient)


def _reply(letter: Letter, answer: ReportAnswer, shown: pictures.Ids) -> Rendered | str:
    """A message of the report's thread, or why there is none."""
    if letter.method == CHARTS:
        return drawn.in_pictures(answer, shown) or "no pictures may be sent here"
    parts = drawn.thread(answer)
    place = int(letter.payload["part"])
    return parts[place] if place < len(parts) else "the report has fewer parts now"
