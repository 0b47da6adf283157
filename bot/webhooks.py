"""Where helpdesks call: verified before anything is parsed, stored before it is acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.bodies import Bodies
from bot.desk import Desks
from bot.flows import helpdesk
from bot.senders import Senders
from integrations.helpdesks.loose import json_object
from integrations.helpdesks.port import Forged, WebhookSource
from storage.engine import reason_of

log = structlog.get_logger(__name__)


def add_webhooks(web: FastAPI, desks: Desks, bodies: Bodies, senders: Senders) -> None:
    """One route for each source with a secret, `POST /webhooks/<source>`; without its secret a route is not there."""
    for webhook in desks.deps.helpdesks.webhooks():
        web.post(f"/webhooks/{webhook.source}")(_endpoint(desks, webhook, bodies, senders))


def _endpoint(desks: Desks, webhook: WebhookSource, bodies: Bodies, senders: Senders) -> Callable[..., Response]:
    def deliver(request: Request, body: bytes = Depends(bodies)) -> Response:
        headers = dict(request.headers.items())
        try:
            delivery = webhook.verify(headers, body, desks.deps.clock.now())
        except Forged as forged:
            return refused(request, senders, webhook.source.value, forged)
        if wait := senders.genuine(webhook.source.value):
            return too_many(wait)
        return take(desks, webhook, delivery, headers, body)

    return deliver


def refused(request: Request, senders: Senders, source: str, forged: Forged) -> JSONResponse:
    """401 with the reason; 429 for an address that tries again and again, whose tries are not logged either."""
    if wait := senders.forged(request.client.host if request.client else "unknown"):
        return too_many(wait)
    log.warning("delivery_refused", source=source, reason=str(forged))
    return say(401, error=str(forged))


def too_many(wait: int) -> JSONResponse:
    """429: nothing was stored, and a vendor sends it again; polling finds what it does not."""
    return say(429, {"Retry-After": str(wait)}, error="too many deliveries, send it again later")


def take(desks: Desks, webhook: WebhookSource, delivery: str, headers: dict[str, str], body: bytes) -> Response:
    """Answer a verified delivery: 400 no JSON object, 503 not stored (it comes again), 200 otherwise.

    What makes no ticket is acknowledged too, with the reason: an error would let vendors switch the webhook off.
    """
    try:
        payload = json_object(body)
    except ValueError:
        return say(400, error="the body must be a JSON object")
    try:
        receipt = helpdesk.receive(desks.deps, desks.home, webhook, delivery, headers, payload)
    except SQLAlchemyError as error:
        log.error("delivery_not_stored", source=webhook.source.value, error=reason_of(error))
        return say(503, error="not stored, send it again")
    if receipt.refusal is not None:
        return say(200, status="ignored", reason=receipt.refusal)
    if receipt.new:
        desks.wake()
    return say(200, status="accepted" if receipt.new else "duplicate")


def say(code: int, headers: Mapping[str, str] | None = None, /, **values: Any) -> JSONResponse:
    return JSONResponse(values, code, dict(headers or {}))
