"""Events to somebody else's HTTP endpoint, signed as Standard Webhooks say, and never to an address that is not public.

Which addresses may be called is the rule of `integrations/outgoing.py`. Proxies of the environment are not used, and of
the answer only its status is looked at.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Collection
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx2

from integrations import outgoing
from integrations.helpdesks.signatures import standard_key

TIMEOUT = 15.0
_GONE = 410


class NotDelivered(Exception):
    """The endpoint did not take it: `gone` when it never wants another, `after` when it says how long to wait."""

    def __init__(self, says: str, *, gone: bool = False, after: timedelta | None = None) -> None:
        super().__init__(says)
        self.gone = gone
        self.after = after


def sign(secret: str, message: str, at: datetime, body: bytes) -> str:
    """The webhook-signature of a body. https://www.standardwebhooks.com, scheme v1 (HMAC-SHA256)."""
    signed = b".".join((message.encode(), str(int(at.timestamp())).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(standard_key(secret), signed, "sha256")).decode()


class EventTarget:
    """One endpoint with its secret. `private_hosts` may be in a private network."""

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        private_hosts: Collection[str] = (),
        resolve: outgoing.Resolve | None = None,
    ) -> None:
        self._url, self._secret = url, secret
        self._client = outgoing.client(
            url, private_hosts=private_hosts, proxied=False, resolve=resolve, timeout=TIMEOUT
        )

    def post(self, message: str, at: datetime, body: bytes) -> None:
        """Deliver one event; `message` is the same at every try. Raises NotDelivered."""
        host = str(urlsplit(self._url).hostname)
        headers = {
            "content-type": "application/json",
            "user-agent": "ticket-intel",
            "webhook-id": message,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": sign(self._secret, message, at, body),
        }
        try:
            with self._client.stream("POST", self._url, content=body, headers=headers) as answer:
                status, wait = answer.status_code, answer.headers.get("retry-after", "")
        except outgoing.AddressRefused as refused:
            raise NotDelivered(str(refused)) from refused
        except httpx2.HTTPError as error:
            raise NotDelivered(f"{host}: {type(error).__name__}") from error
        if not 200 <= status < 300:
            after = timedelta(seconds=min(int(wait), 86_400)) if wait.isascii() and wait.isdigit() else None
            raise NotDelivered(f"{host} answered {status}", gone=status == _GONE, after=after)

    def close(self) -> None:
        self._client.close()
