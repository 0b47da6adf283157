"""HTTP mode: deliveries as signed POST requests to the app's request url."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import httpx2

from playground.errors import DispatchFailed, OperationTimeout

FORM = "application/x-www-form-urlencoded"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """X-Slack-Signature: v0= and the HMAC-SHA256 of `v0:timestamp:body`, as Slack documents it."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def encoded(kind: str, payload: dict[str, Any]) -> tuple[str, bytes]:
    """Content type and body of a delivery."""
    if kind == "event":
        return "application/json", json.dumps(payload).encode()
    if kind == "slash":
        return FORM, urlencode(payload).encode()
    return FORM, urlencode({"payload": json.dumps(payload)}).encode()


class HttpMode:
    """The sender of signed requests. Lives on the server's event loop; ignores proxy settings."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self.target: str | None = None
        self._client: httpx2.AsyncClient | None = None

    async def send(
        self, kind: str, payload: dict[str, Any], attempt: int, reason: str, timeout: float
    ) -> dict[str, Any]:
        """Post and return the acknowledgement. Raises OperationTimeout (with Slack's reason) or DispatchFailed."""
        if self.target is None:
            raise DispatchFailed("no request url is set")
        if self._client is None:
            self._client = httpx2.AsyncClient(trust_env=False)
        content_type, body = encoded(kind, payload)
        headers = self._headers(content_type, body)
        if attempt:
            headers |= {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": reason}
        try:
            response = await self._client.post(self.target, content=body, headers=headers, timeout=timeout)
        except httpx2.TimeoutException as error:
            raise OperationTimeout("http_timeout") from error
        except httpx2.TransportError as error:
            raise OperationTimeout("connection_failed") from error
        if not response.is_success:
            failure = OperationTimeout("http_error")
            if response.headers.get("x-slack-no-retry") == "1":
                raise DispatchFailed("http_error, and the app asked for no retry") from failure
            raise failure
        return acknowledgement(response.headers.get("content-type", ""), response.text)

    def _headers(self, content_type: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))  # the app compares it with its own clock, whatever the playground's says
        return {
            "content-type": content_type,
            "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": signature(self._secret, timestamp, body),
        }

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()


def acknowledgement(content_type: str, text: str) -> dict[str, Any]:
    """The payload in the body of an acknowledgement: JSON, or a plain text that Slack shows."""
    if not text.strip():
        return {}
    if "json" in content_type:
        payload = json.loads(text)
        return payload if isinstance(payload, dict) else {}
    return {"text": text}
