"""Where a build system calls when a version went out: verified before anything is parsed."""

from __future__ import annotations

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.bodies import Bodies
from bot.desk import Desks
from bot.flows.releasing import note_release
from bot.senders import Senders
from bot.webhooks import refused, say, too_many
from integrations.helpdesks.loose import json_object
from integrations.helpdesks.port import Forged, Nothing
from integrations.releases import ReleaseWebhook, WentOut
from storage.engine import reason_of

log = structlog.get_logger(__name__)


def add_release_webhook(web: FastAPI, desks: Desks, bodies: Bodies, senders: Senders) -> None:
    """`POST /webhooks/releases`; without its secret the route is not there."""
    secret = desks.deps.settings.release_secret
    if secret is None:
        return
    webhook = ReleaseWebhook(secret.get_secret_value())

    @web.post("/webhooks/releases")
    def deliver(request: Request, body: bytes = Depends(bodies)) -> JSONResponse:
        """401 forged, 429 too many, 400 no JSON object, 503 not stored, 200 otherwise.

        What is no release is ignored with the reason.
        """
        headers = dict(request.headers.items())
        try:
            webhook.verify(headers, body, desks.deps.clock.now())
        except Forged as forged:
            return refused(request, senders, "releases", forged)
        if wait := senders.genuine("releases"):
            return too_many(wait)
        try:
            found = webhook.read(headers, json_object(body))
        except ValueError:
            return say(400, error="the body must be a JSON object")
        if isinstance(found, Nothing):
            return say(200, status="ignored", reason=found.reason)
        return _noted(desks, found)


def _noted(desks: Desks, found: WentOut) -> JSONResponse:
    deps = desks.deps
    try:
        with deps.db.write() as session:
            fresh = note_release(deps, session, desks.home, found.name, found.at, by=None, source="webhook")
    except SQLAlchemyError as error:
        log.error("delivery_not_stored", source="releases", error=reason_of(error))
        return say(503, error="not stored, send it again")
    if fresh:
        desks.wake()
    return say(200, status="accepted" if fresh else "known")
