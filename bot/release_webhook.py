"""Where a build system calls when a version went out: verified before anything is parsed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.desk import Desks
from bot.flows.releasing import note_release
from integrations.helpdesks.loose import json_object
from integrations.helpdesks.port import Forged, Nothing
from integrations.releases import ReleaseWebhook, WentOut

log = structlog.get_logger(__name__)


def add_release_webhook(web: FastAPI, desks: Desks, raw_body: Callable[[Request], Awaitable[bytes]]) -> None:
    """`POST /webhooks/releases`; without its secret the route is not there."""
    secret = desks.deps.settings.release_secret
    if secret is None:
        return
    webhook = ReleaseWebhook(secret.get_secret_value())

    @web.post("/webhooks/releases")
    def deliver(request: Request, body: bytes = Depends(raw_body)) -> JSONResponse:
        """401 forged, 400 no JSON object, 503 not stored, 200 otherwise: what is no release is ignored with the reason."""
        headers = dict(request.headers.items())
        try:
            webhook.verify(headers, body, desks.deps.clock.now())
        except Forged as forged:
            log.warning("delivery_refused", source="releases", reason=str(forged))
            return JSONResponse({"error": str(forged)}, 401)
        try:
            found = webhook.read(headers, json_object(body))
        except ValueError:
            return JSONResponse({"error": "the body must be a JSON object"}, 400)
        if isinstance(found, Nothing):
            return JSONResponse({"status": "ignored", "reason": found.reason})
        return _noted(desks, found)


def _noted(desks: Desks, found: WentOut) -> JSONResponse:
    deps = desks.deps
    try:
        with deps.db.write() as session:
            fresh = note_release(deps, session, desks.home, found.name, found.at, by=None, source="webhook")
    except SQLAlchemyError as error:
        log.error("delivery_not_stored", source="releases", error=type(error).__name__)
        return JSONResponse({"error": "not stored, send it again"}, 503)
    if fresh:
        desks.wake()
    return JSONResponse({"status": "accepted" if fresh else "known"})
