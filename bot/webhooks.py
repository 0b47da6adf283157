"""Where helpdesks call: verified before anything is parsed, stored before it is acknowledged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.desk import Desks
from bot.flows import helpdesk
from integrations.helpdesks.loose import json_object
from integrations.helpdesks.port import Forged, WebhookSource

log = structlog.get_logger(__name__)

ReadBody = Callable[[Request], Awaitable[bytes]]


def add_webhooks(web: FastAPI, desks: Desks, raw_body: ReadBody) -> None:
    """One route for each source with a secret, `POST /webhooks/<source>`; without its secret a route is not there."""
    for webhook in desks.deps.helpdesks.webhooks():
        web.post(f"/webhooks/{webhook.source}")(_endpoint(desks, webhook, raw_body))


def _endpoint(desks: Desks, webhook: WebhookSource, raw_body: ReadBody) -> Callable[..., Response]:
    def deliver(request: Request, body: bytes = Depends(raw_body)) -> Response:
        return take(desks, webhook, dict(request.headers.items()), body)

    return deliver


def take(desks: Desks, webhook: WebhookSource, headers: dict[str, str], body: bytes) -> Response:
    """Answer a delivery: 401 forged, 400 no JSON object, 503 not stored (it comes again), 200 otherwise.

    What makes no ticket is acknowledged too, with the reason: an error would let vendors switch the webhook off.
    """
    try:
        delivery = webhook.verify(headers, body, desks.deps.clock.now())
    except Forged as forged:
        log.warning("delivery_refused", source=webhook.source.value, reason=str(forged))
        return _say(401, error=str(forged))
    try:
        payload = json_object(body)
    except ValueError:
        return _say(400, error="the body must be a JSON object")
    try:
        receipt = helpdesk.receive(desks.deps, desks.home, webhook, delivery, headers, payload)
    except SQLAlchemyError as error:
        log.error("delivery_not_stored", source=webhook.source.value, error=type(error).__name__)
        return _say(503, error="not stored, send it again")
    if receipt.refusal is not None:
        return _say(200, status="ignored", reason=receipt.refusal)
    if receipt.new:
        desks.wake()
    return _say(200, status="accepted" if receipt.new else "duplicate")


def _say(code: int, /, **values: Any) -> JSONResponse:
    return JSONResponse(values, code)
