"""Send events to the endpoint of the settings: what leaves, and what happens when it is not taken.

What leaves is what a program may read (flows/reads.py): counts over public places, and quotes that their channel's
policy lets out. An endpoint that fails is tried again for a day and a half, then the letter is given up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import structlog

from bot.deps import Deps
from bot.errors import TicketIntelError
from bot.flows.reads import Reads, scope_of
from bot.messenger import TryLater
from bot.plain_values import plain
from bot.worker import Finish, nothing
from integrations.events import NotDelivered
from storage import alerts, outbox, themes
from storage.outbox import Letter

log = structlog.get_logger(__name__)

MOST_QUOTES = 2
#: Pauses between tries, as Standard Webhooks recommend.
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
)


def deliver(deps: Deps, letter_id: int, *, finish: Finish = nothing) -> bool:
    """Send one event; whether it arrived. Raises TryLater while there are tries left."""
    with deps.db.read() as session:
        letter = outbox.get(session, letter_id)
    if letter is not None:
        deps = deps.within(letter.workspace)
    body = _body(deps, letter) if letter is not None else "it was dealt with before"
    if letter is None or isinstance(body, str) or deps.events is None:
        reason = body if isinstance(body, str) else "no endpoint is set now"
        with deps.db.write() as session:
            if letter is not None:
                outbox.withdrawn(session, letter.id, reason, deps.clock.now())
            finish(session)
        return False
    with deps.db.write() as session:
        outbox.tried(session, letter.id)
    try:
        deps.events.post(f"evt_{letter.id}", deps.clock.now(), json.dumps(body, ensure_ascii=False).encode())
    except NotDelivered as failed:
        return _failed(deps, letter, failed, finish)
    with deps.db.write() as session:
        outbox.sent(session, letter.id, {}, deps.clock.now())
        finish(session)
    return True


def _failed(deps: Deps, letter: Letter, failed: NotDelivered, finish: Finish) -> bool:
    if not failed.gone and letter.attempts < len(PAUSES):
        raise TryLater(str(failed), max(failed.after or timedelta(0), PAUSES[letter.attempts])) from failed
    log.error("event_given_up", letter=letter.key, error=str(failed))
    with deps.db.write() as session:
        outbox.refused(session, letter.id, str(failed), deps.clock.now())
        finish(session)
    return False


def _body(deps: Deps, letter: Letter) -> Mapping[str, Any] | str:
    """The event as it leaves, or why there is none."""
    reads = Reads(deps, scope_of(deps, letter.workspace))
    about: dict[str, Any] = {}
    with deps.db.read() as session:
        theme_id = letter.payload.get("theme")
        if "alert" in letter.payload:
            episode = alerts.get(session, letter.workspace, int(letter.payload["alert"]))
            if episode is None or not reads.sees_alert(session, episode.id):
                return "programs may not see this alert"
            theme_id = episode.theme_id
            about["alert"] = {
                "id": episode.id,
                "kind": episode.kind.value,
                "state": episode.state.value,
                "severity": plain(episode.severity),
                "opened_at": episode.opened_at.isoformat(),
            }
        theme = themes.get(session, letter.workspace, int(theme_id)) if theme_id is not None else None
    try:
        about["theme"] = _theme(reads, theme.key) if theme is not None else None
    except TicketIntelError as error:
        if "alert" not in about:
            return error.sentence
        about["theme"] = None
    return {"type": letter.payload["type"], "timestamp": letter.payload["at"], "data": about}


def _theme(reads: Reads, key: str) -> dict[str, Any]:
    card = reads.theme(key)
    theme = card.theme
    return {
        "key": theme.key,
        "title": theme.title,
        "state": theme.state.value,
        "area": theme.area,
        "severity": plain(theme.severity),
        "issue_url": theme.issue_url,
        "tickets": card.tickets,
        "customers": card.customers,
        "quotes": [{"text": quote.text, "link": quote.link} for quote in card.quotes[:MOST_QUOTES]],
        "held_back": card.held_back,
    }
