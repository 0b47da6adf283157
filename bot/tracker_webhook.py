"""Where the tracker calls: verified, then the issue is asked about; what a delivery claims is never believed."""

from __future__ import annotations

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.bodies import Bodies
from bot.desk import Desks
from bot.flows import following, targets
from bot.senders import Senders
from bot.webhooks import refused, say, too_many
from integrations.helpdesks.port import Forged
from storage.engine import reason_of

log = structlog.get_logger(__name__)


def add_tracker_webhook(web: FastAPI, desks: Desks, bodies: Bodies, senders: Senders) -> None:
    """`POST /webhooks/tracker`; without its secret the route is not there."""
    tracker = desks.deps.tracker
    if tracker is None or not tracker.takes_webhooks:
        return

    @web.post("/webhooks/tracker")
    def deliver(request: Request, body: bytes = Depends(bodies)) -> JSONResponse:
        """401 forged, 429 too many, 400 no JSON object, 503 not stored, 200 otherwise."""
        headers, now = dict(request.headers.items()), desks.deps.clock.now()
        try:
            told = [(one, one.parse_webhook(headers, body, now)) for one in targets.connected(desks.deps)]
        except Forged as forged:
            return refused(request, senders, "tracker", forged)
        except ValueError:
            return say(400, error="the body must be a JSON object")
        if wait := senders.genuine("tracker"):
            return too_many(wait)
        try:
            new = [following.receive(desks.deps, desks.home, one, delivery) for one, delivery in told]
        except SQLAlchemyError as error:
            log.error("delivery_not_stored", source="tracker", error=reason_of(error))
            return say(503, error="not stored, send it again")
        if any(new):
            desks.wake()
        return say(200, status="accepted" if any(new) else "ignored")
