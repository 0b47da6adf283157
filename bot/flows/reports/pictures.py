"""The charts of a published report, put into Slack before its message: where that is not allowed, words take over.

Slack takes an upload in three steps and needs a moment before a message may show it. Each picture's id is written down
as soon as it is there, so that a retry uploads none twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import structlog
from sqlmodel import Session

from bot.charts.charts import charts
from bot.charts.png import png
from bot.deps import Deps
from bot.messenger import Picture, Refused, TryLater
from bot.worker import Finish, nothing
from storage import outbox, reports
from storage.outbox import Letter

log = structlog.get_logger(__name__)

UPLOAD: Final = "report.pictures"
_TITLES: Final = {"trend": "Tickets a day", "pareto": "Themes by tickets", "mix": "What tickets are"}
_MOST_TRIES: Final = 8
_LOOK_AGAIN: Final = timedelta(seconds=1)
_NOT_ALLOWED: Final = frozenset({"missing_scope", "not_allowed_token_type", "no_pictures"})

Ids = Mapping[str, str]
"""Ids of uploaded pictures by the chart's name."""


def upload(deps: Deps, letter: Letter, *, finish: Finish = nothing) -> Ids:
    """Bring every chart of the report over; their ids, none where pictures may not be sent.

    Raises TryLater while Slack is still busy with them, at most eight times: the report does not wait for ever.
    """
    with deps.db.write() as session:
        kept = reports.by_id(session, letter.workspace, int(letter.payload["report"]))
        outbox.tried(session, letter.id)
    messenger = deps.messenger_of(letter.workspace)
    done: dict[str, str] = dict(letter.payload.get("files") or {})
    try:
        for chart in charts(kept.report) if kept else ():
            if chart.name not in done:
                name = f"{kept.report.span.name}-{chart.name}.png" if kept else ""
                done[chart.name] = messenger.upload(Picture(name, _TITLES[chart.name], chart.alt, png(chart)))
                _remember(deps, letter, done)
        if not all(messenger.is_ready(picture) for picture in done.values()):
            if letter.attempts >= _MOST_TRIES:
                raise Refused("not_ready", f"after {letter.attempts} looks")
            raise TryLater("Slack is still busy with the pictures", _LOOK_AGAIN)
    except Refused as refused:
        _without(deps, letter, refused, finish)
        return {}
    with deps.db.write() as session:
        outbox.sent(session, letter.id, {"files": done}, deps.clock.now())
        finish(session)
    return done


def _remember(deps: Deps, letter: Letter, done: Ids) -> None:
    with deps.db.write() as session:
        outbox.amend(session, letter.id, {**letter.payload, "files": dict(done)})


def _without(deps: Deps, letter: Letter, refused: Refused, finish: Finish) -> None:
    if refused.code in _NOT_ALLOWED:
        log.info("report_without_pictures", report=letter.key, reason=refused.code)
    else:
        log.warning("pictures_refused", report=letter.key, error=str(refused))
    with deps.db.write() as session:
        outbox.refused(session, letter.id, str(refused), deps.clock.now())
        finish(session)


def uploaded(session: Session, workspace: str, key: str) -> Ids:
    """What the letter with this key brought over; none without it. Raises TryLater while it is on its way."""
    state, answer = outbox.state_of(session, workspace, key) or ("", None)
    if state == "waiting":
        raise TryLater("its pictures go first", _LOOK_AGAIN)
    found = answer.get("files") if state == "sent" and answer else None
    return {str(name): str(picture) for name, picture in found.items()} if isinstance(found, dict) else {}
