"""Everything that Slack delivers is a row before it is acknowledged.

Bolt acknowledges before a listener runs, so a row written in a listener is lost with the process. This is a global
middleware: it writes the inbox row and enqueues its work in one transaction, and only then lets Bolt go on. When it
raises, no acknowledgement is sent and Slack delivers again; for what it gives up, the gap is noted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from slack_bolt import App, BoltContext, BoltRequest, BoltResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.addressing import said_to_us
from bot.deps import Deps
from bot.desk import Desk, Desks
from bot.messenger import NotInstalled
from bot.unstored import Unstored
from bot.worker import Finish, Handler
from storage import inbox, queue
from storage.engine import reason_of
from storage.queue import Job

log = structlog.get_logger(__name__)

AGAIN = "x-ticket-intel-delivery"  # on what is dispatched a second time: the row's id
DESK = "desk"  # in Bolt's context: that of the workspace which a delivery is for
ANSWER_WITHIN = timedelta(minutes=30)  # a response_url lives as long
ANSWER = "answer"
SURELY_ENDED = timedelta(seconds=15)  # longer than an answer takes
MALFORMED = "malformed"  # Bolt finds no listener for what has no type: it is kept, marked and acknowledged here
ANSWERED_BY_LISTENERS = ("mention", "command", "action", "view", "shortcut", "notice")
_INGESTED = frozenset({"message", "app_mention", "reaction_added", "reaction_removed"})
_KIND_OF_INTERACTION = {
    "block_actions": "action",
    "view_submission": "view",
    "view_closed": "view",
    "message_action": "shortcut",
    "shortcut": "shortcut",
}
_HIDDEN = frozenset({"message_changed", "message_deleted"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery as it will be stored, once per key.

    A new message is known by its channel and timestamp, because one mention comes twice, as `message` and as
    `app_mention`, under different event ids; everything else by the id of its event or trigger.
    """

    key: str
    kind: str


def arrival_of(body: Mapping[str, Any], bot_user: str) -> Arrival | None:
    """How to store a payload; None for what needs no row (Slack's checks, option lists). Accepts any JSON object."""
    if body.get("type") == "event_callback" or isinstance(body.get("event"), Mapping):
        event = body.get("event")
        return _event(body, event if isinstance(event, Mapping) else {}, bot_user)
    if "command" in body:
        return Arrival(f"command:{body.get('trigger_id') or _digest(body)}", "command")
    kind = _KIND_OF_INTERACTION.get(str(body.get("type")))
    return Arrival(f"{kind}:{body.get('trigger_id') or _digest(body)}", kind) if kind else None


def _event(body: Mapping[str, Any], event: Mapping[str, Any], bot_user: str) -> Arrival:
    by_id = f"event:{body.get('event_id') or _digest(body)}"
    name, channel, ts = event.get("type"), event.get("channel"), event.get("ts")
    if not isinstance(name, str):
        return Arrival(by_id, MALFORMED)
    if name not in _INGESTED:
        return Arrival(by_id, "notice")
    if name not in {"message", "app_mention"} or event.get("subtype") in _HIDDEN or not (channel and ts):
        return Arrival(by_id, "event")
    return Arrival(f"message:{channel}/{ts}", "mention" if said_to_us(event, bot_user) else "event")


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()[:32]


def remember_first(desks: Desks, unstored: Unstored) -> Callable[..., BoltResponse | None]:
    """The middleware. A duplicate is acknowledged and goes no further, nor does what is for a workspace that the app is
    not in: the news that it left, told once more. What cannot be stored is refused, and noted as a gap.
    """

    def remember(
        body: dict[str, Any], req: BoltRequest, context: BoltContext, next: Callable[[], BoltResponse]
    ) -> BoltResponse | None:
        try:
            desk = context[DESK] = desks.of(context.team_id or "")
        except NotInstalled:
            log.info("delivery_for_nobody", workspace=context.team_id)
            return context.ack()
        except SQLAlchemyError as error:  # where the installations are in a database that is away
            log.error("delivery_not_stored", error=reason_of(error))
            unstored.note(context.team_id or "", body)
            raise
        if again := req.headers.get(AGAIN):
            context["delivery"] = int(again[0])
            return next()
        arrival = arrival_of(body, desk.here.bot_user)
        if arrival is None:
            return next()
        try:
            delivery = _store(desk, arrival, body)
        except SQLAlchemyError as error:
            log.error("delivery_not_stored", key=arrival.key, kind=arrival.kind, error=reason_of(error))
            unstored.note(desk.workspace, body)
            raise
        if delivery is None or arrival.kind == MALFORMED:
            return context.ack()
        desk.wake()
        if arrival.kind in ANSWERED_BY_LISTENERS:
            context["delivery"] = delivery
        return next()

    return remember


def _store(desk: Desk, arrival: Arrival, body: Mapping[str, Any]) -> int | None:
    """Write the row and its work; None for what was stored before."""
    now = desk.deps.clock.now()
    payload = {key: value for key, value in body.items() if key != "token"}
    with desk.deps.db.intake() as session:
        delivery = inbox.receive(session, desk.workspace, arrival.key, arrival.kind, payload, now)
        if delivery is not None and arrival.kind == MALFORMED:
            inbox.processed(session, delivery, now, refusal="malformed: an event without a type")
        elif delivery is not None and arrival.kind == "event":
            key = f"ingest:{desk.workspace}:{delivery}"
            queue.enqueue(session, "ingest", {"delivery": delivery}, key=key, now=now, priority=-1)
    return delivery


def answer_unanswered(desks: Desks) -> int:
    """Enqueue the answering of what was stored but not answered before a process ended; how many there were.

    Whatever is younger than SURELY_ENDED may be in the hands of another process that lives: it is looked at when it is
    older. Older than half an hour, a person has long asked again: those are only marked.
    """
    return sum(_answer_unanswered(desk) for desk in desks.all())


def _answer_unanswered(desk: Desk) -> int:
    now = desk.deps.clock.now()
    with desk.deps.db.write() as session:
        waiting = inbox.unanswered(session, desk.workspace, ANSWERED_BY_LISTENERS)
        fresh = [delivery for delivery in waiting if now - delivery.received_at <= ANSWER_WITHIN]
        for delivery in waiting:
            if delivery not in fresh:
                inbox.processed(session, delivery.id, now, refusal="too old to be answered after a stop")
        for delivery in fresh:
            queue.enqueue(
                session,
                ANSWER,
                {"delivery": delivery.id},
                key=f"{ANSWER}:{delivery.id}:{now:%Y%m%dT%H%M}",  # once, however many processes start together
                now=now,
                run_at=max(now, delivery.received_at + SURELY_ENDED),
                priority=-1,
            )
    return len(fresh)


def answering(app: App) -> Handler:
    """The job that hands one stored delivery to the listeners, unless it was answered meanwhile."""

    def answer(deps: Deps, job: Job, finish: Finish) -> None:
        with deps.db.write() as session:
            delivery = inbox.get(session, int(job.args["delivery"]))
            finish(session)
        if delivery is None or delivery.processed_at is not None:
            return
        log.info("answering_after_a_stop", delivery=delivery.id, kind=delivery.kind)
        body: Any = dict(delivery.payload)
        app.dispatch(BoltRequest(body=body, mode="socket_mode", headers={AGAIN: str(delivery.id)}))

    return answer
