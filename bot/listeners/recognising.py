""" "Is this a known pattern?" about a thread or one message: the answer, where it belongs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from bot.answers import KnownAnswer
from bot.blocks import known
from bot.blocks.message import Rendered
from bot.desk import Desk
from bot.floor import floored
from bot.flows import recognize, routing
from bot.flows.recognize import Question
from bot.listeners.places import Place
from bot.messenger import Outgoing, Posted, Refused, TryLater
from integrations.slack import flatten
from intelligence.model import Scope
from storage import alerts

log = structlog.get_logger(__name__)


def answer_in_thread(desk: Desk, user: str, place: Place) -> None:
    """Answer for everybody in the thread, editing an earlier answer; to the asker alone where customers read."""
    with desk.deps.db.read() as session:
        scope = desk.scope(user) if place.customers_read else routing.scope_of(session, desk.workspace, place.channel)
        earlier = alerts.answered(session, desk.workspace, place.channel, place.root)
    answer = about_thread(desk, scope, place)
    at: Posted | None = None
    if place.customers_read:
        shown = known.known(answer, customers_read=True, short=earlier is not None)
        desk.tell(user, shown.text, shown.blocks, channel=place.channel, thread_ts=place.root)
    else:
        at = _say(desk, place, known.known(answer), earlier[0] if earlier else None)
    with desk.deps.db.write() as session:
        alerts.answer(
            session,
            desk.workspace,
            place.channel,
            place.root,
            ts=at.ts if at else None,
            theme_id=answer.best.theme.id if answer.best else None,
            verdict=answer.verdict,
            asked_by=user,
            at=desk.deps.clock.now(),
        )


def _say(desk: Desk, place: Place, shown: Rendered, earlier: str | None) -> Posted:
    message = Outgoing(place.channel, shown.text, shown.blocks, place.root)
    if earlier is not None:
        try:
            return desk.messenger.update(Posted(place.channel, earlier), message)
        except Refused as refused:
            log.info("earlier_answer_gone", channel=place.channel, error=refused.code)
    return desk.messenger.post(message)


def about_thread(desk: Desk, scope: Scope, place: Place) -> KnownAnswer:
    """Ask about the thread; where customers read, without words that only one or two of them said."""
    answer = _about(desk, scope, place)
    return floored(answer) if place.customers_read else answer


def _about(desk: Desk, scope: Scope, place: Place) -> KnownAnswer:
    """Ask about the stored ticket of a thread, or, where the channel is not read, about the thread's own words."""
    ticket = recognize.ticket_of_thread(desk.deps, scope, place.channel, place.root)
    if ticket is not None:
        return recognize.known(desk.deps, scope, Question(ticket_id=ticket))
    return recognize.known(desk.deps, scope, Question(_words(desk, place)))


def about_message(desk: Desk, user: str, channel: str, message: Mapping[str, Any]) -> KnownAnswer:
    """Ask about the one message that a shortcut carries, or about its ticket if it is stored."""
    root = str(message.get("thread_ts") or message.get("ts"))
    scope = desk.scope(user)
    ticket = recognize.ticket_of_thread(desk.deps, scope, channel, root)
    question = Question(flatten(message)) if ticket is None else Question(ticket_id=ticket)
    return recognize.known(desk.deps, scope, question)


def _words(desk: Desk, place: Place) -> str:
    """What people wrote in the thread, us and those who only call us left out; nothing where we may not read."""
    try:
        page = desk.history.thread(place.channel, place.root)
    except (Refused, TryLater) as error:
        log.info("thread_not_read", channel=place.channel, reason=str(error))
        return ""
    us = f"<@{desk.here.bot_user}>"
    said = [m for m in page.messages if not m.get("bot_id") and us not in str(m.get("text", ""))]
    return "\n\n".join(flatten(message) for message in said)
