"""Events to somebody else's HTTP endpoint, signed as Standard Webhooks say, and never to an address that is not public.

The host is resolved once, every address it has is checked, and the connection goes to a checked address: a name that
answers differently a second later (DNS rebinding) leads nowhere. Redirects are not followed, proxies of the environment
are not used, and of the answer only its status is looked at.
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx2

from integrations.helpdesks.signatures import standard_key
from integrations.tls import trusted

TIMEOUT = 15.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GONE = 410
Resolve = Callable[[str, int], list[str]]


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


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; IPv4 wrapped in IPv6 is judged by what it wraps."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        inner += [ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)] if ip in _NAT64 else []
        if any(one is not None and not is_public(str(one)) for one in inner):
            return False
    return ip.is_global and not ip.is_multicast


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host. Raises NotDelivered."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotDelivered(f"{host} has no address") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class EventTarget:
    """One endpoint with its secret. `private` lets it be in a private network, or this machine."""

    def __init__(self, url: str, secret: str, *, private: bool = False, resolve: Resolve = resolve) -> None:
        self._url, self._secret, self._private, self._resolve = url, secret, private, resolve
        trust = trusted(environment=False)
        self._client = httpx2.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False, verify=trust)

    def post(self, message: str, at: datetime, body: bytes) -> None:
        """Deliver one event; `message` is the same at every try. Raises NotDelivered."""
        parts = urlsplit(self._url)
        host = str(parts.hostname)
        address = self._checked(host, parts.port or (443 if parts.scheme == "https" else 80))
        headers = {
            "host": parts.netloc,
            "content-type": "application/json",
            "user-agent": "ticket-intel",
            "webhook-id": message,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": sign(self._secret, message, at, body),
        }
        pinned = httpx2.URL(self._url).copy_with(host=address)
        try:
            with self._client.stream(
                "POST", pinned, content=body, headers=headers, extensions={"sni_hostname": host}
            ) as answer:
                status, wait = answer.status_code, answer.headers.get("retry-after", "")
        except httpx2.HTTPError as error:
            raise NotDelivered(f"{host}: {type(error).__name__}") from error
        if not 200 <= status < 300:
            after = timedelta(seconds=min(int(wait), 86_400)) if wait.isascii() and wait.isdigit() else None
            raise NotDelivered(f"{host} answered {status}", gone=status == _GONE, after=after)

    def _checked(self, host: str, port: int) -> str:
        addresses = self._resolve(host, port)
        if not self._private and not all(map(is_public, addresses)):
            raise NotDelivered(f"{host} is in a private network; EVENTS_PRIVATE=true allows that")
        return addresses[0]

    def close(self) -> None:
        self._client.close()
