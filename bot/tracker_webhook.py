"""Where the tracker calls: verified, then the issue is asked about; what a delivery claims is never believed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.desk import Desks
from bot.flows import following, targets
from integrations.helpdesks.port import Forged

log = structlog.get_logger(__name__)


def add_tracker_webhook(web: FastAPI, desks: Desks, raw_body: Callable[[Request], Awaitable[bytes]]) -> None:
    """`POST /webhooks/tracker`; without its secret the route is not there."""
    tracker = desks.deps.tracker
    if tracker is None or not tracker.takes_webhooks:
        return

    @web.post("/webhooks/tracker")
    def deliver(request: Request, body: bytes = Depends(raw_body)) -> JSONResponse:
        """401 forged, 400 no JSON object, 503 not stored, 200 otherwise."""
        headers, now = dict(request.headers.items()), desks.deps.clock.now()
        try:
            told = [(one, one.parse_webhook(headers, body, now)) for one in targets.connected(desks.deps)]
        except Forged as forged:
            log.warning("delivery_refused", source="tracker", reason=str(forged))
            return JSONResponse({"error": str(forged)}, 401)
        except ValueError:
            return JSONResponse({"error": "the body must be a JSON object"}, 400)
        try:
            new = [following.receive(desks.deps, desks.home, one, delivery) for one, delivery in told]
        except SQLAlchemyError as error:
            log.error("delivery_not_stored", source="tracker", error=type(error).__name__)
            return JSONResponse({"error": "not stored, send it again"}, 503)
        if any(new):
            desks.wake()
        return JSONResponse({"status": "accepted" if any(new) else "ignored"})
